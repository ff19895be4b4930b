"""The recodes of a study: looked at before they are taken, recorded in the recipe, taken back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.errors import BadParameter, MissingColumns
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import load
from insight.recoding import counts, recoded, told
from insight.recoding.source import source_of
from insight.schema import Question
from insight.schema.recodes import Recode
from insight.study import Revision, Study


@dataclass(frozen=True, slots=True)
class Preview:
    """A question before and after a recode.

    Attributes
    ----------
    question : what it becomes
    before, after : (n_rows) option, n [respondents, unweighted]
    """

    question: Question
    before: pl.DataFrame
    after: pl.DataFrame


def recodes(study: Study) -> tuple[tuple[Recode, str], ...]:
    """Every recode of the newest revision, in the order they are taken, with what it does in Chinese."""
    return tuple((step, told(step)) for step in store.head(study).recipe.recodes)


@apart("试算重编码")
def preview_recode(study: Study, recode: Recode) -> Preview:
    """What a recode would do on top of those already recorded.

    Raises
    ------
    MissingColumns : there is no questionnaire.
    UnknownName, BadRecode : the recode fits no question.
    """
    dataset = load(study)
    if dataset.responses is None:
        raise MissingColumns("重编码", ("问卷：题目",))
    before = source_of(dataset.responses, dataset.questionnaire, recode.question)
    after, asked = recoded(dataset.responses, dataset.questionnaire, recode)
    made = source_of(after, asked, recode.into or recode.question)
    return Preview(made, counts(dataset.responses, before), counts(after, made))


def add_recode(study: Study, recode: Recode, *, parent: int) -> Revision:
    """Record one more recode, as a new revision on top of ``parent``.

    Raises
    ------
    InsightError : it fits no question, or somebody changed the study since ``parent`` (Conflict).
    """
    before = newest(study, parent)
    preview_recode(study, recode)
    steps = (*before.recipe.recodes, recode)
    return change(study, before, note=f"重编码 {told(recode)}", recodes=steps)


def remove_recode(study: Study, index: int, *, parent: int) -> Revision:
    """Take one recode (0-based) out of the recipe, as a new revision on top of ``parent``.

    Raises
    ------
    BadParameter : there is no such recode.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    steps = list(before.recipe.recodes)
    if not 0 <= index < len(steps):
        raise BadParameter("重编码", f"没有第 {index + 1} 条，一共 {len(steps)} 条")
    gone = steps.pop(index)
    return change(study, before, note=f"撤销重编码 {told(gone)}", recodes=tuple(steps))
