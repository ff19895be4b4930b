"""声音 · 编码: the codebook, coding by keyboard, a blind check, and what comes of it."""

from __future__ import annotations

from pages import ui
from pages.ui import codebook, coding, filing

VIEWS = {
    "coding": "结果", "code": "编码", "audit": "抽查", "book": "编码本", "need_statements": "需求语句", "sentiment": "情感",
}  # fmt: skip

ui.require("view")
context = ui.enter()
if ui.is_ready(context, "coding"):
    view = ui.view(VIEWS)
    if view == "book":
        codebook.edit(context)
    elif view in ("code", "audit"):
        coding.desk(context, "audit" if view == "audit" else "code")
    elif ui.show(context, view):
        if view == "coding":
            filing.codes(context)
        ui.next_step(context, ui.places.MATRIX, "看这些需求来自哪些人群")
