"""声音 · 问卷表: every question as a whole, or one question across groups."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages import ui

VIEWS = {"topline": "各题结果", "crosstab": "按人群比较"}


def lacks(key: str, what: str) -> None:
    """The empty state of a legal questionnaire that this view has nothing to count in."""
    ui.need_files(
        context, ui.find(key).question, answers=ui.places.TABLES.purpose, needs=f"还缺{what}。"
    )
    ui.next_step(context, ui.places.TOPICS, "听他们自己怎么说")


def topline() -> None:
    """One question at a time."""
    if not ui.is_ready(context, "topline"):
        return
    if not ui.choices(context, "questions"):
        lacks("topline", "可以计数的题目（单选、多选、量表等），这份问卷里只有开放题")
        return
    ui.heading(context, "topline")
    slot = st.container()
    if not (result := ui.worked_out(context, "topline")):
        return
    asked = dict(result.tables["summary"].select("question", "wording").rows())
    told = {q: f"{q} {asked[q]}" for q in result.tables if q in asked} | {"summary": "各题一览"}
    with slot:
        name = ui.one_of("题目", told, name="q", width=440)
    ui.body(context, "topline", result, name=name)
    ui.next_step(context, ui.places.TABLES, "按人群比较这道题", view="crosstab", q=name)


def crosstab() -> None:
    """One question against one break."""
    if not ui.is_ready(context, "crosstab"):
        return
    closed, breaks = (ui.choices(context, kind) for kind in ("closed_questions", "breaks"))
    questions = {q: label for q, label in closed.items() if set(breaks) - {q}}
    if questions:
        crossed(questions, breaks)
    elif closed:
        lacks("crosstab", "用来比较的人群：订单（客户编号）、客户属性，或另一道单选题")
    else:
        lacks("crosstab", "可以计数的题目（单选、多选、量表等）")


def crossed(questions: Mapping[str, str], breaks: Mapping[str, str]) -> None:
    """The question and the groups that were chosen, and how they meet."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        question = ui.one_of("题目", questions, name="q", width=440)
        groups = {key: label for key, label in breaks.items() if key != question}
        by = ui.one_of("人群", groups, name="by", default=ui.recorded(context, "crosstab", "by"))
        slot = st.container(width="content")
    chosen = {"question": question, "by": by}
    with top:
        ui.heading(context, "crosstab", fixed=chosen)
    if result := ui.worked_out(context, "crosstab", changes=chosen):
        with slot:
            ui.record(context, "crosstab", chosen)
        ui.body(context, "crosstab", result, changes=chosen)
        ui.next_step(context, ui.places.TOPICS, "听他们自己怎么说")


context = ui.enter()
{"topline": topline, "crosstab": crosstab}[ui.view(VIEWS)]()
