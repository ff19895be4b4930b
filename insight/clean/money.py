"""What a customer really paid for each order line: the order's money once, refunds taken off, returns negative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.clean.allocation import shared
from insight.clean.cleaned import MENDED, note, together
from insight.clean.grain import is_order_money
from insight.clean.values import believable
from insight.distinct import is_each_once, numbered
from insight.presets import Grain

_CENT = 0.005
_CELLS = pl.lit(2**62, pl.UInt64)  # from which on a number stands for a cell, below for an order
_OF_THE_ORDER = ("paid", "refund", "discount")


@dataclass(frozen=True, slots=True)
class Money:
    """The money of n lines.

    Attributes
    ----------
    frame : (n) stated [CNY, the line's share of the amount as the file has it; null where unknown],
        gross [before refunds, returns negative], refund [>= 0], net [refunds taken off, returns
        negative], and where the file has them discount, order_paid [of the whole order]
    repeated : (n, Boolean) lines that bear a share of what their order paid
    issues : notes on how all this was found
    """

    frame: pl.DataFrame
    repeated: pl.Series
    issues: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says about its money beside the cells.

    Attributes
    ----------
    header : raw header of the amount, None where quantity x price stands in
    headers : all raw headers
    declared : what the platform is known for
    whole : whether the amount is that of the whole order; None = as the contents tell
    """

    header: str | None
    headers: Sequence[str]
    declared: Grain | None = None
    whole: bool | None = None


def paid_of(lines: pl.DataFrame) -> pl.Series:
    """What each line says was paid: its amount, else quantity x price (n); null beyond belief."""
    if "amount" in lines.columns:
        return believable(lines["amount"]).alias("paid")
    return believable(lines.select(paid=pl.col("quantity") * pl.col("unit_price")).to_series())


def net_amounts(lines: pl.DataFrame, *, line: pl.Series, written: Written) -> Money:
    """Bring the money of order lines to what each of them cost its customer.

    Parameters
    ----------
    lines : (n) typed order lines: amount, or quantity and unit_price; where known order_id, refund, discount
    line : (n) number of the raw row; the items of one cell share it, and its money
    written : what headers and platform say
    """
    bought = lines.with_columns(paid_of(lines), line.alias("__line__"))
    if "order_id" in lines.columns:
        bought = bought.with_columns(numbered(lines["order_id"]).alias("order_id"))
    whole = _is_of_order(bought, written)
    bought = bought.with_columns(__group__=_groups(bought, whole=whole))
    group = bought["__group__"]
    repeated = group.is_not_null()
    if repeated.any():
        repeated &= group.is_duplicated()
    money = [c for c in _OF_THE_ORDER if c in bought.columns]
    parts = [shared(bought, c, group="__group__").alias(c) for c in money] if repeated.any() else []
    of_order = (
        pl.when(pl.col("__group__").is_null())
        .then("paid")
        .otherwise(pl.max("paid").over("__group__"))
    )
    order_paid = [of_order.alias("order_paid")] if whole else []
    bought = bought.with_columns(order_paid).with_columns(parts)
    refund = pl.col("refund").abs().fill_null(0.0) if "refund" in money else pl.lit(0.0)
    bought = bought.with_columns(refund=refund)
    taken_off = _is_net_already(bought)
    paid, back = pl.col("paid"), pl.col("refund")
    gross = _changed(paid, by=back) if taken_off else paid
    net = paid if taken_off else _changed(paid, by=-back)
    given = [c for c in ("order_paid", "discount") if c in bought.columns]
    frame = bought.select(
        stated="paid", gross=_turned(bought, gross), refund="refund",
        net=_turned(bought, net), **{c: pl.col(c) for c in given},
    )  # fmt: skip
    notes = _notes(written, whole=whole, lines=bought, taken_off=taken_off)
    return Money(frame, repeated & whole, notes)


def _changed(paid: pl.Expr, *, by: pl.Expr) -> pl.Expr:
    """Money after a refund; the digits of money without one are not touched."""
    return pl.when(by != 0).then((paid + by).round(6)).otherwise(paid)


def _turned(lines: pl.DataFrame, money: pl.Expr) -> pl.Expr:
    """Money with the sign of what was sold: negative where pieces came back."""
    if "quantity" not in lines.columns:
        return money + 0.0
    back = (pl.col("quantity") < 0) & (money > 0)
    return pl.when(back).then(-money).otherwise(money) + 0.0


def _is_of_order(lines: pl.DataFrame, written: Written) -> bool:
    if written.header is None or "order_id" not in lines.columns:
        return False
    if written.whole is not None:
        return written.whole
    facts = ("paid", "order_id", "quantity", "unit_price", "product")
    rows = lines.select(c for c in ("__line__", *facts) if c in lines.columns)
    if not is_each_once(rows["__line__"]):
        rows = rows.filter(rows["__line__"].is_first_distinct())
    return is_order_money(
        rows, header=written.header, headers=written.headers, declared=written.declared
    )


def _groups(lines: pl.DataFrame, *, whole: bool) -> pl.Series:
    """The lines that bear one amount: of one order, or of one cell with several items (n, UInt64 or null)."""
    cell = pl.lit(None, pl.UInt64)
    if not is_each_once(lines["__line__"]):
        cell = pl.when(pl.col("__line__").is_duplicated()).then(pl.col("__line__") + _CELLS)
    group = pl.coalesce("order_id", cell) if whole else cell
    return lines.with_columns(group.alias("g"))["g"]


def _notes(written: Written, *, whole: bool, lines: pl.DataFrame, taken_off: bool) -> pl.DataFrame:
    header = written.header or ""
    found = []
    if whole:
        by = "数量和单价" if {"quantity", "unit_price"} <= set(lines.columns) else "数量" if "quantity" in lines.columns else "行数"  # fmt: skip
        found.append(note(f"金额是整单金额，已按各行的{by}分摊，避免重复累计", column=header, action=MENDED))  # fmt: skip
    if taken_off:
        found.append(note("实付金额已经扣除退款（多数退款单的退款大于实付），不再重复扣减", column=header))  # fmt: skip
    return together(found)


def _is_net_already(lines: pl.DataFrame) -> bool:
    """Whether refunds exceed payments so often that payments must be net of them already."""
    orders = lines.select("paid", "refund")
    if not (orders["refund"] > _CENT).any():
        return False
    if "order_id" in lines.columns:
        known = lines.select("order_id", "paid", "refund").drop_nulls("order_id")
        orders = known.group_by("order_id").agg(pl.sum("paid", "refund"))
    refunded = orders.filter(pl.col("refund") > _CENT)
    more = refunded.select((pl.col("refund") > pl.col("paid") + _CENT).mean()).item()
    return more is not None and more >= 0.5
