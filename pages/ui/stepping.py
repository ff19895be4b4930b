"""The steps of a study on the screen: every revision with what it changed, two compared, and the way back."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.access import EDIT
from insight.errors import InsightError
from insight.pipeline import Step
from pages.ui import rights
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_MOST = 200


def listed(context: Context) -> None:
    """Every step, the newest first."""
    known = pipeline.steps(context.study)
    rows = [
        {"版本": one.revision, "时间": one.at[:16].replace("T", " "), "谁": one.author, "做了什么": one.note, "具体改动": "；".join(one.changes)}
        for one in known[:_MOST]
    ]  # fmt: skip
    wide = {"具体改动": st.column_config.TextColumn(width="large")}
    st.dataframe(rows, column_config=wide, hide_index=True, alt="每一步改动")
    if len(known) > 1:
        _compare(context, known)


def _compare(context: Context, known: tuple[Step, ...]) -> None:
    st.header("比较两版，或回到以前", anchor=False)
    labels = {one.revision: f"第 {one.revision} 版　{one.note}" for one in known}
    numbers = list(labels)
    with st.container(horizontal=True):
        first = st.selectbox("从", numbers, 1, labels.__getitem__, key="steps:first", width=380)
        second = st.selectbox("到", numbers, 0, labels.__getitem__, key="steps:second", width=380)
    told = pipeline.compare(context.study, int(first), int(second))
    st.markdown("\n".join(f"- {md_text(one)}" for one in told) or "两版没有不同。")
    back = int(first)
    if back != context.revision and rights.may(EDIT) and st.button(f"回到第 {back} 版", key="steps:back", icon=":material/undo:", help="以那一版的设定新建一版；中间的步骤都还在，也可以再回来。"):  # fmt: skip
        done = tried(lambda: pipeline.go_back(context.study, back, parent=context.revision))
        if isinstance(done, InsightError):
            st.error(md_text(done), icon=":material/error:")
            return
        forget()
        st.rerun()
