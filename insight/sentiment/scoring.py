"""Judge a text by its words: praise or blame, turned by negation, weighted by degree and by but."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from insight.text.plain import plain

Polarity = Literal["positive", "negative", "neutral"]
_REACH = 4  # characters between a negation or a degree and the word it changes
_STRONG, _WEAK, _AFTER_BUT, _ALTHOUGH = 1.5, 0.7, 1.5, 0.6
DECIDED = 0.5  # of the sum of a text's words
_STOP = re.compile(r"[,。.!?;~\s、:…\n]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words -> what they do to a judgement; a pattern that finds the longest of them first."""

    value: dict[str, float]
    role: dict[str, str]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the words of a text say.

    Attributes
    ----------
    polarity : "neutral" where nothing, or as much for as against, was said
    score : -1 (blame) to 1 (praise)
    decided : whether the words lean far enough to one side
    words : (word with what turns it, its part of the sum), in the order they are said
    """

    polarity: Polarity
    score: float
    decided: bool
    words: tuple[tuple[str, float], ...]


def lexicon(positive: Iterable[str] = (), negative: Iterable[str] = ()) -> Lexicon:
    """The general words and those of a trade, which win over them."""
    return _lexicon(tuple(positive), tuple(negative))


@cache
def _lexicon(positive: Sequence[str], negative: Sequence[str]) -> Lexicon:
    listed = _general()
    value = dict.fromkeys(listed["positive"], 1.0) | dict.fromkeys(listed["negative"], -1.0)
    value |= dict.fromkeys(map(plain, positive), 1.0) | dict.fromkeys(map(plain, negative), -1.0)
    roles = ("weak", "strong", "negation", "contrast", "concession", "neutral")
    role = {word: name for name in roles for word in listed[name] if word not in value}
    known = sorted({w for w in (*value, *role) if w}, key=lambda w: (-len(w), w))
    return Lexicon(value, role, re.compile("|".join(map(re.escape, known))))


@cache
def _general() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8")
    return {name: words.split() for name, words in tomllib.loads(text).items()}


def judged(text: str, using: Lexicon) -> Judged:
    """The judgement of one text in plain form (see ``insight.text.plain``); an empty one is neutral.

    Notes
    -----
    Sum of polarity · degree · (-1)^negations; a word is reached by what stands at most four characters
    before it in the same part of the sentence. What follows 但是 counts 1.5 times, what 虽然 begins .6.
    """
    told: list[tuple[str, float]] = []
    before: list[tuple[int, str, str]] = []  # end, role, word
    factor, end = 1.0, 0
    for match in using.pattern.finditer(text):
        word, start = match[0], match.start()
        if _STOP.search(text, end, start):
            before, factor = [], factor if factor > 1 else 1.0
        end = match.end()
        role = using.role.get(word, "")
        if role in ("contrast", "concession"):
            before, factor = [], _AFTER_BUT if role == "contrast" else _ALTHOUGH
        elif role == "neutral":
            before = []
        elif role:
            before.append((end, role, word))
        else:
            near = _reaching(before, start)
            told.append(("".join([w for _, _, w in near] + [word]), using.value[word] * factor * _turned(near)))  # fmt: skip
            before = []
    return _summed(told)


def _reaching(before: Sequence[tuple[int, str, str]], start: int) -> list[tuple[int, str, str]]:
    """What stands near enough before a word, in a chain."""
    near: list[tuple[int, str, str]] = []
    for one in reversed(before):
        if start - one[0] > _REACH:
            break
        near.insert(0, one)
        start = one[0] - len(one[2])
    return near


def _turned(near: Sequence[tuple[int, str, str]]) -> float:
    factor = 1.0
    for _, role, _ in near:
        factor *= {"negation": -1.0, "strong": _STRONG, "weak": _WEAK}[role]
    return factor


def _summed(told: Sequence[tuple[str, float]]) -> Judged:
    total = sum(value for _, value in told)
    size = sum(abs(value) for _, value in told)
    decided = abs(total) >= DECIDED
    polarity: Polarity = "neutral" if not decided else ("positive" if total > 0 else "negative")
    return Judged(polarity, total / (size + 1), decided, tuple(told))
