"""Make and open studies; read and commit revisions of the recipe."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from insight.errors import Conflict, MissingKey, NewerStudy, NotAStudy, StudyExists
from insight.study.database import SCHEMA, VERSION, connected, database, now, transaction
from insight.study.files import write
from insight.study.model import Recipe, Revision, Study


def create(
    path: Path, *, author: str, keys_dir: Path, name: str = "", secret: bytes | None = None
) -> Study:
    """Make a new study in an absent or empty folder.

    Parameters
    ----------
    keys_dir : folder outside the study that gets its 32-byte key (mode 0600)
    secret : the key; default: 32 random bytes

    Raises
    ------
    StudyExists : the folder holds something.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StudyExists(str(path))
    study = Study(path, secrets.token_hex(8), name or path.resolve().name)
    (path / "objects").mkdir(parents=True, exist_ok=True)
    write(keys_dir / f"{study.id}.key", secret or secrets.token_bytes(32), private=True)
    with connected(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
    with transaction(path) as db:
        for statement in SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        db.executemany("INSERT INTO facts VALUES (?, ?)", [("id", study.id), ("name", study.name)])
        first = (1, None, author, now(), "新建研究", Recipe().model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", first)
    return study


def open_study(path: Path) -> Study:
    """Open the study in a folder.

    Raises
    ------
    NotAStudy : the folder is absent or holds no study.
    NewerStudy : a newer version of the software wrote it.
    """
    if not database(path).is_file():
        raise NotAStudy(str(path))
    try:
        with connected(path) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            facts = dict(db.execute("SELECT name, value FROM facts"))
    except sqlite3.DatabaseError as error:
        raise NotAStudy(str(path)) from error
    if version > VERSION:
        raise NewerStudy(str(path), version)
    return Study(path, facts["id"], facts["name"])


def key(study: Study, *, keys_dir: Path) -> bytes:
    """The secret that turns identities of this study into tokens.

    Raises
    ------
    MissingKey : the key file is not on this machine.
    """
    file = keys_dir / f"{study.id}.key"
    if not file.is_file():
        raise MissingKey(str(study.path))
    return file.read_bytes()


_COLUMNS = "id, parent, author, at, note, recipe"


def _revision(row: tuple[int, int | None, str, str, str, str]) -> Revision:
    return Revision(*row[:5], recipe=Recipe.model_validate_json(row[5]))


def head(study: Study) -> Revision:
    """The newest revision."""
    with connected(study.path) as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC LIMIT 1").fetchone()
    return _revision(row)


def history(study: Study) -> tuple[Revision, ...]:
    """All revisions, newest first."""
    with connected(study.path) as db:
        rows = db.execute(f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC").fetchall()
    return tuple(_revision(row) for row in rows)


def commit(study: Study, recipe: Recipe, *, parent: int, author: str, note: str) -> Revision:
    """Make ``recipe`` the newest revision, if nobody else did so since ``parent``.

    Raises
    ------
    Conflict : the newest revision is not ``parent``; nothing was written.
    """
    with transaction(study.path) as db:
        newest, who, at = db.execute(
            "SELECT id, author, at FROM revisions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if newest != parent:
            raise Conflict(who, at)
        row = (newest + 1, parent, author, now(), note, recipe.model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", row)
    return _revision(row)
