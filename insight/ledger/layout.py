"""The layout in which a study keeps its ledger, written once: lines by customer, whole orders, what many questions begin with."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.customers import bought_by_kept, customers
from insight.ledger.intervals import apart
from insight.ledger.lines import ALONE, SUMS, Kept, Ledger, collect, has, priced
from insight.ledger.months import begun, months

_OF_AN_ORDER = ("customer_id", "ordered_at", "ordered_month", "channel", "region", "city")


def laid_out(lines: pl.DataFrame) -> pl.DataFrame:
    """Order lines with those of one customer together, in time: small files, and row groups that can be skipped."""
    keys = [c for c in ("customer_id", "ordered_at", "order_id") if c in lines.columns]
    return lines.sort(keys, maintain_order=True)


def fold(lines: pl.LazyFrame) -> pl.DataFrame:
    """Whole orders: the lines of one moment of one order in one row, sorted by customer and time.

    The few rows that are not all of their order come last, so that whoever wants the others alone, or
    these, skips row groups by their statistics.

    Returns
    -------
    (n_orders and the moments of those that have several) order_id, and of customer_id, ordered_at,
        ordered_month, channel, region, city those that the lines have; net, paid, refunded
        [units, see ``priced``]; n_lines; ``ALONE``, whether this row is all of its order
    """
    present = lines.collect_schema().names()
    keys = [*(c for c in _OF_AN_ORDER if c in present), "order_id"]
    rows = priced(nw.from_native(lines)).group_by(*keys).agg(**{n: nw.col(n).sum() for n in SUMS})
    folded = collect(rows).with_columns(pl.col("order_id").is_unique().alias(ALONE))
    return folded.sort(ALONE, *keys, descending=[True, *(False for _ in keys)])


def keep(lines: pl.LazyFrame, folded: pl.DataFrame) -> dict[Kept, pl.DataFrame]:
    """The tables that many questions begin with, for ``Ledger.kept``; none where no customers are told apart.

    Parameters
    ----------
    folded : as ``fold`` makes it of ``lines``

    Returns
    -------
    customers : as ``customer_table``
    days : (n_customers x purchase days) customer_id, day, next_day
    months : (n_customers x months) customer_id, ordered_month, n_orders, net, refunded, first_month
    categories, channels : (n_customers x values bought) as ``bought_by``, where the lines have such a column
    """
    orders = Ledger(nw.from_native(lines), nw.from_native(folded.lazy()))
    if not has(orders, "customer_id"):
        return {}
    return {
        "customers": collect(customers(orders)).sort("customer_id"),
        "days": collect(apart(orders, "customer_id")).sort("customer_id", "day"),
        "months": collect(begun(months(orders))).sort("customer_id", "ordered_month"),
        **bought_by_kept(orders),
    }
