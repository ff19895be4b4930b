"""What an adjective of measure says depends on its noun; what a clause says depends on the part that names it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from insight.sentiment.scoring import Lexicon, Polarity, judged

_PART = re.compile(r"[,。!?;:…~、\n()\[\]\"“”]+|\.{2,}|(?<=[\u4e00-\u9fff])[ .]+(?=[\u4e00-\u9fff])")  # fmt: skip
_TOO, _SOMEWHAT = re.compile("太|过于|偏|过$"), re.compile("不够|有点|有些|略")
_TURNED = re.compile("不够|不太|不怎么|不是很|不算|并不|不是|没有|不(?![仅但过同止光])")
_REACH = 4  # characters before an adjective that turn it
_WISH = re.compile("希望|要是|如果|但愿|建议|(?:就|更|会更)(?:好|完美)(?:了|啦)|就(?:好|行)$")
_OTHER: dict[Polarity, Polarity] = {"positive": "negative", "negative": "positive", "neutral": "neutral"}  # fmt: skip


@cache
def sizes() -> Mapping[str, Mapping[str, Polarity]]:
    """Adjective of measure -> noun -> what it does to it; see ``sizes.toml``."""
    told = tomllib.loads((Path(__file__).parent / "sizes.toml").read_text(encoding="utf-8"))
    return {size: {**dict.fromkeys(of["good"].split(), "positive"), **dict.fromkeys(of["bad"].split(), "negative")} for size, of in told.items()}  # fmt: skip


@cache
def measured() -> frozenset[str]:
    """The nouns that some adjective of measure praises or blames."""
    return frozenset(noun for known in sizes().values() for noun in known)


def of_size(aspect: str, opinion: str) -> Polarity:
    """What an adjective of measure says of a noun, by the longest ending of the noun that is known.

    >>> of_size("百公里油耗", "高"), of_size("性价比", "高"), of_size("天空", "高")
    ('negative', 'positive', 'neutral')
    """
    known = sizes().get(opinion, {})
    return next((known[aspect[at:]] for at in range(len(aspect)) if aspect[at:] in known), "neutral")  # fmt: skip


def polarity_of(aspect: str, opinion: str, *, before: str, using: Lexicon) -> Polarity:
    """What a word says of a noun.

    Parameters
    ----------
    before : what stands between them, or right before the word
    """
    near = before[-_REACH:]
    if opinion not in sizes():
        return judged(near + opinion, using).polarity
    if _TOO.search(near):
        return "negative"
    said = of_size(aspect, opinion)
    if said != "neutral":
        return _OTHER[said] if _TURNED.search(near) else said
    return "negative" if _SOMEWHAT.search(near) else "neutral"


def parts_of(text: str) -> list[str]:
    """The parts of a text between any two marks, commas included.

    >>> parts_of("屏幕清晰,价格贵。")
    ['屏幕清晰', '价格贵']
    """
    return [part for part in _PART.split(text) if part]


def wishes(part: str) -> bool:
    """Whether a part of a sentence says how something should be, so that 低 and 好 in it judge nothing.

    >>> wishes("希望门槛低一点"), wishes("门槛低")
    (True, False)
    """
    return _WISH.search(part) is not None


def about(clause: str, words: Sequence[str]) -> str:
    """The parts of a clause that name any of ``words``; all of it where none does.

    >>> about("屏幕清晰,价格贵", ("价格",))
    '价格贵'
    """
    named = [part for part in parts_of(clause) if any(word in part for word in words)]
    return ",".join(named) or clause


def judged_about(clause: str, words: Sequence[str], using: Lexicon) -> Polarity:
    """What a clause in plain form says of what ``words`` name.

    Notes
    -----
    The part between two marks that names it counts; where that judges nothing, the part behind it, then
    the one before it. A clause that names it nowhere is judged as a whole.
    """
    parts = parts_of(clause)
    named = [at for at, part in enumerate(parts) if any(word in part for word in words)]
    if not named:
        return judged(clause, using).polarity
    told = (said for at in named for said in _around(parts, at, words, using) if said != "neutral")
    return next(told, "neutral")


def _around(parts: Sequence[str], at: int, words: Sequence[str], using: Lexicon) -> Iterator[Polarity]:  # fmt: skip
    for part in (parts[at], *parts[at + 1 : at + 2], *parts[max(at - 1, 0) : at]):
        yield _of_part(part, words, using)


def _of_part(part: str, words: Sequence[str], using: Lexicon) -> Polarity:
    """The adjective of measure right behind what is named, else all words of the part."""
    if wishes(part):
        return "neutral"
    for word in words:
        behind = part.partition(word)[2]
        if size := re.match(rf"(.{{0,6}}?)([{''.join(sizes())}])", behind):
            said = polarity_of(word, size[2], before=size[1], using=using)
            if said != "neutral":
                return said
    return judged(part, using).polarity
