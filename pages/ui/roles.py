"""The roles of columns: an editor over what was proposed, and what of the required is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from insight.pipeline import jobs
from insight.pipeline.offering import Column, required_of, roles_of
from pages.ui import drafts, waiting
from pages.ui.gate import Context
from pages.ui.states import forget

LINE, MOST_LINES = 34, 14  # pixels, rows


def edit(table: str, columns: Sequence[Column], *, key: str) -> dict[str, str]:
    """Draw the roles of all columns for editing.

    Returns
    -------
    raw column -> role (its Chinese word), for the columns that were changed
    """
    rows = [
        {"列名": c.name, "角色": c.role, "示例": "、".join(c.samples), "依据": c.reason}
        for c in columns
    ]
    st.data_editor(
        drafts.resumed(key, rows),
        key=key,
        column_config={
            "列名": st.column_config.TextColumn(pinned=True, width="medium"),
            "角色": st.column_config.SelectboxColumn(
                options=list(roles_of(table)), required=True, width="small"
            ),
            "示例": st.column_config.TextColumn(width="medium"),
            "依据": st.column_config.TextColumn(width="medium"),
        },
        disabled=["列名", "示例", "依据"],
        hide_index=True,
        height=(min(len(rows), MOST_LINES) + 1) * LINE + 2,
        row_height=LINE,
        alt="每一列的角色",
    )
    return {columns[at].name: word for at, word in drafts.written(key, "角色").items()}


def of_source(context: Context, index: int) -> tuple[Column, ...]:
    """The columns of one source; read once for each revision of this session."""
    name = f"edit:columns:{context.name}:{index}:{context.revision}"
    if name not in st.session_state:
        columns = waiting.awaited(name, name, lambda: jobs.columns(context.study, index))
        if columns is None:
            st.stop()
        st.session_state[name] = columns
    kept: tuple[Column, ...] = st.session_state[name]
    return kept


def save(
    context: Context, index: int, changes: dict[str, str], *, parent: int, is_wanted: bool
) -> None:
    """Make a new revision of the changed roles, when that is wanted, and show the page on it (Conflict)."""
    asked = (context.name, index, parent, tuple(changes.items()))
    if not (is_wanted or waiting.is_asked("remap", asked)):
        return
    begin = partial(jobs.remap, context.study, index, changes, parent=parent)
    if waiting.awaited("remap", asked, begin):
        forget()
        st.rerun()


def missing(table: str, columns: Sequence[Column], changes: dict[str, str]) -> tuple[str, ...]:
    """The Chinese words of required roles that no column plays."""
    played = {changes.get(c.name, c.role) for c in columns}
    return tuple(word for word in required_of(table) if word not in played)
