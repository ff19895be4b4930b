"""Forget one person: their rows leave the raw files, every revision, list and result; a certificate says so."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from shutil import rmtree
from typing import Literal

import polars as pl

from insight import access
from insight import study as store
from insight.clean.identities import keys
from insight.errors import BadParameter, NobodyFound, SharedIdentity
from insight.join.owners import BASE, SURE, directory
from insight.pipeline.changing import unchanged
from insight.pipeline.kept import cleaned_of, parquet, proposal_of, raw_of, secret_of
from insight.privacy import comparable, normalise_key, tokens
from insight.readers import RawTable
from insight.readers.pared import pared
from insight.study import Recipe, Source, Study
from insight.worker import call

Kind = Literal["phone", "customer_id", "email"]
KIND_LABELS: Mapping[Kind, str] = {"phone": "手机号", "customer_id": "客户编号", "email": "邮箱"}
_WRITTEN = ("results", "output")  # folders of a study that commands write tables and reports into
_TOLD_ELSEWHERE, _LONG_ENOUGH, _BLANK = ("phone", "email"), 6, "***"
"""Identities that are blanked inside other cells, from so many characters on."""
Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The certificate.

    Attributes
    ----------
    certificate : its number, also in the log
    rows : file -> rows that were deleted
    n_cells : other cells where the identity was blanked
    revision : the newest one now
    """

    certificate: str
    at: str
    rows: Mapping[str, int]
    n_cells: int
    revision: int


@dataclass(frozen=True, slots=True)
class _Pared:
    """One raw table without the person: its new object, and how much left it."""

    file: str
    n_rows: int
    n_cells: int


def forget(study: Study, kind: Kind, value: str, *, parent: int | None = None) -> Forgotten:
    """Delete whoever has this identity from the study; the raw files are kept without their rows.

    What commands wrote into the folder of the study (results, output) goes, too: it can be written again.

    Raises
    ------
    BadParameter : the value is no identity of that kind.
    NobodyFound : nobody in the study has it.
    SharedIdentity : several customers have it, so it does not say who is meant.
    Conflict : the newest revision is not ``parent``.
    """
    access.demand("manage")
    before, label = unchanged(study, parent), KIND_LABELS[kind]
    token = tokens(pl.Series([value]), kind, secret=secret_of(study))[0]
    if token is None:
        raise BadParameter(label, f"“{value}”不是有效的{label}")
    known = _identities(study, before.recipe, f"key_{kind}", token)
    ever = {s.model_dump_json(): s for r in store.history(study) for s in r.recipe.sources}
    done = call(
        _pared, study, list(ever.values()), known, normalise_key(kind, value), about="删除个人"
    )
    if not done:
        raise NobodyFound(label)
    names = {_place(source): source.name for source in ever.values()}
    rows = {names[place]: one.n_rows for place, one in done.items()}
    return _erased(study, before.id, done, known=known, rows=rows)


def _identities(study: Study, recipe: Recipe, key: str, token: str) -> Known:
    """All sure tokens of the customer behind one of them: key -> tokens."""
    tables = {t: [cleaned_of(study, s).frame for s in recipe.sources if s.table == t] for t in BASE}
    frames = {t: pl.concat(own, how="diagonal_relaxed") for t, own in tables.items() if own}
    owners = directory(frames)
    own = owners.filter(pl.col("key") == key, pl.col("token") == token)
    if own.height and own["n_owners"][0] > 1:
        raise SharedIdentity(int(own["n_owners"][0]))
    same = owners.filter(pl.col("owner") == own["owner"][0]) if own.height else owners.clear()
    found = {k: same.filter(pl.col("key") == k)["token"].to_list() for k in SURE}
    return found | {key: sorted({*found[key], token})}


def _place(source: Source) -> str:
    """Which table of which file a source is, whatever was decided about it."""
    return "\n".join((source.file, source.sheet, source.encoding or ""))


def _pared(study: Study, sources: Sequence[Source], known: Known, value: str) -> dict[str, _Pared]:
    """What becomes of the tables that hold the person, by their place; in a child only."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(_place(source), []).append(source)
    hits, orders, called = {}, set[str](), {value}
    for place, group in groups.items():
        raw = raw_of(study, group[0])
        hits[place] = reduce(or_, (_is_of(study, raw, source, known) for source in group))
        orders |= {o for s in group for o in _orders(raw, s).filter(hits[place]).drop_nulls()}
        called |= {
            c for s in group for c in _called(study, raw.frame.filter(hits[place]), s, known)
        }
    known_as = sorted(c for c in called if len(c) >= _LONG_ENOUGH)
    done = {}
    for place, group in groups.items():
        raw = raw_of(study, group[0])
        named = reduce(or_, (_orders(raw, source).is_in(sorted(orders)) for source in group))
        left = _without(study, raw, hits[place] | named.fill_null(value=False), known_as)
        if left is not None:
            done[place] = left
    return done


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


def _without(study: Study, raw: RawTable, gone: pl.Series, known_as: list[str]) -> _Pared | None:  # fmt: skip
    """The table without these rows and without the identities in other cells; None where nothing changes."""
    texts = pl.col(pl.String)
    n_cells = int(raw.frame.filter(~gone).select(texts.str.contains_any(known_as).sum()).sum_horizontal().sum()) if known_as else 0  # fmt: skip
    if not gone.any() and not n_cells:
        return None
    blank = texts.str.replace_many(known_as, [_BLANK] * len(known_as))
    left = replace(raw, frame=raw.frame.with_columns(blank)) if n_cells else raw
    return _Pared(store.put(study, pared(left, ~gone)), int(gone.sum()), n_cells)


def _erased(study: Study, parent: int, done: Mapping[str, _Pared], *, known: Known, rows: Mapping[str, int]) -> Forgotten:  # fmt: skip
    """Every revision with the new tables and lists, and the line in the log that is the certificate."""
    owners = [token for own in known.values() for token in own]
    lists = {
        sha: _list_without(study, sha, owners)
        for revision in store.history(study)
        for sha in store.lists_of(revision.recipe)
    }

    def change(recipe: Recipe) -> Recipe:
        moved = [s.model_copy(update={"file": done[_place(s)].file}) if _place(s) in done else s for s in recipe.sources]  # fmt: skip
        kept = {
            name: tuple(one.model_copy(update={"people": lists[one.people]}) for one in getattr(recipe, name))
            for name in ("campaigns", "promises")
        }  # fmt: skip
        return recipe.model_copy(update={"sources": tuple(moved), **kept})

    certificate, at = secrets.token_hex(6), store.now()
    revision = store.erase(
        study, change, parent=parent, author=access.actor().name, note=f"按要求删除 1 人，证明 {certificate}",
        what={"certificate": certificate, "rows": sum(rows.values())},
    )  # fmt: skip
    store.clear_desk(study)
    for written in _WRITTEN:
        rmtree(study.path / written, ignore_errors=True)
    n_cells = sum(one.n_cells for one in done.values())
    return Forgotten(certificate, at, rows, n_cells, revision.id)


def _list_without(study: Study, sha: str, owners: Sequence[str]) -> str:
    """A kept list of people without some of them; the same one where they are not on it."""
    listed = pl.read_parquet(io.BytesIO(store.get(study, sha)))
    left = listed.filter(~pl.col("customer_id").is_in(list(owners)))
    return sha if left.height == listed.height else store.put(study, parquet(left))
