"""How groups of customers buy: how many they are, what they spend, how often, and whether they come back."""

from __future__ import annotations

import polars as pl

from insight import ledger
from insight.stats.proportions import wilson

_ORDER = (
    "segment", "n_customers", "share_of_customers", "spend", "share_of_spend", "spend_per_customer",
    "average_order_value", "orders_per_customer", "repurchase_rate", "ci_low", "ci_high", "refund_rate",
    "median_days_since_last",
)  # fmt: skip


def share_of_total(values: pl.Expr) -> pl.Expr:
    """Each value's share of the sum; null where the sum is not positive, as where all was refunded."""
    return pl.when(values.sum() > 0).then(values / values.sum())


def profile(customers: pl.DataFrame, members: pl.DataFrame, *, last_at: int) -> pl.DataFrame:
    """Describe the buying of each segment.

    Parameters
    ----------
    customers : (n_customers) as ``ledger.customer_table`` gives it
    members : (n_members) customer_id, group
    last_at : moment that recency is measured from [epoch s]

    Returns
    -------
    (n_segments) segment, n_customers, share_of_customers, spend [CNY, net], share_of_spend,
        spend_per_customer [CNY], average_order_value [CNY, net, per order],
        orders_per_customer, repurchase_rate [customers with >= 2 orders / customers], its Wilson
        95 % interval ci_low and ci_high, refund_rate [refunded / paid before refunds],
        median_days_since_last; highest spend first
    """
    paid = (pl.col("spend") + pl.col("refunded")).sum()
    days = last_at // ledger.DAY - pl.col("last_at") // ledger.DAY
    table = (
        customers.join(members, on="customer_id")
        .group_by("group", maintain_order=True)
        .agg(
            n_customers=pl.len().cast(pl.Int64),
            spend=pl.col("spend").sum().round(4),
            spend_per_customer=pl.col("spend").mean(),
            average_order_value=pl.col("spend").sum() / pl.col("n_orders").sum(),
            orders_per_customer=pl.col("n_orders").mean(),
            repurchase_rate=(pl.col("n_orders") >= 2).mean(),
            refund_rate=pl.when(paid > 0).then(pl.col("refunded").sum() / paid),
            median_days_since_last=days.median(),
        )
        .rename({"group": "segment"})
    )
    low, high = wilson(
        table["repurchase_rate"].to_numpy(), table["n_customers"].cast(float).to_numpy()
    )
    return (
        table.with_columns(
            share_of_customers=pl.col("n_customers") / pl.col("n_customers").sum(),
            share_of_spend=share_of_total(pl.col("spend")),
            ci_low=pl.Series(low),
            ci_high=pl.Series(high),
        )
        .select(_ORDER)
        .sort(["spend", "segment"], descending=[True, False])
    )
