"""The table of jobs: what goes on, how far it is and how long it will take, what was broken off."""

from __future__ import annotations

import streamlit as st

from insight.pipeline import works
from insight.pipeline.works import Told, Works
from insight.study import Study, Work
from pages.ui import places, rights, signing, waiting
from pages.ui.gate import Context
from pages.ui.words import md_text

_STATES = {"done": "已完成", "failed": "没有完成", "cancelled": "已取消"}
_ICONS = {"done": "check_circle", "failed": "error", "cancelled": "cancel"}


def table(context: Context) -> None:
    """All jobs of the study; it renews itself."""
    found = works.works(context.study)
    _broken(context, found)
    st.fragment(signing.signed(_going), run_every=waiting.EVERY)(context.study)


def _going(study: Study) -> None:
    found = works.works(study)
    here = [(work, told) for work, told in found.here if told.state == "going"]
    st.header("正在进行", anchor=False)
    if not (here or found.elsewhere):
        st.caption("现在没有进行中的任务。")
    for work, told in here:
        _job(work, told)
    for work in found.elsewhere:
        st.markdown(f":material/dns: {md_text(work.about)}　:gray[{md_text(work.who)}，在另一台服务器上]")  # fmt: skip
    over = [(work, told) for work, told in found.here if told.state != "going"]
    for work, told in over:
        st.markdown(f":material/{_ICONS[told.state]}: {md_text(work.about)}　:gray[{md_text(work.who)}，{_STATES[told.state]}，用了 {waiting.elapsed(told.seconds)}]")  # fmt: skip


def _job(work: Work, told: Told) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
            st.markdown(f"**{md_text(work.about)}**　:gray[{md_text(work.who)}，{md_text(work.at[11:19])} 开始]")  # fmt: skip
            if work.who == rights.actor() or rights.may("manage"):
                st.button("取消", key=f"job:end:{work.id}", on_click=works.end, args=[work.id], icon=":material/cancel:")  # fmt: skip
        st.progress(told.share or 0.0, md_text(told.step))
        left = "" if told.left is None else f"，约剩 {waiting.elapsed(told.left)}"
        st.caption(f"已用 {waiting.elapsed(told.seconds)}{left}")


def _broken(context: Context, found: Works) -> None:
    """What a server left unfinished when it ended, each with the way to begin again."""
    if not found.broken:
        return
    st.header("中断的任务", anchor=False)
    st.caption("服务器停止或重启时它们还没有做完；研究没有被改动，可以重新开始。")
    for work in found.broken:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
            st.markdown(f"**{md_text(work.about)}**　:gray[{md_text(work.who)}，{md_text(work.at[:16].replace('T', ' '))} 开始]")  # fmt: skip
            if work.who != rights.actor() and not rights.may("manage"):
                continue
            with st.container(horizontal=True, width="content"):
                if st.button("重新开始", key=f"job:again:{work.id}", type="primary", icon=":material/replay:"):  # fmt: skip
                    works.settle(context.study, work.id)
                    _return(context, work)
                if st.button("不用了", key=f"job:drop:{work.id}", type="tertiary"):
                    works.settle(context.study, work.id)
                    st.rerun()


def _return(context: Context, work: Work) -> None:
    """Open the page where the work was asked for: it begins there by itself, or with one click."""
    known = {place.path: place for group in places.GROUPS.values() for place in group}
    choice = {name: value for name, value in work.query.items() if name != "study"}
    places.go(known.get(work.page, places.OVERVIEW), study=context.name, **choice)
