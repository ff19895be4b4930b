"""What was agreed for a study: until when its data may be kept, and whether its topic is a sensitive one."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from shutil import rmtree

from insight.errors import StudyExpired
from insight.study.auditing import note
from insight.study.database import connected, transaction
from insight.study.model import Study

_EXPIRES, _SENSITIVE = "expires", "sensitive"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long and how carefully.

    Attributes
    ----------
    expires : the last day on which the data may be worked with; None: no end was agreed
    sensitive : health, belief, money, children …: groups of fewer than ten people are hidden
    """

    expires: date | None = None
    sensitive: bool = False


def terms(study: Study) -> Terms:
    """What was agreed; before anything was, no end and no sensitive topic."""
    with connected(study.path) as db:
        return _read(db)


def agree(study: Study, new: Terms, *, who: str) -> None:
    """Put other terms in the place of the former, with a line in the log; also after the end, so that it can be put off."""
    told = {"expires": new.expires.isoformat() if new.expires else "", "sensitive": new.sensitive}
    with transaction(study.path) as db:
        if _read(db) == new:
            return
        rows = [(_EXPIRES, told["expires"]), (_SENSITIVE, str(int(new.sensitive)))]
        db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)
        note(db, "terms", who=who, what=told)


def days_left(study: Study, *, today: date) -> int | None:
    """Days until the last one; negative when it is over, None where no end was agreed.

    A clock that was put back does not open a study again: the day is never before that of the newest line in its log.
    """
    with connected(study.path) as db:
        last = _read(db).expires
        return None if last is None else (last - max(today, _newest(db))).days


def refuse_expired(db: sqlite3.Connection) -> None:
    """Raise StudyExpired where the last day is over; inside the transaction of a change."""
    last = _read(db).expires
    if last is not None and max(date.today(), _newest(db)) > last:
        raise StudyExpired(last)


def destroy(study: Study, *, key: Path) -> None:
    """Delete a study for good: first its key, without which no token leads to anybody, then everything else."""
    key.unlink(missing_ok=True)
    aside = study.path.with_name(f".{secrets.token_hex(8)}")
    study.path.replace(aside)
    rmtree(aside)


def _read(db: sqlite3.Connection) -> Terms:
    facts = dict(db.execute("SELECT name, value FROM facts WHERE name IN (?, ?)", (_EXPIRES, _SENSITIVE)))  # fmt: skip
    last = facts.get(_EXPIRES)
    return Terms(date.fromisoformat(last) if last else None, facts.get(_SENSITIVE) == "1")


def _newest(db: sqlite3.Connection) -> date:
    """The day of the newest line of the log."""
    row = db.execute("SELECT at FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return datetime.fromisoformat(row[0]).astimezone().date() if row else date.min
