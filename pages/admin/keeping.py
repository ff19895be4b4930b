"""管理 · 备份与审计: is the data whole, a copy of it, who did what, and who shall no longer be in it."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import agreed, safe

VIEWS = {"keep": "完好与备份", "terms": "约定", "log": "操作记录", "person": "删除个人"}
QUESTIONS = {
    "keep": "数据还完好吗，有没有备份？",
    "terms": "数据能用到什么时候，要多小心？",
    "log": "谁改过、导出过、删除过什么？",
    "person": "有人要求删除自己的资料？",
}

ui.require("manage")
context = ui.enter()
view = ui.view(VIEWS)
st.title(QUESTIONS[view], anchor=False)
if view == "keep":
    safe.checked(context)
    left, right = st.columns(2)
    with left:
        safe.backed_up(context)
    with right:
        safe.restored()
elif view == "terms":
    agreed.ask(context)
elif view == "log":
    safe.log(context)
else:
    safe.person(context)
ui.next_step(context, ui.places.OVERVIEW, "回到概览")
