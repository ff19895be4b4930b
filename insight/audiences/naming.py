"""What conditions can name in a study: columns, questions and breaks, with their Chinese labels."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, ConfigDict

from insight import ledger
from insight.answers import SCORED, chosen, parts
from insight.dataset import Dataset
from insight.schema import CUSTOMERS, ORDERS, Kind, Question, QuestionKind

MEASURES: Mapping[str, str] = {
    "spend": "消费", "n_orders": "订单数", "average_order_value": "客单价",
    "days_since_last": "距最近一次购买天数", "days_since_first": "距首次购买天数",
}  # fmt: skip
SOURCES = {"": "任何来源", "answers": "问卷开放题", "reviews": "评论", "interviews": "访谈"}
BOUGHT = ("category", "product", "channel", "region", "city", "promotion")
MOST_VALUES = 300  # offered; others can be written
_CHOSEN = (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.RANK)  # fmt: skip
_NOT_TRAITS = ("customer_id", "match_status", "match_key", "match_tier", "is_conflict")


class Trait(BaseModel):
    """An attribute of customers: what its values are ("words", "number", "date") and the commonest of them."""

    model_config = ConfigDict(frozen=True)

    label: str
    kind: str
    values: tuple[str, ...] = ()


class Asked(BaseModel):
    """A question, or a row of one: its options, whether numbers compare, whether it is answered in words."""

    model_config = ConfigDict(frozen=True)

    wording: str
    options: tuple[str, ...] = ()
    is_score: bool = False
    is_nps: bool = False
    is_open: bool = False


class Names(BaseModel):
    """What a study has for conditions; empty where it lacks the table.

    Attributes
    ----------
    bought : column of the order lines -> its largest values
    traits : column of the customers
    breaks : break key -> label
    questions : id -> what it is
    sources : kinds of text there are
    """

    model_config = ConfigDict(frozen=True)

    has_customers: bool = False
    bought: dict[str, tuple[str, ...]] = {}
    traits: dict[str, Trait] = {}
    breaks: dict[str, str] = {}
    questions: dict[str, Asked] = {}
    sources: tuple[str, ...] = ()


def labels_of(dataset: Dataset, *, breaks: Mapping[str, str]) -> Names:
    """The labels alone, for sentences.

    Parameters
    ----------
    breaks : key -> label of the groups a condition may ask for
    """
    frame = dataset.customers
    columns = [] if frame is None else [c for c in frame.columns if c not in _NOT_TRAITS]
    return Names(
        traits={name: Trait(label=_trait_label(name), kind="words") for name in columns},
        breaks=dict(breaks),
        questions={q.id: Asked(wording=q.wording) for q in questions_of(dataset)},
    )


def names_of(dataset: Dataset, *, breaks: Mapping[str, str]) -> Names:
    """What the conditions of an audience may name in this data; ``breaks`` as in ``labels_of``."""
    orders, had = dataset.orders, dataset.columns("orders")
    bought = {}
    if orders is not None and "customer_id" in had:
        columns = [c for c in BOUGHT if c in had]
        bought = {c: ledger.values_of(orders, c, most=MOST_VALUES) for c in columns}
    return Names(
        has_customers="customer_id" in had,
        bought=bought,
        traits=_traits(dataset),
        breaks=dict(breaks),
        questions={q.id: _asked(q, dataset.responses) for q in questions_of(dataset)},
        sources=sources_of(dataset),
    )


def _traits(dataset: Dataset) -> dict[str, Trait]:
    frame = dataset.customers
    if frame is None:
        return {}
    return {
        name: _trait(frame[name])
        for name in frame.columns
        if name not in _NOT_TRAITS and not frame[name].is_null().all()
    }


def _trait(values: pl.Series) -> Trait:
    column = CUSTOMERS.column(values.name)
    label = _trait_label(values.name)
    if column and column.kind is Kind.TIME:
        return Trait(label=label, kind="date")
    if values.dtype.is_numeric():
        return Trait(label=label, kind="number")
    counts = values.cast(pl.String).drop_nulls().value_counts(name="n")
    largest = counts.sort(["n", values.name], descending=[True, False]).head(MOST_VALUES)
    return Trait(label=label, kind="words", values=tuple(largest[values.name]))


def _trait_label(name: str) -> str:
    column = CUSTOMERS.column(name)
    return column.label if column else name


def questions_of(dataset: Dataset) -> tuple[Question, ...]:
    """The questions a condition may ask about, those in rows row by row."""
    responses = dataset.responses
    if responses is None:
        return ()
    each = (part for q in dataset.questionnaire.questions for part in parts(q, responses))
    usable = (*_CHOSEN, *SCORED, QuestionKind.OPEN)
    return tuple(
        q for q in each if q.kind in usable and any(c in responses.columns for c in q.columns)
    )


def is_chosen(question: Question) -> bool:
    """Whether it has options to choose."""
    return question.kind in _CHOSEN


def is_scored(question: Question) -> bool:
    """Whether its answers are numbers that compare."""
    return question.kind in SCORED


def _asked(question: Question, responses: pl.DataFrame | None) -> Asked:
    is_listed = is_chosen(question) and responses is not None
    options = chosen(responses, question).columns if responses is not None and is_listed else ()
    return Asked(
        wording=question.wording,
        options=tuple(options),
        is_score=is_scored(question),
        is_nps=question.kind is QuestionKind.NPS,
        is_open=question.kind is QuestionKind.OPEN,
    )


def sources_of(dataset: Dataset) -> tuple[str, ...]:
    """The kinds of text the data hold, of ``SOURCES``."""
    if dataset.texts is None or dataset.texts.is_empty():
        return ()
    found = dataset.texts.select(source_of(dataset.texts)).to_series().unique()
    return tuple(name for name in SOURCES if name in set(found))


def source_of(texts: pl.DataFrame) -> pl.Expr:
    """Where each text comes from: with a document an interview, of a questionnaire an answer, else a review."""
    no = pl.lit(None, pl.String)
    document = pl.col("document") if "document" in texts.columns else no
    source = pl.col("source") if "source" in texts.columns else no
    respondent = pl.col("respondent_id") if "respondent_id" in texts.columns else no
    return (
        pl.when(document.is_not_null())
        .then(pl.lit("interviews"))
        .when(respondent.is_not_null() & source.eq_missing(pl.lit("问卷")))
        .then(pl.lit("answers"))
        .otherwise(pl.lit("reviews"))
        .alias("kind_of_source")
    )


def column_label(name: str) -> str:
    """The Chinese label of a column of the order lines."""
    column = ORDERS.column(name)
    return column.label if column else name
