"""工作台 · 步骤: every change of the study in words, two versions compared, and the way back to one."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import stepping

ui.require("view")
context = ui.enter()
st.title("这份研究是怎么一步步做出来的？", anchor=False)
stepping.listed(context)
ui.next_step(context, ui.places.OVERVIEW, "回到概览")
