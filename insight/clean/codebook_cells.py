"""Cells of a file with a codebook: ticks as 1 and 0, several mentions as one cell, points as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from insight.readers.raw import Variable

MARK = "┋"  # joins several mentions; no label holds it
_ECHO = re.compile(r"(-?\d+)(\D.*)?", re.DOTALL)


def said(variable: Variable) -> list[tuple[str, str]]:
    """The options that are answers: (code, label)."""
    return [(code, text) for code, text in variable.options if text not in variable.missing]


def ticks(values: pl.Series, counted: str, variable: Variable) -> pl.Series:
    """1 for the counted value, 0 for any other; missing values stay."""
    other = values.is_not_null() & ~values.is_in(list(variable.missing))
    tick = pl.select(pl.when(values == counted).then(pl.lit("1")).when(other).then(pl.lit("0")).otherwise(values))  # fmt: skip
    return tick.to_series().alias(values.name)


def is_mentions(frame: pl.DataFrame, told: Mapping[str, Variable]) -> bool:
    """Whether columns are the first, second, … mention of one list: the same options, hardly an
    answer twice, and fewer answers from column to column."""
    options = {v.options for v in told.values()}
    if len(told) < 2 or len(options) != 1 or len(next(iter(options))) < 3:
        return False
    answers = frame.select(_answers(c, v) for c, v in told.items())
    counts = [len(answers) - answers[c].null_count() for c in answers.columns]
    if counts != sorted(counts, reverse=True) or counts[-1] == counts[0]:
        return False
    lists = answers.select(pl.concat_list(pl.all()).list.drop_nulls().alias("said"))["said"]
    several = lists.filter(lists.list.len() > 1)
    again = several.list.len() > several.list.n_unique()
    return len(several) > 0 and 100 * int(again.sum()) <= len(several)


def _answers(column: str, variable: Variable) -> pl.Expr:
    return pl.when(~pl.col(column).is_in(list(variable.missing))).then(pl.col(column))


def mentions(frame: pl.DataFrame, told: Mapping[str, Variable]) -> pl.Series:
    """All mentions of a respondent, joined; the first cell where that is a missing value."""
    first = next(iter(told))
    listed = frame.select(
        pl.concat_list(_answers(c, v) for c, v in told.items()).list.drop_nulls().list.unique(maintain_order=True).list.join(MARK).alias(first)
    )[first]  # fmt: skip
    return listed.zip_with(listed != "", frame[first]).alias(first)


def points(values: pl.Series, variable: Variable) -> pl.Series | None:
    """The numbers behind the labels where the labels only name points of a scale; else None.

    That is: the ends of a scale are labelled and the points between are not; every label repeats
    its number (``0 完全不可能``, ``1``, …); or a few labels stand beside many numbers (``999 = 拒答``).
    """
    code = {text: c for c, text in said(variable)}
    found = values.drop_nulls().unique()
    bare = [t for t in found if t not in code and t not in variable.missing]
    if not code or not (
        _namespoints(code, bare) if _all_numbers([*code.values(), *bare]) else False
    ):
        return None
    return values.replace(code)


def _all_numbers(texts: Sequence[str]) -> bool:
    return all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in texts)


def _namespoints(code: Mapping[str, str], bare: Sequence[str]) -> bool:
    ends = [float(c) for c in code.values()]
    free = [float(text) for text in bare]
    if bare and len(code) < len(bare) + 3 and min(ends) < min(free) and max(free) < max(ends):
        return True
    if len(code) > 3 and all((m := _ECHO.fullmatch(t)) and m[1] == c for t, c in code.items()):
        return True
    return len(bare) > 10 and len(bare) > 3 * len(code)


def filled(frame: pl.DataFrame, told: Mapping[str, Variable]) -> list[pl.Series]:
    """The answers of each column without the missing ones."""
    answers = frame.select(_answers(c, v) for c, v in told.items())
    return [answers[c].drop_nulls() for c in answers.columns]
