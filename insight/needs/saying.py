"""What customers say matters to them: ratings of importance, else what they tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.dataset import Dataset
from insight.errors import QuestionsMissing
from insight.needs.raised import Raised, from_options, need_questions
from insight.ratings import importances, label_of, named, scored
from insight.schema import Question


@dataclass(frozen=True, slots=True)
class Stated:
    """What matters to whom.

    Attributes
    ----------
    labels : (k) the attributes
    people : (n_customers) customer_id [sorted], then "0", "1", ... how much each matters [null = not told]
    note : where it comes from
    """

    labels: tuple[str, ...]
    people: pl.DataFrame
    note: str


def stated(
    dataset: Dataset, *, title: str, importance: Sequence[str] = (), question: str = ""
) -> Stated:
    """What respondents who are known customers say matters.

    Parameters
    ----------
    importance : ids of importance ratings; none = by their wording
    question : the multi-select to use instead of ratings; "" = only where nothing is rated

    Raises
    ------
    QuestionsMissing : neither is asked.
    UnknownName : there is no such question.
    """
    responses = dataset.responses
    assert responses is not None
    rated = named(importance, dataset.questionnaire, responses) if importance else importances(dataset.questionnaire, responses)  # fmt: skip
    if rated and not question:
        return _rated(responses, rated)
    asked = dataset.questionnaire.find(question) if question else None
    multi = (asked,) if asked else need_questions(dataset.questionnaire)
    there = [q for q in multi if set(q.columns) & set(responses.columns)]
    if not there:
        raise QuestionsMissing(
            title, "问什么重要的题", "一道矩阵题问“以下各方面对您有多重要”，或一道多选题问“您看重哪些方面”"
        )  # fmt: skip
    raised: Raised = from_options(responses, there[0])
    people = raised.people.with_columns(pl.col(pl.Boolean).cast(pl.Float64))
    note = f"说：多选题“{there[0].wording}”里选它的占比。"
    return Stated(tuple(need.label for need in raised.needs), people, note)


def _rated(responses: pl.DataFrame, rated: Sequence[Question]) -> Stated:
    """The mean of a customer's ratings of each item."""
    columns = [scored(responses, q).alias(str(at)) for at, q in enumerate(rated)]
    table = pl.DataFrame([responses["customer_id"], *columns]).drop_nulls("customer_id")
    people = table.group_by("customer_id").agg(pl.all().mean()).sort("customer_id")
    note = f"说：重要性评分的平均（{'、'.join(label_of(q) for q in rated)}）。"
    return Stated(tuple(label_of(q) for q in rated), people, note)
