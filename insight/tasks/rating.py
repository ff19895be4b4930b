"""Ratings-based conjoint: the product cards of a design and how each respondent rated them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.schema import Question
from insight.tasks.asked import named
from insight.tasks.profiles import Levels, plan_of, questions_missing, runs, varying


@dataclass(frozen=True, slots=True)
class Ratings:
    """The cards and their ratings.

    Attributes
    ----------
    cards : (n_cards) the levels of each card, in the order of ``levels``
    levels : attribute -> its levels
    constant : attributes that are the same on all cards
    ratings : (n x n_cards) NaN = not rated
    """

    cards: tuple[tuple[str, ...], ...]
    levels: Levels
    constant: tuple[str, ...]
    ratings: NDArray[np.float64]


def is_rated(dataset: Dataset, design: str) -> bool:
    """Whether the design lists cards to be rated: one after the other, not in tasks to choose within."""
    return plan_of(dataset, design).select("version", "task").n_unique() == 1


def ratings(
    dataset: Dataset, people: pl.DataFrame, *, questions: Sequence[str] = (), design: str = ""
) -> Ratings:
    """Read the ratings of the cards of a design.

    Parameters
    ----------
    people : (n) respondents, columns of the questionnaire
    questions : ids in the order of the cards; empty: the block of as many numeric questions as there are cards
    design : name of the design file; "" = the only one

    Raises
    ------
    QuestionsMissing : there is no design, or no block of questions that answers it.
    BadParameter : the number of questions is not that of the cards.
    """
    plan = plan_of(dataset, design)
    levels, constant = varying(plan, within=("version",))
    cards = plan.select(dict(levels).keys()).rows()
    asked = _asked(dataset, people, questions, n_cards=len(cards))
    given = [people[q.columns[0]].cast(pl.Float64, strict=False).to_numpy() for q in asked]
    return Ratings(tuple(cards), levels, constant, np.column_stack(given).astype(np.float64))


def _asked(
    dataset: Dataset, people: pl.DataFrame, ids: Sequence[str], *, n_cards: int
) -> tuple[Question, ...]:
    if ids:
        found = named(dataset, ids)
        if len(found) != n_cards:
            raise BadParameter("题目", f"指定了 {len(found)} 题，设计里却有 {n_cards} 个产品")
        return found

    def fits(question: Question) -> bool:
        return people[question.columns[0]].dtype.is_numeric()

    block = next(runs(dataset, length=n_cards, fits=fits), None)
    if block is None:
        raise questions_missing(f"和设计一样多的打分题（{n_cards} 题）")
    return block
