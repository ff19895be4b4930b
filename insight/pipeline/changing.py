"""Change a study: the revision that the user saw, if it is still the newest, with another recipe on top."""

from __future__ import annotations

from insight import access
from insight import study as store
from insight.access import EDIT
from insight.errors import Conflict, NoSuchSource
from insight.pipeline.differences import told
from insight.study import Recipe, Revision, Source, Study, Unsaved


def newest(study: Study, parent: int | None = None) -> Revision:
    """The newest revision; where a ``parent`` is given, the one that the user saw.

    What is made of an older one is not lost: ``change`` refuses it with what both changed (Conflict).

    Raises
    ------
    Conflict : files were removed or exchanged since ``parent``, so that a place in the list means another one.
    """
    found = store.head(study)
    if parent is None or found.id == parent:
        return found
    seen = store.revision(study, parent)
    files = [_file(one) for one in seen.recipe.sources]
    if files != [_file(one) for one in found.recipe.sources][: len(files)]:
        raise _contested(seen, found)
    return seen


def _file(source: Source) -> tuple[str, str, str]:
    return source.name, source.sheet, source.table


def unchanged(study: Study, parent: int | None = None) -> Revision:
    """The newest revision, for what can not be done again on another one (Conflict where it is not ``parent``)."""
    found = store.head(study)
    if parent is not None and found.id != parent:
        raise _contested(store.revision(study, parent), found)
    return found


def change(study: Study, before: Revision, *, note: str, **fields: object) -> Revision:
    """Record the recipe of ``before`` with these fields changed, as the newest revision.

    Raises
    ------
    Conflict : it is not the newest any more; the error carries what both changed, and the change itself.
    NotAllowed : whoever acts may only look.
    """
    access.demand(EDIT)
    recipe = before.recipe.model_copy(update=fields)
    try:
        return store.commit(study, recipe, parent=before.id, author=access.actor().name, note=note)
    except Conflict as error:
        raise _contested(before, store.head(study), wanted=recipe, note=note) from error


def _contested(
    before: Revision, found: Revision, *, wanted: Recipe | None = None, note: str = ""
) -> Conflict:
    """What to say about a change of ``before`` when ``found`` is the newest."""
    theirs = told(store.differences(before.recipe, found.recipe))
    if wanted is None:
        return Conflict(found.author, found.at, theirs=theirs)
    mine = told(store.differences(before.recipe, wanted))
    kept = Unsaved(parent=before.id, note=note, recipe=wanted).model_dump_json()
    return Conflict(found.author, found.at, theirs=theirs, mine=mine, unsaved=kept)


def source_at(study: Study, before: Revision, index: int) -> Source:
    """The source at a place (0-based) of a revision's list.

    Raises
    ------
    Conflict : the place is only there since somebody else changed the study.
    NoSuchSource : it is not there at all.
    """
    known = before.recipe.sources
    if 0 <= index < len(known):
        return known[index]
    found = store.head(study)
    if found.id != before.id:
        raise _contested(before, found)
    raise NoSuchSource(index + 1, n=len(known))


def source_now(study: Study, index: int) -> Source:
    """The source at a place (0-based) of the newest revision (NoSuchSource)."""
    return source_at(study, store.head(study), index)


def with_source(before: Revision, index: int, source: Source) -> tuple[Source, ...]:
    """The sources of a revision with another one at ``index``."""
    return tuple(source if at == index else one for at, one in enumerate(before.recipe.sources))
