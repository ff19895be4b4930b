"""需求 · 需求×人群: what each group needs most, and how much spending stands behind it."""

from __future__ import annotations

import streamlit as st

from pages import ui

KEY = "needs_by_segment"

context = ui.enter()
if ui.is_ready(context, KEY):
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        groups = ui.choices(context, "breaks")
        by = ui.one_of("人群", groups, name="by", default=ui.recorded(context, KEY, "by"))
        slot = st.container(width="content")
    with top:
        ui.heading(context, KEY, fixed={"by": by})
    if result := ui.worked_out(context, KEY, changes={"by": by}):
        with slot:
            ui.record(context, KEY, {"by": by})
        ui.body(context, KEY, result, changes={"by": by})
        ui.next_step(context, ui.places.REPORT, "写成报告")
