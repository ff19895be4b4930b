"""Several items in one cell become lines; money of a whole order is shared among its lines once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

_ITEM = r"[^;；\n]+?[(（]\d+件[)）]"
_PIECES = r"[(（](\d+)件[)）]$"
_ORDER_MONEY = re.compile(r"订单|买家|用户|应付|总金额")
_OWN_LINE = re.compile(r"子订单")


def explode_items(frame: pl.DataFrame, *, product: str, quantity: str | None) -> pl.DataFrame:
    """One row for each ``名称(2件)`` where cells list several such items; else the frame as it is.

    Parameters
    ----------
    frame : (n) raw text columns
    product, quantity : raw columns; the piece count goes to ``quantity`` if there is one
    """
    items = frame[product].str.extract_all(_ITEM)
    if (items.list.len() < 2).fill_null(value=True).all():
        return frame
    whole = pl.when(items.list.len() > 0).then(items).otherwise(pl.concat_list(product))
    rows = frame.with_columns(whole.alias(product)).explode(product)
    item = pl.col(product).str.strip_chars(" ,，;；、\n")
    pieces = item.str.extract(_PIECES)
    counted = [pl.coalesce(pieces, quantity).alias(quantity)] if quantity else []
    return rows.with_columns(item.str.replace(_PIECES, "").alias(product), *counted)


def filled_from_order(
    frame: pl.DataFrame, *, order_id: str, columns: Sequence[str]
) -> pl.DataFrame:
    """Cells that only one line of an order fills, as Shopify writes them, on all its lines.

    Parameters
    ----------
    frame : (n) raw text columns
    order_id : column of the order; lines without one stay as they are
    columns : columns that speak of the order as a whole; filled where the order has one value
    """
    holes = [c for c in columns if frame[c].null_count()]
    has_order = pl.col(order_id).is_not_null()

    def filled(column: str) -> pl.Expr:
        low, high = (pl.col(column).min().over(order_id), pl.col(column).max().over(order_id))
        only = pl.when(has_order & (low == high)).then(low)
        return pl.col(column).fill_null(only)

    return frame.with_columns(filled(c) for c in holes)


def is_order_money(lines: pl.DataFrame, *, header: str, headers: list[str]) -> bool:
    """Whether ``paid`` repeats the total of the order on its lines (or stands on the first only).

    Parameters
    ----------
    lines : (n) paid, and where known order_id, quantity, unit_price
    header : raw header of ``paid``: only one that names the whole order can repeat it
    headers : all raw headers: sub-orders and their money are lines already
    """
    whole = _ORDER_MONEY.search(header) or any(h.startswith("Lineitem") for h in headers)
    if "order_id" not in lines.columns or not whole or any(_OWN_LINE.search(h) for h in headers):
        return False
    several = lines.drop_nulls("order_id").filter(pl.len().over("order_id") > 1)
    repeated = several.group_by("order_id").agg(pl.col("paid").drop_nulls().n_unique())
    if several.is_empty() or (repeated["paid"] != 1).any():
        return False
    if {"quantity", "unit_price"} <= set(several.columns):
        own = (pl.col("quantity") * pl.col("unit_price") - pl.col("paid")).abs() < 0.005
        return not several.select(own.fill_null(value=False).all()).item()
    return True


def shared(lines: pl.DataFrame, money: str) -> pl.Series:
    """Share the ``money`` of each order among its lines by quantity x price, else evenly (n).

    Lines without an order id keep their own.
    """
    part = 1.0 / pl.len().over("order_id")
    if known := [pl.col(c) for c in ("quantity", "unit_price") if c in lines.columns]:
        weight = pl.reduce(lambda a, b: a * b, known).clip(lower_bound=0).fill_null(0.0)
        total = weight.sum().over("order_id")
        part = pl.when(total > 0).then(weight / total).otherwise(part)
    order_money = pl.col(money).max().over("order_id")
    has_order = pl.col("order_id").is_not_null()
    return lines.select(
        pl.when(has_order).then(order_money * part).otherwise(money).alias(money)
    ).to_series()
