"""A result as it may leave the tool: without small figures, the sentences that tell them, and their marks in charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from insight.analysis import Cell, Result
from insight.disclosure.tables import PEOPLE, PERSONS, Hidden, blanked, hidden

if TYPE_CHECKING:
    import altair as alt


class _Trace(NamedTuple):
    """The words that name a hidden row, and its counts."""

    words: frozenset[str]
    counts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shared:
    """A result without what a handful of people could be found out by.

    Attributes
    ----------
    n_rows : rows of its tables that lost their figures
    n_findings : sentences that would tell them
    """

    result: Result
    n_rows: int
    n_findings: int


def shared_table(table: pl.DataFrame, *, fewest: int, tiny: int) -> pl.DataFrame:
    """One table without its small figures."""
    return blanked(table, hidden(table, fewest=fewest, tiny=tiny))


def shared(result: Result, *, fewest: int, tiny: int) -> Shared:
    """Hide what tells of fewer than ``fewest`` people; a table that compares a hidden row hides it, too.

    Parameters
    ----------
    tiny : smallest base whose figures are shown
    """
    first = {name: hidden(table, fewest=fewest, tiny=tiny) for name, table in result.tables.items()}
    gone = {name: list(_traces(result.tables[name], one)) for name, one in first.items()}
    if not any(one.n for one in first.values()):
        return Shared(result, 0, 0)
    every = [one for own in gone.values() for one in own]
    found = {name: _beside(result.tables[name], one, every) for name, one in first.items()}
    told = tuple(f for f in result.findings if not any(_is_hidden(found, c) for c in f.evidence))
    charts = {name: _thinned(chart, gone.get(name, every)) for name, chart in result.charts.items()}
    tables = {name: blanked(table, found[name]) for name, table in result.tables.items()}
    n_rows, n_told = sum(one.n for one in found.values()), len(result.findings) - len(told)
    notes = (*result.notes, in_words(fewest, n_rows, n_told))
    return Shared(
        replace(result, tables=tables, charts=charts, findings=told, notes=notes), n_rows, n_told
    )


def in_words(fewest: int, n_rows: int, n_findings: int = 0) -> str:
    """What was hidden and why, as a sentence of the notes."""
    also = f"，{n_findings} 条结论没有写入" if n_findings else ""
    return f"为保护个人，不满 {fewest} 人的格子和由它们可以推算出的格子（共 {n_rows} 行）不显示数字{also}。"


def _traces(table: pl.DataFrame, one: Hidden) -> Iterator[_Trace]:
    """What each hidden row is known by; what all rows share tells none of them."""
    apart = [name for name in one.names if table[name].n_unique() > 1]
    counts = [name for name in PEOPLE if name in table.columns]
    for row in table.filter(pl.Series(one.rows)).iter_rows(named=True) if apart else ():
        yield _Trace(_words(row[name] for name in apart), {name: row[name] for name in counts})


def _words(values: Iterable[object]) -> frozenset[str]:
    return frozenset(str(value) for value in values if value is not None)


def _beside(table: pl.DataFrame, one: Hidden, gone: Sequence[_Trace]) -> Hidden:
    """Further rows that tell of the same people as a row that is hidden elsewhere, like a comparison with them."""
    said = [name for name, kind in table.schema.items() if kind == pl.String or kind.is_temporal()]
    if PERSONS & set(table.columns) or not said:
        return one
    alike = [_is_of(_words(row[name] for name in said), row, gone) for row in table.iter_rows(named=True)]  # fmt: skip
    return one._replace(rows=one.rows | pl.Series(alike, dtype=pl.Boolean).to_numpy())


def _is_of(said: frozenset[str], row: Mapping[str, object], gone: Iterable[_Trace]) -> bool:
    """Whether a row says all the words of a trace and counts the same people, where it counts any."""
    return any(
        one.words <= said and all(row[name] == n for name, n in one.counts.items() if name in row)
        for one in gone
    )


def _is_hidden(found: Mapping[str, Hidden], cell: Cell) -> bool:
    one = found[cell.table]
    return bool(one.rows[cell.row]) and cell.column not in one.names


def _thinned(chart: alt.TopLevelMixin, gone: Sequence[_Trace]) -> alt.TopLevelMixin:
    """The chart without the marks of hidden rows."""
    from insight.charts import kept  # only results with charts need Altair

    return kept(_without(chart.to_dict(validate=False), gone))


def _without(part: Any, gone: Sequence[_Trace]) -> Any:  # noqa: ANN401 (any part of a specification)
    if isinstance(part, dict):
        return {name: _without(value, gone) for name, value in part.items()}
    if isinstance(part, list):
        return [_without(value, gone) for value in part if not _is_mark(value, gone)]
    return part


def _is_mark(value: object, gone: Sequence[_Trace]) -> bool:
    """Whether this is a datum that tells of a hidden row."""
    if not isinstance(value, dict) or any(isinstance(v, dict | list) for v in value.values()):
        return False
    return _is_of(_words(v for v in value.values() if isinstance(v, str)), value, gone)
