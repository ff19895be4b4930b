"""What whoever acts may see of a study: all of it, or the customers of their row rule; both leave it through this door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from insight import access
from insight import study as store
from insight.access import Rows
from insight.analysis import Result
from insight.dataset import Dataset, Memo
from insight.errors import (
    InsightError,
    NoAudiences,
    NoOwnCustomers,
    OnlyOwnCustomers,
    UnknownName,
)
from insight.own_rows import own_rows
from insight.pipeline.shelf import shelf_of
from insight.schema.audiences import Audience
from insight.schema.conditions import AUDIENCE
from insight.segmentation.breaks import judge
from insight.settings import settings
from insight.study import Study


def rows_rule(study: Study, audience: str) -> Rows:
    """The rule "only the customers of this saved audience", as it is meant today.

    Raises
    ------
    NoAudiences, UnknownName : there is no such audience.
    """
    known = {one.name: one for one in store.head(study).recipe.audiences}
    if not known:
        raise NoAudiences
    name = audience.removeprefix(AUDIENCE)
    if name not in known:
        raise UnknownName("人群", name, tuple(known))
    return Rows(name, _pin(known[name]))


def _pin(audience: Audience) -> str:
    return store.digest("rows", audience.model_dump_json())


def seen(study: Study) -> str:
    """What tells apart what different people see of one revision; "": all of it.

    Who belongs to an audience may depend on everything that was decided, so the whole recipe stands in it.
    """
    rows = _rows(study)
    if rows is None:
        return ""
    with access.at_the_door():
        by_hand = "".join(map(repr, store.codes_of(study)))
        recipe = store.head(study).recipe.model_dump_json()
    return store.digest("seen", rows.written(), recipe, by_hand)


def let_through(study: Study, whole: Callable[[], Dataset]) -> Dataset:
    """The tables that ``whole`` gives, or what whoever acts may see of them.

    Raises
    ------
    NoOwnCustomers : the audience of their rule is gone, was changed, or holds nobody.
    OnlyOwnCustomers : their rule in this study is another one by now, or they are at work in another study.
    """
    rows = _rows(study)
    if rows is None:
        return whole()
    with access.at_the_door():
        dataset = whole()
        ids = _own_customers(dataset, rows)
    return own_rows(dataset, ids, memo=Memo(shelf_of(study, seen(study))))


def _rows(study: Study) -> Rows | None:
    """The row rule of whoever acts, which on a team's server must be the one that the register holds."""
    me = access.actor()
    if settings().mode == "team" and not me.at_terminal and me.rows != access.rows_of(me.name, study.id):  # fmt: skip
        raise OnlyOwnCustomers
    return me.rows


def marked(result: Result) -> Result:
    """A result whose first note says that it counts some customers only, where it does."""
    rows = access.actor().rows
    if rows is None:
        return result
    return replace(
        result, notes=(f"数据范围：只含您能看的客户，即人群“{rows.audience}”。", *result.notes)
    )


def _own_customers(dataset: Dataset, rows: Rows) -> pl.Series:
    """Their ids; who cannot be judged is not among them."""
    audience = next((one for one in dataset.definitions.audiences if one.name == rows.audience), None)  # fmt: skip
    if audience is None:
        raise NoOwnCustomers(rows.audience, "而这个人群已经删除或改名")
    if _pin(audience) != rows.pin:
        raise NoOwnCustomers(rows.audience, "而这个人群的条件后来改过")
    try:
        met = judge(dataset, audience.rule, unit="customer_id").members
    except InsightError as error:
        raise NoOwnCustomers(rows.audience, "而现在的数据判断不了谁在其中") from error
    ids = met.filter("met")["customer_id"].drop_nulls()
    if ids.is_empty():
        raise NoOwnCustomers(rows.audience, "而现在没有客户在其中")
    return ids


def own_bytes(study: Study, sha: str) -> bytes:
    """What was kept for whoever acts; ask with a name that was recalled by a digest with ``seen`` in it."""
    with access.at_the_door():
        return store.get(study, sha)


def own_path(study: Study, sha: str) -> Path:
    """Where that lies; for what is too large to hold."""
    with access.at_the_door():
        return store.object_path(study, sha)
