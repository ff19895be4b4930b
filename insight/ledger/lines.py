"""The ledger: order lines on any engine, the same money folded to whole orders, and ways to look at a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import narwhals as nw
import polars as pl
from polars import selectors as cs

Lines = nw.LazyFrame[Any]
Kept = Literal["customers", "days", "months", "categories", "channels"]
DAY = 86_400  # seconds
UNITS = 10_000  # money is summed in whole hundredths of a cent: the same to the last digit on every engine
SUMS = ("net", "paid", "refunded", "n_lines")  # what adds up when rows of an order become one
ALONE = "__alone__"  # of a row of whole orders: it is all of its order


@dataclass(frozen=True, slots=True)
class Ledger:
    """Order lines as they are kept in a study.

    Attributes
    ----------
    lines : (n_lines) customer_id, order_id, ordered_at [epoch s], ordered_month [yyyymm],
        amount [CNY, net of refunds, returns negative] and what else the files hold
    folded : (n_orders or a few more) the same money as ``layout.fold`` makes it; enough for every question
        that asks for no single product or category; None where it is not kept
    kept : tables that many questions begin with, worked out once by ``layout.keep`` from all of these
        lines; a part of a ledger has none of them
    everybody : the same of all customers, where these are the lines of some (``clientele.of_customers``):
        it tells until when sales were observed
    """

    lines: Lines
    folded: Lines | None = None
    kept: Mapping[Kept, Lines] = field(default_factory=lambda: MappingProxyType({}))
    everybody: Lines | Ledger | None = None


Orders = Lines | Ledger


def everybody(orders: Orders) -> Orders:
    """The lines of all customers, though ``orders`` may be those of some."""
    whole = orders.everybody if isinstance(orders, Ledger) else None
    return orders if whole is None else whole


def all_lines(orders: Orders) -> Lines:
    """The order lines, for what no whole order can tell."""
    return orders.lines if isinstance(orders, Ledger) else orders


def columns(orders: Orders) -> frozenset[str]:
    """Names of the columns that the lines have."""
    return frozenset(all_lines(orders).collect_schema().names())


def has(orders: Orders, *names: str) -> bool:
    """Whether the lines have all these columns."""
    return columns(orders).issuperset(names)


def known(orders: Orders, *names: str) -> Orders:
    """The lines that have a value in each of these columns."""
    return _each(orders, lambda rows: rows.filter(*(~nw.col(n).is_null() for n in names)), *names)


def among(orders: Orders, column: str, values: Sequence[str]) -> Orders:
    """The lines that have one of these values in ``column``."""
    is_one = nw.col(column).is_in(list(values))
    return _each(orders, lambda rows: rows.filter(is_one), column)


def within(orders: Orders, *, start: int | None = None, end: int | None = None) -> Orders:
    """The lines from ``start`` (inclusive) to ``end`` (exclusive), both epoch seconds."""
    at = nw.col("ordered_at")
    bounds = [
        *([at >= start] if start is not None else []),
        *([at < end] if end is not None else []),
    ]
    return _each(orders, lambda rows: rows.filter(*bounds)) if bounds else orders


def timed(orders: Orders, **made: nw.Expr) -> Orders:
    """The lines with further columns made of ``ordered_at`` alone, e.g. its day or its hour."""
    more = _each(orders, lambda rows: rows.with_columns(**made))
    if isinstance(orders, Ledger) and isinstance(more, Ledger):
        return replace(more, kept=orders.kept)
    return more


def kept(orders: Orders, name: Kept) -> Lines | None:
    """A table that was worked out of all these lines before; None where they are not a whole ledger."""
    return orders.kept.get(name) if isinstance(orders, Ledger) else None


def without(orders: Orders, left_out: Lines) -> Orders:
    """The lines without those of some orders (customer_id, order_id)."""
    key = ["customer_id", "order_id"]
    return _each(orders, lambda rows: rows.join(left_out.select(key), on=key, how="anti"))


def _each(orders: Orders, act: Callable[[Lines], Lines], *needed: str) -> Orders:
    """Do the same to lines and whole orders; to the lines alone where whole orders lack a column."""
    if not isinstance(orders, Ledger):
        return act(orders)
    folded = None if (rows := _folded(orders, *needed)) is None else act(rows)
    all_ = None if orders.everybody is None else _each(orders.everybody, act, *needed)
    return Ledger(act(orders.lines), folded, everybody=all_)


def _folded(orders: Orders, *needed: str) -> Lines | None:
    """Whole orders, where they are kept and have these columns."""
    rows = orders.folded if isinstance(orders, Ledger) else None
    return rows if rows is not None and has(rows, *needed) else None


def collect(frame: Lines) -> pl.DataFrame:
    """What a lazy table comes to, in memory; whole numbers as Int64, whatever the engine counts in."""
    collected: pl.DataFrame = frame.collect("polars", engine="streaming").to_native()
    return collected.cast({cs.integer() | cs.decimal(): pl.Int64})


def in_order(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """A table sorted by ``keys``, none of them null; one that came sorted, as kept ones do, is not sorted again."""
    left, right = table.head(-1), table.tail(-1)
    later = pl.repeat(False, left.height, eager=True)
    for key in reversed(keys):
        later = (left[key] < right[key]) | ((left[key] == right[key]) & later)
    return table if later.all() else table.sort(keys)


def yuan(units: nw.Expr) -> nw.Expr:
    """Money [CNY] of a sum of whole units: the nearest number, although polars divides by an inverse."""
    return (units.cast(nw.Float64) / UNITS).round(4)


def priced(orders: Orders, *columns: str) -> Lines:
    """The money behind the lines, in the fewest rows that have these columns.

    Parameters
    ----------
    columns : all that is needed besides order_id, ordered_at and the sums; none = every column of the lines

    Returns
    -------
    (n_lines, or about n_orders where whole orders have ``columns``) order_id, ordered_at, ``columns``,
        n_lines [count], net [units] refunds taken off, paid [units] the sales before refunds,
        refunded [units] refunds of the lines and negative lines; all Int64
    """
    folded = _folded(orders, *columns) if columns else None
    return _in_units(all_lines(orders)) if folded is None else folded


def _in_units(lines: Lines) -> Lines:
    refund = nw.col("refund").fill_null(0.0) if has(lines, "refund") else nw.lit(0.0)
    lines = lines.with_columns(
        net=(nw.col("amount") * UNITS).round(0).cast(nw.Int64),
        back=(refund * UNITS).round(0).cast(nw.Int64),
        n_lines=nw.lit(1).cast(nw.Int64),
    )
    net, back = nw.col("net"), nw.col("back")
    return lines.with_columns(
        paid=nw.when(net > 0).then(net + back).otherwise(back),
        refunded=nw.when(net < 0).then(back - net).otherwise(back),
    )


def by_order(orders: Orders, *keys: str) -> Lines:
    """One row per order, and per value of ``keys`` where an order has several.

    Parameters
    ----------
    keys : columns of the lines, e.g. customer_id, category, ordered_month

    Returns
    -------
    (n_orders) ``keys``, order_id; net, paid, refunded [units, see ``priced``];
        at [epoch s] its first moment; n_lines
    """
    rows = priced(orders, *keys, "ordered_at")
    named = [*dict.fromkeys((*keys, "order_id"))]
    if not has(rows, ALONE):
        return _summed(rows, *named)
    alone = rows.filter(nw.col(ALONE)).select(*named, *SUMS, at=nw.col("ordered_at"))
    others = _summed(rows.filter(~nw.col(ALONE)), *named)
    return nw.concat([alone, others.select(alone.collect_schema().names())])


def _summed(rows: Lines, *keys: str) -> Lines:
    sums = {name: nw.col(name).sum().cast(nw.Int64) for name in SUMS}
    return rows.group_by(*keys).agg(**sums, at=nw.col("ordered_at").min())


def is_paid() -> nw.Expr:
    """Of one order in the table of ``by_order``: it was paid, whether refunded later or not."""
    return nw.col("paid") > 0


def n_paid() -> nw.Expr:
    """How many of the orders in the table of ``by_order`` were paid."""
    return nw.when(is_paid()).then(nw.lit(1)).otherwise(nw.lit(0)).sum()


def without_refunded(orders: Orders) -> Orders:
    """The lines without those of orders that were paid and then refunded to the last cent."""
    per_order = by_order(known(orders, "customer_id"), "customer_id")
    return without(orders, per_order.filter(is_paid(), nw.col("net") <= 0))
