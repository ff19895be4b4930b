"""The words of a study on the screen: one list edited as text, what it changes, files, and suggested new words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import Imported
from insight.schema.lexicon import PART_LABELS, Lexicon, Part
from pages.ui import changing, drafts, entry, taking
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried, worked_out
from pages.ui.words import md_text

EXPLAINED: dict[Part, str] = {
    "words": "每行一个词，会作为整词切出来；后面可以写词频和词性，如“续航焦虑 100 n”，不写也有效。",
    "phrases": "每行一个短语，无论上下文都当成一个词。",
    "stop_words": "每行一个词，不参加词频、主题和特征词的统计。",
    "synonyms": "每行一组：标准词 = 同义词, 同义词。同义词、品牌的各种写法都按标准词计数。",
    "apart": "每行一个词：词典里有，但在这份研究里要拆开。",
    "kept_words": "每行一个词：在内置停用词里，但在这份研究里要参加统计。",
    "rejected": "每行一个词：新词发现里不再提示。",
}
_MOST_BAD = 5


def editor(context: Context, part: Part) -> None:
    """One list as text; the comments it cuts differently show before it is saved."""
    st.caption(EXPLAINED[part])
    before = pipeline.part_text(context.study, part)
    place = f"lexicon:{part}"
    text = entry.text_area(PART_LABELS[part], before, height=260, key=kept(place, context.revision))
    is_changed = text != before
    read = tried(lambda: pipeline.edit_lexicon(context.study, part, text)) if is_changed else None
    if isinstance(read, InsightError):
        st.warning(md_text(str(read)), icon=":material/info:")
    elif read:
        _bad_lines(read)
        _save(context, read.lexicon, key=f"save:{part}")
        preview(context, read.lexicon)
    else:
        changing.button("保存词库", disabled=True, icon=":material/save:", key=f"save:{part}")


def _save(context: Context, edited: Lexicon, *, key: str) -> None:
    if changing.button("保存词库", type="primary", icon=":material/save:", key=key):
        pipeline.set_lexicon(context.study, edited, parent=drafts.parent(context, "lexicon:"))
        forget()
        st.rerun()


def _bad_lines(read: Imported) -> None:
    for line, text, reason in read.bad[:_MOST_BAD]:
        st.warning(md_text(f"第 {line} 行“{text[:20]}”不会收入：{reason}"), icon=":material/info:")
    if len(read.bad) > _MOST_BAD:
        st.caption(f"还有 {len(read.bad) - _MOST_BAD} 行不会收入。")


def preview(context: Context, edited: Lexicon) -> None:
    """The twenty comments that an edit changes most, cut before and after."""
    seen = tried(lambda: pipeline.try_lexicon(context.study, edited))
    if isinstance(seen, InsightError):
        return
    st.markdown(f"**{seen.base:,} 条文本里有 {seen.n_texts:,} 条的切词会变**")
    if seen.n_texts:
        st.caption("括号里的词不参加统计。变化最大的 20 条：")
        columns = {
            "text": st.column_config.TextColumn("原文", width="medium"),
            "before": st.column_config.TextColumn("现在的切词", width="large"),
            "after": st.column_config.TextColumn("修改后的切词", width="large"),
        }
        st.dataframe(
            seen.texts.select("text", "before", "after"), column_config=columns, hide_index=True,
            alt="切词在修改前后的对照",
        )  # fmt: skip


def files(context: Context, part: Part) -> None:
    """Read a word list into the chosen list, or take the whole lexicon away as text."""
    given = entry.file_uploader(
        f"从文本文件收入“{PART_LABELS[part]}”",
        type=["txt", "dic", "csv"],
        key=f"lexicon:file:{part}:{context.revision}",
        help="每行一个词；jieba 用户词典和本页导出的词库都能读，编码自动识别。",
    )
    text = pipeline.lexicon_text(context.study).encode()
    taking.button("导出整个词库", text, "词库.txt", study=context.study)
    if given is None:
        return
    read = tried(
        lambda: pipeline.read_lexicon(context.study, given.getvalue(), name=given.name, part=part)
    )
    if isinstance(read, InsightError):
        st.warning(md_text(str(read)), icon=":material/info:")
        return
    unsaid = read.n_read - read.n_taken
    more = f"，另有 {unsaid:,} 个没有出现在文本里，不影响切词，不收入" if unsaid else ""
    st.info(f"读到 {read.n_read:,} 个，可以收入 {read.n_taken:,} 个{more}。", icon=":material/info:")  # fmt: skip
    _bad_lines(read)
    _save(context, read.lexicon, key="save:file")
    preview(context, read.lexicon)


def suggestions(context: Context) -> None:
    """New words to be taken into the dictionary or never to be suggested again."""
    result = worked_out(context, "new_words")
    if not result:
        return
    table = result.tables["candidates"]
    if not table.height:
        st.caption("没有新的候选词。")
        return
    st.caption("勾选以后收入词库或不再提示；互信息越高越像一个固定的词，邻字的熵越高越能独立使用。")
    columns = {
        "word": "词",
        "n": st.column_config.NumberColumn("出现次数", format="localized"),
        "pmi": st.column_config.NumberColumn("互信息", format="%.1f"),
        "entropy": st.column_config.NumberColumn("邻字的熵", format="%.1f"),
    }
    event: Any = st.dataframe(
        table, column_config=columns, hide_index=True, height=420, alt="候选新词", on_select="rerun",
        selection_mode="multi-row", key=f"new_words:{context.name}:{context.revision}",
    )  # fmt: skip
    chosen = [str(table["word"][at]) for at in event.selection.rows if at < table.height]
    _decide(context, chosen)


def _decide(context: Context, chosen: list[str]) -> None:
    left, right = st.columns(2)
    with left:
        take = changing.button(f"收入词库（{len(chosen)}）", type="primary", disabled=not chosen, icon=":material/check:")  # fmt: skip
    with right:
        refuse = changing.button(f"不再提示（{len(chosen)}）", disabled=not chosen, icon=":material/close:")  # fmt: skip
    if take or refuse:
        act = pipeline.accept_words if take else pipeline.reject_words
        act(context.study, chosen, parent=context.revision)
        forget()
        st.rerun()
