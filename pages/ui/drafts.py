"""What was typed and not saved: kept on disk at the end of every run, and found again after a refresh or a restart.

What was typed stays on the revision that it was typed on, so that saving it says Conflict where somebody
else was faster; what nobody touched follows the newest revision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from insight.study import Typed
from pages.ui import autosave, editing

if TYPE_CHECKING:
    from pages.ui.gate import Context


@dataclass(frozen=True, slots=True)
class Draft:
    """One table that is edited.

    Attributes
    ----------
    key : of its editor
    parent : the revision that unsaved edits were made on; without any, the newest
    """

    key: str
    parent: int


# widgets ------------------------------------------------------------------------------------------


def kept(name: str, revision: int = 0) -> str:
    """The key of a widget whose value is found again in another session.

    Parameters
    ----------
    revision : the newest, where the widget begins with what the study says; a widget that was typed into
        stays on the revision it was drawn on
    """
    book = autosave.opened()
    if book is None:
        return autosave.key_of(name, revision)
    typed = book.disk.get(name)
    at = book.drawn.get(name, typed.revision if typed else revision)
    if at != revision and not typed and not (name in book.drawn and book.is_typed(name)):
        book.first.pop(name, None)
        at = revision
    book.drawn[name] = at
    key = autosave.key_of(name, at)
    if typed and key not in st.session_state:
        st.session_state[key] = _read(typed.value)
        book.first[name] = autosave.UNKNOWN
    return key


def is_typed(*names: str) -> bool:
    """Whether anything was typed into places whose names begin so."""
    book = autosave.opened()
    return book is not None and any(n.startswith(names) and book.is_typed(n) for n in book.drawn)


def parent(context: Context, *names: str) -> int:
    """The revision that what was typed was typed on, of places whose names begin so; without any, the newest."""
    book = autosave.opened()
    if book is None:
        return context.revision
    typed = (
        at for name, at in book.drawn.items() if name.startswith(names) and book.is_typed(name)
    )
    return min(typed, default=context.revision) or context.revision


def hold(name: str, value: object) -> None:
    """Keep something of this page that no widget holds (JSON); None: no more."""
    book = autosave.opened()
    if book is None or held(name) == value:
        return
    now = {known: one for known, one in book.disk.items() if known != name}
    autosave.keep(book, now if value is None else {**now, name: Typed(value)})


def held(name: str) -> Any:  # noqa: ANN401 (JSON)
    """What was kept under this name on this page, in whichever session."""
    book = autosave.opened()
    found = book.disk.get(name) if book else None
    return found and found.value


def _read(value: Any) -> Any:  # noqa: ANN401
    is_day = isinstance(value, str) and value.startswith(autosave.DAY)
    return date.fromisoformat(value.removeprefix(autosave.DAY)) if is_day else value


# tables -------------------------------------------------------------------------------------------


def draft(context: Context, what: str, *, of: object) -> Draft:
    """The draft of ``what`` ("roles", "speakers") of one thing, a source or a scheme.

    Edits outlive a change by somebody else, so that saving them says Conflict instead of losing them.
    """
    name = f"edit:parent:{what}:{context.name}:{of}"
    stem = f"edit:{what}:{context.name}:{of}"
    at = int(st.session_state.get(name) or _on_disk(stem) or context.revision)
    if not any(autosave.edits(f"{stem}:{at}").values()):
        at = context.revision
    st.session_state[name] = at
    return Draft(f"{stem}:{at}", at)


def _on_disk(stem: str) -> int:
    """The revision that edits of another session were made on; 0: there are none."""
    book = autosave.opened()
    names = book.disk if book else ()
    return max((int(n.rpartition(":")[2]) for n in names if n.rpartition(":")[0] == stem), default=0)  # fmt: skip


def resumed(key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that an editor begins with: those given, with the edits of another session in them."""
    book = autosave.opened()
    if book is None:
        return rows
    if key not in book.tables:
        known = book.disk.get(key) if key not in st.session_state else None
        book.tables[key] = (editing.read(known.value) if known else editing.NONE, len(rows))
    return editing.applied(rows, book.tables[key][0])


def written(key: str, column: str) -> dict[int, str]:
    """Row -> what was chosen in one column of the editor called ``key``."""
    rows = autosave.edits(key).get("edited_rows", {})
    return {int(at): str(row[column]) for at, row in rows.items() if row.get(column)}
