"""Which questions ask how important, how satisfactory, and how good altogether something is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.errors import BadParameter, QuestionsMissing
from insight.ratings.items import items, label_of, named, scored
from insight.schema import Question, QuestionKind, Questionnaire
from insight.simplified import simplified

_IMPORTANT = re.compile(r"(?i)重要|看重|在意|关注程度|importan")
_SATISFIED = re.compile(r"(?i)满意|表现|satisf|performance")
_OVERALL = re.compile(r"(?i)总体|整体|总的来说|综合来?看|综合满意|overall|in general")
_RECOMMEND = re.compile(r"(?i)推荐|recommend")
_ASKING = re.compile(r"(?i)您?(对|觉得|认为)?|(有多|多么)|(的)?(重要|满意)(性|程度|度)?|如何|怎么样|表现|importance|satisfaction|(of|with|the)\b")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rated:
    """One need with the question on its importance and the one on satisfaction with it."""

    label: str
    importance: Question
    satisfaction: Question


def importance_and_satisfaction(
    questionnaire: Questionnaire,
    responses: pl.DataFrame,
    *,
    title: str,
    importance: Sequence[str] = (),
    satisfaction: Sequence[str] = (),
) -> tuple[Rated, ...]:
    """Needs rated twice: the questions that are named, else those whose wording tells.

    Parameters
    ----------
    importance, satisfaction : ids, those of a matrix for all of its rows; none = by their wording.
        Both sides pair by label, or in their order where the labels differ and both are as many

    Raises
    ------
    QuestionsMissing : nothing pairs.
    BadParameter : what is named cannot be paired.
    UnknownName : there is no such question.
    """
    first = _named_or(importance, questionnaire, responses, about=_IMPORTANT)
    second = _named_or(satisfaction, questionnaire, responses, about=_SATISFIED)
    at = {_key(q): q for q in second}
    pairs = [Rated(label_of(q), q, at[_key(q)]) for q in first if _key(q) in at]
    if not pairs and importance and satisfaction:
        if len(first) != len(second):
            raise BadParameter("重要性题和满意度题", f"分别有 {len(first)} 项和 {len(second)} 项，对不上")  # fmt: skip
        pairs = [Rated(label_of(a), a, b) for a, b in zip(first, second, strict=True)]
    if not pairs:
        raise QuestionsMissing(
            title,
            "对同样几项分别打分的重要性题和满意度题",
            "一道矩阵题问“以下各方面对您有多重要”，另一道问“您对以下各方面有多满意”，两题的行相同",
        )
    return tuple(pairs)


def satisfactions(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Question, ...]:
    """The items on satisfaction with one thing each, never with everything."""
    return _about(_SATISFIED, questionnaire, responses)


def importances(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Question, ...]:
    """The items on the importance of one thing each."""
    return _about(_IMPORTANT, questionnaire, responses)


def outcome_and_predictors(
    questionnaire: Questionnaire,
    responses: pl.DataFrame,
    *,
    title: str,
    outcome: str = "",
    predictors: Sequence[str] = (),
) -> tuple[Question, tuple[Question, ...]]:
    """The overall rating, and the ratings of single things that may drive it.

    Raises
    ------
    QuestionsMissing : there is no overall rating, or nothing that may drive it.
    UnknownName : there is no such question.
    """
    whole = _outcome(questionnaire, responses, outcome)
    if whole is None:
        raise QuestionsMissing(
            title,
            "总体评价的题目",
            "一道量表题问“您的总体满意度”，或一道 NPS 题问“向朋友推荐的可能性”",
        )
    single = named(predictors, questionnaire, responses) if predictors else satisfactions(questionnaire, responses)  # fmt: skip
    single = tuple(q for q in single if q.id != whole.id)
    if not single:
        raise QuestionsMissing(
            title,
            "对各方面分别打分的满意度题",
            "一道矩阵题问“您对以下各方面有多满意”，每行一个方面",
        )
    return whole, single


def overall(questionnaire: Questionnaire, responses: pl.DataFrame) -> Question | None:
    """The question that rates everything: the overall satisfaction, else the recommendation; None where nobody asked."""
    return _outcome(questionnaire, responses, "")


def _outcome(questionnaire: Questionnaire, responses: pl.DataFrame, wanted: str) -> Question | None:
    if wanted:
        found = named([wanted], questionnaire, responses)
        if len(found) > 1:
            raise BadParameter("总体评价", f"“{wanted}”是有 {len(found)} 行的矩阵题，请选其中一行，例如 {found[0].id}")  # fmt: skip
        return found[0]
    asked = [q for q in items(questionnaire, responses) if _is_graded(responses, q)]
    tests = (
        lambda q: _OVERALL.search(q.wording) and _SATISFIED.search(q.wording),
        lambda q: q.kind is QuestionKind.NPS,
        lambda q: _RECOMMEND.search(q.wording),
    )
    return next((q for fits in tests for q in asked if fits(q)), None)


def _named_or(
    ids: Sequence[str], questionnaire: Questionnaire, responses: pl.DataFrame, *, about: re.Pattern[str]
) -> tuple[Question, ...]:  # fmt: skip
    return named(ids, questionnaire, responses) if ids else _about(about, questionnaire, responses)


def _about(
    subject: re.Pattern[str], questionnaire: Questionnaire, responses: pl.DataFrame
) -> tuple[Question, ...]:
    """Items whose question, the options aside, is about the subject."""
    found = (
        q
        for q in items(questionnaire, responses)
        if subject.search(q.wording.rpartition("｜")[0] or q.wording)
        and not _OVERALL.search(label_of(q))
        and q.kind is not QuestionKind.NPS
    )
    return tuple(q for q in found if _is_graded(responses, q))


def _is_graded(responses: pl.DataFrame, item: Question) -> bool:
    return scored(responses, item).null_count() < responses.height


def _key(item: Question) -> str:
    label = simplified(label_of(item))
    bare = label if "｜" in item.wording else _ASKING.sub("", label)
    return re.sub(r"[\W_]+", "", bare).lower()
