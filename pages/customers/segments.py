"""客户 · 分层: who is worth what, and what each segment looks like."""

from __future__ import annotations

from pages import ui

VIEWS = {"rfm": "客户分层", "segment_profile": "各层画像"}

context = ui.enter()
key = ui.view(VIEWS)
if ui.is_ready(context, key) and ui.show(context, key):
    ui.next_step(context, ui.places.MATRIX, "看每个人群需要什么")
