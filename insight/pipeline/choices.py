"""What the data let a parameter choose from: breaks, questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

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
    if "question" not in dataset.columns("texts") or dataset.texts is None:
        return {}
    return {q: q for q in dataset.texts["question"].drop_nulls().unique().sort()}


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
