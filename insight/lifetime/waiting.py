"""How long after their first purchase customers come back, or leave, and who is still being waited for."""

from __future__ import annotations

from typing import Literal

import polars as pl

from insight import ledger

Outcome = Literal["second", "churn"]


def waits(orders: ledger.Orders, outcome: Outcome, *, churn_days: int) -> pl.DataFrame:
    """The time from the first purchase day until it happened, or until the ledger ends.

    Parameters
    ----------
    outcome : "second": the second purchase day; "churn": the first time ``churn_days`` days passed
        without a purchase, whether or not the customer came back later

    Returns
    -------
    (n_customers) customer_id, time [days, >= 0], has_happened
    """
    until = ledger.span(orders)[1] // ledger.DAY
    if outcome == "second":
        known = ledger.second_days(orders).rename({"second_day": "at"})
    else:
        silent = ledger.silences(orders, days=churn_days)
        last = pl.when(until - pl.col("last_day") >= churn_days).then("last_day")
        known = silent.with_columns(at=pl.coalesce("silent_from", last) + churn_days)
    end = pl.col("at").fill_null(until)
    happened = pl.col("at").is_not_null()
    return known.select("customer_id", time=end - pl.col("first_day"), has_happened=happened)


def how_many(counts: pl.DataFrame) -> int:
    """The customers behind counts as ``counted`` makes them."""
    return int(counts.select(pl.col("n_events").sum() + pl.col("n_censored").sum()).item())


def counted(customers: pl.DataFrame) -> pl.DataFrame:
    """Waits of customers as counts for a survival curve: time, n_events, n_censored; sorted."""
    happened = pl.col("has_happened").sum().cast(pl.Int64)
    table = (
        customers.group_by("time").agg(n_events=happened, n=pl.len().cast(pl.Int64)).sort("time")
    )
    return table.select("time", "n_events", n_censored=pl.col("n") - pl.col("n_events"))
