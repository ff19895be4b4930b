"""The ledger of some customers: their lines, orders and kept tables, beside those of all customers or alone."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import polars as pl

from insight.ledger.lines import Ledger, Lines, Orders, everybody


def of_customers(orders: Orders, ids: pl.Series) -> Orders:
    """The lines of these customers.

    Parameters
    ----------
    ids : customer_id

    Returns
    -------
    Their part of the ledger. ``span``, ``selling_days`` and the periods are still those of the shop: who
        has been away for long has been away until its last day, not until the last day of the group.
    """
    whole = everybody(orders)
    if not isinstance(orders, Ledger):
        return Ledger(_own(orders, ids), everybody=whole)
    return Ledger(
        _own(orders.lines, ids),
        None if orders.folded is None else _own(orders.folded, ids),
        {name: _own(table, ids) for name, table in orders.kept.items()},
        everybody=whole,
    )


def alone(orders: Orders, ids: pl.Series) -> Orders:
    """The lines of these customers as if there were no others: ``span`` and the periods are theirs, too."""
    part = of_customers(orders, ids)
    assert isinstance(part, Ledger)
    return replace(part, everybody=None)


def events_of(events: Lines, ids: pl.Series) -> Lines:
    """The events of these customers; those of nobody who is known are left out."""
    return _own(events, ids)


def _own(rows: Lines, ids: pl.Series) -> Lines:
    return rows.join(_beside(rows, ids), on="customer_id", how="semi")


def _beside(rows: Lines, ids: pl.Series) -> Lines:
    """The customers as a lazy table on the engine of ``rows``."""
    listed = ids.alias("customer_id").to_frame().unique()
    if rows.implementation.is_duckdb():
        import duckdb

        return nw.from_native(duckdb.from_arrow(listed.to_arrow()))
    if rows.implementation.is_pyspark():
        session = rows.to_native().sparkSession
        known: Lines = nw.from_native(session.createDataFrame(listed.rows(), "customer_id string"))
        return known
    return nw.from_native(listed.lazy())
