"""A study on disk: revisions of its recipe in SQLite, everything else under its hash; nothing acknowledged is lost."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from insight.errors import Conflict, DamagedStudy, MissingKey, NewerStudy, NotAStudy, StudyExists

VERSION = 1
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY, parent INTEGER REFERENCES revisions (id),
    author TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL, recipe TEXT NOT NULL);
CREATE TABLE derived (
    digest TEXT PRIMARY KEY, object TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL);
"""


class Source(BaseModel):
    """One table of one file, and what the user said its columns are."""

    model_config = ConfigDict(frozen=True)

    file: str  # sha256 of the untouched bytes
    name: str  # as the user called the file
    sheet: str
    table: str  # canonical table
    roles: dict[str, str]  # raw column -> role
    recognised: str = ""
    encoding: str | None = None


class Recipe(BaseModel):
    """Everything that turns the raw files into results; replays to the same results."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[Source, ...] = ()
    params: dict[
        str, dict[str, object]
    ] = {}  # analysis key -> parameters that differ from the defaults


@dataclass(frozen=True, slots=True)
class Study:
    """A study folder that was opened; all state is on disk."""

    path: Path
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the recipe, who made it and when."""

    id: int
    parent: int | None
    author: str
    at: str
    note: str
    recipe: Recipe


def _database(path: Path) -> Path:
    return path / "study.db"


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(_database(path), timeout=20, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=FULL")
        yield db


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    with _connected(path) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


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
    _write(keys_dir / f"{study.id}.key", secret or secrets.token_bytes(32), private=True)
    with _connected(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
    with _transaction(path) as db:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        db.executemany("INSERT INTO facts VALUES (?, ?)", [("id", study.id), ("name", study.name)])
        first = (1, None, author, _now(), "新建研究", Recipe().model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", first)
    return study


def open_study(path: Path) -> Study:
    """Open the study in a folder.

    Raises
    ------
    NotAStudy : the folder is absent or holds no study.
    NewerStudy : a newer version of the software wrote it.
    """
    if not _database(path).is_file():
        raise NotAStudy(str(path))
    try:
        with _connected(path) as db:
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
    with _connected(study.path) as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC LIMIT 1").fetchone()
    return _revision(row)


def history(study: Study) -> tuple[Revision, ...]:
    """All revisions, newest first."""
    with _connected(study.path) as db:
        rows = db.execute(f"SELECT {_COLUMNS} FROM revisions ORDER BY id DESC").fetchall()
    return tuple(_revision(row) for row in rows)


def commit(study: Study, recipe: Recipe, *, parent: int, author: str, note: str) -> Revision:
    """Make ``recipe`` the newest revision, if nobody else did so since ``parent``.

    Raises
    ------
    Conflict : the newest revision is not ``parent``; nothing was written.
    """
    with _transaction(study.path) as db:
        newest, who, at = db.execute(
            "SELECT id, author, at FROM revisions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if newest != parent:
            raise Conflict(who, at)
        row = (newest + 1, parent, author, _now(), note, recipe.model_dump_json())
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", row)
    return _revision(row)


def object_path(study: Study, sha: str) -> Path:
    """Where the bytes with that sha256 lie."""
    return study.path / "objects" / sha[:2] / sha


def put(study: Study, data: bytes) -> str:
    """Keep bytes under their sha256 and return it; safe against a crash at any moment."""
    sha = hashlib.sha256(data).hexdigest()
    path = object_path(study, sha)
    if not path.is_file():
        _write(path, data)
    return sha


def get(study: Study, sha: str) -> bytes:
    """The bytes kept under ``sha``.

    Raises
    ------
    DamagedStudy : they are absent or not what was stored.
    """
    path = object_path(study, sha)
    if not path.is_file():
        raise DamagedStudy(str(study.path), f"缺少对象 {sha[:12]}")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha:
        raise DamagedStudy(str(study.path), f"对象 {sha[:12]} 的内容与校验值不符")
    return data


def _write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Temporary file in the same folder, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle to a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(*parts: str) -> str:
    """One name for a set of inputs: sha256 over the length-prefixed parts."""
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


def remember(study: Study, inputs: str, data: bytes, *, kind: str) -> str:
    """Keep what was worked out from the inputs with that digest; returns the object's sha256."""
    sha = put(study, data)
    with _transaction(study.path) as db:
        db.execute(
            "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?)", (inputs, sha, kind, _now())
        )
    return sha


def recall(study: Study, inputs: str) -> str | None:
    """The sha256 of what was worked out from the inputs with that digest, if it is still there."""
    with _connected(study.path) as db:
        row = db.execute("SELECT object FROM derived WHERE digest = ?", (inputs,)).fetchone()
    return row[0] if row and object_path(study, row[0]).is_file() else None
