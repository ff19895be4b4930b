"""What a customer really paid for each order line: paid less refunded, returns negative."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import MENDED, note, together
from insight.clean.grain import is_order_money, shared

_CENT = 0.005


def net_amounts(
    lines: pl.DataFrame, *, header: str | None, headers: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Net amount of each line, and where known its refund [CNY].

    Parameters
    ----------
    lines : (n) typed order lines: amount, or quantity and unit_price; where known refund, order_id
    header : raw header of ``amount``, None where quantity x price stands in
    headers : all raw headers

    Returns
    -------
    (n) amount [null where unknown] and, where known, refund [>= 0]; and notes on how they were made
    """
    issues = []
    bought = lines.with_columns(paid=_paid(lines), refund=_refunded(lines))
    if header is not None and is_order_money(bought, header=header, headers=headers):
        bought = bought.with_columns(shared(bought, m) for m in ("paid", "refund"))
        issues.append(note("金额是整单金额，已按各行的数量和单价分摊，避免重复累计", column=header, action=MENDED))  # fmt: skip
    net = pl.col("paid") - pl.col("refund")
    if _is_net_already(bought):
        net = pl.col("paid")
        issues.append(note("实付金额已经扣除退款（多数退款单的退款大于实付），不再重复扣减", column=header or ""))  # fmt: skip
    if "quantity" in lines.columns:
        net = pl.when((pl.col("quantity") < 0) & (net > 0)).then(-net).otherwise(net)
    refund = ["refund"] if "refund" in lines.columns else []
    return bought.select((net + 0.0).alias("amount"), *refund), together(issues)


def _paid(lines: pl.DataFrame) -> pl.Expr:
    if "amount" in lines.columns:
        return pl.col("amount")
    return pl.col("quantity") * pl.col("unit_price")


def _refunded(lines: pl.DataFrame) -> pl.Expr:
    return pl.col("refund").fill_null(0.0).abs() if "refund" in lines.columns else pl.lit(0.0)


def _is_net_already(lines: pl.DataFrame) -> bool:
    """Whether refunds exceed payments so often that payments must be net of them already."""
    orders = lines
    if "order_id" in lines.columns:
        orders = lines.drop_nulls("order_id").group_by("order_id").agg(pl.sum("paid", "refund"))
    refunded = orders.filter(pl.col("refund") > _CENT)
    more = refunded.select((pl.col("refund") > pl.col("paid") + _CENT).mean()).item()
    return more is not None and more >= 0.5
