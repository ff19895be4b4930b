"""声音 · 加权: whom the respondents stand for, tried before it counts."""

from __future__ import annotations

from pages import ui
from pages.ui import weighing

ui.require("view")
context = ui.enter()
if ui.is_ready(context, "weights"):
    chosen = weighing.asked(context)
    result = ui.worked_out(context, "weights", changes=chosen) if chosen else None
    if result:
        weighing.use(context, chosen)
        ui.body(context, "weights", result, changes=chosen)
        ui.next_step(context, ui.places.TABLES, "看加权后的各题结果")
