"""声音 · 专项方法: Kano, opportunity, importance and performance, drivers, and the other methods of the field."""

from __future__ import annotations

from pages import ui
from pages.ui import pairing

# What an analysis asks above its answer.
ASKED = {
    "kano": ("by",),
    "opportunity": ("by",),
    "drivers": ("outcome",),
    "ipa": ("source", "cross"),
    "penalty_reward": ("outcome",),
}

ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.RESEARCH)
if ui.is_ready(context, key):
    result = ui.show_with(context, key, ASKED.get(key, ()))
    if key == "kano":
        pairing.halves(context, key, result)
    if result:
        ui.next_step(context, ui.places.MATRIX, "看每个人群需要什么")
