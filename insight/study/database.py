"""The SQLite file of a study: its schema, connections and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

VERSION = 1
SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY, parent INTEGER REFERENCES revisions (id),
    author TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL, recipe TEXT NOT NULL);
CREATE TABLE derived (
    digest TEXT PRIMARY KEY, object TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL);
"""


def database(path: Path) -> Path:
    """Where the SQLite file of a study folder lies."""
    return path / "study.db"


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose commits reach the disk before they return; closed at the end."""
    with closing(sqlite3.connect(database(path), timeout=20, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=FULL")
        yield db


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """A write transaction that nobody else can enter; all of it is kept, or nothing."""
    with connected(path) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def now() -> str:
    """The time to sign with, with its offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
