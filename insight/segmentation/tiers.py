"""Who spends how much: tiers by total spend, by average order value and by number of orders."""

from __future__ import annotations

import polars as pl

TOP, MIDDLE = 0.2, 0.5  # the best 20 % and the next 30 % of customers
HIGH_TICKET = "高客单"
TIERS = ("高消费", "中消费", "低消费")
TICKETS = (HIGH_TICKET, "其他客单")
FREQUENCIES = ("1 单", "2–3 单", "4–5 单", "6 单以上")


def _share_above(values: pl.Expr) -> pl.Expr:
    """Share of customers with a higher value, 0 for the highest; equal values get equal shares."""
    return (values.rank("min", descending=True).cast(pl.Int64) - 1) / pl.len()


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
    above = _share_above(pl.col("spend"))
    tier = (
        pl.when(above < TOP)
        .then(pl.lit(TIERS[0]))
        .when(above < MIDDLE)
        .then(pl.lit(TIERS[1]))
        .otherwise(pl.lit(TIERS[2]))
    )
    return customers.select("customer_id", group=tier)


def high_ticket(customers: pl.DataFrame) -> pl.DataFrame:
    """Whether fewer than 20 % of customers have a higher average order value.

    Parameters
    ----------
    customers : (n_customers) customer_id, spend [CNY, net], n_orders

    Returns
    -------
    (n_customers) customer_id, group: 高客单 or 其他客单; averages that are equal to a hundredth of a
        cent share a group
    """
    average = (pl.col("spend") / pl.col("n_orders")).round(4)
    label = (
        pl.when(_share_above(average) < TOP).then(pl.lit(TICKETS[0])).otherwise(pl.lit(TICKETS[1]))
    )
    return customers.select("customer_id", group=label)


def frequency(customers: pl.DataFrame) -> pl.DataFrame:
    """Band of each customer by number of orders: 1, 2-3, 4-5, 6 and more."""
    band = pl.col("n_orders").bin_intervals([2, 4, 6], labels=FREQUENCIES).cast(pl.String)
    return customers.select("customer_id", group=band)
