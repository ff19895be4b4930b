"""The SQLite file of a study: its schema, connections and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from insight.errors import DiskFull

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
STEPS = (
    (
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE revisions (
            id INTEGER PRIMARY KEY, parent INTEGER REFERENCES revisions (id),
            author TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL, recipe TEXT NOT NULL)""",
        """CREATE TABLE derived (
            digest TEXT PRIMARY KEY, object TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL)""",
    ),
    (
        """CREATE TABLE IF NOT EXISTS codes (
            id INTEGER PRIMARY KEY, text_id TEXT NOT NULL, coder TEXT NOT NULL, purpose TEXT NOT NULL,
            needs TEXT NOT NULL, polarity TEXT NOT NULL, at TEXT NOT NULL, is_undone INTEGER NOT NULL DEFAULT 0)""",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
            what TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
        """CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
)
"""What each version of the schema adds to the one before; the first makes an empty file version 1."""
VERSION = len(STEPS)


def database(path: Path) -> Path:
    """Where the SQLite file of a study folder lies."""
    return path / "study.db"


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose commits reach the disk before they return (DiskFull); closed at the end."""
    try:
        with closing(sqlite3.connect(database(path), timeout=20, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous=FULL")
            yield db
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in _NO_ROOM:
            raise DiskFull(str(path)) from error
        raise


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """A write transaction that nobody else can enter; all of it is kept, or nothing."""
    with connected(path) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def version_of(db: sqlite3.Connection) -> int:
    """The version of the schema that a file has; 0: it is empty."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def brought_up(db: sqlite3.Connection) -> None:
    """Take the steps that a file lacks; call it inside a transaction."""
    for statements in STEPS[version_of(db) :]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA user_version={VERSION}")


def copied(path: Path, target: Path) -> None:
    """A copy of the database as it is at one moment, whoever writes meanwhile, at ``target``."""
    with connected(path) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def now() -> str:
    """The time to sign with, with its offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
