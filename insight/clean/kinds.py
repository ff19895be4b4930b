"""What kind of question one column of answers is."""

from __future__ import annotations

import re

import polars as pl

from insight.clean.columns import is_numeric
from insight.clean.values import numbers
from insight.schema import QuestionKind

_NPS = re.compile(r"推荐|\bnps\b|nps$|^nps|recommend", re.IGNORECASE)
_SCALE = re.compile(
    r"满意|评分|打分|程度|同意|重要|符合|喜欢|可能性|意愿|几分|量表|rating|satisf|\bsat_",
    re.IGNORECASE,
)
_OPEN = re.compile(r"建议|意见|想法|补充|为什么|原因|请说明|请描述|请填写|谈谈|感受|看法")
_WIDEST_SCALE = 11


def kind_of(answers: pl.Series, *, wording: str, coded: bool) -> QuestionKind:
    """Kind of a question that one column holds.

    Parameters
    ----------
    answers : (n) non-null text
    wording : what was asked
    coded : whether the file holds option numbers instead of option text

    Notes
    -----
    0 to 10 with a wording on recommending is NPS; up to 11 neighbouring integers are a scale,
    two integers a single choice; in a coded file integers are option numbers unless the wording
    speaks of a rating. Text is open where it hardly repeats, is long, or is asked for openly.
    """
    if not is_numeric(answers):
        return QuestionKind.OPEN if is_open(answers, wording=wording) else QuestionKind.SINGLE
    values = numbers(answers).drop_nulls()
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    whole = bool((values == values.round()).all()) and low >= 0
    if whole and high <= 10 and high > 5 and _NPS.search(wording):
        return QuestionKind.NPS
    points = whole and high <= _WIDEST_SCALE and high - low < _WIDEST_SCALE
    if points and _SCALE.search(wording):
        return QuestionKind.SCALE
    if whole and (coded or values.n_unique() <= 2):
        return QuestionKind.SINGLE
    return QuestionKind.SCALE if points else QuestionKind.NUMBER


def is_open(answers: pl.Series, *, wording: str) -> bool:
    """Whether text answers are free writing rather than options."""
    n, distinct = len(answers), answers.n_unique()
    length = float(answers.unique().str.len_chars().mean() or 0)  # type: ignore[arg-type]
    many = max(20, n / 2)
    return (
        distinct > min(60, many)
        or (distinct > 20 and length >= 5)
        or (distinct > 12 and (length >= 15 or _OPEN.search(wording) is not None))
        or (distinct > max(2, n / 2) and length >= 6)
    )
