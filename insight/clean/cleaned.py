"""What cleaning hands on: a typed table and, line by line, what was dropped or changed and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from insight.masking import mask_series
from insight.readers import ISSUE_SCHEMA
from insight.schema import Questionnaire

DROPPED, EMPTIED, MENDED, KEPT = "未导入", "已置空", "已更正", "保留"
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A canonical table, what was done to get it, and the questions behind it (responses only).

    Attributes
    ----------
    frame : typed canonical table, in the order of the file
    issues : (n_issues) what cleaning itself did, beside ``RawTable.issues``: line [1-based, null where the whole table is meant], column, value
        [personal data masked], reason, action ("未导入" | "已置空" | "已更正" | "保留")
    questionnaire : the questions of a responses table, else None
    waterfall : rows and money left after each step (orders only; see ``clean.waterfall``), else None
    left_out : ids of the orders that rules left out (orders only), else None
    currency : code of the currency of most lines (orders only); "" = the file does not say
    """

    frame: pl.DataFrame
    issues: pl.DataFrame
    questionnaire: Questionnaire | None = None
    waterfall: pl.DataFrame | None = None
    left_out: pl.Series | None = None
    currency: str = ""


def together(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All issues as one table, notes on the whole table first, then by line."""
    everything = pl.concat([pl.DataFrame(schema=dict(ISSUE_SCHEMA)), *parts])
    return everything.sort("line", nulls_last=False, maintain_order=True)


def note(reason: str, *, column: str = "", action: str = KEPT) -> pl.DataFrame:
    """One issue about the table or a column as a whole."""
    return pl.DataFrame(
        [(None, column, None, reason, action)], schema=dict(ISSUE_SCHEMA), orient="row"
    )


def flag(
    frame: pl.DataFrame,
    where: pl.Expr | pl.Series,
    *,
    column: str,
    reason: str | pl.Expr,
    action: str,
) -> pl.DataFrame:
    """One issue for each line of ``frame`` that ``where`` picks.

    Parameters
    ----------
    frame : (n) ``__line__`` and columns
    where : picks the lines; null counts as no
    column : column the issue is about; its value is quoted, masked, if the frame has it
    reason : one Chinese sentence, or an expression over ``frame`` that gives it
    """
    value = pl.col(column) if column in frame.columns else pl.lit(None)
    picked = frame.filter(where).select(
        pl.col("__line__").cast(pl.UInt32).alias("line"),
        pl.lit(column, dtype=pl.String).alias("column"),
        value.cast(pl.String).str.head(_LONGEST_VALUE).alias("value"),
        (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
        pl.lit(action).alias("action"),
    )
    return picked.with_columns(mask_series(picked["value"]))
