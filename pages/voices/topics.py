"""声音 · 主题与原话: what people talk about, in their own words, who says what, and topics as a person wants them."""

from __future__ import annotations

from pages import ui
from pages.ui import topic_editing


def shown(key: str) -> bool:
    """Draw one view; whether there is an answer."""
    if key == "edit":
        return topic_editing.edit(context) is not None
    if key == "topic_table":
        return ui.show_with(context, key, ("breaks",)) is not None
    result = ui.show(context, key)
    if result:
        topic_editing.lights(result)
        ui.link(ui.places.TOPICS, study=context.name, label="合并、拆分、改名或移动", view="edit")
    return result is not None


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.TOPICS, also={"edit": "编辑主题"})
if ui.is_ready(context, "topics" if key == "edit" else key) and shown(key):
    ui.next_step(context, ui.places.MATRIX, "看这些需求来自哪些人群")
