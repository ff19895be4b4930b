"""What one row of an order export is: several items in one cell, and money of a whole order on each of its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from insight.clean.headers import fold
from insight.presets import Grain

PIECES = "__pieces__"
_ITEM = r"^(.+?)\s*[(（](\d+)件[)）]$"
_ENDS_ITEM = "件[)）]"
_BETWEEN_ITEMS = r"([(（]\d+件[)）])[\s;；,，、]+"
_ORDER_MONEY = re.compile(r"订单|买家|用户|应付|总金额|整单")
_OWN_LINE = re.compile(r"子订单")
_CENT = 0.005
_NEARLY_ALL, _ENOUGH = 0.95, 20


def explode_items(frame: pl.DataFrame, *, product: str, quantity: str | None) -> pl.DataFrame:
    """One row for each ``名称(2件)`` of a cell, where at least half of the cells are written so.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw text columns
    product, quantity : raw columns

    Returns
    -------
    (>= n) the same columns; the piece count goes to ``quantity``, or to ``__pieces__`` where there
        is no such column. The frame as it is where cells are not written so
    """
    if not frame[product].str.contains(_ENDS_ITEM).any():
        return frame
    known = frame[product].drop_nulls().unique()
    items = known.str.strip_chars(" ;；,，、\n").str.replace_all(_BETWEEN_ITEMS, "$1\n").str.split("\n")  # fmt: skip
    listed = items.list.eval(pl.element().str.contains(_ITEM)).list.all()
    if 2 * int(listed.sum()) < len(known):
        return frame
    apart = pl.DataFrame({product: known, PIECES: items}).filter(listed)
    rows = frame.join(apart, on=product, how="left", maintain_order="left")
    rows = rows.with_columns(pl.coalesce(PIECES, pl.concat_list(product)).alias(product))
    rows = rows.drop(PIECES).explode(product)
    count, counter = pl.col(product).str.extract(_ITEM, 2), quantity or PIECES
    before = [pl.col(quantity)] if quantity else []
    return rows.with_columns(
        pl.coalesce(pl.col(product).str.extract(_ITEM, 1), product).alias(product),
        pl.coalesce(count, *before).alias(counter),
    )


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
    holes = [c for c in dict.fromkeys(columns) if frame[c].null_count()]
    if not holes or not frame[order_id].drop_nulls().is_duplicated().any():
        return frame
    for column in holes:
        known = frame.lazy().select(order_id, column).drop_nulls().group_by(order_id)
        only = known.agg(pl.col(column).min().alias("low"), pl.col(column).max().alias("high"))
        only = only.filter(pl.col("low") == pl.col("high")).select(order_id, __only__="low")
        rows = frame.lazy().select(order_id, column)
        filled = rows.join(only, on=order_id, how="left", maintain_order="left")
        values = filled.select(pl.coalesce(column, "__only__").alias(column)).collect()
        frame = frame.with_columns(values.to_series())
    return frame


def exported_twice(
    frame: pl.DataFrame,
    again: pl.Series,
    *,
    order_id: str | None,
    line_id: str | None,
    declared: Grain | None,
) -> pl.Series:
    """Which of the rows that repeat an earlier one are that same line once more, not a second piece of goods.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw text columns
    again : (n, Boolean) rows that repeat an earlier one in every cell
    order_id, line_id : raw columns of the order, and of the line within it
    declared : what the platform is known for

    Returns
    -------
    (n, Boolean) all of ``again`` that have an order where one row is one order; else those whose
        line has a number of its own

    Notes
    -----
    One row is one order where the platform writes it so or, where it is not known, where in nearly
    all orders of several rows these are equal in every cell: lines of goods would differ.
    """
    if order_id is None or not again.any():
        return again & False
    money = declared.money if declared else "unknown"
    if money == "order" or (money == "unknown" and _is_row_per_order(frame, order_id)):
        return again & frame[order_id].is_not_null()
    return again & (frame[line_id].is_not_null() if line_id else False)


def _is_row_per_order(frame: pl.DataFrame, order_id: str) -> bool:
    several = frame.filter(pl.col(order_id).is_not_null() & pl.col(order_id).is_duplicated())
    cells = several.select(pl.exclude("__line__")).hash_rows().alias("cells")
    orders = several.select(order_id, cells).group_by(order_id).agg(n=pl.col("cells").n_unique())
    return orders.height > 0 and int((orders["n"] == 1).sum()) >= _NEARLY_ALL * orders.height


def is_order_money(
    rows: pl.DataFrame, *, header: str, headers: Sequence[str], declared: Grain | None = None
) -> bool:
    """Whether ``paid`` is the total of the order, repeated on its rows or standing on one of them.

    Parameters
    ----------
    rows : (n) raw rows: paid, and where known order_id, quantity, unit_price, product
    header, headers : raw header of ``paid``, and all raw headers
    declared : what the platform is known for

    Notes
    -----
    In nearly all orders of several rows there must be one amount only, and it must not be what each
    row's own quantity and price give. Beyond that the header must name the order (订单金额), or the
    rows' own prices must add up to it, or at least twenty orders of different products agree.
    """
    if "order_id" not in rows.columns or not _may_be(header, headers, declared=declared):
        return False
    own = ((_priced(rows) - pl.col("paid")).abs() < _CENT).fill_null(value=False).alias("own")
    rows = rows.with_columns(own)
    if rows["own"].all():
        return False
    several = rows.filter(pl.col("order_id").is_duplicated() & pl.col("order_id").is_not_null())
    if several.is_empty() or several["own"].mean() >= _NEARLY_ALL:  # type: ignore[operator]
        return False
    lowest, highest = pl.min("paid"), pl.max("paid")
    alike = several.group_by("order_id").agg(
        (lowest == highest).fill_null(value=False).alias("one")
    )
    if alike["one"].mean() < _NEARLY_ALL:  # type: ignore[operator]
        return False
    orders = several.group_by("order_id").agg(
        paid=pl.max("paid"), filled=pl.col("paid").count(),
        rows=pl.len(), priced=_priced(rows).sum(), complete=_priced(rows).is_not_null().all(),
        products=(pl.col("product") if "product" in rows.columns else pl.lit(0)).n_unique(),
    )  # fmt: skip
    return _named(header, headers, declared=declared) or _adds_up(orders)


def _priced(rows: pl.DataFrame) -> pl.Expr:
    """What a row costs by its own quantity and price; null where they are unknown."""
    known = {"quantity", "unit_price"} <= set(rows.columns)
    return pl.col("quantity") * pl.col("unit_price") if known else pl.lit(None, pl.Float64)


def _may_be(header: str, headers: Sequence[str], *, declared: Grain | None) -> bool:
    """Sub-orders and their money are lines already."""
    if declared is not None and declared.money == "line":
        return fold(header) in {fold(h) for h in declared.of_order}
    return not any(_OWN_LINE.search(h) for h in headers)


def _named(header: str, headers: Sequence[str], *, declared: Grain | None) -> bool:
    known = declared is not None and fold(header) in {fold(h) for h in declared.of_order}
    shop = any(h.startswith("Lineitem") for h in headers)
    return known or shop or _ORDER_MONEY.search(header) is not None


def _adds_up(orders: pl.DataFrame) -> bool:
    """Whether the contents alone say that the one amount of each order is its total."""
    priced = orders.filter("complete")
    exact = (priced["priced"] - priced["paid"]).abs() < _CENT
    if priced.height >= 3 and exact.mean() >= 0.5:  # type: ignore[operator]
        return True
    first_only = orders.filter(pl.col("filled") == 1, pl.col("rows") > 1)
    if first_only.height >= max(3, _NEARLY_ALL * orders.height):
        return True
    mixed = orders.filter(pl.col("filled") > 1, pl.col("products") > 1)
    return mixed.height >= _ENOUGH and mixed["paid"].n_unique() >= 5
