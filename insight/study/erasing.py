"""Take something out of a study for good: out of every revision, every result, and off the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from insight.errors import Conflict
from insight.study.auditing import note as noted_in
from insight.study.database import now, transaction
from insight.study.model import Recipe, Revision, Study
from insight.study.objects import PURGING, purge
from insight.study.revisions import head
from insight.study.verifying import raw_names, stored


def erase(
    study: Study,
    change: Callable[[Recipe], Recipe],
    *,
    parent: int,
    author: str,
    note: str,
    what: Mapping[str, object],
) -> Revision:
    """Change every revision, forget every result, and delete the objects that nothing refers to any more.

    A crash before the end leaves the study as it was, or with a list of what is still to be deleted,
    which is done when it is opened next.

    Parameters
    ----------
    change : gives the recipe without what shall go; the objects it names are there
    what : facts for the log, no identity among them

    Raises
    ------
    Conflict : the newest revision is not ``parent``; nothing was written.
    """
    with transaction(study.path) as db:
        rows = db.execute("SELECT id, author, at, recipe FROM revisions ORDER BY id").fetchall()
        newest, who, at, _ = rows[-1]
        if newest != parent:
            raise Conflict(who, at)
        recipes = {row[0]: change(Recipe.model_validate_json(row[3])) for row in rows}
        db.executemany(
            "UPDATE revisions SET recipe = ? WHERE id = ?",
            [(recipe.model_dump_json(), number) for number, recipe in recipes.items()],
        )
        last = recipes[newest].model_dump_json()
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", (newest + 1, parent, author, now(), note, last))  # fmt: skip
        db.execute("DELETE FROM derived")
        gone = {path.name for path in stored(study)} - raw_names(recipes.values())
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (PURGING, json.dumps(sorted(gone))))  # fmt: skip
        noted_in(db, "forget", who=author, what=what)
    purge(study)
    return head(study)
