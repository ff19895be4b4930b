"""A book of several questions or several breaks, named so that it can be printed as one matrix."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from insight.stats.banner import TOTAL
from insight.stats.letters import letter

MOST_ACROSS = 12  # columns of a printed book; of more, the first break and what sentences cite
APART = "｜"
_KEYS = ("question", "row", "break", "column")


def is_book(table: pl.DataFrame) -> bool:
    """Whether rows or columns need their question or break to tell them apart."""
    if table.is_empty() or not set(_KEYS) <= set(table.columns) or table.select(_KEYS).is_duplicated().any():  # fmt: skip
        return False
    return bool(table.select("row", "column").is_duplicated().any())


def named_apart(table: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """``table``, line for line, whose rows and columns have names of their own, and the letters of the columns."""
    several = {name: table[name].n_unique() > 1 for name in ("question", "break")}
    row, column = (
        pl.format(f"{{}}{APART}{{}}", whole, part) if several[whole] else pl.col(part)
        for whole, part in (("question", "row"), ("break", "column"))
    )
    named = table.with_columns(row=row.alias("row"), column=column.alias("column"))
    return named, _letters(table, named)


def _letters(table: pl.DataFrame, named: pl.DataFrame) -> dict[str, str]:
    """The letter of every column, counted from the total before it."""
    told, at = {}, 0
    heads = table.select("break", "column", called=named["column"]).unique(maintain_order=True)
    for _, column, called in heads.sort("break", maintain_order=True).rows():
        at = 0 if column.endswith(TOTAL) else at + 1
        if at:
            told[called] = letter(at - 1)
    return told


def left_out(named: pl.DataFrame, *, cited: Collection[int]) -> frozenset[object]:
    """The columns that do not fit: of more than twelve, those of breaks that are neither first nor cited."""
    if named["column"].n_unique() <= MOST_ACROSS:
        return frozenset()
    kept = {named["break"][0], *(named["break"][row] for row in cited)}
    return frozenset(named.filter(~pl.col("break").is_in(list(kept)))["column"])
