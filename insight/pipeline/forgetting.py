"""Forget one person: their rows leave the raw files, every revision, list and result; a certificate says so."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shutil import rmtree

import polars as pl

from insight import access
from insight import study as store
from insight.errors import NobodyFound
from insight.pipeline.changing import unchanged
from insight.pipeline.copies import NO_COPIES, Held, held_in_copies
from insight.pipeline.kept import parquet
from insight.pipeline.one_person import (
    KIND_LABELS,
    Kind,
    Known,
    Pared,
    identities,
    pared_of,
    place_of,
    sources_ever,
)
from insight.study import Recipe, Study
from insight.worker import call

_WRITTEN = ("results", "output")  # folders of a study that commands write tables and reports into


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The certificate.

    Attributes
    ----------
    certificate : its number, also in the log
    rows : file -> rows that were deleted
    n_cells : other cells where the identity was blanked
    revision : the newest one now
    copies : other studies with the same files that still hold the person
    """

    certificate: str
    at: str
    rows: Mapping[str, int]
    n_cells: int
    revision: int
    copies: Held = NO_COPIES


def forget(study: Study, kind: Kind, value: str, *, parent: int | None = None) -> Forgotten:
    """Delete whoever has this identity from the study; the raw files are kept without their rows.

    What commands wrote into the folder of the study (results, output) goes, too: it can be written again. Copies
    of the study are studies of their own: they keep the person, and the certificate names them.

    Raises
    ------
    BadParameter : the value is no identity of that kind.
    NobodyFound : nobody in the study has it.
    SharedIdentity : several customers have it, so it does not say who is meant.
    Conflict : the newest revision is not ``parent``.
    """
    access.demand("manage")
    before, label = unchanged(study, parent), KIND_LABELS[kind]
    known = identities(study, kind, value)
    done = call(pared_of, study, known, kind, value, about="删除个人")
    if not done:
        raise NobodyFound(label)
    names = {place_of(source): source.name for source in sources_ever(study)}
    rows = {names[place]: one.n_rows for place, one in done.items()}
    held = held_in_copies(study, known, kind, value)
    return _erased(study, before.id, done, known=known, rows=rows, held=held)


def _erased(
    study: Study, parent: int, done: Mapping[str, Pared], *, known: Known, rows: Mapping[str, int], held: Held
) -> Forgotten:  # fmt: skip
    """Every revision with the new tables and lists, and the line in the log that is the certificate."""
    owners = [token for own in known.values() for token in own]
    lists = {
        sha: _list_without(study, sha, owners)
        for revision in store.history(study)
        for sha in store.lists_of(revision.recipe)
    }

    def change(recipe: Recipe) -> Recipe:
        moved = [s.model_copy(update={"file": done[place_of(s)].file}) if place_of(s) in done else s for s in recipe.sources]  # fmt: skip
        kept = {
            name: tuple(one.model_copy(update={"people": lists[one.people]}) for one in getattr(recipe, name))
            for name in ("campaigns", "promises")
        }  # fmt: skip
        return recipe.model_copy(update={"sources": tuple(moved), **kept})

    certificate, at = secrets.token_hex(6), store.now()
    revision = store.erase(
        study, change, parent=parent, author=access.actor().name, note=f"按要求删除 1 人，证明 {certificate}",
        what={"certificate": certificate, "rows": sum(rows.values())} | ({"copies": held.n} if held.n else {}),
    )  # fmt: skip
    store.clear_desk(study)
    for written in _WRITTEN:
        rmtree(study.path / written, ignore_errors=True)
    n_cells = sum(one.n_cells for one in done.values())
    return Forgotten(certificate, at, rows, n_cells, revision.id, held)


def _list_without(study: Study, sha: str, owners: Sequence[str]) -> str:
    """A kept list of people without some of them; the same one where they are not on it."""
    listed = pl.read_parquet(io.BytesIO(store.get(study, sha)))
    left = listed.filter(~pl.col("customer_id").is_in(list(owners)))
    return sha if left.height == listed.height else store.put(study, parquet(left))
