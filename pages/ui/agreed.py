"""What was agreed for a study, on the screen: its last day, its topic, the warning before the end, the deletion after it."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.study import Terms
from pages.ui import gate
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried
from pages.ui.words import md_text


def warn(context: Context) -> None:
    """From 30 days before the end on: how long the data may still be kept."""
    if told := pipeline.end_in_words(context.study):
        st.warning(md_text(told), icon=":material/event_busy:")


def ask(context: Context) -> None:
    """Until when, and how carefully."""
    now = pipeline.terms(context.study)
    with st.form("agreed", border=True):
        st.subheader("约定", anchor=False)
        has_end = st.checkbox("约定了保存期限", now.expires is not None, key="agreed:has_end")
        last = st.date_input("可以用到哪一天", now.expires or "today", format="YYYY-MM-DD", key="agreed:last", help="这一天以后研究只能查看；是否删除由您决定，不会自动删除")  # fmt: skip
        is_sensitive = st.checkbox("敏感主题（健康、信仰、财务、未成年人等）", now.sensitive, key="agreed:sensitive", help="报告和导出里不满 10 人的格子都不写数字；一般主题是不满 5 人")  # fmt: skip
        if st.form_submit_button("记录约定", type="primary", icon=":material/save:"):
            _set(context, Terms(last if has_end else None, is_sensitive))
    if pipeline.is_over(context.study):
        _purge(context)


def _set(context: Context, new: Terms) -> None:
    outcome = tried(lambda: pipeline.agree(context.study, new))
    if isinstance(outcome, InsightError):
        failed(outcome)
        return
    st.toast("约定已记录。", icon=":material/check:")
    st.rerun()


def _purge(context: Context) -> None:
    """The way to delete a study whose time is over; its name has to be typed."""
    with st.form("purge", border=True):
        st.subheader("删除这份研究", anchor=False)
        st.caption(
            "原始文件、结果、操作记录和密钥都会删除，不能恢复。备份和已经交出去的报告请另行处理。"
        )
        typed = st.text_input("输入研究的名称以确认", key="purge:name", placeholder=context.name)
        if st.form_submit_button("永久删除", icon=":material/delete_forever:"):
            if typed.strip() != context.name:
                st.error("名称不对，没有删除。", icon=":material/error:")
                return
            outcome = tried(lambda: pipeline.purge(context.study))
            if isinstance(outcome, InsightError):
                failed(outcome)
                return
            gate.leave()
            forget()
            st.rerun()
