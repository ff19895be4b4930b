"""Whether the model can be believed: fitted to the first part of the time, compared with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from insight import ledger
from insight.currency import with_unit
from insight.lifetime.definition import Definition, last_day
from insight.lifetime.fitting import (
    Models,
    check_enough,
    expected_values,
    fit,
    histories,
)
from insight.lifetime.prediction import orders_within
from insight.stats import bgnbd

MOST_BINS = 7  # customers of so many repeat purchases or more are one group
MOST_POINTS = 120  # of the curve over time
ORDERS, SQUARED, TOTAL, MONEY = "复购次数：平均绝对误差", "复购次数：均方根误差", "复购次数：合计", "消费金额：平均绝对误差（元）"  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """How well the later part of the time was predicted.

    Attributes
    ----------
    errors : (4) measure, by_model, by_naive [same rate as before], actual [of the total only]
    expectation : (n_groups) bought_before ["0 次"...], n_customers, actual, by_model, by_naive [repeat
        purchases per customer in the later part]
    tracking : (n_points) until [date], n_repeat, n_repeat_expected [repeat purchases so far]
    n_customers : customers of the first part
    cut : last day of the first part [days since 1970]
    days : days of the later part
    is_better : the model's mean absolute error is not above the naive one
    """

    errors: pl.DataFrame
    expectation: pl.DataFrame
    tracking: pl.DataFrame
    n_customers: int
    cut: int
    days: int
    is_better: bool


def check(orders: ledger.Orders, definition: Definition, *, customers: pl.DataFrame, until: int) -> Check:  # fmt: skip
    """Fit to the first part, predict the rest, and lay "as fast as before" beside it.

    Parameters
    ----------
    customers : as ``histories`` gives them at the end of all
    until : the last day of all [days since 1970]

    Raises
    ------
    TooFewRows, TooShort : the first part is not enough to fit a model to.
    """
    start, cut = _halves(customers, definition, until=until)
    before = _with_group(histories(orders, definition, until=cut))
    check_enough(before, days=cut - start)
    models = fit(before, definition)
    days = until - cut
    people = _compared(before, customers, models, within=days / definition.unit)
    table = errors(people)
    return Check(
        table,
        _by_purchases(people),
        _tracked(orders, definition, before=before, models=models, days=(start, cut, until)),
        people.height,
        cut,
        days,
        is_better=table["by_model"][0] <= table["by_naive"][0],
    )


def groups(orders: ledger.Orders, definition: Definition) -> pl.DataFrame:
    """(n_customers of the first part) customer_id, bought_before, as ``check`` groups them."""
    until = last_day(orders, definition)
    customers = histories(orders, definition, until=until)
    before = histories(orders, definition, until=_halves(customers, definition, until=until)[1])
    return _with_group(before).select("customer_id", "bought_before")


def _halves(customers: pl.DataFrame, definition: Definition, *, until: int) -> tuple[int, int]:
    """First day of all, and last day of the first part [days since 1970]."""
    start = int(customers["first_day"].min() or 0)  # type: ignore[arg-type]
    return start, start + round((until - start) * definition.calibration / 100)


def _with_group(before: pl.DataFrame) -> pl.DataFrame:
    few = pl.when(pl.col("x") < MOST_BINS).then(pl.format("{} 次", "x"))
    return before.with_columns(bought_before=few.otherwise(pl.lit(f"{MOST_BINS} 次以上")))


def _compared(before: pl.DataFrame, after: pl.DataFrame, models: Models, *, within: float) -> pl.DataFrame:  # fmt: skip
    """(n_customers of the first part) bought_before, and actual, by_model, by_naive: orders and money."""
    later = after.select("customer_id", x_later="x", spend_later="spend")
    expected = orders_within(before, models.buying, within=within).alias("by_model")
    joined = before.join(later, on="customer_id", how="left", maintain_order="left").with_columns(
        expected, expected_values(before, models.spending)
    )
    rate = pl.when(pl.col("T") > 0).then(pl.col("x") / pl.col("T")).otherwise(0.0)
    told = joined.with_columns(
        actual=(pl.col("x_later") - pl.col("x")).cast(pl.Float64),
        by_naive=rate * within,
    )
    return told.with_columns(
        money=pl.col("spend_later") - pl.col("spend"),
        money_by_model=pl.col("by_model") * pl.col("expected_spend"),
        money_by_naive=pl.col("by_naive") * pl.col("mean_value").fill_null(0.0),
    )


def errors(people: pl.DataFrame) -> pl.DataFrame:
    """How far model and naive prediction are from what happened.

    Parameters
    ----------
    people : (n_customers) actual, by_model, by_naive [purchases], money, money_by_model, money_by_naive

    Returns
    -------
    as ``Check.errors``
    """
    known = {c: people[c].to_numpy() for c in people.columns if people[c].dtype.is_numeric()}
    guesses = ("by_model", "by_naive")
    misses = [known[g] - known["actual"] for g in guesses]
    of_money = [known[f"money_{g}"] - known["money"] for g in guesses]
    rows = [
        (ORDERS, *(float(np.abs(m).mean()) for m in misses), None),
        (SQUARED, *(float(np.sqrt((m**2).mean())) for m in misses), None),
        (TOTAL, *(float(known[c].sum()) for c in (*guesses, "actual"))),
        (with_unit(MONEY), *(float(np.abs(m).mean()) for m in of_money), None),
    ]
    numbers = dict.fromkeys(("by_model", "by_naive", "actual"), pl.Float64)
    table = pl.DataFrame(rows, schema={"measure": pl.String, **numbers}, orient="row")
    return table.with_columns(pl.col(pl.Float64).round(9))


def _by_purchases(people: pl.DataFrame) -> pl.DataFrame:
    guesses = (pl.col(c).mean().round(9) for c in ("actual", "by_model", "by_naive"))
    first = pl.col("x").min().alias("x")
    grouped = people.group_by("bought_before").agg(first, pl.len().cast(pl.Int64).alias("n_customers"), *guesses)  # fmt: skip
    return grouped.sort("x").drop("x")


def _tracked(
    orders: ledger.Orders,
    definition: Definition,
    *,
    before: pl.DataFrame,
    models: Models,
    days: tuple[int, int, int],
) -> pl.DataFrame:
    """Repeat purchases so far of the customers of the first part, really and by the model."""
    start, cut, until = days
    ages = np.arange(until - start + 1, dtype=np.float64)
    newcomers = np.bincount(before["first_day"].to_numpy() - start, minlength=len(ages))
    by_age = bgnbd.repeat_orders_by_age(models.buying, ages / definition.unit)
    expected = np.convolve(newcomers, by_age)[: len(ages)]
    counted = ledger.repeat_days(orders, first_until=cut, until=until, counting=definition.counting)
    actual = np.bincount(counted["day"].to_numpy() - start, weights=counted["n_repeat"].to_numpy(), minlength=len(ages)).cumsum()  # fmt: skip
    step = max(7, -(-len(ages) // MOST_POINTS))
    shown = np.unique([*range(step, len(ages), step), len(ages) - 1])
    return pl.DataFrame(
        {
            "until": [date(1970, 1, 1) + timedelta(start + int(i)) for i in shown],
            "n_repeat": actual[shown].astype(np.int64),
            "n_repeat_expected": expected[shown].round(9),
        }
    )
