"""What each customer bought in each month: where cohorts and the months of the shop begin."""

from __future__ import annotations

import narwhals as nw

from insight.ledger.lines import Lines, Orders, by_order, has, kept, n_paid


def months(orders: Orders) -> Lines:
    """Paid orders and money of each customer, month by month.

    Returns
    -------
    (n_customers x months with lines) customer_id [null: all who are unknown], ordered_month [yyyymm],
        n_orders [paid, those that have a line in the month], net, refunded [units]; of a kept ledger ``begun``; in any order
    """
    if (table := kept(orders, "months")) is not None:
        return table
    keys = ("customer_id", "ordered_month")
    sums = {name: nw.col(name).sum() for name in ("net", "refunded")}
    return by_order(orders, *keys).group_by(*keys).agg(n_orders=n_paid(), **sums)


def begun(parts: Lines) -> Lines:
    """What ``months`` gives, with first_month, the customer's first one with a paid order [yyyymm; null: none]."""
    if has(parts, "first_month"):
        return parts
    paid_in = nw.when(nw.col("n_orders") > 0).then(nw.col("ordered_month"))
    with_paid = parts.with_columns(first_month=paid_in)
    return with_paid.with_columns(first_month=nw.col("first_month").min().over("customer_id"))
