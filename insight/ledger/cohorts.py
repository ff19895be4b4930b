"""Customers by the month, quarter or week of their first purchase, and what came of them since."""

from __future__ import annotations

from datetime import date
from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import DAY, Lines, Orders, by_order, collect, known, n_paid, timed, yuan
from insight.ledger.months import begun, months
from insight.ledger.periods import whole_lengths

CohortGrain = Literal["month", "quarter", "week"]
_FIRST_MONDAY = date(1969, 12, 29)  # of the week that holds 1970-01-01
_KEYS = ("customer_id", "number")


def cohorts(orders: Orders, *, grain: CohortGrain = "month") -> pl.DataFrame:
    """How many customers of each cohort bought in each period since their first, and for how much.

    Parameters
    ----------
    orders : (n_lines) customer_id, order_id, ordered_at [epoch s], ordered_month [yyyymm], amount and,
        where known, refund; lines without a customer are left out
    grain : calendar months, calendar quarters, or weeks that begin on Monday

    Returns
    -------
    (n_cohorts x periods with lines) cohort [date, first day of the period of the first paid order],
        period [periods since, >= 0], n_active [customers with a paid order in that period; of period 0
        all of the cohort], n_orders [paid], spend [CNY, net; refunds count in the period of their line];
        sorted
    """
    is_active = nw.when(nw.col("n_orders") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    sums = (
        _since_first(orders, grain)
        .with_columns(is_active=is_active)
        .group_by("first", "number")
        .agg(
            n_active=nw.col("is_active").sum(),
            n_orders=nw.col("n_orders").sum(),
            spend=yuan(nw.col("net").sum()),
        )
    )
    return _dated(collect(sums), grain, "n_active", "n_orders", "spend")


def cohort_buyers(orders: Orders, *, grain: CohortGrain = "month") -> pl.DataFrame:
    """The customers whom ``cohorts`` counts as active.

    Returns
    -------
    (n_customers x periods they bought in) cohort [date], period, customer_id; sorted
    """
    active = _since_first(orders, grain).filter(nw.col("n_orders") > 0)
    found = collect(active.select("first", "number", "customer_id"))
    return _dated(found, grain, "customer_id").sort("cohort", "period", "customer_id")


def _since_first(orders: Orders, grain: CohortGrain) -> Lines:
    """(n_customers x periods) customer_id, number, n_orders, net [units], first [number of the cohort; null: none]."""
    if grain == "month":
        bought = begun(months(orders).filter(~nw.col("customer_id").is_null()))
        numbers = {"number": _month_number("ordered_month"), "first": _month_number("first_month")}
        return bought.select("customer_id", "n_orders", "net", **numbers)
    parts = _parts(orders, grain)
    first = parts.filter(nw.col("n_orders") > 0).group_by("customer_id")
    return parts.join(first.agg(first=nw.col("number").min()), on="customer_id")


def _parts(orders: Orders, grain: CohortGrain) -> Lines:
    """(n_customers x periods) customer_id, number, n_orders, net [units]; an order of two months is one of the quarter."""
    lines = timed(known(orders, "customer_id"), number=_number(grain))
    per_period = by_order(lines, *_KEYS).group_by(*_KEYS)
    return per_period.agg(n_orders=n_paid(), net=nw.col("net").sum())


def _number(grain: CohortGrain) -> nw.Expr:
    """Which period a line lies in, counted so that the next one has the next number."""
    if grain == "week":
        return whole_lengths(nw.col("ordered_at") + 3 * DAY, 7 * DAY)
    months = _month_number("ordered_month")
    return ((months - months % 3) / 3).round(0).cast(nw.Int64)


def _month_number(column: str) -> nw.Expr:
    """Months since the year 0 of a column [yyyymm]."""
    month = nw.col(column) % 100 - 1
    return ((nw.col(column) - month - 1) / 100 * 12 + month).round(0).cast(nw.Int64)


def _dated(table: pl.DataFrame, grain: CohortGrain, *columns: str) -> pl.DataFrame:
    """The table with cohort and period; what lies before the first purchase (a lone return) is left out."""
    first = pl.col("first")
    starts = {
        "month": pl.date(first // 12, first % 12 + 1, 1),
        "quarter": pl.date(first // 4, first % 4 * 3 + 1, 1),
        "week": pl.lit(_FIRST_MONDAY).dt.offset_by(pl.format("{}w", first)),
    }
    since = table.filter(pl.col("number") >= first)
    return since.select(
        starts[grain].alias("cohort"), (pl.col("number") - first).alias("period"), *columns
    ).sort("cohort", "period")
