"""The codebook on the screen: its needs, a rule with its hits while it is typed, and files in and out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema.codebook import LONGEST_CODE, Code, Codebook
from pages.ui import autosave, changing, coding, entry, rule_rows, signing, taking
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.marking import marked
from pages.ui.states import forget, tried
from pages.ui.words import md_text

NEW = ""


def edit(context: Context) -> None:
    """Choose a need or begin one; below it the rule, what it finds, and the files."""
    st.title("大家说的话，归入哪些需求？", anchor=False)
    book = pipeline.codebook(context.study)
    if not book:
        _begin(context)
    picked = _chosen(book)
    code = book.named(picked) or Code(name="新需求")
    st.fragment(signing.signed(_form))(context, code, is_new=picked == NEW)
    _files(context, book)


def _begin(context: Context) -> None:
    with st.container(border=True):
        st.markdown(
            "还没有编码本。可以从通用编码本（质量、价格、物流、客服……）开始，再改成自己的，也可以导入或从头写。"
        )
        if changing.button("从通用编码本开始", type="primary", icon=":material/menu_book:"):
            _done(lambda: pipeline.set_codebook(context.study, pipeline.starter_codebook(), parent=context.revision, note="用通用编码本开始"))  # fmt: skip


def _chosen(book: Codebook) -> str:
    names = {code.key: code.name for code in book.codes} | {NEW: "＋ 新需求"}
    picked = st.pills("需求", list(names), default=next(iter(names)), format_func=lambda k: md_text(names[k]), required=True, key="choose:code", label_visibility="collapsed")  # fmt: skip
    return str(picked)


def _form(context: Context, code: Code, *, is_new: bool) -> None:
    stem = f"edit:code:{context.name}:{'' if is_new else code.key}"
    left, right = st.columns(2, gap="medium")
    with left:
        name = entry.text_input("需求名称", "" if is_new else code.name, max_chars=LONGEST_CODE, key=kept(f"{stem}:name"))  # fmt: skip
        about = entry.text_input("说明", code.description, key=kept(f"{stem}:about"))
        rules = _rules(code, stem=stem)
        saved, removed = st.columns(2)
        with saved:
            is_saved = changing.button("保存需求", type="primary", disabled=not name.strip(), icon=":material/save:", key=f"{stem}:save")  # fmt: skip
        with removed:
            is_gone = not is_new and changing.button("删除", type="tertiary", icon=":material/delete:", key=f"{stem}:gone")  # fmt: skip
        if is_saved:
            _done(lambda: pipeline.save_code(context.study, Code(name=name, description=about, rules=rules), instead_of=NEW if is_new else code.key, parent=context.revision))  # fmt: skip
        if is_gone:
            _done(lambda: pipeline.remove_code(context.study, code.key, parent=context.revision))
    with right:
        _hits(context, rules)
    autosave.save()  # it runs without the rest of the page


def _rules(code: Code, *, stem: str) -> tuple[str, ...]:
    """The rules as written, one a box, each with its rows beside it; the last box is empty."""
    told = []
    for at, rule in enumerate((*code.rules, "")):
        label = f"规则 {at + 1}" if rule else "再加一条规则"
        text = rule_rows.written(label, rule, key=kept(f"{stem}:rule:{at}"))
        if text:
            told.append(text)
    return tuple(told)


def _hits(context: Context, rules: tuple[str, ...]) -> None:
    """What each rule finds now, or where it is wrong."""
    if not rules:
        st.caption("写下规则，这里马上显示它找到哪些原话。")
    for rule in rules:
        found = tried(lambda rule=rule: pipeline.try_rule(rule, coding.searchable(context)))  # type: ignore[misc]
        if isinstance(found, InsightError):
            st.error(f"{md_text(found.message)}\n\n{md_text(found.hint)}", icon=":material/error:")
            continue
        st.markdown(
            f"**{found.n:,} 条**原话符合（共 {found.base:,} 条，{found.n_people:,} 人）　:gray[{md_text(rule)}]"
        )
        for text in found.examples:
            st.markdown(f"> {marked(text, found.words)}")


def _files(context: Context, book: Codebook) -> None:
    with st.expander("导入、导出"):
        file = entry.file_uploader("编码本（csv、xlsx、yaml）", ["csv", "xlsx", "yaml", "yml"], key="edit:codebook:file")  # fmt: skip
        if file and changing.button(
            "用这个文件代替编码本", type="primary", icon=":material/upload:"
        ):
            _done(lambda: pipeline.import_codebook(context.study, file.getvalue(), file.name, parent=context.revision))  # fmt: skip
        if book:
            with st.container(horizontal=True):
                for ending, data in pipeline.codebook_files(context.study).items():
                    taking.button(f"导出 {ending}", data, f"编码本.{ending}", study=context.study)  # fmt: skip


def _done(work: Callable[[], object]) -> None:
    """Carry out a change and load its revision; a mistake is told."""
    outcome = tried(work)
    if isinstance(outcome, InsightError):
        st.error(f"{md_text(outcome.message)}{md_text(outcome.hint)}", icon=":material/error:")
        return
    forget()
    st.rerun()
