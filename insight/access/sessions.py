"""Who is signed in: sessions that the server keeps, so that a cookie alone opens nothing.

The browser holds a random token, the server its hash. A session belongs to one sign-in of one person in
one kind of browser; once it is ended, has run out or stood idle, no copy of its cookie brings it back.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass
from hashlib import sha256

from insight.access.register import note, reading, writing
from insight.settings import settings

_UNCLAIMED = 300.0  # seconds in which a new session must be taken up
_GRAIN = 60.0  # seconds between two notes that a session is in use
_KEPT = 60 * 86_400.0  # seconds that an old session is known: longer than any cookie lives
_COLUMNS = "id, agent, begun, seen, login, person, ended"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person in one browser.

    Attributes
    ----------
    id : sha256 of the browser's token
    agent : what the browser calls itself
    begun, seen : seconds since 1970
    login : sha256 of what the identity provider said about this sign-in; None: not taken up yet
    ended : None: not ended by anybody
    """

    id: str
    agent: str
    begun: float
    seen: float
    login: str | None
    person: str | None
    ended: float | None


def hashed(token: str) -> str:
    """What the server keeps of a token."""
    return sha256(token.encode()).hexdigest()


def begin(agent: str, *, now: float | None = None) -> str:
    """Begin a session that waits for its person; returns the browser's token."""
    token, at = secrets.token_urlsafe(32), _at(now)
    with writing() as db:
        db.execute("DELETE FROM sessions WHERE login IS NULL AND begun < ?", (at - _UNCLAIMED,))
        db.execute("DELETE FROM sessions WHERE begun < ?", (at - _KEPT,))
        db.execute(
            "INSERT INTO sessions (id, agent, begun, seen) VALUES (?, ?, ?, ?)",
            (hashed(token), agent, at, at),
        )
    return token


def take_up(token: str, *, login: str, person: str, agent: str, now: float | None = None) -> bool:
    """Whether ``token`` is the live session of this sign-in; the first who asks makes it theirs."""
    at = _at(now)
    found = _alive(token, agent=agent, at=at)
    if found is None:
        return False
    if found.login is None:
        return _claimed(found.id, login=login, person=person)
    if (found.login, found.person) != (login, person):
        return False
    if at - found.seen > _GRAIN:
        with writing() as db:
            db.execute("UPDATE sessions SET seen = ? WHERE id = ?", (at, found.id))
    return True


def _claimed(id_: str, *, login: str, person: str) -> bool:
    """Bind a session to its sign-in; False where the sign-in has had a session before."""
    with writing() as db:
        if db.execute("SELECT 1 FROM sessions WHERE login = ?", (login,)).fetchone():
            return False
        done = db.execute(
            "UPDATE sessions SET login = ?, person = ? WHERE id = ? AND login IS NULL",
            (login, person, id_),
        )
        if done.rowcount:
            note(db, "sign_in", who=person, what={"session": id_[:8]})
        return bool(done.rowcount)


def is_live(token: str, *, agent: str, now: float | None = None) -> bool:
    """Whether a request that carries this token comes from somebody who is signed in."""
    found = _alive(token, agent=agent, at=_at(now))
    return found is not None and found.login is not None


def _alive(token: str, *, agent: str, at: float) -> Session | None:
    with reading() as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM sessions WHERE id = ?", (hashed(token),)).fetchone()  # fmt: skip
    found = Session(*row) if row else None
    return found if found and found.agent == agent and _lasts(found, at) else None


def _lasts(one: Session, at: float) -> bool:
    if one.ended is not None:
        return False
    if one.login is None:
        return at - one.begun <= _UNCLAIMED
    chosen = settings()
    is_young = at - one.begun <= chosen.session_hours * 3600
    return is_young and at - one.seen <= chosen.idle_minutes * 60


def end(id_: str, *, by: str = "", now: float | None = None) -> None:
    """End a session: by its own person (signing out), or ``by`` an administrator."""
    with writing() as db:
        _end(db, id_, by=by, at=_at(now))


def end_all(person: str, *, by: str, now: float | None = None) -> None:
    """End every session of a person."""
    with writing() as db:
        asked = "SELECT id FROM sessions WHERE person = ? AND ended IS NULL"
        for (id_,) in db.execute(asked, (person,)).fetchall():
            _end(db, id_, by=by, at=_at(now))


def _end(db: sqlite3.Connection, id_: str, *, by: str, at: float) -> None:
    asked = "UPDATE sessions SET ended = ? WHERE id = ? AND ended IS NULL RETURNING person"
    row = db.execute(asked, (at, id_)).fetchone()
    if row and row[0] and by:
        note(db, "end", who=by, what={"person": row[0], "session": id_[:8]})
    elif row and row[0]:
        note(db, "sign_out", who=row[0], what={"session": id_[:8]})


def signed_in(*, now: float | None = None) -> tuple[Session, ...]:
    """Every live session, the one used last first."""
    at = _at(now)
    with reading() as db:
        asked = f"SELECT {_COLUMNS} FROM sessions WHERE login IS NOT NULL ORDER BY seen DESC, id"
        return tuple(one for row in db.execute(asked) if _lasts(one := Session(*row), at))


def _at(now: float | None) -> float:
    return time.time() if now is None else now
