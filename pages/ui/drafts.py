"""Unsaved edits of a table on the screen: the revision they were made on, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

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


def draft(context: Context, what: str, *, of: object) -> Draft:
    """The draft of ``what`` ("roles", "speakers") of one thing, a source or a scheme.

    Edits outlive a change by somebody else, so that saving them says Conflict instead of losing them.
    """
    name = f"edit:parent:{what}:{context.name}:{of}"
    parent = int(st.session_state.get(name, context.revision))
    if not any(edits(_key(context, what, of=of, parent=parent)).values()):
        parent = context.revision
    st.session_state[name] = parent
    return Draft(_key(context, what, of=of, parent=parent), parent)


def _key(context: Context, what: str, *, of: object, parent: int) -> str:
    return f"edit:{what}:{context.name}:{of}:{parent}"


def edits(key: str) -> Mapping[str, Any]:
    """Everything that was changed, added and deleted in the editor called ``key``."""
    found: Mapping[str, Any] = st.session_state.get(key, {})
    return found


def written(key: str, column: str) -> dict[int, str]:
    """Row -> what was chosen in one column of the editor called ``key``."""
    rows = edits(key).get("edited_rows", {})
    return {int(at): str(row[column]) for at, row in rows.items() if row.get(column)}
