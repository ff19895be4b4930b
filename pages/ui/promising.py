"""Actions that are promised: recorded from a card, listed with owner and due day, done or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema.campaigns import Promise
from insight.wording import count
from pages.ui import changing, entry
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_NONE = "（没有）"


def ask(context: Context, row: Mapping[str, Any]) -> None:
    """The panel that records a suggestion as an action; said where that was done."""
    mine = (row["brief"], row["target"])
    if mine in {(one.title, one.target) for one in pipeline.promises(context.study)}:
        st.caption(":material/check: 已登记为行动")
        return
    rank = row["rank"]
    with st.popover("登记为行动", icon=":material/add_task:", type="tertiary", key=f"promise:{rank}:open"):  # fmt: skip
        owner = entry.text_input(
            "负责人", row["owner"], max_chars=40, key=kept(f"edit:promise:owner:{rank}")
        )
        due = entry.date_input(
            "截止日", None, format="YYYY-MM-DD", key=kept(f"edit:promise:due:{rank}")
        )
        started = [_NONE, *(one.name for one in pipeline.campaigns(context.study))]
        campaign = entry.selectbox(
            "由哪次活动执行", started, key=kept(f"edit:promise:campaign:{rank}")
        )
        st.caption("名单原样记下来，下一期报告开头就写它做得怎样；由留了对照组的活动执行，才说得出增量。")  # fmt: skip
        if changing.button("登记", type="primary", key=f"promise:{rank}"):
            own = {"owner": owner, "due": due, "campaign": "" if campaign == _NONE else campaign}
            _done(lambda: pipeline.promise(context.study, rank, own=own, parent=context.revision))


def listed(context: Context) -> None:
    """Every promise with what can be done to it."""
    known = pipeline.promises(context.study)
    if known:
        st.header("登记过的行动", anchor=False)
    for at, one in enumerate(known):
        with st.container(border=True, gap="xsmall"):
            _promise(context, at, one)


def _promise(context: Context, at: int, one: Promise) -> None:
    due = f"，{one.due} 前" if one.due else ""
    by = f"，由“{one.campaign}”执行" if one.campaign else ""
    st.markdown(f"**{md_text(one.title)}**　{md_text(one.target)}，{count(one.n_customers)} 人")
    st.caption(
        md_text(f"{one.promised} 登记，{one.owner or '没有负责人'}{due}{by}；指标：{one.kpi}")
    )
    with st.container(horizontal=True):
        label = "改为未完成" if one.is_done else "标为完成"
        if changing.button(label, key=f"promise:done:{at}", icon=":material/task_alt:"):
            _done(lambda: pipeline.edit_promise(context.study, at, parent=context.revision, is_done=not one.is_done))  # fmt: skip
        if changing.button(
            "删除", key=f"promise:drop:{at}", type="tertiary", icon=":material/delete:"
        ):
            _done(lambda: pipeline.drop_promise(context.study, at, parent=context.revision))


def _done(work: Any) -> None:  # noqa: ANN401 (a change of the study)
    outcome = tried(work)
    if isinstance(outcome, InsightError):
        st.error(md_text(outcome), icon=":material/error:")
        return
    forget()
    st.rerun()
