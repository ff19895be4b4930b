"""Other studies that hold the same files: copies of one, what it is a copy of, backups of it that were restored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from insight.study.database import database
from insight.study.model import Study

ORIGIN = "origin"
"""The fact of a copy that names the first study of its line; it outlives further copies and backups."""


def relatives(study: Study, folders: Iterable[Path]) -> list[Study]:
    """The other studies in these folders that come from the same one, by their folders; what is no study is passed over."""
    own, here = _origin(_facts(study.path)), study.path.resolve()
    paths = {file.parent.resolve() for folder in folders for file in folder.glob("*/study.db")} - {here}  # fmt: skip
    told = {path: _facts(path) for path in sorted(paths)}
    return [Study(path, facts["id"], facts["name"]) for path, facts in told.items() if own and _origin(facts) == own]  # fmt: skip


def _origin(facts: Mapping[str, str]) -> str:
    return facts.get(ORIGIN) or facts.get("id", "")


def _facts(path: Path) -> dict[str, str]:
    """Id, name and origin of the study in a folder; nothing of one that cannot be read."""
    try:
        with closing(sqlite3.connect(f"{database(path).resolve().as_uri()}?mode=ro", uri=True)) as db:  # fmt: skip
            return dict(db.execute("SELECT name, value FROM facts"))
    except sqlite3.DatabaseError:
        return {}
