"""The tables of some customers and of nobody else, for whoever may see only those."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from insight import ledger
from insight.dataset import Dataset, Memo

NARROWED = frozenset({"orders", "customers", "events", "responses", "texts", "codes"})
"""Tables of ``Dataset`` that are cut down to the customers."""
CLOSED = frozenset({"quality", "waterfall", "campaigns", "promises", "lists"})
"""What tells of others and cannot be cut down: it is absent."""
OF_NOBODY = frozenset({"designs", "questionnaire", "definitions", "lexicon", "codebook", "topic_edits", "playbook"})  # fmt: skip
"""What was asked, shown and decided: it tells of no customer."""


def own_rows(dataset: Dataset, ids: pl.Series, *, memo: Memo) -> Dataset:
    """``dataset`` as if there were no other customers.

    Answers and texts that belong to no known customer are left out; what nothing is left of is absent.

    Parameters
    ----------
    ids : customer_id
    memo : of these customers only; what was worked out of all is not handed on
    """
    responses = _of(dataset.responses, ids, "customer_id")
    texts = _said(dataset.texts, ids, responses)
    orders = dataset.orders
    if orders is not None:
        orders = ledger.alone(orders, ids) if "customer_id" in dataset.columns("orders") else None
    events = dataset.events
    if events is not None:
        events = ledger.events_of(events, ids) if "customer_id" in dataset.columns("events") else None  # fmt: skip
    told = texts["text_id"] if texts is not None else ids.clear()
    return replace(
        dataset,
        orders=None if orders is None or not ledger.totals(orders)["n_orders"] else orders,
        events=None if events is None or not ledger.event_span(events)["n_events"] else events,
        customers=_of(dataset.customers, ids, "customer_id"),
        responses=responses,
        texts=texts,
        codes=_of(dataset.codes, told, "text_id"),
        quality=None,
        waterfall=None,
        campaigns=(),
        promises=(),
        lists={},
        memo=memo,
    )


def _of(frame: pl.DataFrame | None, ids: pl.Series, column: str) -> pl.DataFrame | None:
    """The rows whose id is one of these; None where there are none."""
    if frame is None or column not in frame.columns:
        return None
    kept = frame.filter(_is_one_of(column, ids))
    return None if kept.is_empty() else kept


def _said(
    texts: pl.DataFrame | None, ids: pl.Series, responses: pl.DataFrame | None
) -> pl.DataFrame | None:
    """What these customers said: under their own id, or, where that is unknown, in an answer of theirs."""
    if texts is None:
        return None
    is_own, is_unknown = pl.lit(value=False), pl.lit(value=True)
    if "customer_id" in texts.columns:
        is_own, is_unknown = _is_one_of("customer_id", ids), pl.col("customer_id").is_null()
    if "respondent_id" in texts.columns and responses is not None:
        is_own |= is_unknown & _is_one_of("respondent_id", responses["respondent_id"])
    kept = texts.filter(is_own)
    return None if kept.is_empty() else kept


def _is_one_of(column: str, ids: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(ids.implode()).fill_null(value=False)
