"""Questions of several rows on one scale: which there are, their rows as numbers, and which ask of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.answers import parts
from insight.answers import scores as steps
from insight.errors import BadParameter, UnknownName
from insight.ratings.items import label_of
from insight.ratings.kano_pairs import pairs_found
from insight.ratings.laid import is_graded, laid
from insight.schema import Question, QuestionKind, Questionnaire


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix whose answers have an order.

    Attributes
    ----------
    items : its rows as questions on one scale of numbers (see ``laid``)
    points : every number of the scale, ascending, and its label ("5 很满意")
    """

    question: Question
    items: tuple[Question, ...]
    points: tuple[tuple[float, str], ...]

    @property
    def title(self) -> str:
        """The question in the words of the screen."""
        return f"{self.question.id} {self.question.wording}"

    @property
    def labels(self) -> tuple[str, ...]:
        """What each row is about."""
        return tuple(label_of(item) for item in self.items)

    def answers(self, responses: pl.DataFrame, at: int) -> pl.DataFrame:
        """(n x n_points) Boolean: which point each respondent chose in row ``at``; null = none."""
        answer = pl.col(self.items[at].columns[0])
        return responses.select((answer == value).alias(label) for value, label in self.points)


def grids(
    questionnaire: Questionnaire, responses: pl.DataFrame, *, ids: Sequence[str] = ()
) -> tuple[pl.DataFrame, tuple[Grid, ...]]:
    """The matrices with an order in their answers.

    Parameters
    ----------
    ids : only these, in this order; none = all but the halves of Kano pairs

    Returns
    -------
    responses : with a column of numbers for every row of every grid
    grids : may be empty where no ``ids`` were given

    Raises
    ------
    UnknownName : there is no such matrix.
    BadParameter : its answers have no order.
    """
    asked = {q.id: q for q in questionnaire.of_kind(QuestionKind.MATRIX)}
    for name in ids:
        if name not in asked:
            raise UnknownName("矩阵题", name, tuple(asked))
    kano = () if ids else pairs_found(questionnaire, responses)
    halves = {one.id for pair in kano for one in (pair.functional, pair.dysfunctional)}
    found: list[Grid] = []
    for question in (asked[name] for name in dict.fromkeys(ids or asked)):
        rows = [
            p for p in parts(question, responses) if p.id not in halves and is_graded(responses, p)
        ]
        if rows:
            responses, items = laid(responses, rows)
            found.append(Grid(question, items, _points(responses, items)))
        elif ids:
            raise BadParameter("矩阵题", f"{question.id} 的选项没有高低顺序（或没有人作答），不能算成分数")  # fmt: skip
    return responses, tuple(found)


def _points(responses: pl.DataFrame, items: Sequence[Question]) -> tuple[tuple[float, str], ...]:
    """The steps of the scale that the rows share; a label that says more than the number stands behind it."""
    told: dict[float, str] = {}
    for item in items:
        for label, value in steps(responses[item.columns[0]], item):
            if label != f"{value:g}" or value not in told:
                told[value] = label
    return tuple((value, _named(value, told[value])) for value in sorted(told))


def _named(value: float, label: str) -> str:
    number = f"{value:g}"
    return label if label.startswith(number) else f"{number} {label}"


def twins(grids: Sequence[Grid]) -> tuple[tuple[Grid, Grid], ...]:
    """Every two grids that ask of the same rows and end with the same highest score, each pair once."""
    return tuple(
        (first, second)
        for at, first in enumerate(grids)
        for second in grids[at + 1 :]
        if set(first.labels) == set(second.labels) and first.points[-1][0] == second.points[-1][0]
    )
