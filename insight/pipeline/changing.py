"""Change a study: the revision that the user saw, if it is still the newest, with another recipe on top."""

from __future__ import annotations

from insight import study as store
from insight.errors import Conflict
from insight.settings import settings
from insight.study import Revision, Source, Study


def newest(study: Study, parent: int | None = None) -> Revision:
    """The newest revision; where a ``parent`` is given, it must be that one (Conflict)."""
    found = store.head(study)
    if parent is not None and found.id != parent:
        raise Conflict(found.author, found.at)
    return found


def change(study: Study, before: Revision, *, note: str, **fields: object) -> Revision:
    """Record the recipe of ``before`` with these fields changed, as the newest revision (Conflict)."""
    recipe = before.recipe.model_copy(update=fields)
    return store.commit(study, recipe, parent=before.id, author=settings().author, note=note)


def with_source(before: Revision, index: int, source: Source) -> tuple[Source, ...]:
    """The sources of a revision with another one at ``index``."""
    return tuple(source if at == index else one for at, one in enumerate(before.recipe.sources))
