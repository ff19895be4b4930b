"""客户 · 人群: named audiences by rules over purchases, groups, answers and words, for every page."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from pages import ui
from pages.ui import building, targeting

VIEWS = {"audiences": "已有的人群", "build": "新建或修改"}


def saved() -> None:
    """The audiences of the study: their sizes, overlap, rules and people."""
    if ui.show(context, "audiences"):
        targeting.listed(context, known)
        ui.next_step(context, ui.places.MATRIX, "看这个人群需要什么")


def build() -> None:
    """The builder, for a new audience or one of those that were saved."""
    st.title("哪些人同时符合这些条件？", anchor=False)
    by_name = {one.name: one for one, _ in known}
    options = {"": "（新建一个）"} | {name: name for name in by_name}
    of = ui.one_of("改哪一个", options, name="audience") if known else ""
    building.builder(context, by_name.get(of))
    ui.next_step(context, ui.places.SEGMENTS, "看客户怎么分层")


ui.require("view")
context = ui.enter()
if ui.is_ready(context, "audiences"):
    known = pipeline.audiences(context.study)
    view = ui.view(VIEWS) if known else "build"
    {"audiences": saved, "build": build}[view]()
