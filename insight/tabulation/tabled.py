"""Which tables are made of the questions somebody asks for: one of each, one of every row of a matrix."""

from __future__ import annotations

from collections.abc import Sequence

from insight.answers import closed_questions, parts
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, UnknownName
from insight.schema import Question
from insight.tabulation.asking import ALL


def tabled(dataset: Dataset, wanted: Sequence[str], *, title: str) -> tuple[Question, ...]:
    """The questions that have tables of their own.

    Parameters
    ----------
    wanted : ids of questions, or of single rows of a matrix ("Q7_1"); ``ALL`` among them: every one; none: the first
    title : what the tables are for, in the words of the screen

    Returns
    -------
    in the order that was asked for, each once; of a matrix its rows

    Raises
    ------
    MissingColumns : no question can be counted.
    UnknownName, BadParameter : there is no such question, or it cannot be counted.
    """
    assert dataset.responses is not None
    closed = closed_questions(dataset.questionnaire, dataset.responses)
    if not closed:
        raise MissingColumns(title, ("问卷：可以计数的题目",))
    each = {q.id: parts(q, dataset.responses) for q in closed}
    if ALL in wanted or not wanted:
        found = [row for rows in (each.values() if wanted else [each[closed[0].id]]) for row in rows]  # fmt: skip
        return tuple(found)
    rows = {row.id: (row,) for own in each.values() for row in own}
    for name in wanted:
        if name not in each and name not in rows:
            raise _refused(dataset, name, known=list(each))
    return tuple(dict.fromkeys(row for name in wanted for row in each.get(name) or rows[name]))


def _refused(dataset: Dataset, name: str, *, known: Sequence[str]) -> UnknownName | BadParameter:
    if dataset.questionnaire.find(name) is None:
        return UnknownName("题目", name, known)
    return BadParameter("题目", f"{name} 不是可以计数的题（开放题、数值、填空、编号等），或者答卷里没有它的列")  # fmt: skip
