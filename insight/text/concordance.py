"""Every place where a phrase is said, with the characters before and behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

import polars as pl

from insight.simplified import simplified, traditional
from insight.text.tokenize import Cutter

WIDTH = 15  # characters on each side
_ANY = 8  # characters that a * may stand for
_BESIDE = 2  # characters that tell two neighbourhoods apart
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_GAP = rf"[^。！？!?；;，,、\n]{{0,{_ANY}}}?"  # within a clause
_CUT = "…"
LINES = {"at": pl.Int64, "left": pl.String, "phrase": pl.String, "right": pl.String}


def phrase_pattern(phrase: str) -> re.Pattern[str] | None:
    """What is looked for: ``|`` parts alternatives, ``*`` stands for up to eight characters of a sentence.

    Returns
    -------
    None where nothing is left to look for; simplified characters find traditional ones and the
        other way round

    >>> bool(phrase_pattern("太*了|慢").search("太 慢了")), phrase_pattern(" | *")
    (True, None)
    """
    asked = [part.strip() for part in half_width(phrase).split("|")]
    parts = {form(part) for part in asked for form in (str, simplified, traditional)}
    wanted = [
        _GAP.join(re.escape(piece) for piece in part.split("*"))
        for part in sorted(parts, key=lambda part: (-len(part), part))
        if part.replace("*", "").strip()
    ]
    return re.compile("|".join(wanted), re.IGNORECASE) if wanted else None


def half_width(text: str) -> str:
    """The text in half-width signs, each where it stood.

    >>> half_width("ＡＰＰ　很慢，物流")
    'APP 很慢,物流'
    """
    return text.translate(_HALF_WIDTH)


def concordance(
    texts: Sequence[str], phrase: re.Pattern[str], *, cut: Cutter | None = None
) -> pl.DataFrame:
    """The places where ``phrase`` is said, in the order of the texts.

    Parameters
    ----------
    texts : (n) as they are shown
    cut : text -> words; where it is given, a place must begin and end where words do

    Returns
    -------
    (n_places) at [position of the text], left and right [at most 15 characters, … where the text
        goes on], phrase [as it is written there]
    """
    rows = [
        (at, *_around(text, start, end))
        for at, text in enumerate(texts)
        for start, end in _places(half_width(text), phrase, cut)
    ]
    return pl.DataFrame(rows, schema=LINES, orient="row")


def _places(text: str, phrase: re.Pattern[str], cut: Cutter | None) -> Iterator[tuple[int, int]]:
    spans = [match.span() for match in phrase.finditer(text) if match.end() > match.start()]
    if cut is None or not spans:
        yield from spans
        return
    edges = set(accumulate((len(word) for word in cut(text)), initial=0))
    yield from (span for span in spans if edges.issuperset(span))


def _around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """One line: line ends become blanks."""
    left, right = text[max(0, start - WIDTH) : start], text[end : end + WIDTH]
    before = _CUT if start > WIDTH else ""
    behind = _CUT if end + WIDTH < len(text) else ""
    told = (f"{before}{left}", text[start:end], f"{right}{behind}")
    left, said, right = (" ".join(part.splitlines()) for part in told)
    return left, said, right


def neighbours_first(lines: pl.DataFrame, *, side: str) -> pl.DataFrame:
    """Places with the same neighbourhood together, the most frequent neighbourhood first.

    Parameters
    ----------
    lines : columns of ``concordance``
    side : "left", read backwards from the phrase, or "right"

    Returns
    -------
    the same rows; ties by what stands further away, then by the other side and the text
    """
    near = lines[side].str.reverse() if side == "left" else lines[side]
    heads = near.str.head(_BESIDE)
    often = Counter(heads)
    other = "right" if side == "left" else "left"
    keyed = lines.with_columns(
        pl.Series("__often", [-often[head] for head in heads], dtype=pl.Int64),
        heads.alias("__head"), near.alias("__near"),
    )  # fmt: skip
    ranked = keyed.sort("__often", "__head", "__near", other, "at", maintain_order=True)
    return ranked.select(lines.columns)
