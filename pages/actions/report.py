"""行动 · 报告: everything that can be said, in one file to hand over."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.pipeline import jobs
from pages import ui
from pages.ui import handing, reported

FORMS = {"docx": "Word（docx）", "html": "网页（html）"}
MIMES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
}


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


def build(form: str) -> None:
    """Work everything out that is not kept yet, and lay it out; the step is shown while it goes on."""
    data = ui.awaited("report", made_of(form), lambda: jobs.report(context.study, form))
    if data:
        st.session_state["report"] = (made_of(form), data)


def offer(form: str) -> None:
    """The finished file, if it belongs to what is on the screen now."""
    kept, data = st.session_state.get("report", (None, b""))
    if kept == made_of(form):
        name = f"{context.name}_客户数据分析报告及营销策略建议.{form}"
        st.download_button(f"下载 {FORMS[form]}", data, name, MIMES[form], on_click="ignore", icon=":material/download:")  # fmt: skip


def made_of(form: str) -> tuple[str, int, str]:
    """What a finished report belongs to."""
    return context.study.id, context.revision, form


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
    with st.container(horizontal=True, vertical_alignment="center"):
        form = ui.view(FORMS, name="format")
        wanted = st.button("生成报告", type="primary", icon=":material/description:")
    if wanted or ui.is_asked("report", made_of(form)):
        build(form)
    offer(form)
    chapters()
    handing.section(context)
    ui.next_step(context, ui.places.OVERVIEW, "回到概览")
