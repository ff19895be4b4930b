"""The SQLite file of a study: its schema, connections and transactions."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

from insight import chain, durable
from insight.durable import now, version_of

__all__ = [
    "STEPS", "VERSION", "brought_up", "connected", "copied", "database", "now", "transaction", "version_of",
]  # fmt: skip

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
        *chain.TABLE,
    ),
)
"""What each version of the schema adds to the one before; the first makes an empty file version 1."""
VERSION = len(STEPS)


def database(path: Path) -> Path:
    """Where the SQLite file of a study folder lies."""
    return path / "study.db"


def connected(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    """A connection to a study's file whose commits reach the disk before they return (DiskFull)."""
    return durable.connected(database(path))


def transaction(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    """A write transaction that nobody else can enter; all of it is kept, or nothing."""
    return durable.transaction(database(path))


def brought_up(db: sqlite3.Connection) -> None:
    """Take the steps that a study's file lacks; call it inside a transaction."""
    durable.brought_up(db, STEPS)


def copied(path: Path, target: Path) -> None:
    """A copy of the database as it is at one moment, whoever writes meanwhile, at ``target``."""
    with connected(path) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
