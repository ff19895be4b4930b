"""数据 · 答卷质量: which questionnaires deserve a second look, and which of them no analysis counts."""

from __future__ import annotations

from pages import ui
from pages.ui import leaving_out

KEY = "response_quality"

ui.require("view")
context = ui.enter()
if ui.is_ready(context, KEY) and (result := ui.show(context, KEY)):
    leaving_out.rule(context, result.tables["cases"])
    ui.next_step(context, ui.places.MATCH, "看答卷对应上了多少客户")
