"""A score of several groups, or two scores of the same people, ready for any test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.comparing.asking import one_row
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows
from insight.ratings import each_group, items, points, scored
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first
from insight.stats.choosing import Facts, facts_of, facts_of_pairs
from insight.stats.group_tests import Method, Outcome, Samples, paired, tested
from insight.stats.proportions import Floats, Rule
from insight.tabulation import people_of
from insight.wording import count

TITLE = "组间检验"


@dataclass(frozen=True, slots=True)
class Posed:
    """What is compared, ready for any test.

    Attributes
    ----------
    names : the groups, or the two questions
    groups : their numbers; gaps : (n) first minus second where they are pairs, else empty
    left_out : groups too small to be tested, "name (n)"
    """

    people: Sample
    questions: tuple[Question, ...]
    names: tuple[str, ...]
    groups: Samples
    gaps: Floats
    facts: Facts
    banner: Break | None = None
    left_out: tuple[str, ...] = ()

    @property
    def base(self) -> int:
        return len(self.gaps) or int(self.groups.sizes.sum())

    @property
    def about(self) -> str:
        return "与".join(f"{q.id}“{q.wording}”" for q in self.questions)

    def by(self, method: Method) -> Outcome:
        """The outcome of one test."""
        if self.facts.is_paired:
            return paired(self.gaps, self.groups.weights[0], method)
        return tested(self.groups, method)


def posed(
    dataset: Dataset, wanted: str, *, by: str, paired_with: str, weight: str, rule: Rule
) -> Posed:
    """What is asked for.

    Parameters
    ----------
    wanted : the question; "" = the first score
    by : the break; "" = the first that fits
    paired_with : another question of the same people, which takes the place of the break; "" = none

    Raises
    ------
    UnknownName, MissingColumns : there is no such question or break.
    BadParameter : the question cannot be compared like this, or nothing varies.
    TooFewRows : fewer than two groups are large enough, or too few answered both questions.
    """
    people = people_of(dataset, weight=weight)
    question = _question(dataset, people, wanted)
    if paired_with:
        return _pairs_of(people, (question, _question(dataset, people, paired_with)), rule)
    banner = break_or_first(dataset, by, unit="respondent_id", besides=question.id)
    if banner.key == question.id:
        raise BadParameter("人群", f"{question.id} 不能和自己比较")
    made = {name: _numbers(part, question) for name, part in each_group(people, banner)}
    kept = {name: both for name, both in made.items() if len(both[0]) >= max(rule.tiny_base, 2)}
    left = tuple(f"{name}（{count(len(v))} 人）" for name, (v, _) in made.items() if name not in kept)  # fmt: skip
    if len(kept) < 2:
        raise TooFewRows(f"“{banner.label}”里答了 {question.id} 且不少于 {rule.tiny_base} 人的组", len(kept), 2)  # fmt: skip
    values, weights = zip(*kept.values(), strict=True)
    groups = Samples(values, weights, people.is_weighted)
    if np.ptp(np.concatenate(values)) == 0:
        raise BadParameter("题目", f"{question.id} 所有人的答案都是 {values[0][0]:g}，没有差异可比")
    if all(np.ptp(v) == 0 for v in values):
        raise BadParameter("题目", f"{question.id} 在每一组里所有人答案都相同，组间的差别一看便知，不需要检验")  # fmt: skip
    facts = facts_of(groups, n_points=_n_points(people, question))
    return Posed(people, (question,), tuple(kept), groups, np.array([]), facts, banner, left)


def _pairs_of(people: Sample, questions: tuple[Question, Question], rule: Rule) -> Posed:
    first, second = questions
    if first.id == second.id:
        raise BadParameter("与哪道题比", f"{first.id} 不能和自己比较")
    pairs = pl.DataFrame({"a": scored(people.responses, first), "b": scored(people.responses, second), "w": people.weight})  # fmt: skip
    both = pairs.drop_nulls().sort("a", "b", "w")
    if both.height < max(rule.tiny_base, 2):
        raise TooFewRows(f"同时回答了 {first.id} 和 {second.id} 的答卷", both.height, max(rule.tiny_base, 2))  # fmt: skip
    gaps, weight = (both["a"] - both["b"]).to_numpy(), both["w"].to_numpy()
    if np.ptp(gaps) == 0:
        raise BadParameter("与哪道题比", f"所有人对 {first.id} 和 {second.id} 的答案之差都是 {gaps[0]:g}，无法检验")  # fmt: skip
    groups = Samples((both["a"].to_numpy(), both["b"].to_numpy()), (weight, weight), people.is_weighted)  # fmt: skip
    facts = facts_of_pairs(gaps, n_points=_n_points(people, *questions), is_weighted=people.is_weighted)  # fmt: skip
    return Posed(people, questions, tuple(f"{q.id} {q.wording}" for q in questions), groups, gaps, facts)  # fmt: skip


def _numbers(people: Sample, question: Question) -> tuple[Floats, Floats]:
    """The answers of some people, ascending, and their weights."""
    known = pl.DataFrame({"v": scored(people.responses, question), "w": people.weight}).drop_nulls().sort("v", "w")  # fmt: skip
    return known["v"].to_numpy(), known["w"].to_numpy()


def _n_points(people: Sample, *questions: Question) -> int:
    if any(q.kind in (QuestionKind.NUMBER, QuestionKind.SLIDER) for q in questions):
        return 0
    return len(points(people.responses, questions))


def _question(dataset: Dataset, people: Sample, wanted: str) -> Question:
    """The question that is asked for, else the first that is a score."""
    if wanted:
        found = one_row(dataset, people, wanted)
        if scored(people.responses, found).null_count() == people.responses.height:
            raise BadParameter("题目", f"{wanted} 没有可以当作分数的答案")
        return found
    asked = (q for q in items(dataset.questionnaire, people.responses) if q.kind is not QuestionKind.SINGLE)  # fmt: skip
    question = next(
        (q for q in asked if scored(people.responses, q).drop_nulls().n_unique() > 1), None
    )
    if question is None:
        raise MissingColumns(TITLE, ("问卷：评分、NPS 或数值题",))
    return question
