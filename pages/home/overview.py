"""工作台 · 概览: what is loaded, what each analysis still lacks, what changed last, and what to do next."""

from __future__ import annotations

import streamlit as st

from insight import study as store
from insight.schema import TABLES
from insight.wording import count, percent
from pages import ui
from pages.ui import answering, changing

LAST_CHANGES = 6


def loaded() -> None:
    """The tables in figures, and how many answers found their customer."""
    tables, people = context.status.tables, context.status.n_customers
    rate = None if people is None else context.status.match_rate
    with st.grid(6, min_column_width=140):
        for name, table in ((n, t) for n, t in TABLES.items() if not t.part_of):
            n, told = tables.get(name), table.grain if name in tables else "未导入"
            n, told = (people, "能识别的客户") if name == "customers" and people else (n, told)
            st.metric(table.label, count(n), delta_description=told, border=True)
        st.metric("答卷匹配率", percent(rate), delta_description="有标识的答卷", border=True)


def changes() -> None:
    """The last revisions: when, who, what."""
    st.header("最近的改动", anchor=False)
    rows = [
        {
            "版本": one.id,
            "时间": one.at[:16].replace("T", " "),
            "谁": one.author,
            "做了什么": one.note,
        }
        for one in store.history(context.study, most=LAST_CHANGES)
    ]
    st.dataframe(rows, hide_index=True, alt="最近的改动")


ui.require("view")
context = ui.enter()
if not context.status.sources:
    ui.need_files(
        context,
        f"{context.name}：从导入第一个文件开始",
        answers="订单、问卷、访谈和评论放进来之后，这里告诉你有什么、缺什么、下一步做什么。",
        needs="需要一个文件：订单（客户、时间、金额）、问卷或文本都可以。",
    )
else:
    if context.is_example:
        st.title("这是示例研究：看看能得到什么", anchor=False)
        st.markdown("里面的数据都是编的。换成你自己的文件，得到的是同样的页面和报告。")
        if changing.button("用我的数据新建研究", type="primary", icon=":material/upload_file:"):
            ui.go(ui.places.IMPORT, study=context.name)
    else:
        st.title(ui.md_text(context.name), anchor=False)
    loaded()
    ui.unpaired(context)
    answering.cards(context)
    if ui.opens(ui.places.STEPS):
        changes()
    first = context.ready[0] if context.ready else None
    place = ui.places.place_of(first.key) if first else ui.places.IMPORT
    ui.next_step(context, place, first.question if first else "导入更多数据")
