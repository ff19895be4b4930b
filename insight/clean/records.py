"""Rows of a table that are no records: repeated headers, totals, and rows that repeat another."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.clean.cleaned import DROPPED, flag, together
from insight.clean.values import plain

_TOTAL = r"(?i)^(合\s*[计計]|[总總]\s*[计計]|小\s*[计計]|[汇匯彙]\s*[总總]|[总總]\s*和|grand total|subtotal|total|sum)\s*:?$"
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
    header, total = repeats_header(frame, facts), is_total(frame, facts)
    issues = [
        flag(frame, header, column=facts[0], reason=HEADER, action=DROPPED),
        flag(frame, total & ~header, column=_first(frame), reason=TOTAL, action=DROPPED),
    ]
    return frame.filter(~header, ~total), together(issues)


HEADER, TOTAL = "重复的表头行", "合计行，不是记录"


def _first(frame: pl.DataFrame) -> str:
    return next((c for c in frame.columns if c != "__line__"), "__line__")


def is_total(frame: pl.DataFrame, facts: Sequence[str]) -> pl.Series:
    """Whether a row is marked as a sum of others and lacks a fact (n, Boolean)."""
    if not any(frame[c].null_count() for c in facts):
        return pl.repeat(value=False, n=frame.height, eager=True)
    marked = pl.any_horizontal(_says_total(frame[c]) for c in {_first(frame), *facts})
    lacks = pl.any_horizontal(pl.col(c).is_null() for c in facts)
    return frame.select(marked & lacks).to_series()


def repeats_header(frame: pl.DataFrame, facts: Sequence[str]) -> pl.Series:
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


def _says_total(values: pl.Series) -> pl.Expr:
    wordy = values.filter(~values.str.contains("[0-9]"))  # no word for a total has a digit
    known = wordy.drop_nulls().unique().sort()
    totals = known.filter(plain(known).str.contains(_TOTAL))
    return pl.col(values.name).is_in(totals.implode()).fill_null(value=False)


def repeats(frame: pl.DataFrame) -> pl.Series:
    """Whether a row repeats an earlier one in every cell (n, Boolean)."""
    content = frame.select(pl.exclude("__line__"))
    if not content.width:
        return pl.repeat(value=False, n=frame.height, eager=True)
    hashed = content.hash_rows()
    if hashed.n_unique() == len(hashed):
        return pl.repeat(value=False, n=len(hashed), eager=True)
    suspects = hashed.is_duplicated()  # equal rows have equal hashes: only these are compared
    again = content.filter(suspects).select(~pl.struct(pl.all()).is_first_distinct()).to_series()
    return suspects.scatter(suspects.arg_true(), again)
