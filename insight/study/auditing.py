"""Who changed, saw in the clear, exported or deleted what: a log that only grows, each line sealed by the one before."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Literal

from insight import access, chain
from insight.chain import Entry
from insight.study.database import connected, transaction
from insight.study.model import Study

__all__ = ["Act", "Entry", "audit", "broken_line", "note", "noted"]

Act = Literal["create", "change", "export", "forget", "backup", "restore", "terms", "unmask"]


def noted(study: Study, act: Act, *, who: str, **what: object) -> None:
    """Add one line to the log of a study."""
    with transaction(study.path) as db:
        note(db, act, who=who, what=what)


def note(db: sqlite3.Connection, act: Act, *, who: str, what: Mapping[str, object]) -> None:
    """Add one line inside a transaction, so that what is done and its line stand or fall together."""
    chain.note(db, act, who=who, what=what)


def audit(study: Study) -> tuple[Entry, ...]:
    """The log, the oldest line first."""
    return chain.entries(_lines(study))


def broken_line(study: Study) -> int | None:
    """The first line that was changed, or after which lines are missing; None where the log is whole."""
    return chain.broken(_lines(study))


def _lines(study: Study) -> tuple[chain.Line, ...]:
    access.demand_all()
    with connected(study.path) as db:
        return chain.lines(db)
