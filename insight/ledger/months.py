"""What each customer bought in each month: where cohorts and the months of the shop begin."""

from __future__ import annotations

import narwhals as nw

from insight.ledger.lines import Lines, Orders, by_order, kept, n_paid


def months(orders: Orders) -> Lines:
    """Paid orders and money of each customer, month by month.

    Returns
    -------
    (n_customers x months with lines) customer_id [null: all who are unknown], ordered_month [yyyymm],
        n_orders [paid, those that have a line in the month], net, refunded [units]; in any order
    """
    if (table := kept(orders, "months")) is not None:
        return table
    keys = ("customer_id", "ordered_month")
    sums = {name: nw.col(name).sum() for name in ("net", "refunded")}
    return by_order(orders, *keys).group_by(*keys).agg(n_orders=n_paid(), **sums)
