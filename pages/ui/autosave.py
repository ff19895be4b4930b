"""What was typed on a page and not saved: kept on disk at the end of every run, found by the next session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st

from insight import pipeline
from insight import study as store
from insight.study import Study, Typed
from pages.ui import editing, signing

_BOOK, _PAGE = "drafts:book", "drafts:page"
DAY = "date:"  # what a day begins with as JSON
CONFLICT = "conflict"  # the name of what is kept of one
_STAYS = (CONFLICT,)  # what is given up by no other change of the page
UNKNOWN = object()  # what a place showed at first, where another session typed into it


@dataclass
class Book:
    """What this session knows of the drafts of one page.

    Attributes
    ----------
    disk : name of a place -> what lies on disk
    drawn : name of a place -> the revision that its widget was drawn on
    first : name of a place -> what its widget showed at first
    tables : key of an editor -> the edits of another session that its rows hold already, and how many it has
    """

    study: Study
    page: str
    disk: dict[str, Typed]
    drawn: dict[str, int] = field(default_factory=dict)
    first: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, tuple[editing.Edits, int]] = field(default_factory=dict)

    def value(self, name: str) -> Any:  # noqa: ANN401 (whatever the widget gives)
        return st.session_state.get(key_of(name, self.drawn[name]), UNKNOWN)

    def is_typed(self, name: str) -> bool:
        """Whether a place shows something else than at first."""
        value = self.value(name)
        return value is not UNKNOWN and value != self.first.get(name, value)


def open_page(page: str) -> None:
    """Say which page is drawn from now on; called once a run, before the study is opened."""
    st.session_state[_PAGE] = page


def open_book(study: Study) -> None:
    """Find what was typed on this page of a study in an earlier session."""
    page = st.session_state.get(_PAGE)
    book = opened()
    if page is None or (book and (book.study, book.page) == (study, page)):
        return
    found = store.drafts(study, signing.here().name, page)
    st.session_state[_BOOK] = Book(study, page, found)


def open_study() -> Study | None:
    """The study whose page is drawn, if one is."""
    book = opened()
    return book.study if book else None


def open_path() -> str:
    """The address of the page that is drawn."""
    return str(st.session_state.get(_PAGE, ""))


def saved(page: Callable[[], object]) -> None:
    """Run a page and keep what was typed on it, however the run ends."""
    try:
        page()
    finally:
        save()


def save() -> None:
    """Keep on disk what was typed on this page; a part of a page that runs alone calls it itself."""
    book = opened()
    if book is None:
        return
    now = dict(book.disk)
    for name, revision in book.drawn.items():
        if (value := book.value(name)) is UNKNOWN:
            continue
        book.first.setdefault(name, value)
        now.pop(name, None)
        if book.is_typed(name):
            now[name] = Typed(_written(value), revision)
    for key in book.tables:
        now.pop(key, None)
        if any((changed := edits(key)).values()):
            now[key] = Typed(dict(changed))
    keep(book, now)


def drop() -> None:
    """Forget what was typed on this page: it was saved, or given up."""
    book = opened()
    if book is None:
        return
    for key in (*(key_of(name, at) for name, at in book.drawn.items()), *book.tables):
        st.session_state.pop(key, None)
    held = {name: one for name, one in book.disk.items() if name in _STAYS}
    book.drawn, book.first, book.tables = {}, {}, {}
    keep(book, held)


def opened() -> Book | None:
    """What this session knows of the page that is drawn."""
    found: Book | None = st.session_state.get(_BOOK)
    return found


def keep(book: Book, now: Mapping[str, Typed]) -> None:
    """Let the disk hold this, without what opens a database; what another window of the same person typed elsewhere stays."""
    now = {name: one for name, one in now.items() if not _is_secret(one)}
    names = {*now, *book.disk}
    changed = {name: now.get(name) for name in names if now.get(name) != book.disk.get(name)}
    if changed:
        store.keep_drafts(book.study, signing.here().name, book.page, changed=changed, at=time.time())  # fmt: skip
    book.disk = dict(now)


def edits(key: str) -> editing.Edits:
    """Everything that was changed, added and deleted in the editor called ``key``, in whichever session."""
    book, own = opened(), editing.read(st.session_state.get(key, {}))
    if book is None or (key in st.session_state and key not in book.tables):
        return own
    if key in book.tables:
        before, n = book.tables[key]
        return editing.composed(before, own, n=n)
    return editing.read(book.disk[key].value) if key in book.disk else own


def key_of(name: str, revision: int) -> str:
    """The key of the widget of a place that is drawn on a revision."""
    return f"{name}:{revision}" if revision else name


def _is_secret(one: Typed) -> bool:
    return isinstance(one.value, str) and pipeline.holds_credentials(one.value)


def _written(value: Any) -> Any:  # noqa: ANN401
    return f"{DAY}{value.isoformat()}" if isinstance(value, date) else value
