"""Answers as features: scores where they have an order, 0 and 1 for every other option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import CLOSED, SCORED, chosen, parts
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing
from insight.ratings.items import scored
from insight.schema import Question, QuestionKind
from insight.stats.proportions import Floats

TITLE = "人群推断"
_ASKED = tuple({*CLOSED, *SCORED} - {QuestionKind.DATE})


@dataclass(frozen=True, slots=True)
class Features:
    """Answers as numbers.

    Attributes
    ----------
    ids : (n) respondents who answered any of it, sorted
    names : (p) the question, or question：option
    values : (n x p) scores, or 1 for an option that was chosen; NaN = no answer
    """

    ids: pl.Series
    names: tuple[str, ...]
    values: Floats


def encoded(dataset: Dataset, questions: Sequence[str]) -> Features:
    """The answers to ``questions`` as numbers; all that can be counted where none is named.

    Raises
    ------
    BadParameter : a named question cannot be counted, or is not there.
    QuestionsMissing : nothing differs between people.
    """
    assert dataset.responses is not None
    responses = dataset.responses.sort("respondent_id")
    asked = [q for q in dataset.questionnaire.of_kind(*_ASKED) if set(q.columns) & set(responses.columns)]  # fmt: skip
    if unknown := set(questions) - {q.id for q in asked}:
        raise BadParameter("题目（typing.questions）", f"没有能算的题 {min(unknown)}，开放题、日期题和编号不能用来推断")  # fmt: skip
    wanted = [q for q in asked if not questions or q.id in questions]
    made = [column for q in wanted for part in parts(q, responses) for column in _columns(responses, part)]  # fmt: skip
    telling = [column for column in made if column.drop_nulls().n_unique() > 1]
    if not telling:
        raise QuestionsMissing(TITLE, "人与人答案不同的选择题或打分题", "一道单选题问“您多久购买一次”，或一道矩阵量表题")  # fmt: skip
    names = tuple(column.name for column in telling)
    values = np.column_stack([column.fill_null(float("nan")).to_numpy() for column in telling])
    answered = ~np.isnan(values).all(axis=1)
    return Features(responses["respondent_id"].filter(answered), names, values[answered])


def _columns(responses: pl.DataFrame, question: Question) -> Iterator[pl.Series]:
    """One column of scores where the answers have an order, else one of 0 and 1 for every option (the first of two is enough)."""
    name = f"{question.id} {question.wording}"
    if question.kind is QuestionKind.RANK:
        yield from _places(responses, question, name=name)
        return
    if question.kind is not QuestionKind.MULTI:
        scores = scored(responses, question)
        if scores.null_count() < len(scores):
            yield scores.alias(name)
            return
    options = chosen(responses, question).cast(pl.Float64)
    is_pair = question.kind is QuestionKind.SINGLE and options.width == 2
    for option in options.columns[: 1 if is_pair else None]:
        yield options[option].alias(f"{name}：{option}")


def _places(responses: pl.DataFrame, question: Question, *, name: str) -> Iterator[pl.Series]:
    """The place of every item of a ranking; items nobody placed share the middle of the places that are left."""
    held = [o for o in question.options if o.column in responses.columns]
    places = responses.select(pl.col(o.column or "").cast(pl.Float64) for o in held)
    n_placed = pl.sum_horizontal(pl.all().is_not_null())
    rest = pl.when(n_placed > 0).then((n_placed + 1 + len(held)) / 2)
    filled = places.select(pl.all().fill_null(rest))
    for option in held:
        yield filled[option.column or ""].alias(f"{name}：{option.label}")
