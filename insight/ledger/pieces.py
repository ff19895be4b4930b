"""How many pieces were sold of each category, product or channel, and for how much."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    Orders,
    by_order,
    collect,
    has,
    known,
    n_paid,
    priced,
    yuan,
)

_PARTS = 1_000  # pieces are summed in thousandths: 0.35 kg adds up alike on every engine
OTHERS = "其他"


def largest(orders: Orders, column: str, *, most: int) -> tuple[str, ...]:
    """The values of ``column`` that brought most money, most first, at most ``most``; ties by name."""
    sums = priced(known(orders, column)).group_by(column).agg(paid=nw.col("paid").sum())
    top = sums.sort("paid", column, descending=[True, False]).head(most)
    return tuple(
        collect(top).sort("paid", column, descending=[True, False])[column].cast(pl.String)
    )


def pieces(orders: Orders, *, by: str = "", named: tuple[str, ...] = ()) -> pl.DataFrame:
    """Pieces and sales of the paid lines, refunds not taken off.

    Parameters
    ----------
    orders : (n_lines) amount, refund and quantity where known
    by : a column of the lines; "" for one row
    named : the values that keep their row; all others, and lines without a value, become one, 其他

    Returns
    -------
    (n_values) group ["" where ``by`` is ""], n_pieces, sales [CNY, before refunds], n_lines,
        n_assumed [lines that tell no quantity above 0; each counts as one piece]; sorted by group
    """
    named_or_other = nw.when(nw.col(by).is_in(named)).then(nw.col(by)).otherwise(nw.lit(OTHERS)) if by else nw.lit("")  # fmt: skip
    parts, is_assumed = thousandths(orders), assumed(orders)
    lines = priced(orders).filter(nw.col("paid") > 0)
    lines = lines.with_columns(
        group=named_or_other,
        parts=parts,
        assumed=is_assumed,
    )  # fmt: skip
    table = collect(
        lines.group_by("group").agg(
            parts=nw.col("parts").sum(),
            sales=yuan(nw.col("paid").sum()),
            n_lines=nw.len(),
            n_assumed=nw.col("assumed").sum(),
        )
    )
    return table.select(
        "group",
        n_pieces=pl.col("parts").cast(pl.Float64) / _PARTS,
        sales="sales",
        n_lines=pl.col("n_lines").cast(pl.Int64),
        n_assumed=pl.col("n_assumed").cast(pl.Int64),
    ).sort("group")


def thousandths(orders: Orders) -> nw.Expr:
    """The pieces of a line in whole thousandths, at least one; a line that tells no quantity is one piece."""
    parts = (_quantity(orders) * _PARTS).round(0)
    told = nw.when(parts >= 1).then(parts).otherwise(nw.lit(1.0))
    is_told = _quantity(orders) > 0
    return nw.when(is_told).then(told).otherwise(nw.lit(float(_PARTS))).cast(nw.Int64)


def assumed(orders: Orders) -> nw.Expr:
    """1 where a line tells no quantity above 0, else 0."""
    return nw.when(_quantity(orders) > 0).then(nw.lit(0)).otherwise(nw.lit(1))


def _quantity(orders: Orders) -> nw.Expr:
    return nw.col("quantity") if has(orders, "quantity") else nw.lit(None, nw.Float64)


def takings(orders: Orders) -> dict[str, float]:
    """Paid orders, and what was paid and refunded [CNY] in all.

    Returns
    -------
    n_orders, sales [before refunds], refunded, amount [net]
    """
    per_order = by_order(orders, *(["customer_id"] if has(orders, "customer_id") else []))
    table = collect(
        per_order.select(
            n_orders=n_paid(),
            sales=yuan(nw.col("paid").sum()),
            refunded=yuan(nw.col("refunded").sum()),
            amount=yuan(nw.col("net").sum()),
        )
    )
    return table.fill_null(0).cast({"n_orders": pl.Int64}).row(0, named=True)
