"""What a result is made from: its parameters, and the digest of everything it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from insight import access
from insight import study as store
from insight.analyses import find, room_of
from insight.analysis import Analysis
from insight.engines import Engine
from insight.errors import BadParameter, UnknownName
from insight.filtering import FILTER
from insight.pipeline.joined import definitions_of, joined_digest
from insight.pipeline.paying import paid
from insight.pipeline.seeing import seen
from insight.schema.conditions import AUDIENCE
from insight.settings import settings
from insight.study import Recipe, Study


def params_of(study: Study, key: str, changes: Mapping[str, object] | None = None) -> BaseModel:
    """The parameters an analysis runs with: defaults, the recipe's, then ``changes``.

    Raises
    ------
    UnknownName : no such analysis or parameter.
    BadParameter : the value is not allowed.

    Notes
    -----
    A list may be given as one text with commas, as on the command line. Without a filter of its own an
    analysis has that of the study.
    """
    model = find(key).params
    recipe = store.head(study).recipe
    recorded = recipe.params.get(key, {})
    chosen = {**_renamed(model, recorded), **_renamed(model, changes or {})}
    if FILTER in model.model_fields and not chosen.get(FILTER):
        chosen[FILTER] = recipe.filter
    for name in chosen:
        if name not in model.model_fields:
            raise UnknownName("参数", f"{key}.{name}", tuple(model.model_fields))
        if (
            isinstance(chosen[name], str)
            and get_origin(model.model_fields[name].annotation) is list
        ):
            chosen[name] = [part for part in str(chosen[name]).split(",") if part]
    try:
        return model.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        title = model.model_fields[name].title
        raise BadParameter(f"{title}（{key}.{name}）", _in_chinese(first)) from error


def _renamed(model: type[BaseModel], given: Mapping[str, object]) -> dict[str, object]:
    """Parameters under their names of today; a model tells in ``formerly`` what older studies call them."""
    former: Mapping[str, str] = getattr(model, "formerly", {})
    return {former.get(name, name): value for name, value in given.items()}


def _in_chinese(error: Any) -> str:  # noqa: ANN401 (pydantic's own record of an error)
    context = error.get("ctx", {})
    sentences = {
        "greater_than_equal": f"不能小于 {context.get('ge')}",
        "less_than_equal": f"不能大于 {context.get('le')}",
        "literal_error": f"只能是 {context.get('expected')}".replace(" or ", " 或 "),
        "int_parsing": "应为整数",
        "float_parsing": "应为数字",
        "bool_parsing": "应为 true 或 false",
    }
    return sentences.get(error["type"], f"“{error['input']}”不是可用的值")


def knows_groups(analysis: Analysis) -> bool:
    """Whether the result may depend on what a purchase group is: it looks at orders, at a break, or at whom a filter leaves."""
    extras = (f.json_schema_extra for f in analysis.params.model_fields.values())
    breaks = any(
        isinstance(e, dict)
        and e.get("one_of") in ("breaks", "crossing", "speaking", "filters", "customer_groups")
        for e in extras
    )
    return breaks or any("orders" in tables.split("|") for tables in analysis.needs)


def knows_words(analysis: Analysis) -> bool:
    """Whether the result may depend on what is one word: it needs texts, or reads them where there are some."""
    return analysis.reads_words or any("texts" in tables.split("|") for tables in analysis.needs)


def result_digest(
    study: Study,
    key: str,
    *,
    changes: Mapping[str, object] | None = None,
    engine: Engine = "polars",
) -> str:
    """Digest of everything a result is made from: equal digests, equal results."""
    recipe = store.head(study).recipe
    tables = joined_digest(study, recipe)
    params = params_of(study, key, changes).model_dump_json()
    groups = _groups(recipe, key, params) if knows_groups(find(key)) else ""
    words = recipe.lexicon.model_dump_json() if knows_words(find(key)) else ""
    coded = _coded(study, recipe) if room_of(key) in CODED else ""
    edits = recipe.model_dump_json(include={"topic_edits"}) if knows_topics(key) else ""
    done = _undertaken(recipe) if room_of(key) == "strategy" else ""
    rules = f"{settings().small_base} {settings().tiny_base} {paid(recipe).code}"
    return store.digest(
        "result", tables, key, params, engine, rules, groups, words, coded, done, edits, seen(study)
    )


def knows_topics(key: str) -> bool:
    """Whether the result of an analysis may depend on how people edited the topics."""
    return key in TOPICAL or room_of(key) in CODED


TOPICAL = frozenset({"topics", "topic_table"})  # of the room of texts


CODED = frozenset({"coding", "needs", "strategy"})  # the rooms that read the codebook


def _undertaken(recipe: Recipe) -> str:
    """The rule book, what was promised and started, and the audiences that lists are made of."""
    return recipe.model_dump_json(include={"playbook", "campaigns", "promises", "audiences"})


def _coded(study: Study, recipe: Recipe) -> str:
    """The codebook, and what people coded by hand."""
    with access.at_the_door():
        by_hand = "".join(map(repr, store.codes_of(study)))
    return store.digest(recipe.codebook.model_dump_json(), by_hand)


def _groups(recipe: Recipe, key: str, params: str) -> str:
    """What the groups are; the audiences only where the result asks for one, so that saving one costs little."""
    uses = AUDIENCE in params or AUDIENCE in recipe.weighting.model_dump_json()
    left_out = set() if uses or key == "audiences" else {"audiences"}
    return definitions_of(recipe).model_dump_json(exclude=left_out)
