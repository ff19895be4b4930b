"""When in the week each customer usually pays."""

from __future__ import annotations

import polars as pl

from insight import ledger

ENOUGH = 3  # orders from which the customer's own habit counts
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
PARTS = ("0–6 点", "6–12 点", "12–18 点", "18–24 点")
_HOURS = 6


def best_times(orders: ledger.Orders) -> pl.DataFrame:
    """The weekday and the part of the day on which each customer paid most of the orders.

    Returns
    -------
    (n_customers) customer_id, best_time ["周六 18–24 点"]; of customers with fewer than three orders, and of two
        that are equal, what most orders of everybody say
    """
    hours = ledger.own_hours(orders).with_columns(part=pl.col("hour") // _HOURS)
    names = {"weekday": dict(enumerate(WEEKDAYS, 1)), "part": dict(enumerate(PARTS))}
    told = {c: _favourite(hours, c).with_columns(pl.col(c).replace_strict(own, return_dtype=pl.String)) for c, own in names.items()}  # fmt: skip
    both = told["weekday"].join(told["part"], on="customer_id")
    return both.select("customer_id", best_time=pl.format("{} {}", "weekday", "part")).sort("customer_id")  # fmt: skip


def _favourite(hours: pl.DataFrame, column: str) -> pl.DataFrame:
    """(n_customers) customer_id, ``column``."""
    own = hours.group_by("customer_id", column).agg(n=pl.col("n_orders").sum())
    usual = hours.group_by(column).agg(n_all=pl.col("n_orders").sum())
    best = own.join(usual, on=column).sort("n", "n_all", column, descending=[True, True, False])
    first = best.unique("customer_id", keep="first", maintain_order=True)
    n_orders = hours.group_by("customer_id").agg(n_own=pl.col("n_orders").sum())
    top = usual.sort("n_all", column, descending=[True, False])[column]
    chosen = pl.when(pl.col("n_own") >= ENOUGH).then(column).otherwise(pl.lit(top.first()))
    return first.join(n_orders, on="customer_id").select("customer_id", chosen.alias(column))
