"""行动 · 报告: everything that can be said, in one file to hand over."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from pages import ui
from pages.ui import delivering, handing, reported


def chapters() -> None:
    """What goes into the report: what was chosen, else everything that can be answered."""
    st.header("报告里有什么", anchor=False)
    if pipeline.picks(context.study):
        st.caption("只收录下面这些结果和当时的设定；报告按固定大纲分部分，同一部分里按这里的顺序。")
        reported.listed(context)
        return
    st.caption("收录全部能回答的分析。想自己挑选，就在各分析页点“加入报告”。")
    rows = [
        {
            "分析": one.title,
            "回答的问题": one.question,
            "收录": f"没有收录：缺{ui.lacking_words(one.lacking)}" if one.lacking else "收录",
        }
        for one in context.status.readiness
    ]
    st.dataframe(rows, hide_index=True, height="content", alt="报告的章节")


ui.require("view")
context = ui.enter()
if not context.ready:
    ui.need_files(
        context,
        "怎样把结果交出去？",
        answers="全部分析的结论、图表、口径和营销策略建议，写成一份可以直接交付的报告，每个数字都能查到出处。",
        needs="需要至少一个能回答的问题，先导入数据。",
    )
else:
    reported.carry_out()
    st.title("怎样把结果交出去？", anchor=False)
    st.markdown(
        "《客户数据分析报告及营销策略建议》：结论、图表、口径和策略建议，每个数字都能查到出处。"
    )
    delivering.section(context)
    chapters()
    handing.section(context)
    ui.next_step(context, ui.places.OVERVIEW, "回到概览")
