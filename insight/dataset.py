"""What an analysis is given: the typed tables of a study, joined to customers."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from insight import ledger
from insight.schema import Definitions, Questionnaire


@dataclass(frozen=True, slots=True)
class Dataset:
    """The tables of one revision of a study; absent tables are None.

    Attributes
    ----------
    orders : (n_lines) lazy, on the engine the user chose; of a study also folded to whole orders
        (``ledger.Ledger``). Only ``insight.ledger`` touches it.
        ``customer_id`` is null where a line has no usable key; ``amount`` [CNY, refunds negative];
        ``ordered_at`` [Int64, seconds of the shop's local clock]
    customers : (n_customers) customer_id and attributes
    responses : (n_respondents) respondent_id, customer_id (null where unmatched), question columns
    texts : (n_texts) text_id, text, and where known respondent_id, customer_id, question, source,
        document, speaker, role ("participant" | "interviewer"), said_at, rating
    questionnaire : the questions behind the columns of ``responses``
    waterfall : file, step, label, applies, n_met, amount_met, n_rows, n_orders, amount: how raw order
        rows became the lines of ``orders``, file by file (see ``insight.clean.waterfall``)
    definitions : what the study means by an RFM group, a high-ticket customer and a cluster
    quality : (all respondents) what the checks found, see ``insight.quality``, and is_left_out; those
        are in neither ``responses`` nor ``texts``
    """

    orders: ledger.Orders | None = None
    customers: pl.DataFrame | None = None
    responses: pl.DataFrame | None = None
    texts: pl.DataFrame | None = None
    questionnaire: Questionnaire = field(default_factory=Questionnaire)
    definitions: Definitions = field(default_factory=Definitions)
    quality: pl.DataFrame | None = None
    waterfall: pl.DataFrame | None = None

    def columns(self, table: str) -> frozenset[str]:
        """Names of the columns that ``table`` really has; empty where the table is absent."""
        frame = getattr(self, table)
        if frame is None:
            return frozenset()
        return ledger.columns(frame) if table == "orders" else frozenset(frame.columns)
