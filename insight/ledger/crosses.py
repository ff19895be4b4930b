"""What one column brought within another: category by region, channel by city."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.lines import Orders, collect, known, priced, yuan


def cross(orders: Orders, row: str, column: str) -> pl.DataFrame:
    """Money and lines of each pair of values of two columns.

    Returns
    -------
    (n_pairs that occur) ``row``, ``column``, n_lines, sales [CNY, before refunds], amount [CNY, net];
        sorted by both; lines without a value of either are left out
    """
    rows = priced(known(orders, row, column), row, column)
    sums = rows.group_by(row, column).agg(
        n_lines=nw.col("n_lines").sum(),
        sales=yuan(nw.col("paid").sum()),
        amount=yuan(nw.col("net").sum()),
    )
    return collect(sums).sort(row, column)
