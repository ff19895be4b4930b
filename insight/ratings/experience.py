"""Which questions ask how satisfied customers are (CSAT) and how much effort something took (CES)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from insight.ratings.items import items, points
from insight.ratings.laid import is_graded
from insight.schema import Question, QuestionKind, Questionnaire

CSAT, CES = "CSAT", "CES"
_ABOUT: Mapping[str, re.Pattern[str]] = MappingProxyType({
    CSAT: re.compile(r"(?i)满意|satisf"),
    CES: re.compile(r"(?i)费力|费劲|省力|轻松|容易|难易|麻烦|effort|\beas(y|e|ily)\b"),
})  # fmt: skip
_FEWEST, _MOST = 3, 11  # points of a scale


def experience(
    questionnaire: Questionnaire, responses: pl.DataFrame
) -> tuple[tuple[str, Question], ...]:
    """Measure (CSAT or CES) and question of every item that asks for one, in the order of the questionnaire.

    A row of a matrix is told by the question of the matrix; scales have 3 to 11 points.
    """
    found = []
    for item in items(questionnaire, responses):
        asked = item.wording.rpartition("｜")[0] or item.wording
        measure = next((name for name, about in _ABOUT.items() if about.search(asked)), "")
        if measure and item.kind is not QuestionKind.NPS and _is_scale(responses, item):
            found.append((measure, item))
    return tuple(found)


def _is_scale(responses: pl.DataFrame, item: Question) -> bool:
    return is_graded(responses, item) and _FEWEST <= len(points(responses, [item])) <= _MOST
