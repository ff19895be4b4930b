"""What a file was recognised as, from which evidence and how surely; another preset where that is wrong."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.pipeline.drifting import told
from insight.schema import TABLES, Decisions
from insight.wording import percent
from pages.ui.gate import Context
from pages.ui.words import md_text

AUTO, NONE = "自动识别", "不用预设"


def chosen(file: Any, table: str | None) -> Decisions:  # noqa: ANN401 (Streamlit's uploaded file)
    """The preset that the user chose below for a file; nothing where it is one of another table."""
    word = st.session_state.get(_kept(file), AUTO)
    tables = [table] if table else list(TABLES)
    known = {label: key for t in tables for key, label in pipeline.preset_labels(t).items()}
    return Decisions(preset=({NONE: ""} | known).get(word))


def show(file: Any, item: pipeline.Preview, *, is_only: bool) -> None:  # noqa: ANN401
    """Draw what was recognised, the choice of another preset, and how the columns differ from last time."""
    proposal = item.proposal
    others = pipeline.preset_labels(proposal.table) if is_only else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        if proposal.recognised:
            st.markdown(said(proposal.recognised, proposal.confidence), width="stretch")
        elif others:
            st.markdown("没有识别出平台，按表头和内容判断。", width="stretch")
        if others:
            _choose(file, [AUTO, *others.values(), NONE])
    if sentences := told(item.drift):
        st.warning(
            "\n".join(f"- {md_text(one)}" for one in sentences),
            title=f"和“{proposal.own}”上次的列不一样",
            icon=":material/difference:",
        )


def _choose(file: Any, words: list[str]) -> None:  # noqa: ANN401
    """The choice of another preset; it outlives the moments in which the file is read again."""
    name, kept = f"edit:preset:{file.file_id}", _kept(file)
    now = st.session_state.get(kept, AUTO)

    def keep() -> None:
        st.session_state[kept] = st.session_state[name]

    at = words.index(now) if now in words else 0
    st.selectbox("不是？改为…", words, index=at, key=name, on_change=keep, width=220)


def said(recognised: str, confidence: Any) -> str:  # noqa: ANN401 (a cell of the status)
    """ "识别为 问卷星·按文本（依据：序号、提交答卷时间），把握 98%"."""
    return f"识别为 {md_text(recognised)}，把握 {percent(confidence, digits=0)}"


def keep(context: Context, index: int, *, has_edits: bool) -> None:
    """Offer to keep the mapping of a source under a name for the next file; edits must be saved first."""
    with st.popover("保存为我的预设", type="tertiary", icon=":material/bookmark_add:"):
        st.markdown("下次导入同样表头的文件，会自动用这里的映射；只保存表头和角色，不保存数据。")
        name = st.text_input("预设名称", max_chars=40, key=f"preset:{index}")
        if has_edits:
            st.caption("上面的修改还没有保存：先点“保存映射”。")
        if st.button("保存预设", disabled=has_edits or not name.strip(), key="keep_preset"):
            own = pipeline.save_preset(context.study, index, name)
            st.success(f"已保存为“{md_text(own.name)}”，{len(own.columns)} 列。")
        if known := [own.name for own in pipeline.own_presets()]:
            st.caption(f"已有：{md_text('、'.join(known))}；同名会被替换。")


def _kept(file: Any) -> str:  # noqa: ANN401
    return f"edit:read_as:{file.file_id}"
