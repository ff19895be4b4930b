"""Which few of many texts show best what they are chosen for: those that say the words that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insight.text.normalize import clauses, normalise

LONGEST = 120  # characters of a quote
_HANDY = range(12, 81)  # characters a reader takes in at a glance
_LEAST = 2  # different words without which a text says nothing
_FULL = 12  # different words from which a text says no more by having more


@dataclass(frozen=True, slots=True)
class Said:
    """A text that can be quoted: what it says, who says it, its different content words."""

    text: str
    person: str
    words: frozenset[str]


def telling(said: Sequence[Said], wanted: Mapping[str, float], *, most: int = 3) -> list[int]:
    """Positions of the texts to quote, the best first: each of another person, none said twice.

    Parameters
    ----------
    said : those of fewer than two different words are never quoted
    wanted : word -> how much it matters; where a text says none of them, it counts by how much it
        says. A word that a quote has shown already counts a tenth, so that the next shows another.

    Notes
    -----
    Greedy cover of the wanted words; ties go to texts of a handy length, then to those that say
    more, then by the text itself, so that the order of ``said`` never matters.
    """
    left = dict(wanted)
    chosen: list[int] = []
    for _ in range(most):
        people = {said[at].person for at in chosen}
        texts = {said[at].text for at in chosen}
        open_ = [
            at
            for at, one in enumerate(said)
            if len(one.words) >= _LEAST and one.person not in people and one.text not in texts
        ]
        if not open_:
            break
        best = min(open_, key=lambda at: _rank(said[at], left))
        chosen.append(best)
        left = {word: v / 10 if word in said[best].words else v for word, v in left.items()}
    return chosen


def _rank(one: Said, wanted: Mapping[str, float]) -> tuple[float, bool, int, str, str]:
    """What to sort by, the best first."""
    told = sum(wanted[word] for word in sorted(one.words & wanted.keys()))
    says = min(len(one.words), _FULL)
    return -round(told, 9), len(one.text) not in _HANDY, -says, one.text, one.person


def excerpt(text: str, words: Sequence[str]) -> str:
    """The text itself, or of a long one the stretch that says most of ``words``, cut with an ellipsis.

    >>> excerpt("快。" * 3 + "客服一直不回消息，等了三天才有人来解决问题。" + "好。" * 60, ["客服"])
    '快。快。快。客服一直不回消息,等了三天才有人来解决问题。……'
    """
    if len(text) <= LONGEST:
        return text
    pieces = clauses(normalise(text))
    at = max(range(len(pieces)), key=lambda i: (sum(w in pieces[i].lower() for w in words), -i))
    taken = pieces[at]
    for piece in pieces[at + 1 :]:
        if len(taken) + len(piece) > LONGEST:
            break
        taken += piece
    before = "……" if at else ""
    return (
        f"{before}{taken[:LONGEST]}{'……' if len(taken) > LONGEST or at + 1 < len(pieces) else ''}"
    )
