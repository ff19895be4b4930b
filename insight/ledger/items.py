"""What some customers bought, and on which day: the products or categories behind what they say."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from insight.ledger.lines import DAY, Orders, among, by_order, collect, is_paid, known, yuan
from insight.ledger.periods import whole_lengths


def item_days(orders: Orders, item: str, *, customers: Sequence[str]) -> pl.DataFrame:
    """Which items these customers paid for on which day.

    Parameters
    ----------
    item : "product" or "category"; lines without one are left out
    customers : ids; all of them may be unknown to the ledger

    Returns
    -------
    (n) customer_id, ``item``, day [days since 1970], spend [CNY, net]; sorted
    """
    keys = ("customer_id", item)
    lines = among(known(orders, *keys), "customer_id", customers)
    paid = by_order(lines, *keys).filter(is_paid())
    days = paid.with_columns(day=whole_lengths(nw.col("at"), DAY))
    sums = days.group_by(*keys, "day").agg(spend=yuan(nw.col("net").sum()))
    return collect(sums).select(*keys, "day", "spend").sort(*keys, "day")
