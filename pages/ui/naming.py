"""An editor for the names of RFM groups: one row a name with the score codes it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import BadSegmentNames, InsightError
from insight.schema import NamedGroup
from pages.ui import autosave, changing, drafts, entry, taking
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

NAME, CODES = "名称", "得分组合"
HOW = {
    "eight": "R、F、M 各写一位，1 为高、0 为低；* 表示任意，多个组合用空格分开。如“1*1”是最近来过、金额高的客户。",
    "eleven": "R、F、M 各写一位 1–5 的得分；* 表示任意，[4-5] 表示 4 到 5，多个组合用空格分开。如“[4-5]5*”。",
}


def editor(context: Context, scheme: Any) -> None:  # noqa: ANN401 (one of pipeline.segment_names)
    """Draw the map of ``scheme`` for editing; saving checks it and makes a new revision."""
    groups = pipeline.segment_names(context.study)[scheme]
    draft = drafts.draft(context, "names", of=scheme)
    st.caption(md_text(HOW[scheme] + "每个组合要有且只有一个名称，从上到下按价值排列。"))
    entry.data_editor(
        drafts.resumed(draft.key, [{NAME: one.name, CODES: one.codes} for one in groups]),
        key=draft.key,
        column_config={
            NAME: st.column_config.TextColumn(required=True, width="small", max_chars=20),
            CODES: st.column_config.TextColumn(required=True, width="large"),
        },
        num_rows="dynamic",
        hide_index=True,
        alt="分层名称表",
    )
    edits = autosave.edits(draft.key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if changing.button("保存名称", type="primary", disabled=not any(edits.values()), icon=":material/save:"):  # fmt: skip
            _save(context, {scheme: edited(groups, edits)}, parent=draft.parent)
        _exchange(context, draft.parent)


def edited(groups: Sequence[NamedGroup], edits: Mapping[str, Any]) -> tuple[NamedGroup, ...]:
    """The groups after what was changed, added and deleted in the editor."""
    changed = edits.get("edited_rows", {})
    gone = set(edits.get("deleted_rows", ()))
    rows = [
        {NAME: one.name, CODES: one.codes} | changed.get(at, changed.get(str(at), {}))
        for at, one in enumerate(groups)
        if at not in gone
    ]
    return tuple(
        NamedGroup(name=str(row.get(NAME) or "").strip(), codes=str(row.get(CODES) or ""))
        for row in [*rows, *edits.get("added_rows", ())]
    )


def _exchange(context: Context, parent: int) -> None:
    """Take the names away as a file, bring them from one, or go back to the default."""
    taking.button(
        "导出 TOML", pipeline.segment_names_text(context.study).encode(), f"{context.name}_分层名称.toml",
        study=context.study,
    )  # fmt: skip
    with st.popover("从文件导入", type="tertiary", icon=":material/upload_file:"):
        file = entry.file_uploader("TOML 文件", type=["toml"], key=f"edit:names:file:{parent}")
        if file is not None and changing.button("用这个文件", key="names:import"):
            read = tried(lambda: pipeline.read_segment_names(file.getvalue()))
            if isinstance(read, InsightError):
                st.error(md_text(read), icon=":material/error:")
            else:
                _save(context, read, parent=parent)
    if changing.button("恢复默认", type="tertiary", icon=":material/restart_alt:"):
        pipeline.reset_segment_names(context.study, parent=parent)
        forget()
        st.rerun()


def _save(context: Context, maps: Mapping[Any, tuple[NamedGroup, ...]], *, parent: int) -> None:
    """Record the maps; one that is no map is told and not recorded."""
    saved = tried(lambda: pipeline.set_segment_names(context.study, maps, parent=parent))
    if isinstance(saved, BadSegmentNames):
        st.error(f"{md_text(saved)}名称没有改动。", icon=":material/error:")
        return
    if isinstance(saved, InsightError):
        raise saved
    forget()
    st.rerun()
