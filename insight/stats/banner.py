"""One stub against one banner: who chose what in which column, and where that is significant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from insight.stats.proportions import (
    Floats,
    Rule,
    cell_vs_rest,
    column_letters,
    columns_below,
    letter,
)
from insight.stats.weights import effective_base
from insight.wording import percent

TOTAL = "总计"
SUPPRESSED, SMALL = "—", "*"
_COUNTS = {
    "row": pl.String, "column": pl.String, "n": pl.Int64, "base": pl.Int64,
    "weighted_base": pl.Float64, "effective_base": pl.Float64, "share": pl.Float64,
}  # fmt: skip


def tabulate(
    chosen: pl.DataFrame,
    *,
    column: pl.Series,
    columns: Sequence[str],
    weight: pl.Series,
    rule: Rule,
) -> pl.DataFrame:
    """Cross what every unit chose with the column it belongs to.

    Parameters
    ----------
    chosen : (n_units x n_rows) Boolean, one column per row of the table; null = not asked
    column : (n_units) the banner column of each unit; null = outside the table
    columns : the banner's columns in display order, also those that hold nobody
    weight : (n_units) positive numbers; all 1 where the data are not weighted
    rule : how columns are compared and which bases are too small

    Returns
    -------
    (n_rows x (1 + n_columns)) row, column: TOTAL first, then ``columns``;
        n, base [unweighted counts], weighted_base, effective_base,
        share [weighted, 0..1; null where suppressed], letters, flag ["" | "*" | "—"],
        rest_share, share_difference, p_value [the cell against the other columns; null for TOTAL and
        where either side is too small]
    """
    inside = column.is_in(pl.Series(columns, dtype=pl.String).implode())
    everybody = pl.select(pl.when(inside).then(pl.lit(TOTAL))).to_series()
    total = _filled(count_choices(chosen, weight=weight, column=everybody), chosen.columns, [TOTAL])
    inner = _filled(count_choices(chosen, weight=weight, column=column), chosen.columns, columns)
    cells = pl.concat([total, _compared(inner, len(columns), rule)], how="diagonal")
    return (
        _row_by_row(cells, chosen.columns)
        .pipe(flagged, rule=rule)
        .with_columns(
            letters=pl.when(pl.col("base") < rule.tiny_base)
            .then(pl.lit(SUPPRESSED))
            .otherwise(pl.col("letters").fill_null(""))
        )
    )


def count_choices(
    chosen: pl.DataFrame, *, weight: pl.Series, column: pl.Series | None = None
) -> pl.DataFrame:
    """Count who was asked and who chose, for every row and column that has anybody.

    Parameters
    ----------
    chosen, weight, column : as for ``tabulate``; without ``column`` everybody is in TOTAL

    Returns
    -------
    (n_cells) row, column, n, base [unweighted], weighted_base, effective_base, share [weighted];
        without ``column`` every row is there, with a base of 0 and no share where nobody was asked
    """
    if column is None:
        everybody = pl.repeat(TOTAL, len(weight), dtype=pl.String, eager=True)
        inner = count_choices(chosen, weight=weight, column=everybody)
        return _filled(inner, chosen.columns, [TOTAL])
    told, weights = pl.col("chosen"), pl.col("weight")
    order = weight.arg_sort()  # sums of fractions must not depend on the order of the rows
    placed = pl.DataFrame({"column": column.gather(order), "weight": weight.gather(order)})
    counted = [
        placed.with_columns(chosen=series.gather(order))
        .drop_nulls(["column", "chosen"])
        .group_by("column", maintain_order=True)
        .agg(
            row=pl.lit(series.name),
            n=told.sum().cast(pl.Int64),
            base=pl.len().cast(pl.Int64),
            weighted_base=weights.sum(),
            effective_base=effective_base(weights),
            share=weights.filter(told).sum() / weights.sum(),
        )
        for series in chosen
    ]
    return pl.concat([pl.DataFrame(schema=_COUNTS), *(c.select(*_COUNTS) for c in counted)])


def flagged(cells: pl.DataFrame, *, rule: Rule) -> pl.DataFrame:
    """Mark small bases and hide the shares of tiny ones.

    Parameters
    ----------
    cells : base, share and any other columns

    Returns
    -------
    the same with flag ["" | "*" | "—"]; share is null where the flag is "—".
    """
    tiny, small = pl.col("base") < rule.tiny_base, pl.col("base") < rule.small_base
    mark = pl.when(small).then(pl.lit(SMALL)).otherwise(pl.lit(""))
    return cells.with_columns(
        flag=pl.when(tiny).then(pl.lit(SUPPRESSED)).otherwise(mark),
        share=pl.when(~tiny).then("share"),
    )


def column_table(cells: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns behind the letters: what each is called and how many people it holds.

    Returns
    -------
    (1 + n_columns) column, letter ["" for TOTAL], base, effective_base, flag: those of the row most
    people of the column were asked
    """
    letters = {TOTAL: "", **{name: letter(at) for at, name in enumerate(columns)}}
    names = pl.DataFrame({"column": list(letters), "letter": list(letters.values())})
    widest = cells.sort("base", descending=True, maintain_order=True).unique("column", keep="first", maintain_order=True)  # fmt: skip
    kept = widest.select("column", "base", "effective_base", "flag")
    return names.join(kept, on="column", how="left", maintain_order="left")


def headings(columns: Sequence[str]) -> dict[str, str]:
    """Each column's name with its letter behind it, for the head of a picture: 金卡（A）."""
    return {name: f"{name}（{letter(at)}）" for at, name in enumerate(columns)}


def higher_pairs(letters: pl.Series, *, n_columns: int) -> Iterator[tuple[int, int]]:
    """Row numbers (higher cell, lower cell) behind every letter of a table made by ``tabulate``."""
    for at, named in enumerate(letters):
        first = at - at % (n_columns + 1)  # the total of the same row
        yield from ((at, first + 1 + lower) for lower in columns_below(named, n_columns))


def cell_words(cells: pl.DataFrame) -> pl.Series:
    """What a cell of a picture says: "29.4% bC", "—" where it is suppressed."""
    written = [
        SUPPRESSED if share is None else f"{percent(share)} {letters}".strip()
        for share, letters in cells.select("share", "letters").iter_rows()
    ]
    return pl.Series("words", written, dtype=pl.String)


def _filled(cells: pl.DataFrame, rows: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """Every cell of the grid in row-major order; nobody is 0 and has no share."""
    names = pl.DataFrame({"row": rows}, schema={"row": pl.String})
    grid = names.join(pl.DataFrame({"column": columns}, schema={"column": pl.String}), how="cross")
    bases = pl.col("n", "base", "weighted_base", "effective_base")
    return grid.join(cells, on=("row", "column"), how="left", maintain_order="left").with_columns(
        bases.fill_null(0)
    )


def _compared(cells: pl.DataFrame, n_columns: int, rule: Rule) -> pl.DataFrame:
    """Letters and the test against the rest, beside cells in row-major order."""
    n_rows = len(cells) // max(n_columns, 1)

    def matrix(name: str) -> Floats:
        return cells[name].cast(pl.Float64).to_numpy().reshape(n_rows, n_columns)

    base, share, effective = matrix("base"), matrix("share"), matrix("effective_base")
    shown = base >= rule.tiny_base
    letters = column_letters(share, effective, tested=shown, rule=rule)
    rest = cell_vs_rest(share, effective, weighted_bases=matrix("weighted_base"))
    enough = shown & (base.sum(axis=1, keepdims=True) - base >= rule.tiny_base)
    beside = {
        "rest_share": rest.share,
        "share_difference": rest.difference,
        "p_value": rest.p_value,
    }
    return cells.with_columns(
        pl.Series("letters", [mark for row in letters for mark in row], dtype=pl.String),
        *(
            pl.Series(name, np.where(enough, values, np.nan).ravel()).fill_nan(None)
            for name, values in beside.items()
        ),
    )


def _row_by_row(cells: pl.DataFrame, rows: Sequence[str]) -> pl.DataFrame:
    """Bring the total before the columns of its row; ``cells`` hold all totals first."""
    order = pl.DataFrame({"row": rows, "at": range(len(rows))}, schema={"row": pl.String, "at": pl.Int64})  # fmt: skip
    placed = cells.join(order, on="row", how="left", maintain_order="left")
    return placed.sort("at", maintain_order=True).drop("at")
