"""Order lists and detail files of one shop: each row of the list becomes the lines that the details tell of it.

The list knows who bought, when and for how much; the details know what. Neither alone is order lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from insight.clean.allocation import shared
from insight.clean.cleaned import DROPPED, flag, note, together
from insight.clean.exclusions import is_closed
from insight.clean.waterfall import detailed
from insight.gather.parts import Part, said
from insight.wording import count

DETAIL, LIST = "order_lines", "orders"
NO_LIST = "还没有订单列表：明细里没有买家、时间和实付金额，导入同一店铺的订单列表后会自动合并"
UNKNOWN = "订单列表里没有这个订单"
LEFT_OUT = "订单列表里有这个订单，但它没有计入（如已关闭、未付款，见订单列表的问题）"
TOLD = "订单列表已经逐行列出这个订单，以订单列表为准"
CLOSED = "这件商品已单独关闭或退款，整单金额由同一订单的其余商品分摊"
_MONEY = ("amount", "refund", "discount", "cost", "profit")
_OF_A_LINE = ("product", "sku", "line_id", "quantity", "unit_price", "list_price", "cost", "category", "after_sale")  # fmt: skip
_MADE_UP = r"^L\d+$"  # an order id that only counts lines


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The parts without detail files, whose lines stand in the lists now; what is said of each detail file.

    ``issues`` : file, table, and the columns of ``ISSUE_SCHEMA``.
    """

    parts: list[Part]
    issues: pl.DataFrame


def exchanged(parts: Sequence[Part]) -> Exchanged:
    """Exchange the rows of order lists for the lines that detail files tell of them.

    Parameters
    ----------
    parts : cleaned sources in any order; rows that two files share stand in one of them

    Returns
    -------
    Exchanged : of each order the money, refund, discount, customer, time and place are those of the
        list, the money shared among its lines to the cent (``allocation.shared``); an order without
        lines keeps its one row. Lines that cannot be used are in the issues

    Notes
    -----
    Only an order that stands on one row of all lists is exchanged: of others the list tells the lines.
    """
    details = [p for p in parts if p.table == DETAIL]
    others = [p for p in parts if p.table != DETAIL]
    lists = [p for p in others if p.table == LIST]
    if not details:
        return Exchanged(others, said([]))
    if not lists:
        return Exchanged(others, said([(p, note(NO_LIST)) for p in details]))
    judged = _judged(details, lists)
    used = judged.filter(pl.col("why").is_null()).drop("why")
    issues = [
        (part, together([_summary(at, used, lists), _unused(part, judged.filter(__file__=at))]))
        for at, part in enumerate(details)
    ]
    return Exchanged([_with_lines(p, used) if p.table == LIST else p for p in others], said(issues))  # fmt: skip


def _judged(details: Sequence[Part], lists: Sequence[Part]) -> pl.DataFrame:
    """The lines of all details (n), ``__file__`` and ``why`` they cannot be used, null where they can."""
    numbered = [
        p.cleaned.frame.with_columns(__file__=pl.lit(at, pl.UInt32)) for at, p in enumerate(details)
    ]
    lines = pl.concat(numbered, how="diagonal_relaxed")
    listed = pl.concat([p.cleaned.frame["order_id"] for p in lists]).drop_nulls()
    listed = listed.filter(~listed.str.contains(_MADE_UP))
    rows = listed.value_counts(name="n_rows")
    lines = lines.join(rows, on="order_id", how="left", maintain_order="left")
    known = [p.cleaned.left_out for p in lists if p.cleaned.left_out is not None]
    out = pl.concat(known).implode() if known else pl.Series([], dtype=pl.String).implode()
    closed = is_closed(lines["status"]) if "status" in lines.columns else pl.lit(value=False)
    lines = lines.with_columns(__closed__=closed)
    why = (
        pl.when(pl.col("n_rows").is_null() & pl.col("order_id").is_in(out))
        .then(pl.lit(LEFT_OUT))
        .when(pl.col("n_rows").is_null())
        .then(pl.lit(UNKNOWN))
        .when(pl.col("n_rows") > 1)
        .then(pl.lit(TOLD))
        .when(pl.col("__closed__") & ~pl.col("__closed__").all().over("order_id"))
        .then(pl.lit(CLOSED))
    )
    return lines.with_columns(why=why).drop("n_rows", "__closed__")


def _with_lines(part: Part, used: pl.DataFrame) -> Part:
    """A list whose orders stand there line by line, as far as lines of them are known."""
    before = part.cleaned.frame
    own = used.join(before, on="order_id", how="semi", maintain_order="left")
    if own.is_empty():
        return part
    alone = before.join(own, on="order_id", how="anti", maintain_order="left")
    lines = _lines(own.drop("__line__", "__file__"), before)
    frame = pl.concat([alone, lines], how="diagonal_relaxed")
    steps = detailed(part.cleaned.waterfall, frame, n=before.height - alone.height)
    return replace(part, cleaned=replace(part.cleaned, frame=frame, waterfall=steps))


def _lines(own: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Lines with the facts and their share of the money of their orders.

    Parameters
    ----------
    own : (n) order_id and what the details say of each line
    orders : (m) order_id, one row each, and what the list says
    """
    facts = orders.rename({c: f"list:{c}" for c in orders.columns if c != "order_id"})
    both = own.rename({"amount": "own_amount"}, strict=False)
    both = both.join(facts, on="order_id", how="left", maintain_order="left")
    parts = [
        shared(both, f"list:{c}", group="order_id").alias(f"list:{c}")
        for c in _MONEY
        if c in orders.columns
    ]
    both = both.with_columns(parts)
    columns = [_column(c, own, orders) for c in (*orders.columns, *own.columns)]
    return both.select({e.meta.output_name(): e for e in columns}.values())


def _column(name: str, own: pl.DataFrame, orders: pl.DataFrame) -> pl.Expr:
    """One column of the lines: facts of a line from the details, all else from the list.

    What the list says of the goods holds for a line only where the order has no other.
    """
    if name == "order_id":
        return pl.col(name)
    known = []
    is_lines = name in _OF_A_LINE
    if name in own.columns and name != "amount" and (is_lines or name not in orders.columns):
        known.append(pl.col(name))
    if name in orders.columns:
        listed, alone = pl.col(f"list:{name}"), pl.len().over("order_id") == 1
        of_goods = is_lines and name not in {*_MONEY, "after_sale"}
        known.append(pl.when(alone).then(listed) if of_goods else listed)
    return pl.coalesce(known).alias(name)


def _summary(at: int, used: pl.DataFrame, lists: Sequence[Part]) -> pl.DataFrame:
    """What one detail file gave: how many lines of how many orders, and both sums of money."""
    lines = used.filter(__file__=at)
    if lines.is_empty():
        return together([])
    every = pl.concat([p.cleaned.frame.select("order_id", "amount") for p in lists])
    paid = every.join(lines, on="order_id", how="semi")["amount"].sum()
    n_orders = count(lines["order_id"].n_unique())
    told = f"{count(lines.height)} 行商品并入订单列表的 {n_orders} 个订单，金额合计以订单列表的净实付 {_exact(paid)} 为准"
    if not {"quantity", "unit_price"} <= set(lines.columns):
        return note(told)
    listed = (lines["quantity"] * lines["unit_price"]).sum()
    return note(f"{told}；明细按单价×数量合计 {_exact(listed)}，差额是优惠、运费和退款，已按比例分摊")  # fmt: skip


def _exact(amount: int | float | Decimal) -> str:
    return f"{amount:,.2f}"


def _unused(part: Part, lines: pl.DataFrame) -> pl.DataFrame:
    header = part.order_header
    shown = lines.select("__line__", pl.col("order_id").alias(header), why="why")
    return flag(shown, pl.col("why").is_not_null(), column=header, reason=pl.col("why"), action=DROPPED)  # fmt: skip
