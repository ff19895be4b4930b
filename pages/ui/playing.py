"""The rule book on the screen: every rule at a glance, and its text with a check before it counts."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from pages.ui import changing, drafts, entry, taking
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

HEIGHT = 460  # pixels
_PLACE = "edit:playbook"
_EFFORTS = {1: "几天", 2: "几周", 3: "几个月"}


def editor(context: Context) -> None:
    """The rules as a table, the text to edit, and the facts that conditions may use."""
    st.title("什么情况下建议做什么？", anchor=False)
    st.markdown(
        "每条规则在各组客户上逐一判断，条件只用算出来的事实；条件成立才给建议，并列出成立的依据。"
    )
    text = pipeline.playbook_text(context.study)
    _rules(text)
    _text(context, text)
    with st.expander("条件里可以用的事实", icon=":material/functions:"):
        rows = [{"事实": a, "英文名": b, "怎么算": c} for a, b, c in pipeline.facts_told()]
        st.dataframe(rows, hide_index=True, height="content", alt="条件里可以用的事实")


def _rules(text: str) -> None:
    book = tried(lambda: pipeline.check_playbook(text))
    if isinstance(book, InsightError):
        st.error(md_text(book), icon=":material/error:")
        return
    rows = [
        {
            "部分": rule.section, "条件": rule.when, "建议": rule.in_general, "负责人": rule.owner, "衡量指标": rule.kpi,
            "投入": _EFFORTS[rule.effort], "预期提升（%）": "、".join(f"{share:g}" for share in rule.gain),
        }
        for rule in book.rules
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, height="content", alt="规则库里的规则")


def _text(context: Context, text: str) -> None:
    st.header("修改", anchor=False)
    st.caption("YAML 文本：每条规则以“- key:”开头。先检查，再记录；记录以后策略页、名单和报告都用它。")  # fmt: skip
    edited = entry.text_area(
        "规则库",
        text,
        height=HEIGHT,
        key=kept(_PLACE, context.revision),
        label_visibility="collapsed",
    )
    with st.container(horizontal=True):
        if st.button("检查", icon=":material/spellcheck:"):
            _check(edited)
        if changing.button("记录", type="primary", icon=":material/save:", disabled=edited == text):
            _set(context, edited, parent=drafts.parent(context, _PLACE))
        if changing.button("恢复自带的规则库", type="tertiary", icon=":material/restart_alt:"):
            _set(context, "", parent=context.revision)
        taking.button("导出", text.encode(), f"{context.name}_规则库.yaml", study=context.study)


def _check(text: str) -> None:
    book = tried(lambda: pipeline.check_playbook(text))
    if isinstance(book, InsightError):
        st.error(md_text(book), icon=":material/error:")
    else:
        st.success(f"可以使用：{len(book.rules)} 条规则。", icon=":material/check_circle:")


def _set(context: Context, text: str, *, parent: int) -> None:
    done = tried(lambda: pipeline.set_playbook(context.study, text, parent=parent))
    if isinstance(done, InsightError):
        st.error(md_text(done), icon=":material/error:")
        return
    forget()
    st.rerun()
