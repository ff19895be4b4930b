"""Somebody was faster: what they changed, what I wanted, and the two ways out that lose neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import Touched
from insight.study import Path, Side, Unsaved
from pages.ui import drafts, gate
from pages.ui.autosave import CONFLICT
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import folder_name, md_text

_SIDES: Mapping[Side, str] = {"theirs": "用对方的", "mine": "用我的"}


def offer(context: Context) -> None:
    """Draw the conflict of this page, if there is one; it stays until it is settled, also after a refresh."""
    kept: Mapping[str, Any] | None = drafts.held(CONFLICT)
    if not kept:
        return
    with st.container(border=True, key="conflict"):
        st.subheader("您的修改还没有保存：有人先改了这个研究", anchor=False)
        when = str(kept["at"])[:16].replace("T", " ")
        st.markdown(
            f"**{md_text(kept['author'])}** 在 {md_text(when)} 保存了新的一版，请选择怎么处理。"
        )
        _sides(kept)
        unsaved = pipeline.read_unsaved(kept["unsaved"]) if kept["unsaved"] else None
        parts = pipeline.touched(context.study, unsaved) if unsaved else ()
        choices = _choices(parts) if unsaved else {}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if unsaved:
                _redo(context, unsaved, choices, is_open=len(choices) < len(parts))
                _copy(context, unsaved)
            if st.button("载入最新版本", key="conflict:drop", help="放弃我的修改", icon=":material/refresh:"):  # fmt: skip
                _settled()
                st.rerun()


def _sides(kept: Mapping[str, Any]) -> None:
    left, right = st.columns(2)
    for column, title, told in (
        (left, "对方改了", kept["theirs"]),
        (right, "我想改", kept["mine"]),
    ):
        with column:
            st.markdown(f"**{title}**")
            st.markdown("\n".join(f"- {md_text(one)}" for one in told) or "- 请重新做一遍这一步")


def _choices(parts: Sequence[Touched]) -> dict[Path, Side]:
    """Ask for every part that both touched whose counts; path -> side, for those that were answered."""
    if not parts:
        st.caption("两边改的是不同的地方，在最新版本上重做后都会保留。")
        return {}
    st.caption("下面这些地方两边都改了，请逐个选择；其余的修改都会保留。")
    picked = {part.path: _choice(part) for part in parts}
    return {path: side for path, side in picked.items() if side}


def _choice(part: Touched) -> Side | None:
    values = {"theirs": part.theirs, "mine": part.mine}
    told = {side: f"{label}：{values[side]}" for side, label in _SIDES.items()}
    return st.radio(md_text(part.place), list(told), None, lambda side: md_text(told[side]), key=f"conflict:{part.path}", horizontal=True)  # fmt: skip


def _redo(
    context: Context, unsaved: Unsaved, choices: Mapping[Path, Side], *, is_open: bool
) -> None:
    if st.button("在最新版本上重做", key="conflict:redo", type="primary", disabled=is_open, icon=":material/merge:"):  # fmt: skip
        done = tried(lambda: pipeline.redo(context.study, unsaved, choices=choices))
        if isinstance(done, InsightError):
            st.error(md_text(done), icon=":material/error:")
            return
        _settled()
        st.toast(f"已保存为第 {done.id} 版。", icon=":material/check:")
        st.rerun()


def _copy(context: Context, unsaved: Unsaved) -> None:
    with st.popover("另存副本", icon=":material/content_copy:"):
        st.caption("我的修改成为一个新的研究，从我看到的那一版开始；这个研究保持对方的样子。")
        name = st.text_input(
            "副本的名称", f"{context.name} 副本", max_chars=40, key="conflict:name"
        )
        if st.button("保存副本", key="conflict:copy", type="primary"):
            made = tried(lambda: pipeline.save_copy(context.study, unsaved, folder_name(name)))
            if isinstance(made, InsightError):
                st.error(md_text(made), icon=":material/error:")
                return
            _settled()
            gate.turn_to(made.path.name)
            st.rerun()


def _settled() -> None:
    drafts.hold(CONFLICT, None)
    forget()
