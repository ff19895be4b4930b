"""The tables of answers: each question as a whole, questions across groups, scores by their mean."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages import ui
from pages.ui import handing
from pages.ui.gate import Context

ALL = "全部"


def _lacks(context: Context, key: str, what: str) -> None:
    """The empty state of a legal questionnaire that this view has nothing to count in."""
    ui.need_files(
        context, ui.find(key).question, answers=ui.places.TABLES.purpose, needs=f"还缺{what}。"
    )
    ui.next_step(context, ui.places.TOPICS, "听他们自己怎么说")


def topline(context: Context) -> None:
    """One question at a time."""
    if not ui.is_ready(context, "topline"):
        return
    if not ui.choices(context, "questions"):
        _lacks(context, "topline", "可以计数的题目（单选、多选、量表等），这份问卷里只有开放题")
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


def crosstab(context: Context) -> None:
    """One question, or all of them, against any breaks."""
    if not ui.is_ready(context, "crosstab"):
        return
    closed, breaks = (ui.choices(context, kind) for kind in ("closed_questions", "crossing"))
    questions = {q: label for q, label in closed.items() if set(breaks) - {q}}
    if questions:
        _crossed(context, questions, breaks)
    elif closed:
        _lacks(context, "crosstab", "用来比较的人群：订单（客户编号）、客户属性，或另一道单选题")
    else:
        _lacks(context, "crosstab", "可以计数的题目（单选、多选、量表等）")


def _crossed(context: Context, questions: Mapping[str, str], breaks: Mapping[str, str]) -> None:
    """The question and the groups that were chosen, and how they meet."""
    top = st.container()
    asked = (
        questions | {ALL: f"全部题目（{len(questions)} 道）"} if len(questions) > 1 else questions
    )
    question = ui.one_of("题目", asked, name="q", width=440)
    groups = {key: label for key, label in breaks.items() if key != question}
    recorded = ui.recorded(context, "crosstab", "breaks")
    chosen = {"rows": [question]} | ui.heads.asked(context, groups, default=recorded)
    with top:
        ui.heading(context, "crosstab", fixed=chosen)
    slot = st.container(width="content")
    if result := ui.worked_out(context, "crosstab", changes=chosen):
        with slot:
            ui.record(context, "crosstab", chosen)
        if (
            result.tables["table"]["question"].n_unique() > 1
        ):  # all questions, or the rows of a matrix
            asked = ui.choices(context, "table_rows")
            ui.book.draw(context, result, asked=asked, changes=chosen)
        else:
            ui.body(context, "crosstab", result, changes=chosen)
        with st.expander("导出全部题目的表册（xlsx）", icon=":material/table_view:"):
            handing.table_book(context, breaks=chosen["breaks"], head=chosen["banner"])
        ui.next_step(context, ui.places.TOPICS, "听他们自己怎么说")


def means(context: Context) -> None:
    """The scores of all questions against any breaks."""
    if not ui.is_ready(context, "means"):
        return
    groups = ui.choices(context, "crossing")
    if not groups or not ui.choices(context, "scored_questions"):
        _lacks(context, "means", "评分、NPS 或数值题，以及用来比较的人群")
        return
    top = st.container()
    chosen = ui.heads.asked(context, groups, default=ui.recorded(context, "means", "breaks"))
    with top:
        ui.heading(context, "means", fixed=chosen)
    if result := ui.worked_out(context, "means", changes=chosen):
        ui.body(context, "means", result, changes=chosen)
