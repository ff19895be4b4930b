"""An SQLite file whose commits reach the disk before they return: connections, transactions, steps of its schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from insight.errors import DiskFull

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


@contextmanager
def connected(file: Path, *, is_lasting: bool = True) -> Iterator[sqlite3.Connection]:
    """A connection whose commits reach the disk before they return (DiskFull); closed at the end.

    Parameters
    ----------
    is_lasting : False: a commit does not wait for the disk, and the last ones may be lost when the power fails
    """
    try:
        with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as db:
            db.execute(f"PRAGMA synchronous={'FULL' if is_lasting else 'NORMAL'}")
            yield db
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in _NO_ROOM:
            raise DiskFull(str(file.parent)) from error
        raise


@contextmanager
def transaction(file: Path, *, is_lasting: bool = True) -> Iterator[sqlite3.Connection]:
    """A write transaction that nobody else can enter; all of it is kept, or nothing (see ``connected``)."""
    with connected(file, is_lasting=is_lasting) as db:
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


def brought_up(db: sqlite3.Connection, steps: Sequence[Sequence[str]]) -> None:
    """Take the steps that a file lacks, one a version; call it inside a transaction."""
    lacking = steps[version_of(db) :]
    if not lacking:  # to write the version again would be a write
        return
    for statements in lacking:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA user_version={len(steps)}")


def now() -> str:
    """The time to sign with, with its offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
