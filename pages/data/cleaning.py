"""数据 · 清洗: which rules raw order rows passed, what is left of them, and other rules for a file."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from pages import ui
from pages.ui import changing, drafts, paying, ruling

KEY = "waterfall"


def rules() -> None:
    """The rules of one file; saving makes a new revision on top of the one that was shown."""
    st.header("改规则", anchor=False)
    paying.ask(context)
    files = {
        str(at): f"{one['file']}｜{one['sheet']}（{one['rows']:,} 行）"
        for at, one in enumerate(context.status.sources)
        if one["table"] == "orders"
    }
    index = int(ui.one_of("订单文件", files, name="source", width=440))
    dates = pipeline.dates_of(context.study, index)
    key = f"edit:rules:{index}"
    with st.container(border=True, gap="xsmall"):
        changes = ruling.edit(
            pipeline.rules_of(context.study, index), dates, key=key, revision=context.revision
        )
    is_changed = bool(changes.rules) or changes.day_first is not None
    if is_changed:
        after = ruling.tried(context, index, changes)
        if after is not None:
            ruling.preview(pipeline.steps_of(context.study, index), after)
    wanted = changing.button(
        "保存规则",
        type="primary",
        disabled=not is_changed,
        icon=":material/save:",
        key="save_rules",
    )
    ruling.save(context, index, changes, parent=drafts.parent(context, key), is_wanted=wanted)


ui.require("view")
context = ui.enter()
if ui.is_ready(context, KEY):
    ui.show(context, KEY)
    rules()
    ui.next_step(context, ui.places.MATCH, "看答卷对应上了多少客户")
