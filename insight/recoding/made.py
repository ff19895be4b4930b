"""What a recode makes of a question: the question with its new options, and its new columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import polars as pl

from insight.answers import listed, scores
from insight.errors import BadRecode, UnknownName
from insight.schema import QUESTION_KIND_LABELS, Option, Question, QuestionKind

SCALES = (QuestionKind.SCALE, QuestionKind.NPS)
NUMBERS = (*SCALES, QuestionKind.NUMBER, QuestionKind.SLIDER, QuestionKind.SHARES)


@dataclass(frozen=True, slots=True)
class Made:
    """A question under its old id, and its columns (n each) aligned with ``question.columns``."""

    question: Question
    columns: tuple[pl.Series, ...]


def options_of(responses: pl.DataFrame, question: Question) -> tuple[Option, ...]:
    """Every option there is: those of the questionnaire, then answers it does not list; scores ascending."""
    held = [responses[c] for c in question.columns if c in responses.columns]
    if question.kind in SCALES:
        return tuple(Option(label=label, code=f"{score:g}") for label, score in scores(held[0], question))  # fmt: skip
    if question.kind is QuestionKind.SINGLE:
        known = {o.label: o for o in question.options}
        return tuple(known.get(label, Option(label=label)) for label in listed(held[0], question))
    return question.options


def is_numeric(responses: pl.DataFrame, question: Question) -> bool:
    """Whether every column of a question holds numbers."""
    return all(responses[c].dtype.is_numeric() for c in question.columns)


def need_kind(question: Question, kinds: Collection[QuestionKind], *, what: str) -> None:
    """Refuse a question of another kind (BadRecode)."""
    if question.kind not in kinds:
        usable = "、".join(QUESTION_KIND_LABELS[k] for k in kinds)
        reason = f"它是{QUESTION_KIND_LABELS[question.kind]}，只有{usable}可以"
        raise BadRecode(question.id, what, reason)


def need_options(named: Iterable[str], known: Iterable[Option]) -> None:
    """Refuse an option that the question does not have (UnknownName)."""
    labels = [o.label for o in known]
    for label in named:
        if label not in labels:
            raise UnknownName("选项", label, labels)


def each(
    responses: pl.DataFrame, question: Question, change: Callable[[pl.Series], pl.Series]
) -> tuple[pl.Series, ...]:
    """Every column of a question, changed."""
    return tuple(change(responses[c]).alias(c) for c in question.columns)
