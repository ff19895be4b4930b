"""What each customer paid in each quarter of the year."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.customers import spend_by
from insight.ledger.lines import Orders, timed


def spend_by_quarter(orders: Orders) -> pl.DataFrame:
    """Spend of each customer, quarter by quarter.

    Parameters
    ----------
    orders : (n_lines) customer_id, order_id, ordered_month [yyyymm], amount and, where known, refund

    Returns
    -------
    (n_customers x quarters with lines) customer_id, quarter [yyyyq: 20254 is the last of 2025],
        n_orders [paid], spend [CNY, net]; sorted by both
    """
    month_of_year = nw.col("ordered_month") % 100
    year = (nw.col("ordered_month") - month_of_year) / 100
    started = month_of_year + 2
    quarter = (year * 10 + (started - started % 3) / 3).round(0).cast(nw.Int64)
    return spend_by(timed(orders, quarter=quarter), "quarter")
