"""Campaigns on the screen: the list is handed out or started, and those that were started are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.wording import count
from pages.ui import changing, entry, taking
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text


def hand_out(context: Context, chosen: Mapping[str, object]) -> None:
    """Buttons that export the list and start the campaign."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _export(context, chosen)
        with st.popover("登记开始", icon=":material/play_circle:", key="campaign:start:open"):
            first = entry.date_input("触达的第一天", None, format="YYYY-MM-DD", help="留空为最后一单的次日", key=kept("edit:campaign:on", context.revision))  # fmt: skip
            st.caption("名单和对照组原样记下来；之后导入更新的订单，在“活动读数”里看带来了多少。")
            if changing.button("登记", type="primary", key="campaign:start"):
                _done(lambda: pipeline.start_campaign(context.study, changes=chosen, started=first, parent=context.revision))  # fmt: skip
        st.caption("导出的编号已加密；“对照”的客户不要触达。")


def _export(context: Context, chosen: Mapping[str, object]) -> None:
    """The file is made when it is asked for, and noted in the log when it is taken."""
    place = f"campaign:file:{context.name}:{context.revision}:{sorted(map(str, chosen.items()))}"
    if place not in st.session_state:
        lacks = taking.lacks("export_rows")
        if st.button("导出名单（csv）", type="primary", icon=":material/group:", disabled=bool(lacks), help=lacks or None):  # fmt: skip
            data = tried(lambda: pipeline.campaign_csv(context.study, changes=chosen))
            if isinstance(data, InsightError):
                st.error(md_text(data), icon=":material/error:")
                return
            st.session_state[place] = data
            st.rerun()
        return
    people = pipeline.run(context.study, "campaign", changes=chosen).tables["list"]
    if warned := pipeline.alone_in_words(context.study, people):
        st.caption(f":material/person_alert: {md_text(warned)}")
    name = f"{context.name}_{chosen['name']}_名单.csv"
    taking.button("下载名单（csv）", st.session_state[place], name, study=context.study, right="export_rows", rows=people.height, type="primary")  # fmt: skip


def listed(context: Context) -> None:
    """Every campaign that was started."""
    known = pipeline.campaigns(context.study)
    if known:
        st.header("登记过的活动", anchor=False)
    for one in known:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
            arms = f"触达 {count(one.n_touched)} 人，对照 {count(one.n_held_out)} 人"
            st.markdown(f"**{md_text(one.name)}**　{one.started} 起，{md_text(one.target)}；{arms}")
            if changing.button("删除", key=f"campaign:drop:{one.name}", type="tertiary", icon=":material/delete:"):  # fmt: skip
                _done(lambda name=one.name: pipeline.drop_campaign(context.study, name, parent=context.revision))  # type: ignore[misc]  # fmt: skip


def _done(work: Any) -> None:  # noqa: ANN401 (a change of the study)
    outcome = tried(work)
    if isinstance(outcome, InsightError):
        st.error(md_text(outcome), icon=":material/error:")
        return
    forget()
    st.rerun()
