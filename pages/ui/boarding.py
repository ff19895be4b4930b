"""The priority board: one card for each suggestion, with why, how, and buttons to act on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from insight.analysis import Result
from insight.wording import count, decimal, money, percent
from pages.ui import places, promising, showing
from pages.ui.gate import Context
from pages.ui.people import Opener
from pages.ui.words import md_text

MOST_CARDS = 10
EFFORTS = {1: "几天", 2: "几周", 3: "几个月"}
_STEPS = {
    "动作": "action", "权益": "offer", "渠道": "channel", "时间": "timing", "负责人": "owner", "衡量指标": "kpi",
    "读数方法": "readout", "风险": "risk",
}  # fmt: skip
Row = Mapping[str, Any]


def drawn(context: Context) -> Callable[[Result, Opener], None]:
    """What draws the board of a study."""

    def draw(result: Result, opened: Opener) -> None:
        showing.picture(result, opened, name="")
        rows = result.tables["actions"].to_dicts()
        for row in rows[:MOST_CARDS]:
            with st.container(border=True, gap="xsmall"):
                _card(context, row)
        if len(rows) > MOST_CARDS:
            st.caption(f"另有 {count(len(rows) - MOST_CARDS)} 条，见下面的表。")

    return draw


def _card(context: Context, row: Row) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
        st.subheader(f"{row['rank']}. {md_text(row['target'])}", anchor=False, width="stretch")
        st.badge(f"优先级 {decimal(row['priority'], digits=1)}")
    st.markdown(md_text(row["brief"]))
    st.caption(md_text(
        f"{count(row['n_customers'])} 人，预计未来 12 个月消费 {money(row['expected_spend'])}；影响 {row['impact']}/5，"
        f"置信度 {percent(row['confidence'], digits=0)}，投入{EFFORTS[row['effort']]}；"
        f"预期增加 {money(row['low_impact_amount'])}、{money(row['impact_amount'])}、{money(row['high_impact_amount'])}（低、中、高，规则库的假设）"
    ))  # fmt: skip
    st.markdown(f"依据：{md_text(row['because'])}")
    with st.expander("怎么做，怎么衡量"):
        told = ((name, row[field]) for name, field in _STEPS.items() if row[field])
        st.markdown("\n".join(f"- {name}：{md_text(text)}" for name, text in told))
    _buttons(context, row)


def _buttons(context: Context, row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if row["target"] != "全部客户":
            choice = {"view": "campaign", "action": row["rule"], "for": row["rule"], "only": row["target"]}  # fmt: skip
            places.link(places.CAMPAIGNS, study=context.name, label="生成名单", **choice)
        promising.ask(context, row)
