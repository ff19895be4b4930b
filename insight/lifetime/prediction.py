"""What a fitted model says of each customer: whether it still buys, how often, and for how much."""

from __future__ import annotations

import numpy as np
import polars as pl

from insight.lifetime.definition import DAYS_OF_MONTH, Definition
from insight.lifetime.fitting import HISTORY, Models, as_arrays, distinct, expected_values
from insight.stats import bgnbd
from insight.stats.bgnbd import BgNbd


def orders_within(customers: pl.DataFrame, model: BgNbd, *, within: float) -> pl.Series:
    """(n_customers) purchases expected in the next ``within`` time units."""
    rows = distinct(customers)
    expected = bgnbd.expected_orders(model, as_arrays(rows), within=within)
    table = rows.with_columns(expected=pl.Series(expected))
    joined = customers.select(HISTORY).join(table, on=HISTORY, how="left", maintain_order="left")
    return joined["expected"]


def predicted(customers: pl.DataFrame, models: Models, definition: Definition) -> pl.DataFrame:
    """Add what is expected of each customer over the horizon.

    Parameters
    ----------
    customers : (n_customers) as ``fitting.histories`` gives them

    Returns
    -------
    the same rows with p_alive [0..1; 1 for x = 0 of the BG/NBD, by which nobody drops out before],
        expected_orders, expected_spend [CNY of one purchase], revenue [CNY, discounted, over the
        horizon], revenue_if_active [CNY, the same if the customer still buys]

    Notes
    -----
    Fader, Hardie & Lee (2005), Journal of Marketing Research 42, 415-430: a month's purchases are
    valued at its end and discounted by months.
    """
    known = customers.join(_by_history(customers, models.buying, definition), on=HISTORY, how="left", maintain_order="left")  # fmt: skip
    with_value = known.with_columns(expected_values(known, models.spending))
    alive, value = pl.col("alive"), pl.col("expected_spend")
    return with_value.with_columns(
        p_alive=alive,
        expected_orders=alive * pl.col("orders"),
        revenue=alive * pl.col("discounted") * value,
        revenue_if_active=pl.col("discounted") * value,
    ).drop("alive", "orders", "discounted")


def _by_history(customers: pl.DataFrame, model: BgNbd, definition: Definition) -> pl.DataFrame:
    """(n_distinct) x, t_x, T, alive, orders and discounted [purchases over the horizon, if alive]."""
    rows = distinct(customers)
    ages = rows.group_by("x", "T").agg(n=pl.len()).sort("x", "T")
    monthly = _monthly_orders(ages.with_columns(t_x=pl.lit(0.0)), model, definition)
    weights = (1 + definition.monthly_discount) ** -np.arange(1.0, definition.months + 1)
    of_age = ages.select("x", "T", orders=pl.Series(monthly.sum(axis=0)), discounted=pl.Series(weights @ monthly))  # fmt: skip
    alive = rows.with_columns(alive=pl.Series(bgnbd.p_alive(model, as_arrays(rows)))).drop("n")
    return alive.join(of_age, on=["x", "T"], how="left", maintain_order="left")


def _monthly_orders(ages: pl.DataFrame, model: BgNbd, definition: Definition) -> bgnbd.Floats:
    """(n_months x n_ages) purchases expected in each month of the horizon of those who still buy."""
    month = DAYS_OF_MONTH / definition.unit
    h = as_arrays(ages)
    ends = [
        bgnbd.orders_if_alive(model, h, within=k * month) for k in range(1, definition.months + 1)
    ]
    return np.diff(np.array(ends), axis=0, prepend=0.0)


def alive_before(customers: pl.DataFrame, model: BgNbd, *, ago: float) -> pl.Series:
    """(n_customers) the chance of still buying, as it stood ``ago`` time units earlier.

    Of customers whose last purchase is later than that: as it stood right after it.
    """
    then = pl.max_horizontal(pl.col("T") - ago, pl.col("t_x"))
    earlier = customers.with_columns(T=then)
    rows = distinct(earlier)
    table = rows.with_columns(before=pl.Series(bgnbd.p_alive(model, as_arrays(rows))))
    joined = earlier.select(HISTORY).join(table, on=HISTORY, how="left", maintain_order="left")
    return joined["before"]
