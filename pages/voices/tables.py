"""声音 · 问卷表: every question as a whole, or one question across groups."""

from __future__ import annotations

import streamlit as st

from pages import ui

VIEWS = {"topline": "各题结果", "crosstab": "按人群比较"}


def topline() -> None:
    """One question at a time."""
    if not ui.is_ready(context, "topline"):
        return
    ui.heading(context, "topline")
    slot = st.container()
    if not (result := ui.worked_out(context, "topline")):
        return
    asked = {
        q: label for q, label in ui.choices(context, "questions").items() if q in result.tables
    }
    with slot:
        name = ui.one_of("题目", asked, name="q", width=440)
    ui.body(context, "topline", result, name=name)
    ui.next_step(context, ui.places.TABLES, "按人群比较这道题", view="crosstab", q=name)


def crosstab() -> None:
    """One question against one break."""
    if not ui.is_ready(context, "crosstab"):
        return
    ui.heading(context, "crosstab", fixed=("question", "by"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        question = ui.one_of("题目", ui.choices(context, "closed_questions"), name="q", width=440)
        groups = {k: label for k, label in ui.choices(context, "breaks").items() if k != question}
        by = ui.one_of("人群", groups, name="by", default=ui.recorded(context, "crosstab", "by"))
        chosen = {"question": question, "by": by}
        ui.record(context, "crosstab", chosen)
    if result := ui.worked_out(context, "crosstab", changes=chosen):
        ui.body(context, "crosstab", result)
        ui.next_step(context, ui.places.TOPICS, "听他们自己怎么说")


context = ui.enter()
{"topline": topline, "crosstab": crosstab}[ui.view(VIEWS)]()
