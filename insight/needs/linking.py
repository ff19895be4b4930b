"""Which rated item of the questionnaire is about which need: by the codebook, else by the words they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from insight.needs.hearing import codes_of
from insight.schema.codebook import Codebook
from insight.text.tokenize import content_words, plain_form, tagger

_SHORTEST = 2  # characters of a word that tells


def linked(needs: Sequence[str], items: Sequence[str], book: Codebook) -> Mapping[str, str]:
    """Need -> the item that is about it; needs without one are absent.

    Words that several items share tell nothing; of several items the one with more of its words in the
    need counts, then the first.

    >>> linked(["配送更快更准时"], ["配送速度", "响应速度"], Codebook())
    {'配送更快更准时': '配送速度'}
    """
    words = _telling(items)
    coded = {item: codes_of(item, book) for item in items} if book else {}
    found = {need: _best(need, items, words=words, coded=coded) for need in needs}
    return {need: item for need, item in found.items() if item}


def _best(
    need: str, items: Sequence[str], *, words: Mapping[str, Sequence[str]], coded: Mapping[str, Sequence[str]]
) -> str:  # fmt: skip
    scores = [
        (need in coded.get(item, ()) or need == item, sum(word in need for word in words[item]))
        for item in items
    ]
    best = max(scores, default=(False, 0))
    return items[scores.index(best)] if any(best) else ""


def _telling(items: Sequence[str]) -> dict[str, list[str]]:
    """The words of each item that no other item has."""
    tag = tagger()
    said = {item: set(content_words(tag(plain_form(item)))) for item in items}
    often = Counter(word for words in said.values() for word in words)
    return {
        item: sorted(w for w in words if often[w] == 1 and len(w) >= _SHORTEST)
        for item, words in said.items()
    }
