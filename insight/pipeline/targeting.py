"""The named audiences of a study: tried while they are built, saved, renamed and removed as revisions."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.audiences import Names, names_of, read, told, unknown_values
from insight.dataset import Dataset
from insight.errors import BadAudience, UnknownName
from insight.persons import persons
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import definitions_of, joined_digest, load
from insight.pipeline.kept import parquet
from insight.schema.audiences import Audience, Rules, audience_of
from insight.schema.conditions import AUDIENCE
from insight.segmentation.audience_sizes import bought_by, counted_unit, sized
from insight.segmentation.breaks import available, break_of, judge
from insight.study import Pick, Recipe, Revision, Study
from insight.worker import call


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule comes to.

    Attributes
    ----------
    sentence : the rule in words
    unit : what is counted, "customer_id" …
    n, base, n_unclear : who is in, of how many, and how many cannot be judged
    spend, share_of_spend : of those who are in [CNY; share of all]; None without orders
    steps : condition, n, n_unclear, n_so_far, for every part of the rule
    unclear : conditions that nobody can be judged by, each as a sentence
    """

    sentence: str
    unit: str
    n: int
    base: int
    n_unclear: int
    spend: float | None
    share_of_spend: float | None
    steps: pl.DataFrame
    unclear: tuple[str, ...]


def audiences(study: Study) -> tuple[tuple[Audience, str], ...]:
    """Every audience of the newest revision with its rule in words."""
    known = store.head(study).recipe.audiences
    names = audience_names(study) if known else Names()
    return tuple((one, told(one.rule, names)) for one in known)


def audience_names(study: Study) -> Names:
    """What conditions may name in this study; looked up in a child, once for each state of the data."""
    recipe = store.head(study).recipe
    groups = definitions_of(recipe).model_dump_json(exclude={"audiences"})
    inputs = store.digest("audience_names", joined_digest(study, recipe), groups)
    sha = store.recall(study, inputs)
    if sha is None:
        sha = call(_named, study, inputs, about="人群可用的条件", is_quick=True)
    return Names.model_validate_json(store.get(study, sha))


def _named(study: Study, inputs: str) -> str:
    dataset = load(study)
    breaks = {k: label for k, label in available(dataset).items() if _is_own_group(dataset, k)}
    found = names_of(dataset, breaks=breaks).model_dump_json().encode()
    return store.remember(study, inputs, found, kind="audience_names")


def _is_own_group(dataset: Dataset, key: str) -> bool:
    """Questions and audiences are conditions of their own kind, or none."""
    return not key.startswith(AUDIENCE) and dataset.questionnaire.find(key) is None


def groups_of(study: Study, by: str) -> tuple[str, ...]:
    """The groups of one break, worked out once for each state of the data (UnknownName)."""
    recipe = store.head(study).recipe
    groups = definitions_of(recipe).model_dump_json(exclude={"audiences"})
    inputs = store.digest("groups_of", joined_digest(study, recipe), groups, by)
    sha = store.recall(study, inputs)
    if sha is None:
        sha = _grouped(study, by, inputs)
    found: list[str] = json.loads(store.get(study, sha))
    return tuple(found)


@apart("列出分组")
def _grouped(study: Study, by: str, inputs: str) -> str:
    made = break_of(load(study), by, unit="customer_id").groups
    return store.remember(study, inputs, json.dumps(made).encode(), kind="groups_of")


def read_rule(study: Study, text: str) -> Rules:
    """A rule written on one line (see ``insight.audiences.writing``), names taken from the study (BadAudience)."""
    return read(text, audience_names(study))


@apart("按条件数人")
def try_audience(study: Study, rule: Rules) -> Tried:
    """What a rule comes to now; nothing is changed."""
    dataset, names = load(study), audience_names(study)
    unit = counted_unit(dataset)
    made = sized(dataset, rule, unit=unit, names=names, bought=_bought(study, dataset))
    return Tried(
        sentence=told(rule, names),
        unit=unit,
        n=made.n,
        base=made.base,
        n_unclear=made.n_unclear,
        spend=made.spend,
        share_of_spend=made.share_of_spend,
        steps=made.steps,
        unclear=made.made.unclear,
    )


def _bought(study: Study, dataset: Dataset) -> pl.DataFrame | None:
    """The customer table, worked out once for each state of the data: building a rule reads no order lines."""
    inputs = store.digest("bought_by", joined_digest(study, store.head(study).recipe))
    if sha := store.recall(study, inputs):
        return pl.read_parquet(io.BytesIO(store.get(study, sha)))
    found = bought_by(dataset)
    if found is not None:
        store.remember(study, inputs, parquet(found), kind="bought_by")
    return found


@apart("列出符合条件的人")
def audience_people(study: Study, rule: Rules, *, most: int = 50) -> pl.DataFrame:
    """Some of those who meet a rule, masked, highest spend first (see ``insight.persons.persons``)."""
    dataset = load(study)
    ids = judge(dataset, rule, unit=counted_unit(dataset)).ids
    return persons(dataset, ids.to_frame()).head(most)


def save_audience(
    study: Study, audience: Audience, *, instead_of: str = "", parent: int | None = None
) -> Revision:
    """Record an audience, behind the others or in the place of one, whose uses follow its name.

    Parameters
    ----------
    instead_of : name of the audience that is changed; "" = a new one

    Raises
    ------
    BadAudience : the name is taken, a condition names what the data lack, or nobody meets the rule.
    UnknownName : there is no audience ``instead_of``.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    kept = list(before.recipe.audiences)
    at = _place(kept, instead_of) if instead_of else len(kept)
    if any(one.name == audience.name for i, one in enumerate(kept) if i != at):
        raise BadAudience(f"已经有一个叫“{audience.name}”的人群，请换一个名称")
    _check(study, audience)
    kept[at : at + 1] = [audience]
    renamed = _renamed(before.recipe, f"{AUDIENCE}{instead_of}", audience.key) if instead_of else {}
    note = f"{'修改' if instead_of else '新建'}人群 {audience.name}"
    return change(study, before, note=note, audiences=tuple(kept), **renamed)


def rename_audience(study: Study, old: str, new: str, *, parent: int | None = None) -> Revision:
    """Give an audience another name; parameters and the report that use it follow (BadAudience, UnknownName, Conflict)."""
    before = newest(study, parent)
    kept = list(before.recipe.audiences)
    at = _place(kept, old)
    audience = audience_of({"name": new, "rule": kept[at].rule})
    if any(one.name == audience.name for i, one in enumerate(kept) if i != at):
        raise BadAudience(f"已经有一个叫“{audience.name}”的人群，请换一个名称")
    uses = _renamed(before.recipe, kept[at].key, audience.key)
    kept[at] = audience
    return change(study, before, note=f"人群“{old}”改名为“{audience.name}”", audiences=tuple(kept), **uses)  # fmt: skip


def remove_audience(study: Study, name: str, *, parent: int | None = None) -> Revision:
    """Forget an audience; recorded parameters that ask for it go back to their defaults.

    Raises
    ------
    UnknownName : there is none of that name.
    BadAudience : the weights of the study are made to it.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    kept = list(before.recipe.audiences)
    gone = kept.pop(_place(kept, name))
    if gone.key in before.recipe.weighting.keys:
        raise BadAudience(f"答卷正按“{name}”加权，请先在加权页取消加权")
    params = {k: {n: v for n, v in own.items() if not _names(v, gone.key)} for k, own in before.recipe.params.items()}  # fmt: skip
    report = tuple(one for one in before.recipe.report if not any(_names(v, gone.key) for v in one.params.values()))  # fmt: skip
    left = "" if gone.key == before.recipe.filter else before.recipe.filter
    return change(study, before, note=f"删除人群 {name}", audiences=tuple(kept), params=params, report=report, filter=left)  # fmt: skip


def _place(kept: Sequence[Audience], name: str) -> int:
    known = [one.name for one in kept]
    if name not in known:
        raise UnknownName("人群", name, known)
    return known.index(name)


@apart("核对人群的条件")
def _check(study: Study, audience: Audience) -> None:
    """Refuse a rule that names what is not there, or that nobody meets."""
    if absent := unknown_values(load(study), audience.rule):
        raise BadAudience(absent[0])
    found = try_audience(study, audience.rule)
    if found.unclear:
        raise BadAudience(found.unclear[0])
    if found.n == 0:
        raise BadAudience(f"没有人同时符合“{found.sentence}”，请放宽条件")


def _names(value: object, key: str) -> bool:
    return value == key or (isinstance(value, list | tuple) and key in value)


def _renamed(recipe: Recipe, old: str, new: str) -> dict[str, object]:
    """The fields of the recipe that name a break, with another name of it."""

    def told_anew(value: object) -> object:
        if isinstance(value, list | tuple):
            return [new if one == old else one for one in value]
        return new if value == old else value

    def each(params: Mapping[str, object]) -> dict[str, object]:
        return {name: told_anew(value) for name, value in params.items()}

    return {
        "params": {key: each(own) for key, own in recipe.params.items()},
        "report": tuple(Pick(key=one.key, params=each(one.params)) for one in recipe.report),
        "weighting": recipe.weighting.renamed(old, new),
        "filter": new if recipe.filter == old else recipe.filter,
    }
