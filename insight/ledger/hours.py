"""When in the week orders are paid: weekday by hour of the shop's local clock."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.lines import Lines, Orders, by_order, collect, has, is_paid, known, yuan
from insight.ledger.periods import remainder, whole_lengths

HOUR = 3_600  # seconds
# Whole hours since Monday 00:00; 1970-01-01 was a Thursday.
_OF_WEEK = remainder(nw.col("hour") + 3 * 24, 7 * 24)


def hourly(orders: Orders) -> pl.DataFrame:
    """The paid orders of each weekday and hour, over the whole ledger.

    Parameters
    ----------
    orders : (n_lines) order_id, ordered_at [epoch s of the local clock], amount and, where the ledger
        knows customers, customer_id

    Returns
    -------
    (<= 168) weekday [1 = Monday ... 7 = Sunday], hour [0-23], n_orders, amount [CNY, net of the
        orders' own refunds]; sorted. An order counts at its first moment.
    """
    paid = by_order(orders, *(["customer_id"] if has(orders, "customer_id") else []))
    by_hour = _with_hour(paid.filter(is_paid())).group_by("hour")
    hours = by_hour.agg(n_orders=nw.len(), net=nw.col("net").sum())  # few are left for the rest
    weekly = hours.with_columns(hour_of_week=_OF_WEEK).group_by("hour_of_week")
    table = collect(weekly.agg(n_orders=nw.col("n_orders").sum(), amount=yuan(nw.col("net").sum())))
    at = pl.col("hour_of_week").cast(pl.Int64)
    return table.sort("hour_of_week").select(
        weekday=at // 24 + 1, hour=at % 24, n_orders=pl.col("n_orders").cast(pl.Int64), amount="amount"
    )  # fmt: skip


def own_hours(orders: Orders) -> pl.DataFrame:
    """When in the week each customer pays.

    Returns
    -------
    (n_customers x different hours) customer_id, weekday [1 = Monday ... 7 = Sunday], hour [0-23],
        n_orders [paid]; sorted
    """
    paid = by_order(known(orders, "customer_id"), "customer_id").filter(is_paid())
    hours = _with_hour(paid).with_columns(hour_of_week=_OF_WEEK)
    table = collect(hours.group_by("customer_id", "hour_of_week").agg(n_orders=nw.len()))
    at = pl.col("hour_of_week").cast(pl.Int64)
    return table.sort("customer_id", "hour_of_week").select(
        "customer_id", weekday=at // 24 + 1, hour=at % 24, n_orders=pl.col("n_orders").cast(pl.Int64)
    )  # fmt: skip


def _with_hour(paid: Lines) -> Lines:
    """With hour, whole hours since 1970."""
    return paid.with_columns(hour=whole_lengths(nw.col("at"), HOUR))
