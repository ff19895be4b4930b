"""客户 · 行为: how sales move over time."""

from __future__ import annotations

from pages import ui

KEY = "sales_trend"

context = ui.enter()
if ui.is_ready(context, KEY) and ui.show(context, KEY):
    ui.next_step(context, ui.places.SEGMENTS, "看这些金额来自哪些客户")
