"""The people behind a figure: open one row of a result to see who they are, what they bought and said."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import polars as pl

from insight import study as store
from insight.analyses import find
from insight.analysis import Result
from insight.dataset import Dataset
from insight.errors import AmbiguousRow, TooFewPeople, UnknownName
from insight.members import Members, behind
from insight.persons import orders_of, persons, quotes_of
from insight.pipeline.apart import apart
from insight.pipeline.inputs import params_of, result_digest
from insight.pipeline.joined import load
from insight.pipeline.running import run, worked_out
from insight.pipeline.seeing import own_bytes, own_path
from insight.study import Study
from insight.units import in_words
from insight.wording import count
from insight.worker import Progress

_COUNTED = {
    "customer_id": "位客户", "respondent_id": "份答卷", "text_id": "段话", "order_id": "笔订单", "person": "人",
}  # fmt: skip
FEWEST = 5  # people: a shorter list does not leave the tool


@dataclass(frozen=True, slots=True)
class People:
    """Who stands behind one row of a result.

    Attributes
    ----------
    table, row : the row, column -> value
    names : the columns that name it
    unit : the id that the row counts: "customer_id", "respondent_id", "text_id", "order_id", "person"
    n : how many of them there are; equals what the row says
    persons, orders, quotes : as ``insight.persons`` gives them
    n_lines : order lines of these people; ``orders`` holds the newest of them
    """

    table: str
    row: Mapping[str, object]
    names: tuple[str, ...]
    unit: str
    n: int
    persons: pl.DataFrame
    orders: pl.DataFrame
    n_lines: int
    quotes: pl.DataFrame

    @property
    def in_words(self) -> str:
        """How many, of how many, and how many people these are: "279 份答卷（基数 502），来自 270 人"."""
        base = self.row.get("base")
        among = f"（基数 {count(base)}）" if isinstance(base, int) else ""
        told = f"{count(self.n)} {_COUNTED[self.unit]}{among}"
        n_people = self.persons.height
        return told if n_people == self.n else f"{told}，来自 {count(n_people)} 人"

    @property
    def may_leave(self) -> bool:
        """Whether the list may leave the tool: a handful of people could be found out by it."""
        return self.persons.height >= FEWEST

    def tables(self) -> dict[str, pl.DataFrame]:
        """The lists as they may leave the tool.

        Raises
        ------
        TooFewPeople : so few that they could be found out.
        """
        if not self.may_leave:
            raise TooFewPeople(self.persons.height, FEWEST)
        lists = {"people": self.persons, "lines": self.orders, "said": self.quotes}
        return {name: frame.drop("key", "text_id", strict=False) for name, frame in lists.items()}


Changes = Mapping[str, object] | None


def rows_with_people(
    study: Study, key: str, *, changes: Changes = None
) -> dict[str, tuple[str, ...]]:
    """The tables of an analysis whose rows can be opened, and the columns that name a row; kept beside the result."""
    sha = store.recall(study, _rows_of(study, key, changes)) or _openable(study, key, changes)
    return {table: tuple(names) for table, names in json.loads(own_bytes(study, sha)).items()}


def _rows_of(study: Study, key: str, changes: Changes) -> str:
    return store.digest("rows", result_digest(study, key, changes=changes))


@apart("可以展开的行")
def _openable(study: Study, key: str, changes: Changes) -> str:
    """Name of the object that tells which rows can be opened."""
    return _kept_rows(study, key, changes, loaded=partial(load, study))


def _kept_rows(study: Study, key: str, changes: Changes, *, loaded: Callable[[], Dataset]) -> str:
    known = _known(study, key, changes, loaded=loaded)[2]
    rows = {table: members.names for table, members in known.items()}
    return store.remember(study, _rows_of(study, key, changes), json.dumps(rows).encode(), kind="rows")  # fmt: skip


def worked_out_to_open(study: Study, key: str, changes: Changes, *, progress: Progress) -> str:
    """Name of the object that holds an answer (see ``running.worked_out``); which of its rows can be opened is known, too."""
    loaded = cache(partial(load, study))
    sha = worked_out(study, key, changes, progress=progress, loaded=loaded)
    if not store.recall(study, _rows_of(study, key, changes)):
        _kept_rows(study, key, changes, loaded=loaded)
    return sha


@apart("找出这些人")
def people(
    study: Study,
    key: str,
    row: Mapping[str, str],
    *,
    table: str = "",
    changes: Changes = None,
) -> People:
    """Open one row of a result.

    Parameters
    ----------
    row : column -> value as the screen writes it; enough of them to name one row
    table : default: the first that has these columns

    Raises
    ------
    UnknownName : no such table, column or row.
    AmbiguousRow : several rows fit.
    """
    dataset, result, known = _known(study, key, changes, loaded=partial(load, study))
    name = table or _table_of(result, known, row)
    if name not in known:
        raise UnknownName("可以展开的表", name, tuple(known))
    found = _row(result.tables[name], known[name].names, row)
    members = _kept(study, key, known[name], table=name, changes=changes)
    ids = behind(members, found)
    who = persons(dataset, ids)
    orders, n_lines = orders_of(dataset, ids, who)
    return People(
        table=name,
        row=found,
        names=members.names,
        unit=next((c for c in members.unit if not ids[c].is_null().all()), members.unit[0]),
        n=ids.select(members.unit).n_unique(),
        persons=who,
        orders=orders,
        n_lines=n_lines,
        quotes=quotes_of(dataset, ids, who),
    )


_Known = tuple[Dataset, Result, Mapping[str, Members]]


def _known(study: Study, key: str, changes: Changes, *, loaded: Callable[[], Dataset]) -> _Known:
    dataset = loaded()
    result = run(study, key, changes=changes, loaded=lambda: dataset)
    return dataset, result, find(key).members(dataset, params_of(study, key, changes), result)


def _table_of(result: Result, known: Mapping[str, Members], row: Mapping[str, str]) -> str:
    fitting = [name for name in known if set(row) <= set(result.tables[name].columns)]
    if not fitting:
        listed = dict.fromkeys(name for members in known.values() for name in members.names)
        raise UnknownName("列", "、".join(row), tuple(listed))
    return fitting[0]


def _row(table: pl.DataFrame, names: tuple[str, ...], row: Mapping[str, str]) -> dict[str, Any]:
    """The only row whose cells read like ``row``."""
    kept = table.unique(names, keep="first", maintain_order=True)
    for column, wanted in row.items():
        if column not in table.columns:
            raise UnknownName("列", column, table.columns)
        told = [wanted in (in_words(v, column=column), str(v)) for v in kept[column]]
        if not any(told):
            known = kept[column].unique(maintain_order=True)
            raise UnknownName("行", wanted, [in_words(v, column=column) for v in known])
        kept = kept.filter(pl.Series(told, dtype=pl.Boolean))
    if kept.height > 1:
        said = "、".join(f"{column}={value}" for column, value in row.items())
        raise AmbiguousRow(said, kept.height, names)
    return kept.row(0, named=True)


def _kept(study: Study, key: str, members: Members, *, table: str, changes: Changes) -> Members:
    """The same members: worked out once for these inputs, then read from the study."""
    inputs = store.digest("people", result_digest(study, key, changes=changes), table)
    sha = store.recall(study, inputs)
    if sha is None:
        buffer = io.BytesIO()
        members.frame.collect().write_parquet(buffer)
        sha = store.remember(study, inputs, buffer.getvalue(), kind=f"people:{key}")
    return replace(members, frame=pl.scan_parquet(own_path(study, sha)))
