"""What comes back: how often by product, category and channel, how soon, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl

from insight import ledger
from insight.deals.rest import against_rest
from insight.settings import settings

Dimension = Literal["category", "channel", "product"]
NAMES: Mapping[Dimension, str] = MappingProxyType({"category": "品类", "channel": "渠道", "product": "商品"})  # fmt: skip
TABLES: Mapping[Dimension, str] = MappingProxyType({"category": "categories", "channel": "refund_channels", "product": "products"})  # fmt: skip
MOST: Mapping[Dimension, int] = MappingProxyType({"category": 100, "channel": 30, "product": 200})
WHOLE, OTHER_REASONS, MOST_REASONS = "全部", "其他原因", 12
_RATE = "refund_order_rate"


def dimensions(orders: ledger.Orders) -> tuple[Dimension, ...]:
    """By what the refunds of these lines can be told apart."""
    return tuple(one for one in NAMES if one in ledger.columns(orders))


def whole(orders: ledger.Orders) -> pl.DataFrame:
    """All refunds in one row: the columns of ``rates`` without those that compare, and n_alone."""
    row = _named(against_rest(ledger.refund_counts(orders), n="n_refunded", base="n_orders", rate=_RATE))  # fmt: skip
    return row.select("n_orders", "n_refunded", _RATE, "ci_low", "ci_high", "n_customers", "sales_amount", "refunded_amount", "refund_rate", "n_alone")  # fmt: skip


def rates(orders: ledger.Orders, by: Dimension) -> pl.DataFrame:
    """How often each product, category or channel comes back.

    Returns
    -------
    (n_values, those that brought most money) ``by``, n_orders [paid], n_refunded [of them, wholly or in
        part], refund_order_rate, ci_low, ci_high [95 %, Wilson], rest_rate [of the other values], q_value
        [Fisher's exact test against the rest, BH; null where a side is small], n_customers [who gave back],
        sales_amount, refunded_amount [CNY], refund_rate [of the money]; most often first
    """
    named = ledger.largest(orders, by, most=MOST[by])
    counts = ledger.refund_counts(ledger.among(orders, by, named), by=by)
    table = _named(against_rest(counts, n="n_refunded", base="n_orders", rate=_RATE))
    columns = ("n_orders", "n_refunded", _RATE, "ci_low", "ci_high", "rest_rate", "q_value", "n_customers", "sales_amount", "refunded_amount", "refund_rate")  # fmt: skip
    ranked = table.select(pl.col("group").cast(pl.String).alias(by), *columns)
    return ranked.sort(_RATE, by, descending=[True, False], nulls_last=True)


def _named(counts: pl.DataFrame) -> pl.DataFrame:
    """The money of the counts under its names, and the share of it that was given back."""
    share = pl.when(pl.col("sales") > 0).then(pl.col("refunded") / pl.col("sales"))
    enough = pl.col("n_orders") >= settings().tiny_base
    return counts.with_columns(refund_rate=pl.when(enough).then(share)).rename({"sales": "sales_amount", "refunded": "refunded_amount"})  # fmt: skip


def waits(orders: ledger.Orders) -> pl.DataFrame:
    """How soon things come back, all together and by category.

    Returns
    -------
    (1 + n_categories) category [全部 first], n_returns, median_days, late_days [nine of ten come back by
        then], share_within_week, share_within_month; only with enough returns whose time is known
    """
    counted = ledger.refund_waits(orders)
    parts = [_waited(counted, WHOLE)] if counted.height else []
    if parts and "category" in ledger.columns(orders):
        split = ledger.refund_waits(orders, by="category").drop_nulls("group")
        groups = split.partition_by("group", maintain_order=True)
        parts += [_waited(one, str(one["group"][0])) for one in groups]
    known = [one for one in parts if one["n_returns"][0] >= settings().tiny_base]
    return pl.concat(known) if known and known[0]["category"][0] == WHOLE else pl.DataFrame()


def _waited(counted: pl.DataFrame, name: str) -> pl.DataFrame:
    """(1) the row of ``waits`` of these days and how often each was waited."""
    days = counted["days"].to_numpy().repeat(counted["n"].to_numpy())
    return pl.DataFrame({
        "category": [name], "n_returns": [len(days)], "median_days": [float(np.median(days))],
        "late_days": [float(np.quantile(days, 0.9, method="higher"))],
        "share_within_week": [float((days <= 7).mean())], "share_within_month": [float((days <= 30).mean())],
    })  # fmt: skip


def told_reasons(orders: ledger.Orders, *, by: str = "") -> pl.DataFrame:
    """Why customers gave back; the rarer reasons are one.

    Returns
    -------
    (n) as ``ledger.refund_reasons``, with the reasons after the first ``MOST_REASONS`` called 其他原因
    """
    table = ledger.refund_reasons(orders, by=by)
    order = table.group_by("refund_reason").agg(pl.col("n_orders").sum()).sort("n_orders", "refund_reason", descending=[True, False])  # fmt: skip
    kept = order["refund_reason"].head(MOST_REASONS).to_list()
    named = pl.when(pl.col("refund_reason").is_in(kept)).then("refund_reason").otherwise(pl.lit(OTHER_REASONS))  # fmt: skip
    return table.with_columns(refund_reason=named)


def reasons(told: pl.DataFrame) -> pl.DataFrame:
    """How often each reason is given.

    Parameters
    ----------
    told : (n) as ``told_reasons`` gives them

    Returns
    -------
    (n_reasons) refund_reason, n_orders, share_of_refunds [of the orders that tell a reason; an order with two
        counts in both], refunded_amount [CNY], share_of_refunded, n_customers; most often first
    """
    sums = told.group_by("refund_reason").agg(
        pl.col("n_orders").sum(), refunded_amount=pl.col("refunded").sum(),
        n_customers=pl.col("customer_id").drop_nulls().n_unique().cast(pl.Int64),
    )  # fmt: skip
    ranked = sums.sort("n_orders", "refund_reason", descending=[True, False])
    return ranked.select(
        "refund_reason",
        "n_orders",
        share_of_refunds=pl.col("n_orders") / pl.col("n_orders").sum(),
        refunded_amount="refunded_amount",
        share_of_refunded=pl.col("refunded_amount") / pl.col("refunded_amount").sum(),
        n_customers="n_customers",
    )


def crossed(told: pl.DataFrame) -> pl.DataFrame:
    """What each category is given back for.

    Parameters
    ----------
    told : (n) as ``told_reasons`` gives them by category

    Returns
    -------
    (n_categories x reasons) category, refund_reason, n_orders, base [orders of the category that tell a
        reason], share; categories without enough of them are left out
    """
    known = told.drop_nulls("group").rename({"group": "category"})
    pairs = known.group_by("category", "refund_reason").agg(pl.col("n_orders").sum())
    names = pairs.select(pl.col("category").unique().sort()).join(pairs.select(pl.col("refund_reason").unique().sort()), how="cross", maintain_order="left_right")  # fmt: skip
    filled = names.join(pairs, on=["category", "refund_reason"], how="left", maintain_order="left").with_columns(pl.col("n_orders").fill_null(0))  # fmt: skip
    based = filled.with_columns(base=pl.col("n_orders").sum().over("category"))
    enough = based.filter(pl.col("base") >= settings().tiny_base)
    return enough.with_columns(share=pl.col("n_orders") / pl.col("base"))
