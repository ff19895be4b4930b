"""A book of tables on the screen: the tables of all questions one below the other, under one head."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from insight.analyses import find
from insight.analysis import Result
from pages.ui import only, reported, showing, tables, taking
from pages.ui.gate import Context
from pages.ui.words import md_text

A_PAGE = 10  # tables shown at once
MEASURES = {"share": "占比", "row_share": "行百分比", "tgi": "TGI", "n": "人数"}


def draw(context: Context, result: Result, *, asked: Mapping[str, str], changes: Mapping[str, object]) -> None:  # fmt: skip
    """The first findings, every table with its letters, the downloads, and how.

    Parameters
    ----------
    asked : question id -> what the screen calls it
    changes : the parameters that the page asks for
    """
    reported.carry_out()
    told, taken = st.columns((4, 1), vertical_alignment="top")
    with told:
        showing.answer(result.findings)
    with taken:
        reported.button(context, "crosstab", changes)
    showing.others(result.findings)
    cells = result.tables["table"]
    ids: list[str] = cells["question"].unique(maintain_order=True).to_list()
    with st.container(horizontal=True, vertical_alignment="center"):
        measure = st.segmented_control(
            "单元格", list(MEASURES), default="share", format_func=MEASURES.__getitem__, required=True, key="book:measure", label_visibility="collapsed"
        )  # fmt: skip
        at = st.selectbox(
            "页", _pages(ids), key="book:page", width=220, label_visibility="collapsed"
        )
        taking.tables(context, result.tables, "table", stem=f"{context.name}_交叉表")
    only.tell(result)
    letters = showing.letters_in(result, cells)
    if len(_matrices(result)) == 1:  # its rows side by side, before the tables of each
        st.subheader(md_text(_matrices(result)[0]), anchor=False)
        tables.draw(result.tables["grids"], alt="矩阵题一览", letters=letters)
    first = _pages(ids).index(at) * A_PAGE
    for question in ids[first : first + A_PAGE]:
        st.subheader(md_text(asked.get(question, question)), anchor=False)
        part = cells.filter(question=question)
        means = showing.beneath(result, question)
        tables.draw(
            part, alt=f"{question} 按人群", letters=letters, measure=str(measure), means=means
        )
    showing.method(find("crosstab"), result)


def _matrices(result: Result) -> list[str]:
    """The matrices in words that the result tells at a glance."""
    grids = result.tables.get("grids")
    return [] if grids is None else grids["grid"].unique(maintain_order=True).to_list()


def _pages(ids: list[str]) -> list[str]:
    """What the parts of a long book are called: by their first and last question."""
    parts = [ids[at : at + A_PAGE] for at in range(0, len(ids), A_PAGE)]
    return [part[0] if len(part) == 1 else f"{part[0]} 至 {part[-1]}" for part in parts]
