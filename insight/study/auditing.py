"""Who changed, saw in the clear, exported or deleted what: a log that only grows, each line sealed by the one before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from insight.study.database import connected, now, transaction
from insight.study.model import Study

Act = Literal["create", "change", "export", "forget", "backup", "restore"]
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes
    ----------
    what : plain facts, never an identity in the clear
    hash : sha256 over the line before and this one
    """

    id: int
    at: str
    who: str
    act: str
    what: Mapping[str, object]
    hash: str


def noted(study: Study, act: Act, *, who: str, **what: object) -> None:
    """Add one line to the log of a study."""
    with transaction(study.path) as db:
        note(db, act, who=who, what=what)


def note(db: sqlite3.Connection, act: Act, *, who: str, what: Mapping[str, object]) -> None:
    """Add one line inside a transaction, so that what is done and its line stand or fall together."""
    last = db.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous = last[0] if last else _FIRST
    told = json.dumps(what, ensure_ascii=False, sort_keys=True)
    row = (now(), who, act, told)
    db.execute(
        "INSERT INTO audit (at, who, act, what, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (*row, previous, _seal(previous, row)),
    )


def _seal(previous: str, row: tuple[str, str, str, str]) -> str:
    return sha256(json.dumps([previous, *row], ensure_ascii=False).encode()).hexdigest()


def audit(study: Study) -> tuple[Entry, ...]:
    """The log, the oldest line first."""
    return tuple(
        Entry(number, at, who, act, json.loads(what), seal)
        for number, at, who, act, what, _, seal in _lines(study)
    )


def broken_line(study: Study) -> int | None:
    """The first line that was changed, or after which lines are missing; None where the log is whole."""
    before, expected = _FIRST, 1
    for number, at, who, act, what, previous, seal in _lines(study):
        if number != expected or previous != before or seal != _seal(before, (at, who, act, what)):
            return expected
        before, expected = seal, number + 1
    return None


def _lines(study: Study) -> Iterator[tuple[int, str, str, str, str, str, str]]:
    with connected(study.path) as db:
        yield from db.execute(
            "SELECT id, at, who, act, what, previous, hash FROM audit ORDER BY id"
        ).fetchall()
