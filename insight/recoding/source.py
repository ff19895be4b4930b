"""Which question, or which row of one, is meant."""

from __future__ import annotations

import polars as pl

from insight.answers import parts
from insight.errors import UnknownName
from insight.schema import Question, Questionnaire


def source_of(responses: pl.DataFrame, questionnaire: Questionnaire, id_: str) -> Question:
    """The question of that id, or the row of a question ("Q4_2") as a question.

    Raises
    ------
    UnknownName : there is neither.
    """
    if (question := questionnaire.find(id_)) is not None:
        return question
    rows = (p for q in questionnaire.questions for p in parts(q, responses))
    found = next((p for p in rows if p.id == id_), None)
    if found is None:
        raise UnknownName("题目", id_, [q.id for q in questionnaire.questions])
    return found
