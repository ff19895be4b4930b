"""声音 · 词库: the words of the study, edited with a look at what changes, and suggested new ones."""

from __future__ import annotations

import streamlit as st

from insight.schema.lexicon import PART_LABELS
from pages import ui
from pages.ui import filing, word_lists

VIEWS = {"edit": "编辑词库", "suggest": "新词发现"}

ui.require("view")
context = ui.enter()
if ui.is_ready(context, "new_words"):
    view = ui.view(VIEWS)
    if view == "suggest":
        st.title(ui.find("new_words").question, anchor=False)
        word_lists.suggestions(context)
    else:
        st.title("哪些词要当成一个词，哪些不算，哪些合起来算？", anchor=False)
        labels = {part: PART_LABELS[part] for part in word_lists.EXPLAINED}
        chosen = ui.one_of("词表", labels, name="part")
        part = next(known for known in word_lists.EXPLAINED if known == chosen)
        word_lists.editor(context, part)
        with st.expander("导入和导出", icon=":material/swap_vert:"):
            word_lists.files(context, part)
        filing.words(context)
    ui.next_step(context, ui.places.WORDS, "看这些词有多少人说")
