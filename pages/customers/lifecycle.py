"""客户 · 生命周期与价值: how far customers have come, whether they return, and what they will be worth."""

from __future__ import annotations

from pages import ui

ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.LIFECYCLE)
if ui.is_ready(context, key) and ui.show_of_customers(context, key):
    ui.next_step(context, ui.places.MATRIX, "看每个人群需要什么")
