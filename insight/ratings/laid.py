"""Answers in degrees as columns of numbers, so that tables of scales count them whatever they were told in."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.ratings.items import NO_OPINION, scored, scores_of
from insight.schema import Option, Question, QuestionKind


def laid(
    responses: pl.DataFrame, items: Sequence[Question]
) -> tuple[pl.DataFrame, tuple[Question, ...]]:
    """Answers as numbers.

    Parameters
    ----------
    items : questions of one column each (see ``items.items``)

    Returns
    -------
    responses : with a column of numbers for every item, null = no answer, or no opinion
    items : the same as questions on the scale of those numbers; their options tell what each number means
    """
    columns = {item.id: f"{item.id}#" for item in items}
    numbers = [scored(responses, item).alias(columns[item.id]) for item in items]
    scales = tuple(
        item.model_copy(
            update={
                "kind": QuestionKind.NPS if item.kind is QuestionKind.NPS else QuestionKind.SCALE,
                "columns": (columns[item.id],),
                "options": _options(responses, item),
            }
        )
        for item in items
    )
    return responses.with_columns(numbers), scales


def _options(responses: pl.DataFrame, item: Question) -> tuple[Option, ...]:
    """The steps of the scale, each with its number as its code."""
    answers = responses[item.columns[0]]
    if answers.dtype.is_numeric():
        return tuple(o for o in item.options if not NO_OPINION.search(o.label))
    worth = scores_of(item, sorted(answers.drop_nulls().unique()))
    return tuple(Option(label=label, code=f"{value:g}") for label, value in sorted(worth.items(), key=lambda one: one[1]))  # fmt: skip


def is_graded(responses: pl.DataFrame, item: Question) -> bool:
    """Whether anybody's answer to the item has a number."""
    return scored(responses, item).null_count() < responses.height
