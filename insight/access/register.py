"""The register of a server for a team: one SQLite file beside the studies, with a log that only grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from insight import chain, durable
from insight.errors import NewerMembers
from insight.settings import settings

Act = Literal["sign_in", "sign_out", "refuse", "end", "grant", "withdraw"]
STEPS = (
    (
        """CREATE TABLE people (
            person TEXT PRIMARY KEY, name TEXT NOT NULL, seen REAL NOT NULL)""",
        """CREATE TABLE roles (
            person TEXT NOT NULL, study TEXT NOT NULL, role TEXT NOT NULL,
            PRIMARY KEY (person, study))""",
        """CREATE TABLE sessions (
            id TEXT PRIMARY KEY, agent TEXT NOT NULL, begun REAL NOT NULL, seen REAL NOT NULL,
            login TEXT, person TEXT, ended REAL)""",
        *chain.TABLE,
    ),
    (
        "ALTER TABLE roles ADD COLUMN audience TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE roles ADD COLUMN pin TEXT NOT NULL DEFAULT ''",
    ),
)
"""What each version of the schema adds to the one before."""


def register() -> Path:
    """Where the register lies; made, or brought up to date, where it must be (NewerMembers)."""
    return _made((settings().studies_dir / ".access" / "access.db").absolute())


@cache
def _made(file: Path) -> Path:
    """The register in a file, once in a process: opening it is what every click waits for."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with durable.connected(file) as db:
        version = durable.version_of(db)
        if version == 0:
            db.execute("PRAGMA journal_mode=WAL")
    if version > len(STEPS):
        raise NewerMembers(str(file), version)
    if version < len(STEPS):
        with durable.transaction(file) as db:
            durable.brought_up(db, STEPS)
    return file


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """A connection to the register."""
    with durable.connected(register()) as db:
        yield db


@contextmanager
def writing() -> Iterator[sqlite3.Connection]:
    """A transaction on the register that nobody else can enter."""
    with durable.transaction(register()) as db:
        yield db


def noted(act: Act, *, who: str, **what: object) -> None:
    """Add one line to the log of the server."""
    with writing() as db:
        note(db, act, who=who, what=what)


def note(db: sqlite3.Connection, act: Act, *, who: str, what: Mapping[str, object]) -> None:
    """Add one line inside a transaction, so that what is done and its line stand or fall together."""
    chain.note(db, act, who=who, what=what)


def log() -> tuple[chain.Entry, ...]:
    """The log of the server, the oldest line first."""
    with reading() as db:
        return chain.entries(chain.lines(db))


def broken_line() -> int | None:
    """The first line of the log that was changed or is missing; None where it is whole."""
    with reading() as db:
        return chain.broken(chain.lines(db))
