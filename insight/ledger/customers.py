"""What each customer bought: how often, for how much, in which categories, in how large orders."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    Lines,
    Orders,
    by_order,
    collect,
    is_paid,
    kept,
    known,
    n_paid,
    yuan,
)


def customer_table(orders: Orders) -> pl.DataFrame:
    """Summarise each customer's paid orders.

    Parameters
    ----------
    orders : (n_lines) customer_id, order_id, ordered_at [epoch s], amount [CNY, net of refunds,
        returns negative] and, where known, refund [CNY, >= 0, already taken off amount];
        lines without a customer are left out.

    Returns
    -------
    (n_customers) customer_id, first_at, last_at [epoch s of paid orders],
        n_orders [count, >= 1] distinct orders that were paid, whether refunded later or not,
        spend [CNY] paid minus refunded, refunded [CNY, >= 0], n_lines;
        sorted by customer_id. Customers who never paid are absent.
    """
    return collect(customers(orders)).sort("customer_id")


def customers(orders: Orders) -> Lines:
    """``customer_table`` in any order, not worked out yet."""
    if (table := kept(orders, "customers")) is not None:
        return table
    at = nw.when(is_paid()).then(nw.col("at"))
    per_order = by_order(known(orders, "customer_id"), "customer_id")
    summary = per_order.group_by("customer_id").agg(
        first_at=at.min(),
        last_at=at.max(),
        n_orders=n_paid(),
        spend=yuan(nw.col("net").sum()),
        refunded=yuan(nw.col("refunded").sum()),
        n_lines=nw.col("n_lines").sum(),
    )
    return summary.filter(nw.col("n_orders") > 0)


def spend_by(orders: Orders, column: str) -> pl.DataFrame:
    """What each customer paid per value of ``column`` (category, channel, region, city ...).

    Returns
    -------
    (n_customers x values bought) customer_id, ``column``, n_orders, spend [CNY, net];
        sorted by both; lines without a customer or a value are left out
    """
    keys = ("customer_id", column)
    per_order = by_order(known(orders, *keys), *keys)
    sums = per_order.group_by(*keys).agg(n_orders=n_paid(), spend=yuan(nw.col("net").sum()))
    return collect(sums).sort(keys)


def order_sizes(orders: Orders, *, by: str | None = None) -> pl.DataFrame:
    """How large each customer's paid orders are, all together or per value of ``by``.

    Returns
    -------
    (n_customers [x values of ``by``]) customer_id, ``by``, n_orders [count, >= 1],
        spend [CNY, net], largest_order_amount [CNY, net of the order's own refunds];
        sorted; lines without a customer or a value of ``by`` are left out
    """
    keys = ["customer_id", *([by] if by else [])]
    per_order = by_order(known(orders, *keys), *keys)
    summary = per_order.group_by(*keys).agg(
        n_orders=n_paid(),
        spend=yuan(nw.col("net").sum()),
        largest_order_amount=yuan(nw.when(is_paid()).then(nw.col("net")).max()),
    )
    buyers = summary.filter(nw.col("n_orders") > 0)
    return collect(buyers).sort(keys)
