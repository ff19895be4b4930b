"""Recodes: the responses and the questionnaire after every step of the recipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from insight.errors import BadRecode, InsightError, UnknownName
from insight.recoding.counting import counts
from insight.recoding.figures import bands, boxes, midpoints, reversed_
from insight.recoding.labels import merged, relabelled, reordered
from insight.recoding.made import Made
from insight.recoding.source import source_of
from insight.schema import Question, QuestionKind, Questionnaire
from insight.schema.recodes import Recode

__all__ = ["Recoded", "applied", "counts", "recoded", "told"]

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_HOW: Mapping[str, Callable[..., Made]] = MappingProxyType(
    {
        "label": relabelled, "order": reordered, "merge": merged, "reverse": reversed_,
        "midpoints": midpoints, "boxes": boxes, "bands": bands,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recoded:
    """Responses and questionnaire after recodes; ``skipped`` says which did not fit, and why."""

    responses: pl.DataFrame | None
    questionnaire: Questionnaire
    skipped: tuple[str, ...] = ()


def recoded(
    responses: pl.DataFrame, questionnaire: Questionnaire, step: Recode
) -> tuple[pl.DataFrame, Questionnaire]:
    """Take one step.

    Parameters
    ----------
    responses : (n) the columns of the questionnaire
    step : names a question or a row of one ("Q4_2")

    Returns
    -------
    both, with one question more, right behind the one it was made from, or with that one changed

    Raises
    ------
    UnknownName : no such question or option.
    BadRecode : the step does not fit the question, or the new id is taken.
    """
    owner, question = _question(responses, questionnaire, step)
    made = _HOW[step.do](responses, question, step)
    final = _named(made, question, step)
    old = () if step.into else tuple(c for c in question.columns if c in responses.columns)
    frame = responses.drop(old).with_columns(final.columns)
    marks = [m for m in question.marks if m in responses.columns]
    if step.into and marks:
        frame = frame.with_columns(_marks(responses, question, final.question))
    asked: list[Question] = []
    for known in questionnaire.questions:
        if known.id != owner.id or step.into:
            asked.append(known)
        if known.id == owner.id:
            asked.append(final.question)
    changed = questionnaire.model_copy(update={"questions": tuple(asked)})
    return frame, changed


def applied(
    responses: pl.DataFrame | None, questionnaire: Questionnaire, steps: Sequence[Recode]
) -> Recoded:
    """Take all steps in order; one that no longer fits its question is left out and said."""
    skipped: list[str] = []
    for step in steps:
        try:
            if responses is None:
                raise UnknownName("题目", step.question, ())
            responses, questionnaire = recoded(responses, questionnaire, step)
        except InsightError as error:
            skipped.append(f"重编码“{told(step)}”没有应用：{error.message}")
    return Recoded(responses, questionnaire, tuple(skipped))


def _question(
    responses: pl.DataFrame, questionnaire: Questionnaire, step: Recode
) -> tuple[Question, Question]:
    """The question of the questionnaire, and it or the row of it that is meant."""
    if step.into and not _ID.fullmatch(step.into):
        raise BadRecode(step.question, "重编码", f"新题目的编号“{step.into}”只能用字母、数字和 _ . -，并以字母开头")  # fmt: skip
    taken = {q.id for q in questionnaire.questions} | set(responses.columns)
    if step.into in taken:
        raise BadRecode(step.question, "重编码", f"编号 {step.into} 已经有了，请换一个")
    question = source_of(responses, questionnaire, step.question)
    owner = next(q for q in questionnaire.questions if set(question.columns) <= set(q.columns))
    if owner.id != question.id and not step.into:
        raise BadRecode(step.question, "重编码", "它是一道题的一行，要给新题目写一个编号")
    return owner, question


def _named(made: Made, source: Question, step: Recode) -> Made:
    """The made question under its new id, or as the changed old one."""
    wording = step.wording or (f"{source.wording}（{told(step, short=True)}）" if step.into else source.wording)  # fmt: skip
    if not step.into:
        return Made(made.question.model_copy(update={"wording": wording}), made.columns)
    names = {c.name: _moved(c.name, source.id, step.into) for c in made.columns}
    if len(names) == 1 and made.question.kind is not QuestionKind.MULTI:
        names = dict.fromkeys(names, step.into)
    options = tuple(
        o.model_copy(update={"column": names.get(o.column, o.column)}) if o.column else o
        for o in made.question.options
    )
    changed = {"id": step.into, "wording": wording, "columns": tuple(names.values()), "options": options}  # fmt: skip
    columns = tuple(c.alias(names[c.name]) for c in made.columns)
    return Made(made.question.model_copy(update=changed), columns)


def _moved(column: str, old: str, new: str) -> str:
    """ "Q6[运动]" of Q6 becomes "Q6X[运动]" of Q6X."""
    return f"{new}{column[len(old) :]}" if column.startswith(old) else f"{new}[{column}]"


def _marks(responses: pl.DataFrame, source: Question, made: Question) -> list[pl.Expr]:
    """Why answers are absent, under the names of the new question."""
    pairs = zip(source.marks, made.marks, strict=False)
    return [pl.lit(responses[old]).alias(new) for old, new in pairs if old in responses.columns]


def told(step: Recode, *, short: bool = False) -> str:
    """What a step does, in Chinese: "Q7 合并最高 2 档 → Q7_T2B"."""
    what = {
        "label": "改选项名", "order": "调整选项顺序", "merge": "合并选项", "reverse": "反向计分", "midpoints": "组中值", "bands": "分段",
    }.get(step.do, "")  # fmt: skip
    if step.do == "boxes":
        what = f"最{'高' if step.end == 'top' else '低'} {step.boxes} 档"
    if short:
        return what
    return f"{step.question} {what}{f' → {step.into}' if step.into else ''}"
