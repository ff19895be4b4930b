"""Customers from the highest spend on: deciles, ABC classes, and how concentrated the spend is quarter by quarter."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from insight.settings import settings
from insight.stats.concentration import gini, people_for, top_share, with_intervals
from insight.stats.proportions import Floats

MOST_SHARE = 0.8
CLASSES = (("A", 0.8), ("B", 0.95), ("C", 1.0))  # class -> share of the spend it ends at
_NEARLY_WHOLE = 7  # days a quarter may lack at its beginning or end


def ranked(customers: pl.DataFrame) -> pl.DataFrame:
    """The customers from the highest spend on, each with its decile and its class.

    Parameters
    ----------
    customers : (n_customers) customer_id, spend [CNY], n_orders

    Returns
    -------
    (n_customers) customer_id, spend [CNY, >= 0: who got back more than they paid count as 0], n_orders,
        decile [1 = highest spend], class [A, B, C]; equal spend is parted by customer_id
    """
    spend = pl.col("spend").clip(0.0)
    ordered = customers.select("customer_id", "n_orders", spend=spend).sort(
        ["spend", "customer_id"], descending=[True, False]
    )
    before = (pl.col("spend").cum_sum() - pl.col("spend")) / pl.col("spend").sum()
    (first, a), (second, b), (last, _) = CLASSES
    letter = pl.when(before < a).then(pl.lit(first)).when(before < b).then(pl.lit(second))
    return ordered.with_columns(
        decile=(pl.int_range(pl.len()) * 10 // pl.len() + 1).cast(pl.Int64),
        abc=letter.otherwise(pl.lit(last)),
    )


def parts(people: pl.DataFrame, by: str) -> pl.DataFrame:
    """Sum up the deciles or the classes.

    Returns
    -------
    (n_parts) ``by``, n_customers, share_of_customers, spend, share_of_spend, cumulative_share [of the
        spend], spend_per_customer, orders_per_customer, threshold_amount [lowest spend in it]
    """
    summed = people.group_by(by).agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        spend_per_customer=pl.col("spend").mean(),
        orders_per_customer=pl.col("n_orders").mean(),
        threshold_amount=pl.col("spend").min(),
    )
    shares = summed.sort(by).with_columns(
        share_of_customers=pl.col("n_customers") / pl.col("n_customers").sum(),
        share_of_spend=pl.col("spend") / pl.col("spend").sum(),
        cumulative_share=pl.col("spend").cum_sum() / pl.col("spend").sum(),
    )
    first = (by, "n_customers", "share_of_customers", "spend", "share_of_spend", "cumulative_share")
    return shares.select(*first, pl.exclude(*first))


def summary(people: pl.DataFrame, *, top: float, seed: int) -> pl.DataFrame:
    """The concentration in one row.

    Returns
    -------
    (1) n_customers, spend, gini, low_gini, high_gini, top_share, low_top_share, high_top_share [95 %
        bootstrap], n_top, n_for_most, share_for_most [customers with most that bring 80 % of the spend]
    """
    values = np.sort(people["spend"].to_numpy())
    unequal, held = with_intervals(values, top=top, seed=seed)
    n_for_most = people_for(values, MOST_SHARE)
    return pl.DataFrame({
        "n_customers": [people.height], "spend": [round(float(values.sum()), 4)],
        "gini": [unequal.value], "low_gini": [unequal.low], "high_gini": [unequal.high],
        "n_top": [round(top * people.height)],
        "top_share": [held.value], "low_top_share": [held.low], "high_top_share": [held.high],
        "n_for_most": [n_for_most], "share_for_most": [n_for_most / people.height],
    })  # fmt: skip


def trend(by_quarter: pl.DataFrame, *, top: float, span: tuple[int, int]) -> pl.DataFrame:
    """Concentration among the buyers of each quarter.

    Parameters
    ----------
    by_quarter : (n) customer_id, quarter [yyyyq], n_orders, spend
    span : first and last paid moment of the ledger [epoch s]

    Returns
    -------
    (n_quarters) quarter ["2025 年 4 季度"], n_customers [who paid], spend, gini, top_share, is_partial [the
        ledger begins or ends more than a week inside it]; gini and top_share are null below the small base
    """
    bought = by_quarter.filter(pl.col("n_orders") > 0).with_columns(pl.col("spend").clip(0.0))
    rows = [
        _of_quarter(int(str(key[0])), np.sort(part["spend"].to_numpy()), top=top, span=span)
        for key, part in bought.partition_by("quarter", as_dict=True).items()
    ]
    return pl.DataFrame(rows, schema=TREND, orient="row").sort("quarter")


TREND = {
    "quarter": pl.String, "n_customers": pl.Int64, "spend": pl.Float64, "gini": pl.Float64,
    "top_share": pl.Float64, "is_partial": pl.Boolean,
}  # fmt: skip


def _of_quarter(
    quarter: int, values: Floats, *, top: float, span: tuple[int, int]
) -> tuple[str, int, float, float | None, float | None, bool]:
    start, end = _days(quarter)
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in span)
    is_partial = (first - start).days > _NEARLY_WHOLE or (end - last).days > _NEARLY_WHOLE + 1
    enough = len(values) >= settings().small_base and values.sum() > 0
    told = (gini(values), top_share(values, top)) if enough else (None, None)
    return quarter_words(quarter), len(values), round(float(values.sum()), 4), *told, is_partial


def quarter_words(quarter: int) -> str:
    """20254 as "2025 年 4 季度"."""
    return f"{quarter // 10} 年 {quarter % 10} 季度"


def _days(quarter: int) -> tuple[date, date]:
    """The first day of a quarter and of the next."""
    year, part = divmod(quarter, 10)
    start = date(year, 3 * part - 2, 1)
    return start, date(year + 1, 1, 1) if part == 4 else date(year, 3 * part + 1, 1)
