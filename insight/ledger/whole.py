"""The ledger as a whole: its span, its totals, the values that stand in a column, single lines."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.customers import kept_by
from insight.ledger.lines import (
    Orders,
    all_lines,
    by_order,
    collect,
    columns,
    everybody,
    has,
    is_paid,
    known,
    n_paid,
    priced,
    yuan,
)


def span(orders: Orders) -> tuple[int, int]:
    """First and last paid moment of the ledger, whoever paid [epoch s]; (0, 0) where nothing was paid."""
    paid, at = priced(everybody(orders), "ordered_at").filter(is_paid()), nw.col("ordered_at")
    first, last = collect(paid.select(first=at.min(), last=at.max())).row(0)
    return first or 0, last or 0


def values_of(orders: Orders, column: str, *, most: int = 200) -> tuple[str, ...]:
    """The values of ``column`` that lines of a known customer carry, most money first, at most ``most``."""
    keys = ("customer_id", column)
    rows = kept_by(orders, column)
    rows = priced(known(orders, *keys), *keys) if rows is None else rows
    sums = rows.group_by(column).agg(net=nw.col("net").sum())
    found = collect(sums.sort("net", column, descending=[True, False]).head(most))
    return tuple(found[column].cast(pl.String))


def totals(orders: Orders) -> dict[str, float]:
    """Lines, distinct paid orders, net amount [CNY] and the amount of lines with a known customer."""
    is_known = has(orders, "customer_id")
    per_order = by_order(orders, *(["customer_id"] if is_known else []))
    has_customer = ~nw.col("customer_id").is_null() if is_known else nw.lit(False)
    net, nothing = nw.col("net"), nw.lit(0)
    summed = per_order.select(
        n_lines=nw.col("n_lines").sum(),
        amount=yuan(net.sum()),
        known_amount=yuan(nw.when(has_customer).then(net).otherwise(nothing).sum()),
        n_orders=n_paid(),
    )
    return collect(summed).fill_null(0).row(0, named=True)


def lines_of(orders: Orders, column: str, ids: pl.Series, *, most: int) -> tuple[pl.DataFrame, int]:
    """The newest lines of some customers or orders, and how many lines they have.

    Parameters
    ----------
    column : "customer_id" or "order_id"
    most : lines to return; newest first

    Returns
    -------
    (<= most) the columns of the ledger; the number of all their lines
    """
    wanted = all_lines(orders).filter(nw.col(column).is_in(ids.to_list()))
    first = ("ordered_at", "order_id", "amount")
    order = [*first, *sorted(columns(orders).difference(first))]
    found = wanted.sort(order, descending=True, nulls_last=True).head(most)
    return collect(found), collect(wanted.select(n=nw.len())).item()
