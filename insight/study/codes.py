"""What people coded by hand: one line an answer and coder, kept at once, taken back without being lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from insight import access
from insight.schema.codes import PersonCode
from insight.study.database import connected, now, transaction
from insight.study.model import Study
from insight.study.terms import refuse_expired

_INSERT = (
    "INSERT INTO codes (text_id, coder, purpose, needs, polarity, at) VALUES (?, ?, ?, ?, ?, ?)"
)


def keep_codes(study: Study, codes: Iterable[PersonCode]) -> None:
    """Record codes; of one person, text and purpose the newest counts. All are kept, or none (StudyExpired)."""
    rows = [_row(code) for code in codes]
    with transaction(study.path) as db:
        refuse_expired(db)
        db.executemany(_INSERT, rows)


def _row(code: PersonCode) -> tuple[str, ...]:
    needs = json.dumps(sorted(set(code.needs)))
    return (code.text_id, code.coder, code.purpose, needs, code.polarity, now())


def undo_code(study: Study, *, coder: str) -> str | None:
    """Take back the last code of a person; the text it was given to, None where there is none."""
    with transaction(study.path) as db:
        refuse_expired(db)
        last = db.execute(
            "SELECT id, text_id FROM codes WHERE coder = ? AND NOT is_undone ORDER BY id DESC LIMIT 1", (coder,)
        ).fetchone()  # fmt: skip
        if last is None:
            return None
        db.execute("UPDATE codes SET is_undone = 1 WHERE id = ?", (last[0],))
    return str(last[1])


def codes_of(study: Study) -> tuple[PersonCode, ...]:
    """The codes that count, by text, coder and purpose (OnlyOwnCustomers)."""
    access.demand_all()
    newest = """SELECT text_id, coder, purpose, needs, polarity FROM codes
        WHERE id IN (SELECT max(id) FROM codes WHERE NOT is_undone GROUP BY text_id, coder, purpose)
        ORDER BY text_id, coder, purpose"""
    with connected(study.path) as db:
        rows = db.execute(newest).fetchall()
    return tuple(
        PersonCode(text_id, coder, tuple(json.loads(needs)), polarity, purpose)
        for text_id, coder, purpose, needs, polarity in rows
    )


def latest_texts(study: Study, *, coder: str, most: int = 50) -> Sequence[str]:
    """The texts a person coded last, the newest first (OnlyOwnCustomers)."""
    access.demand_all()
    asked = """SELECT text_id FROM codes WHERE coder = ? AND NOT is_undone
        GROUP BY text_id ORDER BY max(id) DESC LIMIT ?"""
    with connected(study.path) as db:
        rows = db.execute(asked, (coder, most)).fetchall()
    return [str(row[0]) for row in rows]
