"""Rows of a table that are no records: repeated headers and totals; and duplicates, counted."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.clean.cleaned import DROPPED, flag, note, together
from insight.clean.values import plain

_TOTAL = r"(?i)^(合\s*计|总\s*计|小\s*计|汇\s*总|总\s*和|grand total|subtotal|total|sum)\s*:?$"
_NEARLY_ALL = 0.8


def records(frame: pl.DataFrame, *, facts: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop what is no record.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    facts : raw columns that a record fills (time, id, answer), most telling first

    Returns
    -------
    the remaining rows, and the issues of the dropped ones
    """
    header = _repeats_header(frame, facts)
    first = next((c for c in frame.columns if c != "__line__"), "__line__")
    marked = pl.any_horizontal(_is_total(frame[c]) for c in {first, *facts})
    total = marked & pl.any_horizontal(pl.col(c).is_null() for c in facts)
    issues = [
        flag(frame, header, column=facts[0], reason="重复的表头行", action=DROPPED),
        flag(
            frame, total & ~pl.lit(header), column=first, reason="合计行，不是记录", action=DROPPED
        ),
    ]
    return frame.filter(~header, ~total), together(issues)


def _repeats_header(frame: pl.DataFrame, facts: Sequence[str]) -> pl.Series:
    """Whether nearly every filled cell of a row is the name of its column (n, Boolean)."""
    named = frame.select(pl.any_horizontal(pl.col(c) == c for c in facts).fill_null(value=False))
    if not named.to_series().any():
        return named.to_series()
    names = [c for c in frame.columns if c != "__line__"]
    same = pl.sum_horizontal(
        (pl.col(c).str.strip_chars() == c).fill_null(value=False) for c in names
    )
    filled = pl.sum_horizontal(pl.col(c).is_not_null() for c in names)
    return frame.select((filled > 0) & (same >= _NEARLY_ALL * filled)).to_series()


def _is_total(values: pl.Series) -> pl.Expr:
    known = values.drop_nulls().unique().sort()
    totals = known.filter(plain(known).str.contains(_TOTAL))
    return pl.col(values.name).is_in(totals.implode()).fill_null(value=False)


def duplicates(frame: pl.DataFrame) -> pl.DataFrame:
    """One note on rows that repeat another row in every cell; they are kept."""
    content = frame.select(pl.exclude("__line__"))
    n = content.height - content.n_unique() if content.width else 0
    return together([note(f"有 {n:,} 行与前面的行内容完全相同，已全部保留，请确认不是重复导出")] if n else [])  # fmt: skip
