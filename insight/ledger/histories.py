"""How often and when each customer bought: the buying days that models of repeat buying are made from."""

from __future__ import annotations

from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    DAY,
    UNITS,
    Lines,
    Orders,
    all_lines,
    by_order,
    collect,
    has,
    is_paid,
    known,
    within,
    yuan,
)
from insight.ledger.periods import whole_lengths

Counting = Literal["all", "paid"]


def buying_days(
    orders: Orders, *, until: int | None = None, counting: Counting = "all"
) -> pl.DataFrame:
    """Summarise the buying days of each customer; all orders of one calendar day are one purchase.

    Parameters
    ----------
    until : the last day that counts [days since 1970]; default: every day
    counting : "all": an order of 0 yuan is a purchase as well, a mere return never is; "paid": only
        orders that were paid

    Returns
    -------
    (n_customers) customer_id, n_days [count, >= 1] days with a purchase, first_day, last_day [days
        since 1970], spend [CNY, net], first_spend [CNY, net, of the first day];
        sorted by customer_id. Customers who bought nothing are absent.
    """
    is_first = nw.col("day") == nw.col("first_day")
    summary = (
        _days(_until(orders, until), counting)
        .group_by("customer_id", "first_day")
        .agg(
            n_days=nw.col("is_purchase").sum(),
            last_day=nw.when(nw.col("is_purchase") > 0).then(nw.col("day")).max(),
            spend=yuan(nw.col("net").sum()),
            first_spend=yuan(nw.when(is_first).then(nw.col("net")).otherwise(nw.lit(0)).sum()),
        )
    )
    columns = ("customer_id", "n_days", "first_day", "last_day", "spend", "first_spend")
    return collect(summary.select(*columns)).sort("customer_id")


def repeat_days(
    orders: Orders, *, first_until: int, until: int | None = None, counting: Counting = "all"
) -> pl.DataFrame:
    """Repeat purchases day by day, of the customers whose first day is ``first_until`` or earlier.

    Returns
    -------
    (n_days) day [days since 1970], n_repeat [customers who bought again on it]; sorted; days without
        any are left out
    """
    days = _days(_until(orders, until), counting).filter(
        nw.col("is_purchase") > 0,
        nw.col("first_day") <= first_until,
        nw.col("day") > nw.col("first_day"),
    )
    return collect(days.group_by("day").agg(n_repeat=nw.len())).sort("day")


def profits(orders: Orders, *, until: int | None = None) -> pl.DataFrame:
    """What is earned on each customer, where the lines tell a profit, or else what they cost.

    Parameters
    ----------
    orders : (n_lines) with profit [CNY, of the line] or cost [CNY, of the line]

    Returns
    -------
    (n_customers) customer_id, profit [CNY], spend [CNY, net, of the lines whose profit is known];
        sorted; empty where no line tells it
    """
    rows = all_lines(known(_until(orders, until), "customer_id"))
    if not has(rows, "profit") and not has(rows, "cost"):
        return pl.DataFrame(schema=_PROFITS)
    told = nw.col("profit") if has(rows, "profit") else nw.col("amount") - nw.col("cost")
    earned = all_lines(known(rows.with_columns(earned=told), "earned"))
    sums = earned.group_by("customer_id").agg(profit=_units("earned"), spend=_units("amount"))
    return collect(sums.select(*_PROFITS)).sort("customer_id")


_PROFITS = {"customer_id": pl.String, "profit": pl.Float64, "spend": pl.Float64}


def _until(orders: Orders, day: int | None) -> Orders:
    return within(orders, end=None if day is None else (day + 1) * DAY)


def _units(column: str) -> nw.Expr:
    return yuan((nw.col(column) * UNITS).round(0).cast(nw.Int64).sum())


def _days(orders: Orders, counting: Counting) -> Lines:
    """(n_customers x days) customer_id, day, net [units], is_purchase [0, 1], first_day of a purchase."""
    bought = is_paid() if counting == "paid" else is_paid() | (nw.col("refunded") == 0)
    per_order = by_order(known(orders, "customer_id"), "customer_id").with_columns(
        day=whole_lengths(nw.col("at"), DAY),
        bought=nw.when(bought).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    days = per_order.group_by("customer_id", "day").agg(
        net=nw.col("net").sum(), is_purchase=nw.col("bought").max()
    )
    purchase = nw.when(nw.col("is_purchase") > 0).then(nw.col("day"))
    first = days.with_columns(bought_at=purchase).with_columns(
        first_day=nw.col("bought_at").min().over("customer_id")
    )
    return first.filter(~nw.col("first_day").is_null())
