"""数据 · 匹配: how many of those who answered could be found among those who buy."""

from __future__ import annotations

from pages import ui

KEY = "match"

context = ui.enter()
if ui.is_ready(context, KEY) and (result := ui.worked_out(context, KEY)):
    ui.show(context, KEY, result)
    ui.next_step(context, ui.places.MATRIX, "看对应上的客户需要什么")
