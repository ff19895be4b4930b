"""数据 · 匹配: how many of those who answered could be found among those who buy."""

from __future__ import annotations

import streamlit as st

from insight.schema import IDENTITIES, ORDERS
from insight.wording import count, percent
from pages import ui

KEY = "match"


def by_key() -> None:
    """What each kind of identity contributed."""
    if not context.status.keys:
        return
    names = {c.name: c.label for c in (*IDENTITIES, *ORDERS.columns)}
    rows = [
        {
            "数据": ui.tables.word(str(one["table"])),
            "标识": names.get(str(one["key"]), str(one["key"])),
            "有这个标识": one["n_with_key"],
            "凭它对上": one["n_matched"],
        }
        for one in context.status.keys
    ]
    st.header("凭什么对上的", anchor=False)
    st.dataframe(rows, hide_index=True, height="content", alt="各标识的匹配")
    rate = percent(context.status.match_rate)
    st.caption(
        f"有标识的答卷匹配率 {rate}；几个标识指向不同客户的有 {count(context.status.n_conflicts)} 行，以最可信的为准。"
    )


context = ui.enter()
if ui.is_ready(context, KEY) and ui.show(context, KEY):
    by_key()
    ui.next_step(context, ui.places.MATRIX, "看对应上的客户需要什么")
