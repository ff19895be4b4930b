"""数据 · 映射: what every column is, and which rows were changed or left out."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from pages import ui
from pages.ui import drafts, gate, recognising, roles

ISSUES = {
    "file": "文件", "table": "表", "reason": "原因", "action": "处理", "n": "处数", "line": "行号", "column": "列", "value": "原值",
}  # fmt: skip


def chosen() -> int:
    """The source that is edited."""
    names = {
        str(at): f"{one['file']}｜{one['sheet']}（{ui.tables.word(str(one['table']))}，{one['rows']:,} 行）"
        for at, one in enumerate(context.status.sources)
    }  # fmt: skip
    return int(ui.one_of("数据来源", names, name="source", width=440))


def mapping(index: int) -> None:
    """The roles of one source; saving makes a new revision on top of the one that was shown."""
    source = context.status.sources[index]
    draft = drafts.draft(context, "roles", of=index)
    if source["recognised"]:
        st.caption(recognising.said(str(source["recognised"]), source["confidence"]))
    columns = roles.of_source(context, index)
    changes = roles.edit(str(source["table"]), columns, key=draft.key)
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button("保存映射", type="primary", disabled=not changes, icon=":material/save:")
        recognising.keep(context, index, has_edits=bool(changes))
        with st.popover("移除这个文件", type="tertiary", icon=":material/delete:"):
            st.markdown("移除后，结果里不再有这份数据；以前的版本仍保留它，可以随时重新导入。")
            if st.button("确认移除", key="remove"):
                pipeline.remove(context.study, index, parent=draft.parent)
                ui.forget()
                st.rerun()
    roles.save(context, index, changes, parent=draft.parent, is_wanted=wanted)


def issues() -> None:
    """What cleaning changed or left out: the counts, then every row."""
    st.header("清洗时处理了什么", anchor=False)
    if not context.status.issues:
        st.markdown("没有发现需要处理的行。")
        return
    counted = [one | {"table": ui.tables.word(str(one["table"]))} for one in context.status.issues]
    st.dataframe(counted, column_config=ISSUES, column_order=["table", "reason", "action", "n"], hide_index=True, alt="问题汇总")  # fmt: skip
    found = gate.remembered(context.study, context.revision, what="issues", step="正在读取逐行的问题", work=lambda: pipeline.issues(context.study))  # fmt: skip
    with st.expander(f"逐行列出（{found.height:,} 处）", icon=":material/list:"):
        st.dataframe(ui.tables.spoken(found).to_arrow(), column_config=ISSUES, hide_index=True, placeholder="—", alt="逐行问题")  # fmt: skip
        stem = f"{context.name}_清洗问题"
        ui.taking.tables(context, {"issues": found}, "issues", stem=stem, right="export_rows")


ui.require("export_rows")
context = ui.enter()
if not context.status.sources:
    ui.need_files(
        context,
        "每一列是什么，哪些行没有用上？",
        answers="导入文件后，这里逐列列出识别结果，可以改；清洗时改动或没有导入的每一行都带着原因。",
        needs="需要至少一个文件。",
    )
else:
    st.title("每一列是什么，哪些行没有用上？", anchor=False)
    mapping(chosen())
    issues()
    ui.next_step(context, ui.places.MATCH, "看答卷对应上了多少客户")
