"""The steps of a study: every revision with what it changed, two of them compared, and the way back to one."""

from __future__ import annotations

from dataclasses import dataclass

from insight import study as store
from insight.pipeline.changing import change, newest
from insight.pipeline.differences import told
from insight.study import Recipe, Revision, Study


@dataclass(frozen=True, slots=True)
class Step:
    """One revision, and how it differs from the one before, in words."""

    revision: int
    at: str
    author: str
    note: str
    changes: tuple[str, ...]


def steps(study: Study) -> tuple[Step, ...]:
    """Every revision, the newest first."""
    known = store.history(study)
    before = [*(one.recipe for one in known[1:]), Recipe()]
    return tuple(_step(one, old) for one, old in zip(known, before, strict=True))


def _step(one: Revision, before: Recipe) -> Step:
    return Step(one.id, one.at, one.author, one.note, told(store.differences(before, one.recipe)))


def compare(study: Study, first: int, second: int) -> tuple[str, ...]:
    """What differs from revision ``first`` to revision ``second``, in words (UnknownName)."""
    old, new = (store.revision(study, number).recipe for number in (first, second))
    return told(store.differences(old, new))


def go_back(study: Study, to: int, *, parent: int | None = None) -> Revision:
    """Make the recipe of an earlier revision the newest again; the steps between stay in the history.

    Raises
    ------
    UnknownName : there is no such revision.
    Conflict : somebody changed the study since ``parent``.
    """
    before, wanted = newest(study, parent), store.revision(study, to).recipe
    fields = {name: getattr(wanted, name) for name in Recipe.model_fields}
    return change(study, before, note=f"回到第 {to} 版", **fields)
