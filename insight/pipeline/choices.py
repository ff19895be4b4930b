"""What the data let a parameter choose from: breaks, questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from insight import ledger, narrowing
from insight import study as store
from insight.answers import CLOSED, NEVER_COUNTED, SCORED, closed_questions, parts
from insight.dataset import Dataset
from insight.filtering import EVERYBODY
from insight.pipeline.joined import definitions_of, joined_digest, load
from insight.pipeline.seeing import own_bytes, seen
from insight.ratings import choosable
from insight.schema import QuestionKind
from insight.segmentation import breaks
from insight.segmentation.waves import wave_choices
from insight.strategy.playbook import playbook_of
from insight.study import Study
from insight.tabulation.asking import ALL
from insight.tabulation.banners import breakable
from insight.tabulation.people import AUTO, PLAIN
from insight.tabulation.speaking import SAID_AT
from insight.weighting import margins_known
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


def _items(dataset: Dataset) -> dict[str, str]:
    if dataset.responses is None:
        return {}
    return choosable(dataset.questionnaire, dataset.responses)


def _tested(dataset: Dataset) -> dict[str, str]:
    return _items(dataset) | _questions(QuestionKind.MULTI)(dataset)


def _categories(dataset: Dataset) -> dict[str, str]:
    if dataset.orders is None or not {"customer_id", "category"} <= dataset.columns("orders"):
        return {}
    return {name: name for name in ledger.values_of(dataset.orders, "category")}


def _designs(dataset: Dataset) -> dict[str, str]:
    if dataset.designs is None:
        return {}
    return {name: name for name in dataset.designs["design"].unique().sort()}


def _events(dataset: Dataset) -> dict[str, str]:
    if dataset.events is None or "customer_id" not in dataset.columns("events"):
        return {}
    return {name: name for name in ledger.event_counts(dataset.events)["event"]}


def choices(study: Study) -> dict[str, dict[str, str]]:
    """What a parameter may name, by what its ``one_of`` says: value -> Chinese label.

    The tables are looked at in a child, once for each state of the data.

    Returns
    -------
    "breaks", "margins" [those of customers], "questions" [every closed one], "closed_questions" [those that can be crossed],
        "crossing" [what can head a table], "speaking" [a table of topics], "tabled_questions" [closed questions and all of them at once], "table_rows" [closed questions, of a matrix its rows], "scored_questions", "banners" [saved ones], "weights", "filters" [saved audiences], "customer_groups",
        "multi_questions", "matrix_questions", "rank_questions", "waves", "text_questions", "categories", "designs", "events", "actions" [of the rule book], "campaigns" [that were started]
    """
    recipe = store.head(study).recipe
    groups = definitions_of(recipe).model_dump_json()
    done = recipe.model_dump_json(include={"playbook", "campaigns"})
    inputs = store.digest("choices", joined_digest(study, recipe), groups, done, seen(study))
    sha = store.recall(study, inputs)
    if sha is None:
        sha = call(_listed, study, inputs, about="题目和人群", is_quick=True)
    known: dict[str, dict[str, str]] = json.loads(own_bytes(study, sha))
    return known


def _listed(study: Study, inputs: str) -> str:
    """Name of the object that holds the choices."""
    dataset = load(study)
    listed = {name: choose(dataset) for name, choose in _KINDS.items()}
    return store.remember(study, inputs, json.dumps(listed).encode(), kind="choices")


def _tabled(dataset: Dataset) -> dict[str, str]:
    """The questions that can be crossed, after all of them at once."""
    closed = _questions(*CLOSED)(dataset)
    return {ALL: "全部题目"} | closed if closed else {}


def _rows(dataset: Dataset) -> dict[str, str]:
    """What has a table of its own: the closed questions, of a matrix its rows."""
    if dataset.responses is None:
        return {}
    closed = closed_questions(dataset.questionnaire, dataset.responses)
    return {row.id: f"{row.id} {row.wording}" for q in closed for row in parts(q, dataset.responses)}  # fmt: skip


def _banners(dataset: Dataset) -> dict[str, str]:
    return {
        name: f"{name}（{'、'.join(keys)}）" for name, keys in dataset.definitions.banners.items()
    }


def _filters(dataset: Dataset) -> dict[str, str]:
    """The saved audiences, and everybody."""
    saved = {one.key: one.name for one in dataset.definitions.audiences}
    return {EVERYBODY: "全部（不筛选）"} | saved if saved else {}


def _actions(dataset: Dataset) -> dict[str, str]:
    """The rules of the rule book that are about somebody, and the most urgent of what they suggest."""
    if "customer_id" not in dataset.columns("orders"):
        return {}
    rules = [rule for rule in playbook_of(dataset.playbook).rules if rule.over]
    return {"": "优先级最高的建议"} | {
        rule.key: f"{rule.section}：{rule.in_general}" for rule in rules
    }


def _campaigns(dataset: Dataset) -> dict[str, str]:
    return {one.name: f"{one.name}（{one.started} 起）" for one in dataset.campaigns}


def _speaking(dataset: Dataset) -> dict[str, str]:
    """What can head a table of topics: what can head any, and when people spoke."""
    timed = {SAID_AT: "发言时间（月或年）"} if "said_at" in dataset.columns("texts") else {}
    return breakable(dataset) | timed


def _weights(dataset: Dataset) -> dict[str, str]:
    """The weights of the study, none, and answers that are numbers and never negative."""
    known = {AUTO: "研究的权重", PLAIN: "不加权"}
    if dataset.responses is None:
        return known
    numbers = dataset.questionnaire.of_kind(QuestionKind.NUMBER, QuestionKind.WEIGHT)
    frame = dataset.responses
    held = (
        q
        for q in numbers
        if q.columns[0] in frame.columns and frame[q.columns[0]].dtype.is_numeric()
    )
    return known | {q.id: f"{q.id} {q.wording}" for q in held}


_TOLD = tuple(kind for kind in QuestionKind if kind not in (QuestionKind.OPEN, *NEVER_COUNTED))
_KINDS: Mapping[str, Callable[[Dataset], dict[str, str]]] = MappingProxyType(
    {
        "breaks": breaks.available,
        "margins": margins_known,
        "questions": _questions(*_TOLD),
        "closed_questions": _questions(*CLOSED),
        "crossing": breakable,
        "speaking": _speaking,
        "tabled_questions": _tabled,
        "table_rows": _rows,
        "scored_questions": _questions(*SCORED, QuestionKind.MATRIX),
        "banners": _banners,
        "weights": _weights,
        "filters": _filters,
        "items": _items,
        "tested_questions": _tested,
        "multi_questions": _questions(QuestionKind.MULTI),
        "matrix_questions": _questions(QuestionKind.MATRIX),
        "rank_questions": _questions(QuestionKind.RANK),
        "waves": wave_choices,
        "text_questions": _asked_in_words,
        "categories": _categories,
        "customer_groups": narrowing.choices,
        "designs": _designs,
        "events": _events,
        "actions": _actions,
        "campaigns": _campaigns,
    }
)
