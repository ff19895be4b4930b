"""The recode panel: what to do with one question, its counts before and after, and what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import Asked
from insight.schema import MISSING_LABELS, QuestionKind
from insight.schema.recodes import Recode, recode_of
from pages.ui import changing, entry
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_LABELLED = (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.MATRIX)
_SCORED = (QuestionKind.SCALE, QuestionKind.NPS)
_WHAT: Mapping[str, tuple[str, tuple[QuestionKind, ...]]] = {
    "merge": ("合并选项", (*_LABELLED, *_SCORED)),
    "label": ("改选项名", (*_LABELLED, QuestionKind.RANK, *_SCORED)),
    "order": ("调整选项顺序", (*_LABELLED, QuestionKind.RANK)),
    "top": ("最高几分", (QuestionKind.SINGLE, QuestionKind.MATRIX, *_SCORED)),
    "bottom": ("最低几分", (QuestionKind.SINGLE, QuestionKind.MATRIX, *_SCORED)),
    "reverse": ("反向计分", (QuestionKind.SCALE, QuestionKind.MATRIX)),
    "bands": ("分段", (QuestionKind.NUMBER, QuestionKind.SLIDER, QuestionKind.SHARES, *_SCORED)),
    "midpoints": ("换成组中值", (QuestionKind.SINGLE,)),
}


def panel(context: Context, question: Asked) -> None:
    """Choose a recode of one question, look at it, and record it."""
    fitting = {key: label for key, (label, kinds) in _WHAT.items() if question.kind in kinds}
    if not fitting:
        st.caption(f"{question.kind_label}题没有可用的重编码。")
        return
    chosen = entry.selectbox("做什么", list(fitting), format_func=fitting.__getitem__, key=kept(f"recode:what:{question.id}"))  # fmt: skip
    fields = _fields(str(chosen), question)
    into = entry.text_input("新题目的编号", placeholder="留空就改原题", key=kept(f"recode:into:{question.id}"), max_chars=40)  # fmt: skip
    step = None if fields is None else tried(lambda: _step({**fields, "question": question.id, "into": into.strip()}))  # fmt: skip
    if step is None:
        return
    seen = step if isinstance(step, InsightError) else tried(lambda: pipeline.preview_recode(context.study, step))  # fmt: skip
    if isinstance(seen, InsightError):
        st.warning(md_text(str(seen)), icon=":material/info:")
        return
    _compare(seen)
    if changing.button("记录这个重编码", type="primary", icon=":material/save:", key="recode:add"):
        pipeline.add_recode(context.study, step, parent=context.revision)
        forget()
        st.rerun()


def _step(fields: Mapping[str, object]) -> Recode:
    return recode_of(fields)


def _compare(seen: Any) -> None:  # noqa: ANN401 (frames before and after)
    before, after = st.columns(2)
    columns = {"option": "选项", "n": st.column_config.NumberColumn("人数", format="localized")}
    before.caption("之前")
    before.dataframe(seen.before, column_config=columns, hide_index=True, alt="重编码之前的人数")
    after.caption("之后")
    after.dataframe(seen.after, column_config=columns, hide_index=True, alt="重编码之后的人数")


def _fields(what: str, question: Asked) -> dict[str, object] | None:
    """What the user asks for, as plain data; None while it is not said yet."""
    absent = set(MISSING_LABELS.values())
    names = [label for label, _, _ in question.options if label not in absent]
    key = f"recode:{what}:{question.id}"
    match what:
        case "merge":
            return _merge(names, key)
        case "label":
            return _rename(names, key)
        case "order":
            order = entry.multiselect(
                "从前到后", names, key=kept(key), placeholder="按想要的顺序点选，没点的排在后面"
            )
            return {"do": "order", "order": order} if order else None
        case "top" | "bottom":
            n = entry.number_input("几分", 1, max(len(names) - 1, 1), min(2, max(len(names) - 1, 1)), key=kept(key))  # fmt: skip
            return {"do": "boxes", "end": what, "boxes": int(n)}
        case "reverse":
            points = entry.number_input(
                "最高分（0 表示用出现过的最高分）", 0, 101, 0, key=kept(key)
            )
            return {"do": "reverse", "points": int(points)}
        case "bands":
            return _bands(key)
    return {"do": "midpoints"}


def _merge(names: list[str], key: str) -> dict[str, object] | None:
    members = entry.multiselect("哪些选项", names, key=kept(key), placeholder="选两个或更多")
    new = entry.text_input("合并后叫什么", key=kept(f"{key}:name"), max_chars=60).strip()
    return {"do": "merge", "groups": {new: members}} if len(members) > 1 and new else None


def _rename(names: list[str], key: str) -> dict[str, object] | None:
    old = entry.selectbox("哪个选项", names, key=kept(key))
    new = entry.text_input("改成", key=kept(f"{key}:name"), max_chars=60).strip()
    return {"do": "label", "labels": {old: new}} if new else None


def _bands(key: str) -> dict[str, object] | None:
    written = entry.text_input("分界点", placeholder="18, 30, 45", key=kept(key), help="每个数是上一段的起点：18 表示“不到 18”和“18 起”")  # fmt: skip
    parts = [
        part for part in written.replace("，", ",").replace("、", ",").split(",") if part.strip()
    ]
    return {"do": "bands", "edges": [part.strip() for part in parts]} if parts else None


def recorded(context: Context) -> None:
    """Every recode of the recipe, in order, each with a button that takes it back."""
    for at, (_, told) in enumerate(pipeline.recodes(context.study)):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{at + 1}\\. {md_text(told)}")
            if changing.button(
                "撤销", key=f"recode:remove:{at}", type="tertiary", icon=":material/undo:"
            ):
                pipeline.remove_recode(context.study, at, parent=context.revision)
                forget()
                st.rerun()
