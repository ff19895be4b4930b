"""Customers with their buying histories, and the models that are fitted to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from insight import ledger
from insight.errors import TooFewRows, TooShort
from insight.lifetime.definition import Definition
from insight.settings import settings
from insight.stats import bgnbd, gamma_gamma
from insight.stats.bgnbd import BgNbd, Histories
from insight.stats.gamma_gamma import GammaGamma

Floats = npt.NDArray[np.float64]
SHORTEST = 56  # days that a model of repeat buying needs
HISTORY = ("x", "t_x", "T")


@dataclass(frozen=True, slots=True)
class Models:
    """How often customers buy, and for how much."""

    buying: BgNbd
    spending: GammaGamma


def histories(orders: ledger.Orders, definition: Definition, *, until: int) -> pl.DataFrame:
    """Each customer's buying in the terms of the models.

    Parameters
    ----------
    until : the last day that counts [days since 1970]

    Returns
    -------
    (n_customers) customer_id, x [repeat buying days], t_x [age at the last one], T [age now; both in
        ``definition.time_unit``], mean_value [CNY net of a repeat buying day; null where x = 0],
        spend [CNY, net], first_day, last_day; sorted by customer_id

    Notes
    -----
    All orders of one day are one purchase, as in Fader, Hardie & Lee (2005). Refunds after the first
    day are taken off the repeat purchases.
    """
    days = ledger.buying_days(orders, until=until, counting=definition.counting)
    x = pl.col("n_days") - 1
    return days.select(
        "customer_id",
        x=x,
        t_x=(pl.col("last_day") - pl.col("first_day")) / definition.unit,
        T=(until - pl.col("first_day")) / definition.unit,
        mean_value=pl.when(x > 0).then((pl.col("spend") - pl.col("first_spend")) / x),
        spend="spend",
        first_day="first_day",
        last_day="last_day",
    )


def check_enough(customers: pl.DataFrame, *, days: int) -> None:
    """Refuse what no model can be fitted to.

    Raises
    ------
    TooShort : the orders span too few days.
    TooFewRows : too few customers, or too few who came back.
    """
    least = settings().small_base
    if customers.height < least:
        raise TooFewRows("有付款订单的客户", customers.height, least)
    if days < SHORTEST:
        raise TooShort("预测客户价值", days, SHORTEST)
    came_back = int((customers["x"] > 0).sum())
    if came_back < least:
        raise TooFewRows("在不同日子买过两次以上的客户", came_back, least)
    paid = int((customers["mean_value"] > 0).sum())
    if paid < least:
        raise TooFewRows("复购金额大于 0 的客户", paid, least)


def fit(customers: pl.DataFrame, definition: Definition) -> Models:
    """Both models, fitted to customers as ``histories`` gives them."""
    rows = distinct(customers)
    buying = bgnbd.fit(as_arrays(rows), variant=definition.model, penalty=definition.penalty)
    payers = customers.filter(pl.col("mean_value") > 0)
    rows = payers.group_by("x", "mean_value").agg(n=pl.len()).sort("x", "mean_value")
    x, mean, n = (rows[c].cast(pl.Float64).to_numpy() for c in rows.columns)
    return Models(buying, gamma_gamma.fit(x, mean, n=n, penalty=definition.penalty))


def distinct(customers: pl.DataFrame) -> pl.DataFrame:
    """(n_distinct) x, t_x, T, n: each history once, with the number of customers who have it."""
    return customers.group_by(HISTORY).agg(n=pl.len()).sort(HISTORY)


def as_arrays(rows: pl.DataFrame) -> Histories:
    """The table of ``distinct`` for the statistics."""
    x, t_x, age, n = (rows[c].cast(pl.Float64).to_numpy() for c in (*HISTORY, "n"))
    return Histories(x, t_x, age, n)


def expected_values(customers: pl.DataFrame, spending: GammaGamma) -> pl.Series:
    """(n_customers) expected_spend: what the next purchase of each customer is worth [CNY]."""
    x, mean = (customers[c].cast(pl.Float64).fill_null(0.0).to_numpy() for c in ("x", "mean_value"))
    return pl.Series("expected_spend", gamma_gamma.expected_value(spending, x, mean))
