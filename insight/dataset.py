"""What an analysis is given: the typed tables of a study, joined to customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import polars as pl

from insight.schema import Questionnaire


@dataclass(frozen=True, slots=True)
class Dataset:
    """The tables of one revision of a study; absent tables are None.

    Attributes
    ----------
    orders : (n_lines) lazy, on the engine the user chose; only ``insight.ledger`` touches it.
        ``customer_id`` is null where a line has no usable key; ``amount`` [CNY, refunds negative];
        ``ordered_at`` [Int64, seconds of the shop's local clock]
    customers : (n_customers) customer_id and attributes
    responses : (n_respondents) respondent_id, customer_id (null where unmatched), question columns
    texts : (n_texts) text_id, text, and where known respondent_id, customer_id, question, source,
        document, speaker, role ("participant" | "interviewer"), said_at, rating
    questionnaire : the questions behind the columns of ``responses``
    """

    orders: nw.LazyFrame[Any] | None = None
    customers: pl.DataFrame | None = None
    responses: pl.DataFrame | None = None
    texts: pl.DataFrame | None = None
    questionnaire: Questionnaire = field(default_factory=Questionnaire)

    def columns(self, table: str) -> frozenset[str]:
        """Names of the columns that ``table`` really has; empty where the table is absent."""
        frame = getattr(self, table)
        if frame is None:
            return frozenset()
        names = frame.collect_schema().names() if table == "orders" else frame.columns
        return frozenset(names)
