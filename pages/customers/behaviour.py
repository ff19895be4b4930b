"""客户 · 行为: how sales move, what is bought together, where and when."""

from __future__ import annotations

from pages import ui

ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.BEHAVIOUR)
if ui.is_ready(context, key) and ui.show_of_customers(context, key):
    ui.next_step(context, ui.places.SEGMENTS, "看这些金额来自哪些客户")
