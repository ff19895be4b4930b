"""A log that only grows, each line sealed by the one before: whoever changes or drops a line is found out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from insight.durable import now

_FIRST = "0" * 64
Line = tuple[int, str, str, str, str, str, str]
"""id, at, who, act, what [JSON], previous, hash."""
TABLE = (
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
        what TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
    """CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
"""What makes the table of the log in a database."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes
    ----------
    what : plain facts, never an identity of a customer in the clear
    hash : sha256 over the line before and this one
    """

    id: int
    at: str
    who: str
    act: str
    what: Mapping[str, object]
    hash: str


def note(db: sqlite3.Connection, act: str, *, who: str, what: Mapping[str, object]) -> None:
    """Add one line inside a transaction, so that what is done and its line stand or fall together."""
    last = db.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous = last[0] if last else _FIRST
    row = (now(), who, act, json.dumps(what, ensure_ascii=False, sort_keys=True))
    db.execute(
        "INSERT INTO audit (at, who, act, what, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (*row, previous, _seal(previous, row)),
    )


def lines(db: sqlite3.Connection) -> tuple[Line, ...]:
    """The lines as they are kept, the oldest first."""
    asked = "SELECT id, at, who, act, what, previous, hash FROM audit ORDER BY id"
    return tuple(db.execute(asked).fetchall())


def entries(kept: Iterable[Line]) -> tuple[Entry, ...]:
    """The lines, read."""
    return tuple(
        Entry(number, at, who, act, json.loads(what), seal)
        for number, at, who, act, what, _, seal in kept
    )


def broken(kept: Iterable[Line]) -> int | None:
    """The first line that was changed, or after which lines are missing; None where the log is whole."""
    before, expected = _FIRST, 1
    for number, at, who, act, what, previous, seal in kept:
        if number != expected or previous != before or seal != _seal(before, (at, who, act, what)):
            return expected
        before, expected = seal, number + 1
    return None


def _seal(previous: str, row: tuple[str, str, str, str]) -> str:
    return sha256(json.dumps([previous, *row], ensure_ascii=False).encode()).hexdigest()
