"""What the data let a parameter choose from: breaks, questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from insight import ledger
from insight import study as store
from insight.answers import CLOSED, NEVER_COUNTED
from insight.dataset import Dataset
from insight.pipeline.joined import definitions_of, joined_digest, load
from insight.schema import QuestionKind
from insight.segmentation import breaks
from insight.study import Study
from insight.worker import call


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


def _categories(dataset: Dataset) -> dict[str, str]:
    if dataset.orders is None or not {"customer_id", "category"} <= dataset.columns("orders"):
        return {}
    return {name: name for name in ledger.values_of(dataset.orders, "category")}


def choices(study: Study) -> dict[str, dict[str, str]]:
    """What a parameter may name, by what its ``one_of`` says: value -> Chinese label.

    The tables are looked at in a child, once for each state of the data.

    Returns
    -------
    "breaks", "margins" [those of customers], "questions" [every closed one], "closed_questions" [those that can be crossed],
        "multi_questions", "text_questions", "categories"
    """
    recipe = store.head(study).recipe
    groups = definitions_of(recipe).model_dump_json()
    inputs = store.digest("choices", joined_digest(study, recipe), groups)
    sha = store.recall(study, inputs)
    if sha is None:
        sha = call(_listed, study, inputs, about="题目和人群", is_quick=True)
    known: dict[str, dict[str, str]] = json.loads(store.get(study, sha))
    return known


def _listed(study: Study, inputs: str) -> str:
    """Name of the object that holds the choices."""
    dataset = load(study)
    listed = {name: choose(dataset) for name, choose in _KINDS.items()}
    return store.remember(study, inputs, json.dumps(listed).encode(), kind="choices")


def _margins(dataset: Dataset) -> dict[str, str]:
    """Groups of customers that respondents can be weighted to: what they bought, not what they answered."""
    known = breaks.available(dataset)
    return {key: label for key, label in known.items() if not dataset.questionnaire.find(key)}


_TOLD = tuple(kind for kind in QuestionKind if kind not in (QuestionKind.OPEN, *NEVER_COUNTED))
_KINDS: Mapping[str, Callable[[Dataset], dict[str, str]]] = MappingProxyType(
    {
        "breaks": breaks.available,
        "margins": _margins,
        "questions": _questions(*_TOLD),
        "closed_questions": _questions(*CLOSED),
        "multi_questions": _questions(QuestionKind.MULTI),
        "text_questions": _asked_in_words,
        "categories": _categories,
    }
)
