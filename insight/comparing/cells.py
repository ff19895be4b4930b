"""A question with exclusive answers by groups: people, weights and their squares in every cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample, chosen, nets
from insight.comparing.asking import one_row
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows
from insight.ratings import items
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first
from insight.stats.proportions import Floats
from insight.tabulation import people_of

TITLE = "独立性检验"
MOST_OPTIONS = 500  # numbers of more values are no categories


@dataclass(frozen=True, slots=True)
class Crossed:
    """A question by groups.

    Attributes
    ----------
    answers : (n x r) Boolean, the options anybody chose; groups : (n) null = outside
    counts, weights, squares : (r, c) people, their weights, and the squares of these
    """

    people: Sample
    question: Question
    banner: Break
    answers: pl.DataFrame
    groups: pl.Series
    columns: tuple[str, ...]
    counts: Floats
    weights: Floats
    squares: Floats

    @property
    def base(self) -> int:
        return int(self.counts.sum())

    @property
    def effective_base(self) -> float:
        return float(self.weights.sum() ** 2 / self.squares.sum())


def crossed(dataset: Dataset, wanted: str, *, by: str, weight: str, least: int) -> Crossed:
    """Count a question by groups.

    Parameters
    ----------
    wanted : the question; "" = the first with a few answers
    by : the break; "" = the first that fits
    least : fewer people than this make no table

    Raises
    ------
    UnknownName, MissingColumns : there is no such question or break.
    BadParameter : the question has no exclusive options, or nothing varies.
    TooFewRows : too few people have an answer and a group.
    """
    people = people_of(dataset, weight=weight)
    question = _question(dataset, people, wanted)
    banner = break_or_first(dataset, by, unit="respondent_id", besides=question.id)
    if banner.key == question.id:
        raise BadParameter("人群", f"{question.id} 不能和自己比较")
    answers = nets(people.responses, question) if question.kind is QuestionKind.NPS else chosen(people.responses, question)  # fmt: skip
    if answers.width > MOST_OPTIONS:
        raise BadParameter("题目", f"{question.id} 有 {answers.width} 种不同的答案，不适合列成交叉表；数值题请用“组间检验”")  # fmt: skip
    ids = people.responses.select("respondent_id")
    groups = ids.join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]  # fmt: skip
    return _counted(people, question, banner, answers=answers, groups=groups, least=max(least, 2))


def _counted(
    people: Sample, question: Question, banner: Break, *, answers: pl.DataFrame, groups: pl.Series, least: int
) -> Crossed:  # fmt: skip
    weight = people.weight.to_numpy()
    ticks = np.array([answers[n].fill_null(value=False).to_numpy() for n in answers.columns], dtype=np.float64).reshape(answers.width, len(weight))  # fmt: skip
    inside = np.array([(groups == g).fill_null(value=False).to_numpy() for g in banner.groups], dtype=np.float64)  # fmt: skip
    counts, weights, squares = (ticks * w @ inside.T for w in (1.0, weight, weight**2))
    down, across = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    if counts.sum() < least:
        raise TooFewRows(f"回答了 {question.id} 又能归入“{banner.label}”的答卷", int(counts.sum()), least)  # fmt: skip
    if down.sum() < 2:
        raise BadParameter("题目", f"{question.id} 的回答全部相同，无法检验")
    if across.sum() < 2:
        raise BadParameter("人群", f"回答了 {question.id} 的人都在“{banner.label}”的同一组里，无法比较")  # fmt: skip
    cut = np.ix_(down, across)
    kept = [name for name, held in zip(answers.columns, down, strict=True) if held]
    columns = tuple(g for g, held in zip(banner.groups, across, strict=True) if held)
    return Crossed(people, question, banner, answers.select(kept), groups, columns, counts[cut], weights[cut], squares[cut])  # fmt: skip


def _question(dataset: Dataset, people: Sample, wanted: str) -> Question:
    """The question that is asked for, else the first with a few answers."""
    if wanted:
        return one_row(dataset, people, wanted)
    closed = (QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.NPS)
    first = (q for q in items(dataset.questionnaire, people.responses) if q.kind in closed and people.responses[q.columns[0]].drop_nulls().n_unique() > 1)  # fmt: skip
    question = next(first, None)
    if question is None:
        raise MissingColumns(TITLE, ("问卷：单选、量表或 NPS 题",))
    return question
