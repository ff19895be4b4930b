"""A question of several answers by groups: every option counted among those who were asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample, chosen
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first
from insight.stats.banner import codes_of
from insight.stats.cells import Columns
from insight.stats.counting import count
from insight.stats.several_answers import Ticks
from insight.tabulation import people_of, stub_of


@dataclass(frozen=True, slots=True)
class Optioned:
    """A question of several answers by groups.

    Attributes
    ----------
    answers : (n x n_options) Boolean, null = not asked; groups : (n) null = outside
    columns : the groups with anybody who was asked; options : (n_options) their tables
    """

    people: Sample
    question: Question
    banner: Break
    answers: pl.DataFrame
    columns: tuple[str, ...]
    options: tuple[Ticks, ...]

    @property
    def base(self) -> int:
        """Those who were asked and have a group."""
        return max(int(t.counts.sum()) for t in self.options)

    @property
    def effective_base(self) -> float:
        """What their weights are worth (Kish)."""
        return max(float(t.scaled.sum()) for t in self.options)


def is_several(dataset: Dataset, wanted: str) -> bool:
    """Whether the question called ``wanted`` takes several answers."""
    question = dataset.questionnaire.find(wanted)
    return question is not None and question.kind is QuestionKind.MULTI


def optioned(dataset: Dataset, wanted: str, *, by: str, weight: str, least: int) -> Optioned:
    """Count every option of the question called ``wanted`` by groups.

    Raises
    ------
    UnknownName, MissingColumns : there is no such break.
    BadParameter : nothing varies.
    TooFewRows : too few people were asked and have a group.
    """
    people = people_of(dataset, weight=weight)
    question = dataset.questionnaire.find(wanted)
    assert question is not None
    banner = break_or_first(dataset, by, unit="respondent_id", besides=question.id)
    ids = people.responses.select("respondent_id")
    groups = ids.join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]  # fmt: skip
    answers = chosen(people.responses, question)
    found, there = _counted(people, question, codes_of(groups, banner.groups), len(banner.groups))
    columns = tuple(g for g, held in zip(banner.groups, there, strict=True) if held)
    made = Optioned(people, question, banner, answers, columns, tuple(found[: answers.width]))
    if made.base < max(least, 2):
        raise TooFewRows(f"看到 {question.id} 又能归入“{banner.label}”的答卷", made.base, max(least, 2))  # fmt: skip
    if len(columns) < 2:
        raise BadParameter("人群", f"看到 {question.id} 的人都在“{banner.label}”的同一组里，无法比较")  # fmt: skip
    if not any(t.varies for t in made.options):
        raise BadParameter("题目", f"{question.id} 的每个选项不是人人都选就是没有人选，无法检验")
    return made


def _counted(
    people: Sample, question: Question, codes: np.ndarray, n_groups: int
) -> tuple[list[Ticks], np.ndarray]:
    """The table of every row of the question in the groups with anybody, and which groups these are."""
    coded, columns = stub_of(people.responses, question).coded, Columns(codes, n_groups)
    weight = people.weight.to_numpy()
    each = [count(coded, columns, weight=w).columns for w in (None, weight, weight**2)]
    there = each[0].base.max(axis=0, initial=0) > 0
    sides = [np.stack([c.weighted_n, c.weighted_base - c.weighted_n], axis=1)[:, :, there] for c in each]  # fmt: skip
    return [Ticks(*tables) for tables in zip(*sides, strict=True)], there
