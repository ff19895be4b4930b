"""What each customer answered in the questionnaire: the options chosen, and the scores given."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from insight.answers import CLOSED, SCORED, chosen, parts
from insight.dataset import Dataset
from insight.schema import Question, QuestionKind

_COUNTED = tuple({*CLOSED, *SCORED} - {QuestionKind.DATE})
_HELD = {"measure": pl.String, "item": pl.String, "customer_id": pl.String}
_SCORED = {"item": pl.String, "unit": pl.String, "customer_id": pl.String, "value": pl.Float64}
_UNITS = {QuestionKind.NUMBER: "", QuestionKind.SLIDER: ""}


def options_of(dataset: Dataset, *, besides: str = "") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who chose which option, and who was asked.

    Parameters
    ----------
    besides : the id of a question to leave out

    Returns
    -------
    held : (n) measure [question], item [question：option], customer_id; unique, as a customer with
        several questionnaires chose what any of them says
    asked : (n) measure, customer_id; unique
    """
    held, asked = [pl.DataFrame(schema=_HELD)], [pl.DataFrame(schema=_HELD).drop("item")]
    for question, responses in _traced(dataset, besides):
        if question.kind in SCORED:
            continue
        answers = chosen(responses, question)
        if not answers.width:
            continue
        seen = answers.select(pl.any_horizontal(pl.all().is_not_null()).alias("seen"))
        ids, measure = responses["customer_id"], pl.lit(_named(question)).alias("measure")
        long = answers.with_columns(ids).unpivot(index="customer_id", variable_name="option")
        item = pl.format("{}：{}", measure, "option").alias("item")
        held.append(long.filter("value").select(measure, item, "customer_id").unique())
        asked.append(seen.with_columns(ids).filter("seen").select(measure, "customer_id").unique())
    return pl.concat(held), pl.concat(asked)


def scores_of(dataset: Dataset, *, besides: str = "") -> pl.DataFrame:
    """The scores and numbers each customer gave: the mean, where they answered more than once.

    Returns
    -------
    (n) item [question], unit ["分", or "" where the question names none], customer_id, value
    """
    scored = [pl.DataFrame(schema=_SCORED)]
    for question, responses in _traced(dataset, besides):
        if question.kind not in SCORED:
            continue
        value = pl.col(question.columns[0]).cast(pl.Float64).alias("value")
        known = responses.select("customer_id", value).drop_nulls().sort("customer_id", "value")
        means = known.group_by("customer_id", maintain_order=True).agg(pl.col("value").mean())
        item, unit = pl.lit(_named(question)), pl.lit(_UNITS.get(question.kind, "分"))
        scored.append(means.select(item.alias("item"), unit.alias("unit"), "customer_id", "value"))
    return pl.concat(scored)


def _traced(dataset: Dataset, besides: str) -> Iterator[tuple[Question, pl.DataFrame]]:
    """Every question that can be counted, row by row, with the answers of known customers."""
    if dataset.responses is None or "customer_id" not in dataset.responses.columns:
        return
    responses = dataset.responses.filter(pl.col("customer_id").is_not_null())
    for whole in dataset.questionnaire.of_kind(*_COUNTED):
        if whole.id == besides or not set(whole.columns) & set(responses.columns):
            continue
        yield from ((question, responses) for question in parts(whole, responses))


def _named(question: Question) -> str:
    return f"{question.id} {question.wording}"
