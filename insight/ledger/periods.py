"""Sales over time: month by month, week by week or day by day, of everything or of each category, channel, region."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    DAY,
    Lines,
    Orders,
    by_order,
    collect,
    everybody,
    has,
    is_paid,
    known,
    n_paid,
    priced,
    timed,
    yuan,
)
from insight.ledger.months import months
from insight.ledger.whole import span

Grain = Literal["month", "week", "day"]
_EVERY = {"month": "1mo", "week": "1w", "day": "1d"}
_FIRST_MONDAY = date(1969, 12, 29)  # of the week that holds 1970-01-01
_EPOCH = date(1970, 1, 1)


def monthly(orders: Orders) -> pl.DataFrame:
    """Sales month by month: ``periods`` without what was refunded."""
    return periods(orders, grain="month").drop("refunded")


def periods(orders: Orders, *, grain: Grain, by: str = "") -> pl.DataFrame:
    """Sales period by period, all together or per value of ``by``.

    Parameters
    ----------
    orders : (n_lines) order_id, ordered_at [epoch s], amount, for months ordered_month [yyyymm] and,
        where the ledger knows customers, customer_id
    by : a column of the lines; lines without a value are left out

    Returns
    -------
    (n_periods [x values of ``by``]) ``by``; month, week or day [date, its first day; weeks begin on
        Monday], n_orders (distinct paid orders), n_customers (distinct known buyers; absent where the
        ledger knows no customers), amount [CNY, net], refunded [CNY, >= 0]; sorted; periods without a
        line are filled with zeros from the first to the last period of these lines, and where they are
        those of some customers, of the shop
    """
    keys = [by] if by else []
    parts = _by_customer(orders, grain, *keys)
    counts = {"n_orders": nw.col("n_orders").sum()}
    if has(orders, "customer_id"):
        is_buyer = (nw.col("n_orders") > 0) & ~nw.col("customer_id").is_null()
        counts["n_customers"] = nw.when(is_buyer).then(nw.lit(1)).otherwise(nw.lit(0)).sum()
    sums = {"amount": yuan(nw.col("net").sum()), "refunded": yuan(nw.col("refunded").sum())}
    table = collect(parts.group_by(*keys, grain).agg(**counts, **sums))
    dated = table.with_columns(_first_day(grain))
    filled = _every_period(dated, grain, keys=keys, seen=_seen(orders))
    return filled.select(
        *keys,
        grain,
        pl.col(counts).fill_null(0).cast(pl.Int64),
        pl.col("amount", "refunded").fill_null(0.0),
    )


def orders_of_periods(orders: Orders, *, grain: Grain) -> pl.DataFrame:
    """The paid orders that ``periods`` counts.

    Returns
    -------
    (n_orders) month, week or day [date], order_id, customer_id [null where unknown]; sorted
    """
    table = collect(_by_period(orders, grain).filter(is_paid()))
    is_known = "customer_id" in table.columns
    ids = pl.col("customer_id") if is_known else pl.lit(None, pl.String).alias("customer_id")
    found = table.select(_first_day(grain), "order_id", ids)
    return found.sort(grain, "order_id", "customer_id")


def selling_days(orders: Orders) -> pl.Series:
    """The days on which something was paid, by whomever, in order."""
    paid = priced(everybody(orders), "ordered_at").filter(is_paid())
    days = paid.select(day=whole_lengths(nw.col("ordered_at"), DAY))
    return collect(days.unique()).select(_first_day("day")).to_series().sort()


def _by_customer(orders: Orders, grain: Grain, *keys: str) -> Lines:
    """(n_customers x periods) ``keys``, customer_id where it is known of anybody, n_orders, net, refunded [units]."""
    if grain == "month" and not keys and has(orders, "customer_id"):
        return months(orders).with_columns(month=nw.col("ordered_month"))
    lines = known(orders, *keys) if keys else orders
    owner = ["customer_id"] if has(orders, "customer_id") else []
    sums = {name: nw.col(name).sum() for name in ("net", "refunded")}
    parts = _by_period(lines, grain, *keys).group_by(*keys, *owner, grain)
    return parts.agg(n_orders=n_paid(), **sums)


def _by_period(orders: Orders, grain: Grain, *keys: str) -> Lines:
    numbers = {
        "month": nw.col("ordered_month"),
        "week": whole_lengths(nw.col("ordered_at") + 3 * DAY, 7 * DAY),
        "day": whole_lengths(nw.col("ordered_at"), DAY),
    }
    lines = timed(orders, **{grain: numbers[grain]})
    return by_order(lines, *keys, grain, *(["customer_id"] if has(orders, "customer_id") else []))


def whole_lengths(seconds: nw.Expr, length: int) -> nw.Expr:
    """Whole lengths [of ``length`` seconds] since 1970."""
    return ((seconds - remainder(seconds, length)) / length).round(0).cast(nw.Int64)


def remainder(seconds: nw.Expr, length: int) -> nw.Expr:
    """Seconds since the last whole length, never negative; engines differ in % of a time before 1970."""
    return (seconds % length + length) % length


def _first_day(grain: Grain) -> pl.Expr:
    number = pl.col(grain)
    if grain == "month":
        return pl.date(number // 100, number % 100, 1).alias(grain)
    start, days = (_FIRST_MONDAY, 7) if grain == "week" else (_EPOCH, 1)
    return pl.lit(start).dt.offset_by(pl.format("{}d", number * days)).alias(grain)


def _seen(orders: Orders) -> list[date]:
    """The first and the last day of the shop, where the lines are those of some customers; else none."""
    ends = () if everybody(orders) is orders else span(orders)
    return [_EPOCH + timedelta(seconds=end) for end in ends]


def _every_period(
    table: pl.DataFrame, grain: Grain, *, keys: list[str], seen: list[date]
) -> pl.DataFrame:
    """Every period of the ledger, and those of the days ``seen``, for every value of ``keys``, in order."""
    if table.is_empty():
        return table
    days = pl.concat([table[grain], pl.Series(grain, seen, pl.Date).dt.truncate(_EVERY[grain])])
    first, last = days.to_frame().select(first=pl.col(grain).min(), last=pl.col(grain).max()).row(0)
    starts = pl.date_range(first, last, _EVERY[grain], eager=True).alias(grain).to_frame()
    grid = table.select(keys).unique().join(starts, how="cross") if keys else starts
    return grid.join(table, on=[*keys, grain], how="left").sort([*keys, grain])


def next_start(start: date, grain: Grain) -> date:
    """The first day of the period after the one that begins on ``start``."""
    if grain == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)
