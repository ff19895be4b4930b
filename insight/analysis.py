"""The protocol of an analysis: what it asks, what it needs, what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import BaseModel

from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.members import Members
from insight.schema import LABELS, TABLES

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, slots=True)
class Cell:
    """The table cell that proves a number: the ``row`` (0-based) and ``column`` of ``table``."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One Chinese sentence with its numbers.

    Attributes
    ----------
    text : the sentence; every number in it is a cell of ``evidence``
    base : people (or orders, texts) the sentence speaks of
    evidence : the cells that prove it; at least one
    test : the statistical test behind it, with level and correction; empty where nothing was tested
    """

    text: str
    base: int
    evidence: tuple[Cell, ...]
    test: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What an analysis gives back.

    Attributes
    ----------
    tables : name -> table; columns are English identifiers, labels are in ``schema.LABELS``
    charts : name -> Altair chart over aggregated data (<= 5,000 rows)
    findings : most important first
    notes : 口径: definition, base, filter, weight, test, small-base rule, source; one sentence each
    """

    tables: Mapping[str, pl.DataFrame]
    charts: Mapping[str, alt.TopLevelMixin] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """One question a user can ask; the page, the form, the command and the report come from it.

    ``needs`` maps a table to its columns; "responses|texts" asks for one of the two, and so does
    "discount|list_price" among the columns. ``params`` fields are bool, bounded int or float, Literal
    choices, str, list of choices, or a str that names something of the data: ``Field(json_schema_extra={"one_of": "breaks"})`` with
    one of "breaks", "questions", "items", "tested_questions", "multi_questions", "matrix_questions", "rank_questions", "waves", "text_questions", "categories", "designs", "events", "actions", "campaigns", "filters", "customer_groups" (``list[str]`` for several).
    ``members`` says, for each table that counts people, who stands behind its rows. Of a room the
    analysis with the lowest ``place`` comes first; a page with many analyses lists them by ``theme``.
    ``reads_words`` : it cuts texts into words where there are some, though it does not need them.
    """

    key: str
    title: str
    question: str
    needs: Mapping[str, tuple[str, ...]]
    params: type[BaseModel]
    run: Callable[[Dataset, Any], Result]
    members: Callable[[Dataset, Any, Result], Mapping[str, Members]] = lambda *_: {}
    place: int = 100
    theme: str = ""
    reads_words: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", MappingProxyType(dict(self.needs)))


def lacking(analysis: Analysis, dataset: Dataset) -> tuple[str, ...]:
    """What the data lacks for ``analysis``, in the words of the screen ("订单：客户编号")."""
    lacks: list[str] = []
    for tables, names in analysis.needs.items():
        absent = [
            [_told(t, n) for n in names if dataset.columns(t).isdisjoint(n.split("|"))]
            for t in tables.split("|")
        ]
        if all(absent) and len(absent) == 1:
            lacks += absent[0]
        elif all(absent):
            there = [bool(dataset.columns(t)) for t in tables.split("|")]
            words = (w[0] if any(there) else w[0].split("：")[0] for w in absent)
            lacks.append("或".join(words))
    return tuple(lacks)


def _told(table: str, names: str) -> str:
    known = {name: TABLES[table].column(name) for name in names.split("|")}
    labels = [c.label if c else LABELS.get(name, name) for name, c in known.items()]
    return f"{TABLES[table].label}：{'或'.join(labels)}"


def answer(analysis: Analysis, dataset: Dataset, params: BaseModel | None = None) -> Result:
    """Run ``analysis``; say in one sentence what is lacking if it cannot.

    Raises
    ------
    MissingColumns : a needed table or column is absent.
    """
    if missing := lacking(analysis, dataset):
        raise MissingColumns(analysis.title, missing)
    return analysis.run(dataset, params or analysis.params())
