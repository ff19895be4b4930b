"""Days from one purchase to the next, and how long those who have not come back have been away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import DAY, Lines, Orders, among, by_order, collect, is_paid, kept, known
from insight.ledger.periods import whole_lengths
from insight.ledger.whole import span

Start = Literal["every", "first"]


def intervals(
    orders: Orders, *, by: str = "", start: Start = "every", values: Sequence[str] = ()
) -> pl.DataFrame:
    """How often each number of days lay between two purchases, as counts for a survival curve.

    Parameters
    ----------
    orders : (n_lines) customer_id, order_id, ordered_at [epoch s], amount and, where it is asked for,
        ``by``; lines without a customer or a value of ``by`` are left out
    by : the next purchase must have the same value (a category); "" = any purchase
    values : of ``by``, if only some are wanted
    start : "every" purchase starts an interval, or only the "first" of each customer (and value)

    Returns
    -------
    (n_distinct [x values of ``by``]) ``by``, time [days, >= 0], n_events [came back after so many
        days], n_censored [not yet back so many days before the end of the ledger]; sorted. Purchases
        of one day count once; a refunded purchase counts, as it does in ``n_orders``. Every customer
        (and value) with a purchase has exactly one censored interval unless ``start`` is "first".
    """
    keys = ["customer_id", *([by] if by else [])]
    spans = apart(among(orders, by, values) if values else orders, *keys)
    if start == "first":
        spans = spans.with_columns(first=nw.col("day").min().over(*keys))
        spans = spans.filter(nw.col("day") == nw.col("first"))
    is_event = ~nw.col("next_day").is_null()
    until = nw.when(is_event).then(nw.col("next_day")).otherwise(nw.lit(span(orders)[1] // DAY))
    counted = spans.with_columns(
        time=nw.max_horizontal(until - nw.col("day"), nw.lit(0)),
        n_events=nw.when(is_event).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    group = [*([by] if by else []), "time"]
    sums = counted.group_by(*group).agg(n_events=nw.col("n_events").sum(), n=nw.len())
    table = collect(sums).with_columns(pl.col("time", "n_events", "n").cast(pl.Int64))
    return table.select(*group, "n_events", n_censored=pl.col("n") - pl.col("n_events")).sort(group)


def apart(orders: Orders, *keys: str) -> Lines:
    """The purchase days of each customer (``keys``), each with the next one.

    Returns
    -------
    (n_purchase_days) ``keys``, day, next_day [days since 1970; null where none followed]
    """
    if keys == ("customer_id",) and (days := kept(orders, "days")) is not None:
        return days
    paid = by_order(known(orders, *keys), *keys).filter(is_paid())
    days = paid.select(*keys, day=whole_lengths(nw.col("at"), DAY)).unique()
    return days.with_columns(next_day=nw.col("day").shift(-1).over(*keys, order_by="day"))


def buyers_by(orders: Orders, column: str, *, values: Sequence[str] = ()) -> pl.DataFrame:
    """The customers who bought each value of ``column``, or each of ``values``.

    Returns
    -------
    (n_customers x values bought) ``column``, customer_id; sorted
    """
    keys = ["customer_id", column]
    lines = among(orders, column, values) if values else orders
    paid = by_order(known(lines, *keys), *keys).filter(is_paid())
    return collect(paid.select(column, "customer_id").unique()).sort(column, "customer_id")
