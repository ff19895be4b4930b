"""What joins several options in one cell: told by many answers, or by few and what is known of the question."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from insight.clean.splitting import SEPARATORS, SURE, pieces

_STRONG = frozenset("¦;；|")
_MOST_OPTIONS = 60
_SENTENCE = r"[。！？!?]|://"
_LONGEST = 24  # characters of an option that few answers show
_CODE = r"[0-9]{1,3}"
_GROUPED = r"^[1-9][0-9]{0,2}(,[0-9]{3})+$"  # 1,234 is a number


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a question before its cells are looked at.

    Attributes
    ----------
    likely : marks that the platform joins options with, most usual first
    several : whether the question says that several options may be chosen (可多选)
    plural : whether it asks for more than one thing (哪些)
    is_open : whether it asks for free writing
    """

    likely: tuple[str, ...] = ()
    several: bool = False
    plural: bool = False
    is_open: bool = False


def separator(answers: pl.Series, hints: Hints | None = None) -> str | None:
    """What joins several options in one cell, None where cells hold one answer each.

    Parameters
    ----------
    answers : (n) non-null text cells
    hints : the platform's marks are tried before the others

    Notes
    -----
    ``┋`` (问卷星) is certain. Any other mark must stand in a tenth of the cells, and the pieces it
    leaves must be few and come again in other combinations; marks in brackets do not count. A few
    answers cannot show that: there the pieces must be short and come again in other cells, the
    less often the more the platform and the wording of the question speak for it.
    """
    if answers.str.contains(SURE, literal=True).any():
        return SURE
    known = hints or Hints()
    tried = dict.fromkeys((*(s for s in known.likely if s in SEPARATORS), *SEPARATORS))
    fits = (s for s in tried if s != SURE and (_joins(answers, s) or _may_join(answers, s, hints=known)))  # fmt: skip
    return next(fits, None)


def joined_codes(answers: pl.Series, hints: Hints) -> bool:
    """Whether all cells are option numbers, and the platform joins several of them in one cell."""
    return any(_are_codes(answers, mark, hints=hints) for mark in hints.likely)


def _are_codes(answers: pl.Series, mark: str, *, hints: Hints) -> bool:
    if mark not in hints.likely or hints.is_open:
        return False
    several = answers.filter(answers.str.contains(mark, literal=True))
    joint = rf"\s*{re.escape(mark.strip() or mark)}\s*"
    if several.is_empty() or not answers.str.contains(rf"^{_CODE}({joint}{_CODE})*$").all():
        return False
    return hints.several or not several.str.contains(_GROUPED).all()


def _joins(answers: pl.Series, mark: str) -> bool:
    """Whether many answers show that a mark joins options."""
    holds = int(answers.str.contains(mark, literal=True).sum())
    least = max(2, len(answers) / 10)
    if holds < least:
        return False
    parts = pieces(answers, mark)
    if int((parts.list.len() > 1).sum()) < least:
        return False
    found = _found(answers, parts)
    if len(found) > _MOST_OPTIONS:
        return False
    again = float((found["cells"] > 1).mean() or 0)  # type: ignore[arg-type]
    if mark in _STRONG:
        return again >= 0.3
    often = found["n"].sum() / len(found)
    return again >= 0.6 and often >= 3 and answers.n_unique() >= len(found)


def _found(answers: pl.Series, parts: pl.Series) -> pl.DataFrame:
    """The different pieces: part, n [times], cells [different cells that hold it]."""
    combined = pl.DataFrame({"cell": answers, "part": parts}).explode("part")
    return combined.group_by("part").agg(n=pl.len(), cells=pl.col("cell").n_unique())


def _may_join(answers: pl.Series, mark: str, *, hints: Hints) -> bool:
    """Whether short pieces come again in other cells, as often as the hints ask for."""
    if not answers.str.contains(mark, literal=True).any():
        return False
    if _are_codes(answers, mark, hints=hints):
        return True
    parts = pieces(answers, mark)
    joined = parts.list.len() > 1
    if not joined.any() or (hints.is_open and not hints.several):
        return False
    found = _found(answers, parts)
    if len(found) > _MOST_OPTIONS or not _are_short(found["part"]):
        return False
    inside = found.filter(found["part"].is_in(parts.filter(joined).explode().unique().implode()))
    again = float((inside["cells"] > 1).mean() or 0)  # type: ignore[arg-type]
    return _enough(again, cells=answers.filter(joined).n_unique(), mark=mark, hints=hints) and (
        hints.several or answers.n_unique() >= len(found)
    )


def _are_short(parts: pl.Series) -> bool:
    short = bool((parts.str.len_chars() <= _LONGEST).all())
    return short and not parts.str.contains(_SENTENCE).any()


def _enough(again: float, *, cells: int, mark: str, hints: Hints) -> bool:
    """Whether so large a share of the pieces in so many different joined cells comes again."""
    if hints.several:
        return True
    if mark in hints.likely and hints.plural:
        return again > 0
    if mark in hints.likely or hints.plural:
        return again >= 0.5 and (cells > 1 or again == 1)
    return again >= 0.75 and cells > 1
