"""Where one person stands in the raw files of a study, and those files without the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Literal, NamedTuple

import polars as pl

from insight import study as store
from insight.clean.identities import keys
from insight.errors import BadParameter, SharedIdentity
from insight.join.owners import BASE, SURE, directory
from insight.pipeline.kept import cleaned_of, proposal_of, raw_of, secret_of
from insight.privacy import comparable, normalise_key, tokens
from insight.readers import RawTable
from insight.readers.pared import pared
from insight.study import Source, Study

Kind = Literal["phone", "customer_id", "email"]
KIND_LABELS: Mapping[Kind, str] = {"phone": "手机号", "customer_id": "客户编号", "email": "邮箱"}
_TOLD_ELSEWHERE, _LONG_ENOUGH, _BLANK = ("phone", "email"), 6, "***"
"""Identities that are blanked inside other cells, from so many characters on."""
Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Pared:
    """One raw table without the person: its new object, and how much left it."""

    file: str
    n_rows: int
    n_cells: int


class _Part(NamedTuple):
    """One raw table, which of its rows are the person's, and how the person is called in other cells."""

    place: str
    raw: RawTable
    gone: pl.Series
    known_as: list[str]

    @property
    def n_cells(self) -> int:
        """Cells of other rows that name the person."""
        if not self.known_as:
            return 0
        named = pl.col(pl.String).str.contains_any(self.known_as).sum()
        return int(self.raw.frame.filter(~self.gone).select(named).sum_horizontal().sum())


def identities(study: Study, kind: Kind, value: str) -> Known:
    """All sure tokens of the customer behind one identity: key -> tokens.

    Raises
    ------
    BadParameter : the value is no identity of that kind.
    SharedIdentity : several customers have it, so it does not say who is meant.
    """
    key, label = f"key_{kind}", KIND_LABELS[kind]
    token = tokens(pl.Series([value]), kind, secret=secret_of(study))[0]
    if token is None:
        raise BadParameter(label, f"“{value}”不是有效的{label}")
    sources = store.head(study).recipe.sources
    tables = {t: [cleaned_of(study, s).frame for s in sources if s.table == t] for t in BASE}
    frames = {t: pl.concat(own, how="diagonal_relaxed") for t, own in tables.items() if own}
    owners = directory(frames)
    own = owners.filter(pl.col("key") == key, pl.col("token") == token)
    if own.height and own["n_owners"][0] > 1:
        raise SharedIdentity(int(own["n_owners"][0]))
    same = owners.filter(pl.col("owner") == own["owner"][0]) if own.height else owners.clear()
    found = {k: same.filter(pl.col("key") == k)["token"].to_list() for k in SURE}
    return found | {key: sorted({*found[key], token})}


def sources_ever(study: Study) -> list[Source]:
    """Every source of every revision, each once."""
    return list({s.model_dump_json(): s for r in store.history(study) for s in r.recipe.sources}.values())  # fmt: skip


def place_of(source: Source) -> str:
    """Which table of which file a source is, whatever was decided about it."""
    return "\n".join((source.file, source.sheet, source.encoding or ""))


def pared_of(study: Study, known: Known, kind: Kind, value: str) -> dict[str, Pared]:
    """What becomes of the tables that hold the person, by their place; in a child only."""
    done = ((part.place, _without(study, part)) for part in _parts(study, known, kind, value))
    return {place: left for place, left in done if left is not None}


def is_there(study: Study, known: Known, kind: Kind, value: str) -> bool:
    """Whether any table of any revision holds the person; in a child only."""
    return any(part.gone.any() or part.n_cells for part in _parts(study, known, kind, value))


def _parts(study: Study, known: Known, kind: Kind, value: str) -> Iterator[_Part]:
    """Every table that was ever in the study: first all identities in them are found, then each is told."""
    groups: dict[str, list[Source]] = {}
    for source in sources_ever(study):
        groups.setdefault(place_of(source), []).append(source)
    hits, orders, called = {}, set[str](), {normalise_key(kind, value) or value}
    for place, group in groups.items():
        raw = raw_of(study, group[0])
        hits[place] = reduce(or_, (_is_of(study, raw, source, known) for source in group))
        orders |= {o for s in group for o in _orders(raw, s).filter(hits[place]).drop_nulls()}
        called |= {
            c for s in group for c in _called(study, raw.frame.filter(hits[place]), s, known)
        }
    known_as = sorted(c for c in called if len(c) >= _LONG_ENOUGH)
    for place, group in groups.items():
        raw = raw_of(study, group[0])
        named = reduce(or_, (_orders(raw, source).is_in(sorted(orders)) for source in group))
        yield _Part(place, raw, hits[place] | named.fill_null(value=False), known_as)


def _is_of(study: Study, raw: RawTable, source: Source, known: Known) -> pl.Series:
    """(n) whether a row carries an identity of the person, as this source maps its columns."""
    found = keys(raw.frame, proposal_of(source, raw).identities(), secret=secret_of(study)).frame
    asked = [pl.col(k).is_in(known[k]) for k in SURE if k in found.columns and known[k]]
    nobody = pl.repeat(value=False, n=raw.frame.height, eager=True)
    return found.select(pl.any_horizontal(asked).fill_null(value=False)).to_series() if asked else nobody  # fmt: skip


def _orders(raw: RawTable, source: Source) -> pl.Series:
    """(n) order numbers as they stand in the table; null where it has none."""
    column = next((c for c, role in source.roles.items() if role == "order_id"), None)
    none = pl.repeat(None, raw.frame.height, dtype=pl.String, eager=True)
    return none if column is None else raw.frame[column]


def _called(study: Study, rows: pl.DataFrame, source: Source, known: Known) -> Iterator[str]:
    """The phones and addresses that are the person's alone, as they stand in their rows and as they are compared."""
    for column, role in source.roles.items():
        if role in _TOLD_ELSEWHERE and column in rows.columns:
            own = tokens(rows[column], role, secret=secret_of(study)).is_in(known[f"key_{role}"])
            texts = rows[column].filter(own.fill_null(value=False))
            yield from texts
            yield from comparable(texts, role)


def _without(study: Study, part: _Part) -> Pared | None:
    """The table without these rows and without the identities in other cells; None where nothing changes."""
    n_cells = part.n_cells
    if not part.gone.any() and not n_cells:
        return None
    blank = pl.col(pl.String).str.replace_many(part.known_as, [_BLANK] * len(part.known_as))
    raw = part.raw
    left = replace(raw, frame=raw.frame.with_columns(blank)) if n_cells else raw
    return Pared(store.put(study, pared(left, ~part.gone)), int(part.gone.sum()), n_cells)
