"""What is paid for one piece or one order: how often each price occurs, and who buys in which band of prices."""

from __future__ import annotations

from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import DAY, Lines, Orders, collect, known, priced, yuan
from insight.ledger.periods import whole_lengths
from insight.ledger.pieces import assumed, thousandths

Of = Literal["piece", "order"]
_ONE = 1_000  # a price is money by thousandths of a piece, or of an order


def price_counts(orders: Orders, of: Of) -> pl.DataFrame:
    """How often each price was paid, refunds not taken off.

    Parameters
    ----------
    of : the price of a "piece" (a line's money by its pieces; a line that tells no quantity above 0 is
        one piece) or of an "order" (all its lines)

    Returns
    -------
    (n_prices) price [cents, fractions cut off], n [pieces or orders, thousandths], n_assumed [lines that
        tell no quantity]; sorted; what was not paid has no price
    """
    sums = _sold(orders, of).group_by("price").agg(n=nw.col("size").sum(), n_assumed=nw.col("assumed").sum())  # fmt: skip
    return collect(sums).sort("price")


def prices_by(orders: Orders, of: Of, *, by: str) -> pl.DataFrame:
    """How often each customer, or each value of another column, paid each price, refunds not taken off.

    Returns
    -------
    (n_values x prices paid) ``by``, price [cents, fractions cut off], n [pieces or orders, thousandths];
        sorted; lines without a value of ``by`` are left out
    """
    sums = _sold(known(orders, by), of, by).group_by(by, "price").agg(n=nw.col("size").sum())
    return collect(sums).sort(by, "price")


def price_bands(orders: Orders, of: Of, *, edges: tuple[int, ...], by: str) -> pl.DataFrame:
    """What was bought in each band of prices, refunds not taken off.

    Parameters
    ----------
    edges : [cents] ascending; the first band is below the first edge, an edge belongs to the band above it
    by : a column of the lines: customer_id, category

    Returns
    -------
    (n_values x bands bought) ``by`` [null where unknown], band [0 to n_edges], n_orders [distinct],
        n_pieces, sales [CNY, before refunds]; sorted. An order with pieces of two bands counts in both.
    """
    keys = list(dict.fromkeys((by, "customer_id", "order_id", "band")))
    rows = _sold(orders, of, by).with_columns(band=_band(edges))
    per_order = rows.group_by(keys).agg(paid=nw.col("paid").sum(), parts=nw.col("parts").sum())
    sums = per_order.group_by(by, "band").agg(
        n_orders=nw.len(), parts=nw.col("parts").sum(), sales=yuan(nw.col("paid").sum())
    )
    n_pieces = pl.col("parts").cast(pl.Float64) / _ONE
    table = collect(sums).select(by, "band", "n_orders", n_pieces.alias("n_pieces"), "sales")
    return table.sort(by, "band")


def first_and_last_prices(orders: Orders, of: Of) -> pl.DataFrame:
    """What each customer paid on the first and on the last day of buying, of those who bought on two days.

    Returns
    -------
    (n_customers) customer_id, first_price, last_price [cents, fractions cut off; the average of the day, of
        all its pieces or orders]; sorted
    """
    rows = _sold(known(orders, "customer_id"), of).with_columns(
        day=whole_lengths(nw.col("at"), DAY)
    )
    days = rows.group_by("customer_id", "day").agg(
        paid=nw.col("paid").sum(), size=nw.col("size").sum()
    )
    ends = days.with_columns(
        first=nw.col("day").min().over("customer_id"), last=nw.col("day").max().over("customer_id")
    ).filter(nw.col("first") < nw.col("last"))
    at = {name: nw.col("day") == nw.col(name) for name in ("first", "last")}
    sums = {
        f"{name}_{what}": nw.when(is_there).then(nw.col(what)).otherwise(nw.lit(0)).sum()
        for name, is_there in at.items()
        for what in ("paid", "size")
    }
    table = collect(ends.group_by("customer_id").agg(**sums))
    prices = {f"{n}_price": pl.col(f"{n}_paid") * 10 // pl.col(f"{n}_size") for n in at}
    return table.select("customer_id", **prices).sort("customer_id")


def _sold(orders: Orders, of: Of, *keys: str) -> Lines:
    """(n_paid_lines or orders) customer_id, order_id, ``keys``, at, price [cents], paid [units], parts, size, assumed."""
    parts, is_assumed = thousandths(orders), assumed(orders)
    lines = priced(orders).filter(nw.col("paid") > 0)
    lines = lines.with_columns(parts=parts, assumed=is_assumed, at=nw.col("ordered_at"))
    rows = lines.with_columns(size=nw.col("parts"))
    if of == "order":
        named = list(dict.fromkeys(("customer_id", "order_id", *keys)))
        sums = {name: nw.col(name).sum() for name in ("paid", "parts", "assumed")}
        rows = lines.group_by(named).agg(**sums, at=nw.col("at").min())
        rows = rows.with_columns(size=nw.lit(_ONE).cast(nw.Int64))
    money = nw.col("paid") * 10  # units by thousandths: ten times as many cents by pieces
    rest = money % nw.col("size")
    return rows.with_columns(price=((money - rest) / nw.col("size")).round(0).cast(nw.Int64))


def _band(edges: tuple[int, ...]) -> nw.Expr:
    """How many of the edges the price has reached."""
    band = nw.lit(0).cast(nw.Int64)
    for edge in edges:
        band = band + nw.when(nw.col("price") >= edge).then(nw.lit(1)).otherwise(nw.lit(0))
    return band
