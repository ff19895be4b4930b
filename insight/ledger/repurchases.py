"""New and returning customers: who bought before, who bought twice, who came back soon after the first time."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.intervals import apart
from insight.ledger.lines import DAY, Lines, Orders, by_order, collect, known, n_paid, timed, yuan
from insight.ledger.whole import span

_COUNTS = (
    "n_customers", "n_new", "n_returning", "n_repeat", "n_orders", "n_orders_returning", "n_mature", "n_again",
)  # fmt: skip


def repurchases(orders: Orders, *, within_days: int) -> pl.DataFrame:
    """New and returning customers month by month.

    Parameters
    ----------
    within_days : after the first purchase, to count as having bought again

    Returns
    -------
    (n_months with buyers) month [date], n_customers [buyers], n_new [first purchase ever], n_returning
        [had bought before the month], n_repeat [two orders or more in the month], n_orders [paid],
        n_orders_returning [of the returning], n_mature [of n_new: observed for ``within_days``],
        n_again [of n_mature: bought again on a later day, at most ``within_days`` after], spend_new,
        spend_returning [CNY, net]; sorted
    """
    table = _counted(timed(orders, period=nw.col("ordered_month")), within_days)
    month = pl.date(pl.col("period") // 100, pl.col("period") % 100, 1).alias("month")
    return table.select(month, pl.exclude("period")).sort("month")


def repurchases_since(orders: Orders, *, start: int, within_days: int) -> pl.DataFrame:
    """The same of all the time from ``start`` [epoch s] on, in one row; none where nobody bought since."""
    inside = nw.when(nw.col("ordered_at") >= start).then(nw.lit(1)).otherwise(nw.lit(0))
    table = _counted(timed(orders, period=inside), within_days)
    return table.filter(pl.col("period") == 1).drop("period")


def _counted(orders: Orders, within_days: int) -> pl.DataFrame:
    """(n_periods) period and what ``repurchases`` counts in it."""
    rows = _by_customer(orders)
    first = rows.group_by("customer_id").agg(first_period=nw.col("period").min())
    known_first = rows.join(first, on="customer_id").join(
        _again(orders, within_days), on="customer_id"
    )
    new = nw.col("period") == nw.col("first_period")
    flags = {
        "n_customers": nw.col("n_orders") > 0, "n_new": new, "n_returning": ~new, "n_repeat": nw.col("n_orders") > 1,
        "n_mature": new & nw.col("is_mature"), "n_again": new & nw.col("is_mature") & nw.col("is_again"),
    }  # fmt: skip
    sums = {name: _where(flag, nw.lit(1)) for name, flag in flags.items()}
    sums |= {
        "n_orders": nw.col("n_orders").sum(),
        "n_orders_returning": _where(~new, nw.col("n_orders")),
        "spend_new": yuan(_where(new, nw.col("net"))),
        "spend_returning": yuan(_where(~new, nw.col("net"))),
    }
    table = collect(known_first.group_by("period").agg(**sums))
    return table.select("period", *_COUNTS, "spend_new", "spend_returning")


def _by_customer(orders: Orders) -> Lines:
    """(n_customers x periods with a paid order) customer_id, period, n_orders, net [units]."""
    keys = ("customer_id", "period")
    bought = by_order(known(orders, "customer_id"), *keys).group_by(*keys)
    parts = bought.agg(n_orders=n_paid(), net=nw.col("net").sum())
    return parts.filter(nw.col("n_orders") > 0)


def _again(orders: Orders, within_days: int) -> Lines:
    """(n_customers) customer_id, is_mature, is_again: the time after the first purchase."""
    until = span(orders)[1] // DAY
    days = apart(orders, "customer_id").group_by("customer_id")
    two = days.agg(first_day=nw.col("day").min(), second_day=nw.col("next_day").min())
    soon = (nw.col("second_day") - nw.col("first_day") <= within_days).fill_null(value=False)
    is_mature = nw.col("first_day") + within_days <= until
    return two.select("customer_id", is_mature=is_mature, is_again=soon)


def _where(flag: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(flag).then(value).otherwise(nw.lit(0)).sum()
