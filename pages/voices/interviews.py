"""声音 · 访谈: who speaks in each interview, in which role, and what was said."""

from __future__ import annotations

from pages import ui
from pages.ui import speaking

ui.require("view")
context = ui.enter()
if not (known := speaking.interviews(context)):
    ui.need_files(
        context,
        speaking.QUESTION,
        answers="导入访谈后，这里逐份列出说话人、说了多少、像是访问员还是受访者，可以改；下面按时间读原话。",
        needs="需要访谈文件：Word、txt、PDF、字幕，或把它们放进一个 zip。",
    )
else:
    index = speaking.chosen(known)
    speaking.roles(context, index)
    speaking.read(context, index, name=known[index])
    ui.next_step(context, ui.places.TOPICS, "看他们在说什么")
