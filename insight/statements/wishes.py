"""What somebody wants done: the verb and the object of 希望…, 建议…, 要是…就好了."""

from __future__ import annotations

from dataclasses import dataclass

from insight.statements.lists import implied, listed
from insight.statements.phrases import (
    SIZES,
    Tokens,
    head_of,
    is_noun,
    joined,
    noun_before,
    phrase_after,
    told_short,
)

_FILLERS = listed("fillers")
_MARKS = listed("marks")
_HANDLING = ("把", "将")
_SOON = listed("soon")
_OWN_ACTS = listed("own_acts")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be done (verb), with what (object), as one short sentence (statement)."""

    verb: str
    object: str
    statement: str


def wanted(tokens: Tokens, *, advises: bool = False, is_told: bool = False) -> Wanted | None:
    """Read what follows the word that wishes; None where no object can be named.

    Parameters
    ----------
    advises : whether it was said as advice, which other buyers are given as well (建议别买)
    is_told : whether the sentence names who shall do it

    >>> wanted([("能", "v"), ("增加", "v"), ("夜间", "t"), ("配送", "v")])
    Wanted(verb='增加', object='配送', statement='增加夜间配送')
    >>> wanted([("物流", "n"), ("再", "d"), ("快", "a"), ("点", "m")])
    Wanted(verb='快', object='物流', statement='物流更快')
    """
    if any(word in listed("buyers") for word, _ in tokens[:3]):
        return None
    begin = max((at + 1 for at, (word, _) in enumerate(tokens) if word in _MARKS and at < len(tokens) - 1), default=0)  # fmt: skip
    is_told = is_told or any(word in listed("actors") for word, _ in tokens)
    found = _read(tokens, begin, advises=advises, is_told=is_told)
    return found or (_read(tokens, 0, advises=advises, is_told=is_told) if begin else None)


def _read(tokens: Tokens, begin: int, *, advises: bool, is_told: bool) -> Wanted | None:
    """The first word from ``begin`` on that says what shall be done, or how something shall be."""
    if tokens and _judges(*tokens[-1], ()) and (read := _better(tokens[-1][0], tokens[:-1])):
        return read
    is_asked = not advises and (
        is_told or any(w in listed("negative") for w, _ in tokens[: begin + 2])
    )
    for at in range(begin, len(tokens)):
        (word, tag), rest, before = tokens[at], tokens[at + 1 :], tokens[:at]
        if _judges(word, tag, rest):
            return _better(word, before)
        if (
            word.startswith("多") and len(word) > 1 and word[1] in listed("changes")
        ):  # 多放 is one word of the dictionary
            word = word[1:].rstrip("些点")
        if advises and not is_told and word in _OWN_ACTS:
            return None
        is_verb = (
            tag[:1] == "v"
            and not is_noun((word, tag))
            and word not in listed("modal") | listed("negative")
        )
        if word in listed("changes") or (is_verb and is_asked and word not in listed("buying")):
            return _done(word, rest, before=before)
        if is_verb and word not in listed("between"):
            return None
    return None if advises and not is_told else _deed(tokens)


def _judges(word: str, tag: str, rest: Tokens) -> bool:
    """Whether an adjective ends the sentence, so that it says how something shall be."""
    is_adjective = (
        word.strip("再更能点") in SIZES
        or (tag == "a" and word != "不错")
        or word in SIZES
        or word in implied()
    )
    return is_adjective and all(w in _FILLERS or t[:1] in "umyqe" for w, t in rest)


def _subject(before: Tokens) -> str:
    aside = listed("modal") | listed("negative") | _MARKS
    return noun_before([t for t in before if t[0] not in aside])


def _better(adjective: str, before: Tokens) -> Wanted | None:
    topic = _subject(before) or implied().get(adjective, "")
    if not topic:
        return None
    how = "不要" if _refuses(before) else "更"
    adjective = adjective.strip("再更点能") if len(adjective) == 2 else adjective
    return Wanted(adjective, topic, f"{topic}{how}{adjective}")


def _done(verb: str, rest: Tokens, *, before: Tokens) -> Wanted | None:
    no = "不要" if _refuses(before) else ""
    while rest and rest[0][0] in _FILLERS:
        rest = rest[1:]
    if verb == "给" and (after := _given(rest)):
        verb, rest = after
    phrase = phrase_after(rest) or _acts(verb, rest)
    if head := head_of(phrase):
        return Wanted(no + verb, head, no + verb + told_short(phrase, head))
    topic = _handled(before) or ("" if phrase else _subject(before))
    return Wanted(no + verb, topic, f"{no}{verb}{topic}") if topic and len(verb) > 1 and verb in listed("changes") else None  # fmt: skip


def _deed(tokens: Tokens) -> Wanted | None:
    """希望尽快发货: what is done is the object, with the time it shall be done at."""
    if tokens and tokens[-1][0] == "了":
        tokens = tokens[:-1]
    if not tokens or tokens[-1][0] not in listed("deeds"):
        return None
    verb, before = tokens[-1][0], tokens[:-1]
    no = "不要" if _refuses(before) else ""
    when = joined([t for t in before if t[1] in ("t", "f") or t[0] in _SOON])  # fmt: skip
    return Wanted(no + verb, verb, f"{no}{when}{verb}")


def _refuses(before: Tokens) -> bool:
    return any(word in listed("negative") for word, _ in before[-3:])


def _given(rest: Tokens) -> tuple[str, Tokens] | None:
    """给宿舍装空调 asks for what stands behind whom it is given to."""
    whom = phrase_after(rest)
    behind = rest[len(whom) :]
    is_verb = bool(whom) and bool(behind) and behind[0][0] in listed("changes")
    return (behind[0][0], behind[1:]) if is_verb else None


def _acts(verb: str, rest: Tokens) -> Tokens:
    """A verb is the object of one that asks for a change: 增加夜间配送."""
    if verb not in listed("changes") or len(verb) < 2:
        return ()
    for at, (word, tag) in enumerate(rest[:4]):
        if tag[:1] == "v" and len(word) > 1:
            return [*rest[:at], (word, "vn"), *phrase_after(rest[at + 1 :])]
        if tag[:1] not in "tmqnabzf":
            return ()
    return ()


def _handled(before: Tokens) -> str:
    """What 把 or 将 takes in hand."""
    for at, (word, _) in enumerate(before):
        if word in _HANDLING:
            return head_of(phrase_after(before[at + 1 :]))
    return ""
