"""声音 · 词与原话: which words are said, by whom, with what beside them, and where."""

from __future__ import annotations

import streamlit as st

from pages import ui

# What an analysis asks above its answer.
ASKED = {
    "word_cloud": ("kind",),
    "keyness": ("by",),
    "network": ("unit", "measure"),
    "word_map": ("by",),
    "kwic": ("phrase", "sort", "by"),
    "similar": ("text", "by"),
}


def alike(text_id: str) -> bool:
    """The comments most like one that was picked elsewhere; whether there is an answer."""
    chosen = {"text_id": text_id}
    top = st.container()
    if st.button("换成自己写的一句话", icon=":material/edit:"):
        del st.query_params["like"]
        st.rerun()
    with top:
        ui.heading(context, key, fixed=chosen)
    if result := ui.worked_out(context, key, changes=chosen):
        ui.body(context, key, result, changes=chosen)
    return result is not None


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.WORDS)
like = st.query_params.get("like", "")
if ui.is_ready(context, key):
    is_picked = key == "similar" and like
    shown = alike(like) if is_picked else ui.show_with(context, key, ASKED.get(key, ()))
    if shown:
        ui.next_step(context, ui.places.TOPICS, "看这些话归成哪些主题")
