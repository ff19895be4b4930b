"""Which rows of a result table are printed whether or not a sentence cites them."""

from __future__ import annotations

import polars as pl

from insight.settings import settings

MOST_ROWS = 15
FIRST_ROWS = 10  # of a table longer than that
MOST_MONTHS = 12
LEVEL = 0.05  # of the false discovery rate


def first_rows(table: pl.DataFrame) -> tuple[int, ...]:
    """Row numbers: of words compared, those that pass the test; of months the last twelve; else the first."""
    if is_picked(table):
        return _passed(table)
    if table.columns[:1] == ["month"]:
        return tuple(range(table.height))[-MOST_MONTHS:]
    return head_of(table.height)


def head_of(n_rows: int) -> tuple[int, ...]:
    """All rows of a short table, the first of a long one."""
    return tuple(range(n_rows if n_rows <= MOST_ROWS else FIRST_ROWS))


def is_picked(table: pl.DataFrame) -> bool:
    """Whether the rows are many comparisons, of which only those that pass their test are told."""
    return {"word", "p_adjusted", "base"} <= set(table.columns)


def _passed(table: pl.DataFrame) -> tuple[int, ...]:
    bases = pl.min_horizontal(c for c in ("base", "base_rest") if c in table.columns)
    firm = (pl.col("p_adjusted") < LEVEL) & (bases >= settings().small_base)
    held = table.with_row_index("at").filter(firm).sort("p_adjusted", "at").head(MOST_ROWS)
    return tuple(sorted(held["at"].to_list()))
