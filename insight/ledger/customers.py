"""What each customer bought: how often, for how much, in which categories, in how large orders."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    Kept,
    Lines,
    Orders,
    by_order,
    collect,
    has,
    in_order,
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


_KEPT_BY: Mapping[str, Kept] = MappingProxyType({"category": "categories", "channel": "channels"})


def spend_by(orders: Orders, column: str) -> pl.DataFrame:
    """What each customer paid per value of ``column`` (category, channel, region, city ...).

    Returns
    -------
    (n_customers x values bought) customer_id, ``column``, n_orders, spend [CNY, net];
        sorted by both; lines without a customer or a value are left out
    """
    keys = ("customer_id", column)
    sums = bought_by(orders, *keys).select(*keys, "n_orders", spend=yuan(nw.col("net")))
    return in_order(collect(sums), *keys)


def order_sizes(orders: Orders, *, by: str | None = None) -> pl.DataFrame:
    """How large each customer's paid orders are, all together or per value of ``by``.

    Returns
    -------
    (n_customers [x values of ``by``]) customer_id, ``by``, n_orders [count, >= 1],
        spend [CNY, net], largest_order_amount [CNY, net of the order's own refunds];
        sorted; lines without a customer or a value of ``by`` are left out
    """
    keys = ("customer_id", *([by] if by else []))
    buyers = bought_by(orders, *keys).filter(nw.col("n_orders") > 0)
    money = {"spend": yuan(nw.col("net")), "largest_order_amount": yuan(nw.col("largest"))}
    return in_order(collect(buyers.select(*keys, "n_orders", **money)), *keys)


def bought_by(orders: Orders, *keys: str) -> Lines:
    """What was bought per value of ``keys``, the customer among them, in any order, not worked out yet.

    Returns
    -------
    (n_values that occur) ``keys``, n_orders [count] paid, net [units] refunds taken off,
        largest [units] net of the largest paid order, null where none was paid
    """
    if (table := kept_by(orders, keys[-1])) is not None:
        return table
    per_order = by_order(known(orders, *keys), *keys)
    return per_order.group_by(*keys).agg(
        n_orders=n_paid(),
        net=nw.col("net").sum(),
        largest=nw.when(is_paid()).then(nw.col("net")).max(),
    )


def kept_by(orders: Orders, column: str) -> Lines | None:
    """``bought_by`` customer and ``column`` of all lines, where it was kept; else None."""
    return kept(orders, _KEPT_BY[column]) if column in _KEPT_BY else None


def bought_by_kept(orders: Orders) -> dict[Kept, pl.DataFrame]:
    """``bought_by`` customer and each column that many questions ask for, where the lines have it; sorted."""
    tables = {
        name: collect(bought_by(orders, "customer_id", column))
        for column, name in _KEPT_BY.items()
        if has(orders, column)
    }
    return {name: table.sort(table.columns[:2]) for name, table in tables.items()}
