"""声音 · 主题与原话: what people talk about, in their own words, and who says what."""

from __future__ import annotations

from pages import ui

context = ui.enter()
key = ui.analysis(ui.places.TOPICS)
if ui.is_ready(context, key) and ui.show(context, key):
    ui.next_step(context, ui.places.MATRIX, "看这些需求来自哪些人群")
