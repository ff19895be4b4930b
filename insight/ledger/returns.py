"""When each customer came back: the second purchase, the usual gap, the first long silence."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.intervals import apart
from insight.ledger.lines import Orders, collect

_GAP = nw.col("next_day") - nw.col("day")


def usual_gaps(orders: Orders) -> pl.DataFrame:
    """How many days usually lie between two purchases of a customer.

    Returns
    -------
    (n_customers who came back) customer_id, n_gaps [count, >= 1] between purchase days, usual_gap_days
        [their median, > 0]; sorted by customer_id
    """
    gaps = apart(orders, "customer_id").filter(~nw.col("next_day").is_null())
    summed = gaps.with_columns(gap=_GAP).group_by("customer_id")
    return collect(summed.agg(n_gaps=nw.len(), usual_gap_days=nw.col("gap").median())).sort("customer_id")  # fmt: skip


def second_days(orders: Orders) -> pl.DataFrame:
    """The first and the second purchase day of each customer.

    Returns
    -------
    (n_customers) customer_id, first_day, second_day [days since 1970; null: has not come back]; sorted
    """
    days = apart(orders, "customer_id").group_by("customer_id")
    found = days.agg(first_day=nw.col("day").min(), second_day=nw.col("next_day").min())
    return collect(found).sort("customer_id")


def silences(orders: Orders, *, days: int) -> pl.DataFrame:
    """When each customer first stayed away for ``days`` days, whether or not they came back later.

    Returns
    -------
    (n_customers) customer_id, first_day, last_day [of a purchase], silent_from [the purchase day after
        which ``days`` or more days followed without one, as far as later purchases tell; null: never
        so far; days since 1970]; sorted
    """
    spans = apart(orders, "customer_id").with_columns(gap=_GAP)
    long = nw.when(nw.col("gap") >= days).then(nw.col("day"))
    summed = spans.group_by("customer_id").agg(
        first_day=nw.col("day").min(), last_day=nw.col("day").max(), silent_from=long.min()
    )
    return collect(summed).sort("customer_id")
