"""Topics on the screen as a person changes them: what was changed, with a way back, and the next change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from insight import pipeline
from insight.analysis import Result
from insight.errors import InsightError
from insight.schema.topic_edits import LONGEST_NAME, MOST_PARTS
from insight.wording import decimal
from pages.ui import changing, entry
from pages.ui.choose import one_of, recorded
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried, worked_out
from pages.ui.words import md_text

Fields = dict[str, object]
NOWHERE = "0"
_INKS: Mapping[str, str] = {"好": "green", "可用": "orange", "偏弱": "red"}
_EXPLAINED: Mapping[str, tuple[str, str]] = {
    "merge": ("合并", "说同一件事的主题合成一个，文本和人数重新数，同一人只算一次。"),
    "split": ("拆分", "一个主题里说了几件事时，按用词和语义分成几个。"),
    "rename": ("改名", "名称取自最有区分度的词，可以改成报告里要用的说法。"),
    "drop": ("删除", "没有意义的主题不再列出；只谈到它的文本记为“其他/无信息”，说话的人仍在基数里。"),
    "seed": ("加主题", "写几个种子词：说到任何一个的句子至少一半归入新主题，说法相似的句子也会归入。"),
    "move": ("移动原话", "把一条原话（和与它完全相同的）放到另一个主题，或移出全部主题。"),
}  # fmt: skip


def lights(result: Result) -> None:
    """The quality of the topics as coloured labels; what is weak comes with advice."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for row in result.tables["quality"].to_dicts():
            if row["value"] is not None:
                told = f"{row['measure']} {decimal(row['value'], digits=2)} · {row['judgement']}"
                st.badge(md_text(told), color=_INKS[row["judgement"]])
    for row in result.tables["quality"].to_dicts():
        if row["advice"]:
            st.caption(f":material/lightbulb: {md_text(row['measure'])}：{md_text(row['advice'])}")


def edit(context: Context) -> Result | None:
    """The topics of today, how they came about, and what to change next."""
    st.title("主题怎样分、叫什么，才贴合这项研究？", anchor=False)
    result = worked_out(context, "topics")
    if not result:
        return None
    question = str(recorded(context, "topics", "question"))
    lights(result)
    _listed(result)
    _next(context, result, question)
    _done(context, question)
    return result


def _listed(result: Result) -> None:
    columns = {
        "label": "主题",
        "n_texts": st.column_config.NumberColumn("文本数", format="localized"),
        "n_people": st.column_config.NumberColumn("人数", format="localized"),
        "top_words": st.column_config.TextColumn("代表词", width="large"),
    }
    shown = result.tables["topics"].select(*columns)
    st.dataframe(shown, column_config=columns, hide_index=True, alt="现在的主题")


def _next(context: Context, result: Result, question: str) -> None:
    """Choose what to change, say how, record it."""
    does = {do: label for do, (label, _) in _EXPLAINED.items()}
    do = entry.segmented_control("做什么", list(does), default="merge", format_func=does.__getitem__, required=True, key=kept("topics:do"))  # fmt: skip
    st.caption(_EXPLAINED[str(do)][1])
    labels = [r["label"] for r in result.tables["topics"].to_dicts() if r["topic"]]
    asked = _ASKED[str(do)](context, labels, question)
    if changing.button("记录这一步", type="primary", icon=":material/save:", key="topics:add", disabled=asked is None) and asked:  # fmt: skip
        fields = {"do": do, **asked}
        done = tried(lambda: pipeline.add_topic_edit(context.study, fields, question=question, parent=context.revision))  # fmt: skip
        if isinstance(done, InsightError):
            st.warning(md_text(str(done)), icon=":material/info:")
            return
        forget()
        st.rerun()


def _merge(context: Context, labels: list[str], _question: str) -> Fields | None:
    key = "edit:topics:merge"
    chosen = entry.multiselect(
        "哪些主题", labels, key=kept(key, context.revision), placeholder="选两个或更多"
    )
    name = entry.text_input("合并后叫什么", key=kept(f"{key}:name", context.revision), max_chars=LONGEST_NAME, placeholder="留空就按词命名")  # fmt: skip
    return {"topics": chosen, "name": name.strip()} if len(chosen) > 1 else None


def _split(context: Context, labels: list[str], _question: str) -> Fields | None:
    parts = entry.number_input("分成几个", 2, MOST_PARTS, 2, key=kept("edit:topics:parts", context.revision), width=160)  # fmt: skip
    return {"topic": _topic(context, labels), "parts": int(parts)}


def _rename(context: Context, labels: list[str], _question: str) -> Fields | None:
    topic = _topic(context, labels)
    name = entry.text_input("改成", key=kept("edit:topics:name", context.revision), max_chars=LONGEST_NAME).strip()  # fmt: skip
    return {"topic": topic, "name": name} if name else None


def _drop(context: Context, labels: list[str], _question: str) -> Fields | None:
    return {"topic": _topic(context, labels)}


def _topic(context: Context, labels: list[str]) -> str:
    return str(entry.selectbox("哪个主题", labels, key=kept("edit:topics:one", context.revision), width=420))  # fmt: skip


def _seed(context: Context, _labels: list[str], _question: str) -> Fields | None:
    key = "edit:topics:seed"
    name = entry.text_input(
        "新主题叫什么", key=kept(key, context.revision), max_chars=LONGEST_NAME
    ).strip()
    written_ = entry.text_input("种子词", key=kept(f"{key}:words", context.revision), placeholder="发票、抬头、开票", max_chars=400)  # fmt: skip
    words = [w for part in written_.split("、") for w in part.replace("，", " ").replace(",", " ").split()]  # fmt: skip
    return {"name": name, "words": words} if name and words else None


def _move(context: Context, labels: list[str], question: str) -> Fields | None:
    """A comment of one topic, found by what it says, and where it goes."""
    names = {str(at): label for at, label in enumerate(labels, 1)} | {NOWHERE: "其他/无信息"}
    start = one_of("现在在哪个主题", names, name="from", width=420)
    find = entry.text_input("含有", key=kept("edit:topics:find", context.revision), placeholder="留空列出占比最高的 200 条")  # fmt: skip
    texts = pipeline.comments_of(context.study, int(start), question=question, find=find.strip())
    columns = {"text": st.column_config.TextColumn("原话", width="large"), "weight": st.column_config.NumberColumn("占比", format="percent")}  # fmt: skip
    event: Any = st.dataframe(
        texts.select("text", "weight"), column_config=columns, hide_index=True, height=260, alt="这个主题的原话", on_select="rerun",
        selection_mode="single-row", key=f"edit:topics:texts:{context.revision}:{start}:{find}",
    )  # fmt: skip
    others = {k: v for k, v in names.items() if k != start}
    to = str(entry.selectbox("移到", list(others), format_func=others.__getitem__, key=f"edit:topics:to:{context.revision}:{start}", width=420))  # fmt: skip
    rows = [at for at in event.selection.rows if at < len(texts)]
    return {"text": texts["text_id"][rows[0]], "to": None if to == NOWHERE else names[to]} if rows else None  # fmt: skip


_ASKED: Mapping[str, Callable[[Context, list[str], str], Fields | None]] = {
    "merge": _merge, "split": _split, "rename": _rename, "drop": _drop, "seed": _seed, "move": _move,
}  # fmt: skip


def _done(context: Context, question: str) -> None:
    """Every recorded step, in order, each with a button that takes it back."""
    steps = pipeline.topic_edits(context.study, question=question)
    if not steps:
        return
    st.header("已记录的步骤", anchor=False)
    for at, step in enumerate(steps, 1):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{at}\\. {md_text(step.told)}")
            if changing.button("撤销", key=f"topics:undo:{step.index}", type="tertiary", icon=":material/undo:"):  # fmt: skip
                _undo(context, [step.index])
        if step.why:
            st.warning(f"没有应用：{md_text(step.why)}", icon=":material/info:")
    if len(steps) > 1 and changing.button("全部撤销", key="topics:undo", icon=":material/undo:"):
        _undo(context, [step.index for step in steps])


def _undo(context: Context, indices: list[int]) -> None:
    pipeline.remove_topic_edits(context.study, indices, parent=context.revision)
    forget()
    st.rerun()
