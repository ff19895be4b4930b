"""需求 · 需求×人群: what each group needs, what stands behind it, what comes first, and in whose words."""

from __future__ import annotations

import streamlit as st

from insight.analysis import Result
from pages import ui
from pages.ui import needing

KEY, STATEMENTS = "needs_by_segment", "statements"
BESIDE = {KEY: ("vote",), "priorities": ()}  # what is asked beside the groups, above the answer
DRAWN = {KEY: needing.draw}  # what stands in the place of a picture


def by_groups(key: str) -> Result | None:
    """One analysis by the groups chosen here, which stay in the address."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        groups = ui.choices(context, "breaks")
        by = ui.one_of("人群", groups, name="by", default=ui.recorded(context, key, "by"))
        chosen = {"by": by, **ui.live(context, key, BESIDE[key])}
        slot = st.container(width="content")
    with top:
        ui.heading(context, key, fixed=chosen)
    result = ui.worked_out(context, key, changes=chosen)
    if result:
        with slot:
            ui.record(context, key, chosen)
        ui.body(context, key, result, changes=chosen, drawn=DRAWN.get(key))
    return result


ui.require("view")
context = ui.enter()
if ui.is_ready(context, KEY):
    view = ui.analysis(ui.places.MATRIX, also={STATEMENTS: "需求陈述"})
    if view == STATEMENTS:
        st.title("每项需求一句话怎么说？", anchor=False)
        if result := ui.worked_out(context, KEY):
            needing.statements(context, result)
    else:
        result = by_groups(view) if view in BESIDE else ui.show(context, view)
        if result and view == KEY:
            needing.cards(context, result)
    if result:
        ui.next_step(context, ui.places.REPORT, "写成报告")
