"""The moments of the scores of several questions in the columns of one break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import SCORED, parts, scores
from insight.schema import Question, QuestionKind
from insight.stats.cells import Codes, beside, counts_of
from insight.stats.moments import Moments, moments, stacked
from insight.stats.overlap import overlap_of
from insight.stats.proportions import Flags, Floats
from insight.tabulation.banners import Family


@dataclass(frozen=True, slots=True)
class Scores:
    """A question's different scores (ascending), which of them each person gave, and which are the top two.

    ``codes`` are (n) places in ``values``, their number for people without a score.
    """

    question: Question
    values: Floats
    codes: Codes
    top: Flags


@dataclass(frozen=True, slots=True)
class Figures:
    """Arrays of (n_questions, n_columns).

    Attributes
    ----------
    columns, rest : each column, and everybody of the break outside it; whole : the total, then the columns
    top : share of the two highest scores, in the columns of ``whole``; NaN where a question has none
    overlap : (n_questions, n_columns, n_columns) see ``cells.Counted``; None where columns share nobody
    """

    columns: Moments
    rest: Moments
    whole: Moments
    top: Floats
    overlap: Floats | None


def scored(questions: Sequence[Question], responses: pl.DataFrame) -> tuple[Question, ...]:
    """The questions, and rows of questions, that are answered with numbers."""
    each = (p for q in questions for p in parts(q, responses) if p.kind in SCORED)
    held = (q for q in each if q.columns[0] in responses.columns)
    return tuple(q for q in held if responses[q.columns[0]].dtype.is_numeric())


def scores_of(responses: pl.DataFrame, question: Question) -> Scores:
    """The scores of one question as codes."""
    answers = responses[question.columns[0]].cast(pl.Float64).fill_nan(None)
    values = answers.drop_nulls().unique().sort().to_numpy()
    places = np.searchsorted(values, answers.fill_null(0.0).to_numpy())
    codes = np.where(answers.is_null().to_numpy(), len(values), places).astype(np.intp)
    is_scale = question.kind is QuestionKind.SCALE
    points = [score for _, score in scores(answers, question)] if is_scale else []
    least = points[-2] if len(points) > 3 else np.inf
    return Scores(question, values, codes, values >= least)


def figures_of(asked: Sequence[Scores], family: Family, weight: Floats | None) -> Figures:
    """The moments of every question in every column of one break; ``asked`` is not empty."""
    columns, rest, whole, top = zip(*(_moments(o, family, weight) for o in asked), strict=True)
    overlap = _overlap(asked, family, weight)
    return Figures(stacked(columns), stacked(rest), stacked(whole), np.vstack(top), overlap)


def _moments(
    one: Scores, family: Family, weight: Floats | None
) -> tuple[Moments, Moments, Moments, Floats]:
    inner, total, rest = counts_of(one.codes, len(one.values), columns=family.columns, weight=weight)  # fmt: skip
    whole = beside([total, inner])
    there = whole.w.sum(axis=0)
    known = (there > 0) & one.top.any()
    top = np.divide(whole.w[one.top].sum(axis=0), there, out=np.full(there.shape, np.nan), where=known)  # fmt: skip
    return moments(one.values, inner), moments(one.values, rest), moments(one.values, whole), top


def _overlap(asked: Sequence[Scores], family: Family, weight: Floats | None) -> Floats | None:
    ticks = family.columns.ticks
    if ticks is None:
        return None
    told = [one.codes < len(one.values) for one in asked]
    return np.stack([overlap_of(ticks[t], None if weight is None else weight[t]) for t in told])
