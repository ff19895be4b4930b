"""Lists of returned orders: their money is given back in the orders themselves, so that every figure knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from insight.clean.allocation import shared
from insight.clean.cleaned import DROPPED, flag, note, together
from insight.clean.waterfall import given_back, is_net
from insight.gather.order_details import Exchanged
from insight.gather.parts import Part, said
from insight.wording import count

RETURNS, ORDERS = "order_returns", "orders"
NO_ORDERS = "还没有订单：清单里只有订单号，导入同一店铺的订单后会自动合并"
UNKNOWN = "订单里没有这个订单号"
TOLD = "订单里已经写明退款，以订单为准"
GROSS = "订单按毛额统计（已关闭“扣除退款”），退货清单不起作用"


def marked(parts: Sequence[Part]) -> Exchanged:
    """Give back the money of listed orders.

    Parameters
    ----------
    parts : cleaned sources in any order, orders as they will be counted

    Returns
    -------
    Exchanged : the parts without the lists. Of a listed order refund [CNY] is what the lists say, all of it
        where they say nothing, shared among its lines to the cent and taken off amount; refunded_at and
        refund_reason are those of the list. An order that tells a refund or a return itself stays as it is
    """
    lists = [p for p in parts if p.table == RETURNS]
    others = [p for p in parts if p.table != RETURNS]
    sold = [p for p in others if p.table == ORDERS]
    if not lists:
        return Exchanged(others, said([]))
    if not sold:
        return Exchanged(others, said([(p, note(NO_ORDERS)) for p in lists]))
    if not all(is_net(p.cleaned.waterfall) for p in sold):
        return Exchanged(others, said([(p, note(GROSS)) for p in lists]))
    told = _told_already(sold)
    back = _of_orders(lists).join(told.to_frame(), on="order_id", how="anti")
    listed = pl.concat([p.cleaned.frame["order_id"] for p in sold]).drop_nulls().unique()
    return Exchanged(
        [_given_back(p, back) if p.table == ORDERS else p for p in others],
        said([(p, _unused(p, listed, told)) for p in lists]),
    )


def _of_orders(lists: Sequence[Part]) -> pl.DataFrame:
    """What the lists say of each order: order_id, back [CNY; null: all of it], back_at, back_reason."""
    every = pl.concat([p.cleaned.frame for p in lists], how="diagonal_relaxed").sort(
        "order_id", "__line__"
    )
    known = set(every.columns)
    facts = {
        "back": pl.col("refund").sum() if "refund" in known else pl.lit(0.0),
        "back_at": pl.col("refunded_at").min() if "refunded_at" in known else pl.lit(None, pl.Int64),
        "back_reason": pl.col("refund_reason").drop_nulls().first() if "refund_reason" in known else pl.lit(None, pl.String),
    }  # fmt: skip
    told = every.group_by("order_id").agg(**facts)
    return told.with_columns(pl.when(pl.col("back") > 0).then("back"))


def _told_already(sold: Sequence[Part]) -> pl.Series:
    """The orders of which a line tells a refund or is a return."""
    found = []
    for part in sold:
        frame = part.cleaned.frame
        own = pl.col("refund") > 0 if "refund" in frame.columns else pl.lit(value=False)
        found.append(frame.filter(own | (pl.col("amount") < 0))["order_id"])
    return pl.concat(found).drop_nulls().unique()


_FACTS = {"refund": pl.Float64, "refunded_at": pl.Int64, "refund_reason": pl.String}


def _given_back(part: Part, back: pl.DataFrame) -> Part:
    """The orders of a file after their returns."""
    before = part.cleaned.frame
    absent = [pl.lit(None, kind).alias(c) for c, kind in _FACTS.items() if c not in before.columns]
    rows = before.with_columns(absent).with_row_index("__at__")
    hit = rows.filter(pl.col("amount") > 0).join(back, on="order_id", maintain_order="left")
    if hit.is_empty():
        return part
    due = _due(hit).select("__at__", "due", "back_at", "back_reason")
    lines = rows.join(due, on="__at__", how="left", maintain_order="left").with_columns(
        amount=(pl.col("amount") - pl.col("due").fill_null(0.0)).round(4),
        refund=pl.coalesce("due", "refund"),
        refunded_at=pl.coalesce("refunded_at", "back_at"),
        refund_reason=pl.coalesce("refund_reason", "back_reason"),
    )
    frame = lines.drop("__at__", "due", "back_at", "back_reason")
    steps = given_back(part.cleaned.waterfall, frame, n=hit.height)
    return replace(part, cleaned=replace(part.cleaned, frame=frame, waterfall=steps))


def _due(hit: pl.DataFrame) -> pl.DataFrame:
    """What of the money of its order each line gives back: ``due`` [CNY], never more than it brought."""
    whole = pl.col("amount").sum().over("order_id")
    capped = hit.with_columns(own_amount="amount", back=pl.min_horizontal(pl.col("back").fill_null(whole), whole))  # fmt: skip
    parts = shared(capped, "back", group="order_id")
    return capped.with_columns(due=pl.when(pl.col("back") >= whole).then("amount").otherwise(parts))


def _unused(part: Part, listed: pl.Series, told: pl.Series) -> pl.DataFrame:
    """How many orders of a list were marked, and the rows that could not be used."""
    rows, ids = part.cleaned.frame, pl.col("order_id")
    is_known, is_told = (
        rows["order_id"].is_in(listed.implode()),
        rows["order_id"].is_in(told.implode()),
    )
    n = rows.filter(is_known & ~is_told)["order_id"].n_unique()
    shown = rows.select("__line__", ids.alias(part.order_header))
    return together([
        note(f"{count(n)} 个订单标记为退货，金额从订单里扣除"),
        flag(shown, ~is_known, column=part.order_header, reason=UNKNOWN, action=DROPPED),
        flag(shown, is_known & is_told, column=part.order_header, reason=TOLD, action=DROPPED),
    ])  # fmt: skip
