"""What lies together in an order, or with a customer: how full baskets are, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import Lines, Orders, by_order, collect, columns, is_paid, known

Basket = Literal["order", "customer"]
_BY: Mapping[Basket, tuple[str, ...]] = MappingProxyType({
    "order": ("order_id", "customer_id"), "customer": ("customer_id",),
})  # fmt: skip


def basket_sizes(orders: Orders, item: str, *, basket: Basket = "order") -> pl.DataFrame:
    """How many baskets hold how many different items.

    Parameters
    ----------
    item : "product" or "category"; lines without one are left out
    basket : all paid lines of an "order", or of all orders of a known "customer"

    Returns
    -------
    (n_sizes) n_items [>= 1], n_baskets; sorted
    """
    keys = _keys(orders, basket)
    sizes = _held(orders, item, keys=keys).group_by(keys).agg(n_items=nw.len())
    return collect(sizes.group_by("n_items").agg(n_baskets=nw.len())).sort("n_items")


def basket_items(
    orders: Orders, item: str, *, basket: Basket = "order", least: int = 1, most: int
) -> pl.DataFrame:
    """In how many baskets each item lies.

    Parameters
    ----------
    least : baskets that an item must lie in
    most : items of a basket that still counts

    Returns
    -------
    (n_items) ``item``, n_baskets; sorted
    """
    held = _without_large(_held(orders, item, keys=_keys(orders, basket)), most=most)
    counts = held.group_by(item).agg(n_baskets=nw.len())
    return collect(counts.filter(nw.col("n_baskets") >= least)).sort(item)


def holdings(
    orders: Orders, item: str, *, basket: Basket = "order", items: Sequence[str], most: int
) -> pl.DataFrame:
    """Which of ``items`` lie in which basket of at most ``most`` different items.

    Returns
    -------
    (n_holdings) basket [a number from 0], item [where it stands in ``items``], both Int64; sorted
    """
    keys = _keys(orders, basket)
    few = _without_large(_held(orders, item, keys=keys), most=most)
    held = collect(few.filter(nw.col(item).is_in(list(items)))).sort(*keys, item)
    place = pl.col(item).replace_strict(list(items), range(len(items)), return_dtype=pl.Int64)
    number = pl.struct(keys).rle_id().cast(pl.Int64)
    table = held.select(basket=number, item=place)
    return table.cast({"item": pl.Int64}).sort("basket", "item")  # polars makes text of no items


def _keys(orders: Orders, basket: Basket) -> list[str]:
    return [name for name in _BY[basket] if name in columns(orders)]


def _held(orders: Orders, item: str, *, keys: Sequence[str]) -> Lines:
    """(n_holdings) ``keys`` [those without a customer are nobody's, ""], ``item``: each pair once."""
    needed = [item, *(["customer_id"] if list(keys) == ["customer_id"] else [])]
    per_order = by_order(known(orders, *needed), *keys, item).filter(is_paid())
    if "customer_id" in keys:
        per_order = per_order.with_columns(customer_id=nw.col("customer_id").fill_null(""))
    return per_order.select(*keys, item).unique()


def _without_large(held: Lines, *, most: int) -> Lines:
    keys = [name for name in held.collect_schema().names() if name in _BY["order"]]
    sizes = held.group_by(keys).agg(n_items=nw.len()).filter(nw.col("n_items") <= most)
    return held.join(sizes, on=keys, how="semi")
