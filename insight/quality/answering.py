"""How a respondent answered: too fast, always the same, against all others, against themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl

from insight.schema import Question, QuestionKind, Questionnaire

NONE_OF_THESE = "以上都没有|以上都不|都没有|都不是|^无$|^没有$|None of"
LEAST_ITEMS = 5  # answers in a row that must differ


def too_fast(responses: pl.DataFrame, *, share: float, per_item: float, n_items: int) -> pl.Series:
    """Whether a questionnaire was answered too fast to be read (n, Boolean; null where no time is known).

    Parameters
    ----------
    share : of the median time; below it is too fast
    per_item, n_items : below ``per_item`` seconds for each of ``n_items`` questions, too

    Notes
    -----
    Huang, Curran, Keeney, Poposki & DeShon (2012), J Bus Psychol 27, 99-114.
    """
    if "duration_s" not in responses.columns:
        return _none(responses)
    seconds = responses["duration_s"].cast(pl.Float64)
    least = max(share * (seconds.median() or 0.0), per_item * n_items)  # type: ignore[operator]
    return seconds < least


def grids(questionnaire: Questionnaire, responses: pl.DataFrame) -> list[list[str]]:
    """Columns of answers on one and the same scale: each matrix, and scales that stand side by side."""
    found = []
    runs = groupby(
        questionnaire.questions, key=lambda q: (q.kind, tuple(o.label for o in q.options))
    )
    for (kind, _), run in runs:
        if kind is QuestionKind.MATRIX:
            found += [list(q.columns) for q in run]
        elif kind is QuestionKind.SCALE:
            found.append([c for q in run for c in q.columns])
    there = [[c for c in grid if c in responses.columns] for grid in found]
    return [grid for grid in there if len(grid) >= LEAST_ITEMS]


def straight(responses: pl.DataFrame, grids: Sequence[Sequence[str]]) -> pl.Series:
    """Whether all answers of a grid of five or more items are the same (n, Boolean; null without a grid).

    Notes
    -----
    LongString over the whole grid: Johnson (2005), J Res Pers 39, 103-129.
    """
    if not grids:
        return _none(responses)
    same = [
        pl.concat_list(pl.col(c).cast(pl.String) for c in grid).list.drop_nulls() for grid in grids
    ]
    runs = [(s.list.n_unique() == 1) & (s.list.len() >= LEAST_ITEMS) for s in same]
    return responses.select(pl.any_horizontal(runs)).to_series()


def unlikely(responses: pl.DataFrame, grids: Sequence[Sequence[str]], *, p: float) -> pl.Series:
    """Whether the answers to numeric grids lie far from everybody else's (n, Boolean; null where incomplete).

    Notes
    -----
    Mahalanobis D² against chi² with as many degrees of freedom as items: Meade & Craig (2012),
    Psychol Methods 17, 437-455.
    """
    from scipy.stats import chi2

    columns = [c for grid in grids for c in grid if responses.schema[c].is_numeric()]
    whole = responses.select(pl.col(columns).cast(pl.Float64)).with_row_index("at").drop_nulls()
    if len(columns) < LEAST_ITEMS or whole.height <= 3 * len(columns):
        return _none(responses)
    answers = whole.drop("at").to_numpy()
    centred = answers - answers.mean(axis=0)
    inverse = np.linalg.pinv(np.cov(centred, rowvar=False))
    distance = np.einsum("ij,jk,ik->i", centred, inverse, centred)
    far = pl.Series("far", chi2.sf(distance, len(columns)) < p)
    told = whole.select("at").with_columns(far)
    return _at(responses, told)


def _at(responses: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    rows = pl.DataFrame({"at": pl.int_range(responses.height, dtype=pl.UInt32, eager=True)})
    return rows.join(told, on="at", how="left", maintain_order="left")["far"]


def contradictory(responses: pl.DataFrame, questionnaire: Questionnaire) -> pl.Series:
    """Whether answers exclude each other (n, Boolean): 以上都没有 beside real options, or a
    recommendation of 9-10 beside the lowest, of 0-2 beside the highest satisfaction.
    """
    found = [*_exclusive(responses, questionnaire), *_recommends(responses, questionnaire)]
    if not found:
        return _none(responses)
    return responses.select(pl.any_horizontal(found).fill_null(value=False)).to_series()


def _exclusive(responses: pl.DataFrame, questionnaire: Questionnaire) -> list[pl.Expr]:
    rules = []
    for question in questionnaire.of_kind(QuestionKind.MULTI):
        held = [o for o in question.options if o.column in responses.columns]
        labels = pl.Series([o.label for o in held], dtype=pl.String)
        is_none = labels.str.contains(NONE_OF_THESE).to_list()
        none = [pl.col(o.column or "") for o, n in zip(held, is_none, strict=True) if n]
        real = [pl.col(o.column or "") for o, n in zip(held, is_none, strict=True) if not n]
        if none and real:
            rules.append(pl.any_horizontal(none) & pl.any_horizontal(real))
    return rules


def _recommends(responses: pl.DataFrame, questionnaire: Questionnaire) -> list[pl.Expr]:
    scales = [q for q in questionnaire.of_kind(QuestionKind.SCALE) if _is_overall(q)]
    rules = []
    for nps in questionnaire.of_kind(QuestionKind.NPS):
        for scale in scales:
            points = responses[scale.columns[0]].drop_nulls()
            low, high = points.min(), points.max()
            if low is None or low == high:
                continue
            score, answer = pl.col(nps.columns[0]), pl.col(scale.columns[0])
            rules.append(((score >= 9) & (answer == low)) | ((score <= 2) & (answer == high)))
    return rules


def _is_overall(question: Question) -> bool:
    return "满意" in question.wording and len(question.columns) == 1


def _none(responses: pl.DataFrame) -> pl.Series:
    return pl.repeat(None, responses.height, dtype=pl.Boolean, eager=True)
