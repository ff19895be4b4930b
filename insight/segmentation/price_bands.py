"""Bands of prices: where they are cut, what each brings, which category and which segment buys in which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor, log10

import numpy as np
import polars as pl

from insight.currency import used
from insight.errors import BadParameter
from insight.segmentation.profile import share_of_total
from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.stats.proportions import cell_vs_rest

LEVEL = 0.05
MOST_EDGES = 9
_NAME = "分界（price_bands.edges）"


def edges_asked(text: str) -> tuple[int, ...]:
    """The edges [cents] that somebody wrote, e.g. "50, 99.9、200"; none where nothing is written.

    Raises
    ------
    BadParameter : not ascending amounts above 0 with at most two decimals, or too many.
    """
    parts = text.replace("、", ",").replace("，", ",").replace("¥", "").split(",")
    try:
        edges = tuple(round(float(part) * 100, 6) for part in parts if part.strip())
    except ValueError as error:
        raise BadParameter(_NAME, "应为金额，用逗号或顿号隔开，如 50、100、200") from error
    if any(edge != edge // 1 for edge in edges) or any(not 0 < edge < 1e14 for edge in edges):
        raise BadParameter(_NAME, "应为大于 0 的金额，最多两位小数")
    if list(edges) != sorted(set(edges)) or len(edges) > MOST_EDGES:
        raise BadParameter(_NAME, f"应从小到大，不重复，最多 {MOST_EDGES} 个")
    return tuple(int(edge) for edge in edges)


def edges_of(counts: pl.DataFrame, n_bands: int) -> tuple[int, ...]:
    """Edges [cents, two significant digits] that part what was sold into bands of about the same size.

    Parameters
    ----------
    counts : (n_prices) price [cents], n; sorted by price

    Returns
    -------
    (< n_bands) ascending; fewer where many pieces have one price, none where all have
    """
    reached = counts["n"].cum_sum() / counts["n"].sum()
    cuts = (reached.search_sorted(i / n_bands) for i in range(1, n_bands))
    exact = (int(counts["price"][min(int(at), counts.height - 1)]) for at in cuts)
    low, high = int(counts["price"][0]), int(counts["price"][-1])
    return tuple(sorted({edge for cut in exact if low < (edge := _plain(cut)) <= high}))


def _plain(cents: int) -> int:
    """The nearest amount of two significant digits: 4,987 -> 5,000."""
    step = int(10 ** max(floor(log10(max(cents, 1))) - 1, 0))
    return (cents + step // 2) // step * step


def names_of(edges: Sequence[int]) -> tuple[str, ...]:
    """The bands in words, cheapest first."""
    if not edges:
        return ("全部价格",)
    told = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in edges]
    sign = used().sign
    between = (f"{sign}{low}–{high}" for low, high in pairwise(told))
    return (f"{sign}{told[0]} 以下", *between, f"{sign}{told[-1]} 及以上")


def overview(bought: pl.DataFrame, names: Sequence[str], *, n_orders: int) -> pl.DataFrame:
    """What each band brings.

    Parameters
    ----------
    bought : as ``ledger.price_bands`` gives it by customer_id
    n_orders : all orders; one with pieces of several bands counts in each

    Returns
    -------
    (n_bands) band, n_customers [known], n_orders, share_of_orders, n_pieces, share_of_pieces,
        sales_amount [CNY, before refunds], share_of_spend, amount_per_piece [CNY]
    """
    summed = _summed(bought, "band").with_columns(n_customers=pl.col("n_customers").cast(pl.Int64))
    every = pl.DataFrame({"band": range(len(names))}, schema={"band": pl.Int64})
    table = every.join(summed, on="band", how="left", maintain_order="left").fill_null(0)
    return table.select(
        named(names),
        "n_customers",
        "n_orders",
        (pl.col("n_orders") / n_orders).alias("share_of_orders"),
        "n_pieces",
        share_of_total(pl.col("n_pieces")).alias("share_of_pieces"),
        "sales_amount",
        share_of_total(pl.col("sales_amount")).alias("share_of_spend"),
        _per_piece(),
    )


def named(names: Sequence[str], column: str = "band") -> pl.Expr:
    """The number of a band as its name."""
    return pl.col(column).replace_strict(
        list(range(len(names))), list(names), return_dtype=pl.String
    )


def _summed(bought: pl.DataFrame, *keys: str) -> pl.DataFrame:
    people = [pl.col("customer_id").drop_nulls().n_unique().alias("n_customers")] if "customer_id" in bought.columns else []  # fmt: skip
    return bought.group_by(*keys, maintain_order=True).agg(
        *people,
        n_orders=pl.col("n_orders").sum(),
        n_pieces=pl.col("n_pieces").sum().round(3),
        sales_amount=pl.col("sales").sum().round(4),
    )


def _per_piece() -> pl.Expr:
    some = pl.col("n_pieces") > 0
    return pl.when(some).then(pl.col("sales_amount") / pl.col("n_pieces")).alias("amount_per_piece")


def ladder(bought: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Where each category stands, the one with the cheapest pieces first.

    Parameters
    ----------
    bought : as ``ledger.price_bands`` gives it by category

    Returns
    -------
    (n_categories x n_bands) category, band, n_orders, n_pieces, share_of_pieces [of the category's],
        sales_amount [CNY, before refunds], share_of_spend [of the category's], amount_per_piece [CNY]
    """
    told = bought.drop_nulls("category").with_columns(pl.col("category").cast(pl.String))
    level = told.group_by("category").agg(level=pl.col("sales").sum() / pl.col("n_pieces").sum())
    rungs = level.sort("level", "category").select("category")
    every = pl.DataFrame({"band": range(len(names))}, schema={"band": pl.Int64})
    grid = rungs.join(every, how="cross", maintain_order="left_right")
    table = grid.join(_summed(told, "category", "band"), on=["category", "band"], how="left", maintain_order="left").fill_null(0)  # fmt: skip
    return table.select(
        "category",
        named(names),
        "n_orders",
        "n_pieces",
        share_of_total(pl.col("n_pieces")).over("category").alias("share_of_pieces"),
        "sales_amount",
        (pl.col("sales_amount") / pl.col("sales_amount").sum().over("category")).alias(
            "share_of_spend"
        ),
        _per_piece(),
    )


def main_bands(bought: pl.DataFrame) -> pl.DataFrame:
    """The rows of the band in which each customer paid most; of equals the cheaper one."""
    most = bought.drop_nulls("customer_id").sort("sales", "band", descending=[True, False])
    return most.unique("customer_id", keep="first", maintain_order=True)


def by_segment(
    bought: pl.DataFrame, members: pl.DataFrame, *, groups: Sequence[str], names: Sequence[str]
) -> pl.DataFrame:
    """In which band each segment mainly buys, beside everybody else.

    Parameters
    ----------
    bought : as ``ledger.price_bands`` gives it by customer_id
    members : customer_id [unique], group
    groups : in the order of display; those without a buyer are left out

    Returns
    -------
    (n_segments x n_bands) segment, band, n_customers [whose ``main_bands`` it is], base [buyers of the segment],
        share, rest_share [of the other segments], share_difference, q_value, reading ["高于" | "低于" | ""],
        sales_amount [CNY, before refunds], share_of_spend [of the segment's]; shares and tests are null
        below the smallest base
    """
    placed = bought.join(members.rename({"group": "segment"}), on="customer_id")
    bases = placed.group_by("segment").agg(base=pl.col("customer_id").n_unique().cast(pl.Int64))
    order = pl.DataFrame({"segment": groups}, schema={"segment": pl.String})
    every = pl.DataFrame({"band": range(len(names))}, schema={"band": pl.Int64})
    there = order.join(bases, on="segment", how="inner", maintain_order="left")
    grid = there.join(every, how="cross", maintain_order="left_right")
    cell = ["segment", "band"]
    mainly = main_bands(placed).group_by(cell).agg(n_customers=pl.len().cast(pl.Int64))
    sums = placed.group_by(cell).agg(sales_amount=pl.col("sales").sum().round(4))
    table = grid.join(mainly, on=cell, how="left", maintain_order="left")
    table = table.join(sums, on=cell, how="left", maintain_order="left").fill_null(0)
    total = pl.col("sales_amount").sum().over("segment")
    return _compared(table, len(names)).select(
        "segment", named(names), "n_customers", "base", "share", "rest_share", "share_difference", "q_value", _reading(),
        "sales_amount", pl.when(total > 0).then(pl.col("sales_amount") / total).alias("share_of_spend"),
    )  # fmt: skip


def _compared(table: pl.DataFrame, n_bands: int) -> pl.DataFrame:
    """The segments side by side with their rest, band by band; Benjamini-Hochberg over the whole table."""
    grid = (-1, n_bands)
    bases = table["base"].cast(pl.Float64).to_numpy().reshape(grid).T
    shares = table["n_customers"].cast(pl.Float64).to_numpy().reshape(grid).T / bases
    rest = cell_vs_rest(shares, bases, weighted_bases=bases)
    n_others = bases.sum(axis=1, keepdims=True) - bases
    enough = (bases >= settings().tiny_base) & (n_others >= settings().tiny_base)
    q_value = adjusted(np.where(enough, rest.p_value, np.nan), "bh")
    found = {"share": np.where(bases >= settings().tiny_base, shares, np.nan), "q_value": q_value}
    found |= {"rest_share": np.where(enough, rest.share, np.nan), "share_difference": np.where(enough, rest.difference, np.nan)}  # fmt: skip
    return table.with_columns(
        pl.Series(name, values.T.ravel()).fill_nan(None) for name, values in found.items()
    )


def _reading() -> pl.Expr:
    is_real = pl.col("q_value") <= LEVEL
    above = pl.when(is_real & (pl.col("share_difference") > 0)).then(pl.lit("高于"))
    return above.when(is_real).then(pl.lit("低于")).otherwise(pl.lit("")).alias("reading")
