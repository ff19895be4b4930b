"""What the data let a parameter choose from: breaks, questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from insight.dataset import Dataset
from insight.pipeline.kept import load
from insight.schema import QuestionKind
from insight.segmentation import breaks
from insight.study import Study


def _questions(*kinds: QuestionKind) -> Callable[[Dataset], dict[str, str]]:
    def listed(dataset: Dataset) -> dict[str, str]:
        return {q.id: f"{q.id} {q.wording}" for q in dataset.questionnaire.of_kind(*kinds)}

    return listed


def _asked_in_words(dataset: Dataset) -> dict[str, str]:
    """Open questions by id, then what texts of other sources answer; an interviewer's turns are no choice."""
    listed = _questions(QuestionKind.OPEN)(dataset)
    if dataset.texts is None or "question" not in dataset.texts.columns:
        return listed
    texts = dataset.texts
    if "document" in texts.columns:
        texts = texts.filter(pl.col("document").is_null())
    known = {q.wording for q in dataset.questionnaire.of_kind(QuestionKind.OPEN)}
    others = texts["question"].drop_nulls().unique().sort()
    return listed | {q: q for q in others if q not in known}


_CLOSED = tuple(kind for kind in QuestionKind if kind is not QuestionKind.OPEN)
_KINDS: Mapping[str, Callable[[Dataset], dict[str, str]]] = MappingProxyType(
    {
        "breaks": breaks.available,
        "questions": _questions(*_CLOSED),
        "multi_questions": _questions(QuestionKind.MULTI),
        "text_questions": _asked_in_words,
    }
)


def choices(study: Study, kind: str) -> dict[str, str]:
    """Value -> Chinese label of everything a parameter may name.

    Parameters
    ----------
    kind : "breaks", "questions", "multi_questions" or "text_questions", as a parameter's
        ``json_schema_extra={"one_of": …}`` has it
    """
    return _KINDS[kind](load(study))
