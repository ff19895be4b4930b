"""Make and open studies; read and commit revisions of the recipe."""

from __future__ import annotations

import hmac
import os
import secrets
import sqlite3
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from insight import access
from insight.errors import (
    Conflict,
    MissingKey,
    NewerStudy,
    NotAStudy,
    ReadOnlyStudy,
    StudyExists,
    StudyOnNetwork,
    UnknownName,
)
from insight.study.auditing import note as noted_in
from insight.study.database import (
    VERSION,
    brought_up,
    connected,
    copied,
    database,
    now,
    transaction,
    version_of,
)
from insight.study.drives import is_remote
from insight.study.files import write
from insight.study.model import Recipe, Revision, Study
from insight.study.objects import PURGING, purge
from insight.study.terms import refuse_expired


def create(
    path: Path, *, author: str, keys_dir: Path | None, name: str = "", secret: bytes | None = None
) -> Study:
    """Make a new study in an absent or empty folder.

    Parameters
    ----------
    keys_dir : folder outside the study that gets its 32-byte key (mode 0600); None: its key is ``derived_key``
    secret : the key; default: 32 random bytes

    Raises
    ------
    StudyExists : the folder holds something.
    StudyOnNetwork : it lies on a network drive.
    """
    _refuse_remote(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StudyExists(str(path))
    study = Study(path, secrets.token_hex(8), name or path.resolve().name)
    (path / "objects").mkdir(parents=True, exist_ok=True)
    if keys_dir is not None:
        write(key_path(study, keys_dir), secret or secrets.token_bytes(32), private=True)
    with connected(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
    with transaction(path) as db:
        brought_up(db)
        db.executemany("INSERT INTO facts VALUES (?, ?)", [("id", study.id), ("name", study.name)])
        first = (1, None, author, now(), "新建研究", Recipe().model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", first)
        noted_in(db, "create", who=author, what={"name": study.name})
    return study


def _refuse_remote(path: Path) -> None:
    if is_remote(path):
        raise StudyOnNetwork(str(path))


def open_study(path: Path) -> Study:
    """Open the study in a folder; one that an older version wrote is brought up to date, after a copy of it.

    Raises
    ------
    NotAStudy : the folder is absent or holds no study.
    NewerStudy : a newer version of the software wrote it.
    ReadOnlyStudy : nothing can be written into the folder.
    StudyOnNetwork : it lies on a network drive, where two programs would damage each other's changes.
    """
    if not database(path).is_file():
        raise NotAStudy(str(path))
    _refuse_remote(path)
    try:
        with connected(path) as db:
            version = version_of(db)
            facts = dict(db.execute("SELECT name, value FROM facts"))
    except sqlite3.OperationalError as error:
        raise (ReadOnlyStudy if _is_locked(path) else NotAStudy)(str(path)) from error
    except sqlite3.DatabaseError as error:
        raise NotAStudy(str(path)) from error
    if version > VERSION:
        raise NewerStudy(str(path), version)
    if version < VERSION:
        _bring_up(path, version)
    study = Study(path, facts["id"], facts["name"])
    if PURGING in facts:
        purge(study)
    return study


def _is_locked(path: Path) -> bool:
    """Whether nothing can be written into a folder, so that SQLite cannot make its log there."""
    return not os.access(path, os.W_OK) or not os.access(database(path), os.W_OK)


def _bring_up(path: Path, version: int) -> None:
    """Take the missing steps of the schema; the file as it was stays beside it as study.v1.db."""
    if _is_locked(path):
        raise ReadOnlyStudy(str(path))
    kept = path / f"study.v{version}.db"
    if not kept.exists():
        aside = path / f".{secrets.token_hex(8)}"
        copied(path, aside)
        aside.replace(kept)
    with transaction(path) as db:
        brought_up(db)


def key(study: Study, *, keys_dir: Path) -> bytes:
    """The secret that turns identities of this study into tokens.

    Raises
    ------
    OnlyOwnCustomers : whoever acts may see some customers only.
    MissingKey : the key file is not on this machine.
    """
    access.demand_all()
    file = key_path(study, keys_dir)
    if not file.is_file():
        raise MissingKey(str(study.path))
    return file.read_bytes()


def key_path(study: Study, keys_dir: Path) -> Path:
    """Where the key of a study lies."""
    return keys_dir / f"{study.id}.key"


def derived_key(study: Study, *, file: Path) -> bytes:
    """The key of a study that has none of its own: HMAC-SHA256 of its id with the key of this machine (RFC 2104).

    The file is made with 32 random bytes (mode 0600) where it is absent (OnlyOwnCustomers).
    """
    access.demand_all()
    if not file.is_file():
        write(file, secrets.token_bytes(32), private=True)
    return hmac.digest(file.read_bytes(), study.id.encode(), "sha256")


_COLUMNS = "id, parent, author, at, note, recipe"


def _revision(row: tuple[int, int | None, str, str, str, str]) -> Revision:
    return Revision(*row[:5], recipe=_recipe(row[5]))


@lru_cache(maxsize=16)  # a page asks for the newest revision a dozen times
def _recipe(text: str) -> Recipe:
    return Recipe.model_validate_json(text)


def head(study: Study) -> Revision:
    """The newest revision; who may see some customers only gets nothing in it that names others."""
    with connected(study.path) as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC LIMIT 1").fetchone()
    found = _revision(row)
    is_whole = access.actor().rows is None or access.is_at_the_door()
    return found if is_whole else replace(found, recipe=_without_people(found.recipe))


def _without_people(recipe: Recipe) -> Recipe:
    """A recipe without the lists that were made of all customers, and without the answers that were named one by one."""
    unnamed = recipe.exclusions.model_copy(update={"respondents": (), "kept": ()})
    return recipe.model_copy(update={"campaigns": (), "promises": (), "exclusions": unnamed})


def revision(study: Study, number: int) -> Revision:
    """One revision by its number (UnknownName, OnlyOwnCustomers)."""
    access.demand_all()
    with connected(study.path) as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM revisions WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise UnknownName("版本", str(number), [str(one.id) for one in history(study)])
    return _revision(row)


def history(study: Study, *, most: int = -1) -> tuple[Revision, ...]:
    """The newest revisions, newest first; default: all of them (OnlyOwnCustomers)."""
    access.demand_all()
    with connected(study.path) as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC LIMIT ?", (most,)
        ).fetchall()
    return tuple(_revision(row) for row in rows)


def commit(study: Study, recipe: Recipe, *, parent: int, author: str, note: str) -> Revision:
    """Make ``recipe`` the newest revision, if nobody else did so since ``parent``.

    Raises
    ------
    Conflict : the newest revision is not ``parent``; nothing was written.
    StudyExpired : the last agreed day is over; nothing was written.
    """
    with transaction(study.path) as db:
        refuse_expired(db)
        newest, who, at = db.execute(
            "SELECT id, author, at FROM revisions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if newest != parent:
            raise Conflict(who, at)
        row = (newest + 1, parent, author, now(), note, recipe.model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", row)
        noted_in(db, "change", who=author, what={"revision": newest + 1, "note": note})
    return _revision(row)
