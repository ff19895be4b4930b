"""管理 · 任务: the long work of this study: who asked for what, how far it is, cancel it, or begin again."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import working

ui.require("view")
context = ui.enter()
st.title("有哪些任务正在进行，还要多久？", anchor=False)
st.markdown("任务在另外的进程里进行，不影响别人操作；关掉网页也会继续，做完的结果会留着。")
working.table(context)
ui.next_step(context, ui.places.OVERVIEW, "回到概览")
