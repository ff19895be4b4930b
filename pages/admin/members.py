"""管理 · 成员: who comes in, with which role, and who is signed in now."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import granting

VIEWS = {"roles": "成员与角色", "sessions": "正在登录", "log": "登录与授权记录"}
QUESTIONS = {
    "roles": "谁能进来，各能做什么？",
    "sessions": "现在谁登录着？",
    "log": "谁登录过，谁被拒绝，角色怎么变过？",
}

ui.require("manage", everywhere=True)
context = ui.enter()
if granting.is_needed():
    view = ui.view(VIEWS)
    st.title(QUESTIONS[view], anchor=False)
    {"roles": granting.roles, "sessions": granting.sessions, "log": granting.log}[view](context)
else:
    granting.alone()
ui.next_step(context, ui.places.OVERVIEW, "回到概览")
