"""数据 · 题目: what kind every question is, whom its shares are of, its options, and recodes of it."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.schema import QuestionKind
from pages import ui
from pages.ui import changing, drafts, questioning, recoding

TITLE = "每道题是什么题型，怎样计数？"


def kinds(index: int) -> None:
    """The kinds of one questionnaire file; saving reads it again."""
    asked = questioning.all_of(context, index)
    draft = drafts.draft(context, "kinds", of=index)
    changes = questioning.edit(asked, key=draft.key)
    decided = pipeline.source_now(context.study, index).decisions
    wanted = {**decided.kinds, **{q: pipeline.kind_of(label) for q, label in changes.items()}}
    save = changing.button("保存题型", type="primary", disabled=not changes, icon=":material/save:")
    changed = decided.model_copy(update={"kinds": wanted})
    questioning.save(context, index, changed, parent=draft.parent, is_wanted=save)


def one(index: int) -> None:
    """One question: how its cells are taken apart, its options, and what may be made of it."""
    known = {q.id: q for q in questioning.all_of(context, None)}
    st.header("一道题的选项和重编码", anchor=False)
    names = {id_: f"{id_} {q.wording}" for id_, q in known.items()}
    question = known[ui.one_of("题目", names, name="question", width=440)]
    left, right = st.columns(2, gap="large")
    with left:
        questioning.options(question)
        if question.kind is QuestionKind.MULTI and question.separator:
            mark = questioning.splitting(question)
            decided = pipeline.source_now(context.study, index).decisions
            marks = {**decided.separators, question.id: mark or ""}
            changed = decided.model_copy(update={"separators": marks})
            again = changing.button(
                "按这个符号拆分", disabled=mark is None, icon=":material/call_split:"
            )
            questioning.save(context, index, changed, parent=context.revision, is_wanted=again)
    with right:
        recoding.panel(context, question)
    if pipeline.recodes(context.study):
        st.header("已记录的重编码", anchor=False)
        recoding.recorded(context)


ui.require("view")
context = ui.enter()
surveys = {
    str(at): f"{s['file']}｜{s['sheet']}（{s['rows']:,} 份）"
    for at, s in enumerate(context.status.sources)
    if s["table"] == "responses"
}
if not surveys:
    ui.need_files(
        context,
        TITLE,
        answers="导入问卷后，这里逐题列出题型、基数和选项，题型可以改，选项可以合并、改名、分段。",
        needs="需要一份问卷。",
    )
else:
    st.title(TITLE, anchor=False)
    source = int(ui.one_of("问卷文件", surveys, name="source", width=440))
    kinds(source)
    one(source)
    ui.next_step(context, ui.places.TABLES, "看每道题的结果")
