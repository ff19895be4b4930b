"""Who spends how much: tiers by total spend and by number of orders."""

from __future__ import annotations

import polars as pl

TOP, MIDDLE = 0.2, 0.5  # the best 20 % and the next 30 % of customers
TIERS = ("高消费", "中消费", "低消费")
FREQUENCIES = ("1 单", "2–3 单", "4–5 单", "6 单以上")


def share_above(values: pl.Expr, *, among: str = "") -> pl.Expr:
    """Share of customers with a higher value, 0 for the highest; equal values get equal shares, null none.

    Parameters
    ----------
    among : column whose equal values are compared with each other only; "" = everybody
    """
    higher, everybody = values.rank("min", descending=True).cast(pl.Int64) - 1, values.count()
    return higher.over(among) / everybody.over(among) if among else higher / everybody


def value_tier(customers: pl.DataFrame) -> pl.DataFrame:
    """Tier of each customer by spend.

    Parameters
    ----------
    customers : (n_customers) customer_id, spend [CNY]

    Returns
    -------
    (n_customers) customer_id, group: 高消费 (fewer than 20 % of customers spend more), 中消费 (fewer
        than 50 %), 低消费. Equal spend is one tier, so 高消费 is never empty and ties can make it larger.
    """
    above = share_above(pl.col("spend"))
    tier = (
        pl.when(above < TOP)
        .then(pl.lit(TIERS[0]))
        .when(above < MIDDLE)
        .then(pl.lit(TIERS[1]))
        .otherwise(pl.lit(TIERS[2]))
    )
    return customers.select("customer_id", group=tier)


def frequency(customers: pl.DataFrame) -> pl.DataFrame:
    """Band of each customer by number of orders: 1, 2-3, 4-5, 6 and more."""
    band = pl.col("n_orders").bin_intervals([2, 4, 6], labels=FREQUENCIES).cast(pl.String)
    return customers.select("customer_id", group=band)
