"""What people have in hand while they work on a study: who is where, and what they typed and have not saved.

It lies beside the study, in a file of its own: no revision, no backup and no log ever holds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from insight import access, durable
from insight.study.model import Study

LASTS = 60.0  # seconds after the last sign of life
_KEPT = 30 * 86_400.0  # seconds that drafts wait for whoever typed them
_STEPS: Sequence[Sequence[str]] = (
    (
        "CREATE TABLE presence (window TEXT PRIMARY KEY, who TEXT NOT NULL, page TEXT NOT NULL, at REAL NOT NULL)",
        """CREATE TABLE drafts (
            who TEXT NOT NULL, page TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
            revision INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (who, page, name))""",
        """CREATE TABLE works (
            id TEXT PRIMARY KEY, who TEXT NOT NULL, about TEXT NOT NULL, page TEXT NOT NULL, query TEXT NOT NULL,
            at TEXT NOT NULL, server TEXT NOT NULL)""",
    ),
)


@dataclass(frozen=True, slots=True)
class Here:
    """One window that has the study open.

    Attributes
    ----------
    window : a random name of its session
    page : where it is
    """

    window: str
    who: str
    page: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one place.

    Attributes
    ----------
    value : JSON
    revision : the one that it was typed on; 0: of no matter
    """

    value: Any
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Long work that somebody began.

    Attributes
    ----------
    page, query : where it was asked for
    server : the process that does it
    """

    id: str
    who: str
    about: str
    page: str
    query: Mapping[str, str]
    at: str
    server: str


def desk(study: Study) -> Path:
    """Where the file lies."""
    return study.path / "desk.db"


@contextmanager
def _opened(study: Study, *, is_lasting: bool = True) -> Iterator[Connection]:
    file = desk(study)
    if not file.is_file():
        with durable.connected(file) as db:
            db.execute("PRAGMA journal_mode=WAL")
    with durable.transaction(file, is_lasting=is_lasting) as db:
        durable.brought_up(db, _STEPS)
        yield db


def meet(study: Study, me: Here, *, at: float) -> tuple[Here, ...]:
    """Say where I am, and learn who else is there; who has not said so for a minute is gone.

    Parameters
    ----------
    at : now [seconds]; a time that lies far ahead, of a clock that was put back, counts as long ago
    """
    with _opened(study, is_lasting=False) as db:
        db.execute("DELETE FROM presence WHERE abs(at - ?) > ?", (at, LASTS))
        db.execute("INSERT OR REPLACE INTO presence VALUES (?, ?, ?, ?)", (me.window, me.who, me.page, at))  # fmt: skip
        rows = db.execute(
            "SELECT window, who, page FROM presence WHERE window != ? ORDER BY who, page, window",
            (me.window,),
        ).fetchall()
    return tuple(Here(*row) for row in rows)


def leave(study: Study, window: str) -> None:
    """Say that a window has the study open no more."""
    with _opened(study, is_lasting=False) as db:
        db.execute("DELETE FROM presence WHERE window = ?", (window,))


def drafts(study: Study, who: str, page: str) -> dict[str, Typed]:
    """Name of the place -> what a person typed there on a page and has not saved."""
    if not desk(study).is_file():
        return {}
    with _opened(study) as db:
        rows = db.execute(
            "SELECT name, value, revision FROM drafts WHERE who = ? AND page = ? ORDER BY name", (who, page)
        ).fetchall()  # fmt: skip
    return {name: Typed(json.loads(value), revision) for name, value, revision in rows}


def keep_drafts(
    study: Study, who: str, page: str, *, changed: Mapping[str, Typed | None], at: float
) -> None:
    """Note what the person typed into some places of the page (None: nothing any more); a month later it is forgotten."""
    rows = [
        (who, page, name, json.dumps(one.value, ensure_ascii=False), one.revision, at)
        for name, one in changed.items()
        if one is not None
    ]
    with _opened(study) as db:
        db.executemany("DELETE FROM drafts WHERE who = ? AND page = ? AND name = ?", [(who, page, name) for name in changed])  # fmt: skip
        db.execute("DELETE FROM drafts WHERE abs(at - ?) > ?", (at, _KEPT))
        db.executemany("INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?)", rows)


def begin_work(study: Study, work: Work) -> None:
    """Note work that began, so that it is known of after the server has ended."""
    with _opened(study) as db:
        row = (work.id, work.who, work.about, work.page, json.dumps(dict(work.query)), work.at, work.server)  # fmt: skip
        db.execute("INSERT OR REPLACE INTO works VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def end_work(study: Study, *ids: str) -> None:
    """Know no more of works: they are over, or nobody wants them again."""
    with _opened(study) as db:
        db.executemany("DELETE FROM works WHERE id = ?", [(id_,) for id_ in ids])


def works(study: Study) -> tuple[Work, ...]:
    """The works that began and of which nobody said that they are over, the oldest first (OnlyOwnCustomers)."""
    access.demand_all()
    if not desk(study).is_file():
        return ()
    with _opened(study) as db:
        rows = db.execute("SELECT id, who, about, page, query, at, server FROM works ORDER BY at, id").fetchall()  # fmt: skip
    return tuple(
        Work(id_, who, about, page, json.loads(query), at, server)
        for id_, who, about, page, query, at, server in rows
    )


def clear(study: Study) -> None:
    """Forget what everybody typed; nothing of it stays in the file."""
    if not desk(study).is_file():
        return
    with _opened(study) as db:
        db.execute("PRAGMA secure_delete=ON")
        db.execute("DELETE FROM drafts")
    with durable.connected(desk(study)) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
