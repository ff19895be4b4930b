"""The one question that is named: never a whole matrix."""

from __future__ import annotations

from insight.answers import Sample
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.ratings import named
from insight.schema import Question


def one_row(dataset: Dataset, people: Sample, wanted: str) -> Question:
    """The question called ``wanted``, or that row of a matrix.

    Raises
    ------
    UnknownName : there is none.
    BadParameter : it is a matrix of several rows.
    """
    rows = named([wanted], dataset.questionnaire, people.responses)
    if len(rows) > 1:
        raise BadParameter("题目", f"{wanted} 是有 {len(rows)} 行的矩阵题，请选其中一行，例如 {rows[0].id}")  # fmt: skip
    return rows[0]
