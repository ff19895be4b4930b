"""The questions of one questionnaire: their kinds in an editor, and one question in full."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from insight import pipeline
from insight.pipeline import Asked, jobs
from insight.schema import QUESTION_KIND_LABELS, Decisions
from pages.ui import drafts, entry, waiting
from pages.ui.gate import Context, remembered
from pages.ui.states import forget
from pages.ui.words import md_text

LINE, MOST_LINES = 34, 14  # pixels, rows
_COUNTS = {"n_shown": "看到", "n_answered": "回答", "n_missing": "未答", "n_refused": "拒答", "n_not_asked": "未被问到"}  # fmt: skip


def all_of(context: Context, index: int | None) -> tuple[Asked, ...]:
    """The questions of one source, or of all together; worked out once for each revision."""
    work = partial(pipeline.questions, context.study, index)
    return remembered(context.study, context.revision, what=f"questions:{index}", step="正在数每道题的回答", work=work)  # fmt: skip


def edit(questions: Sequence[Asked], *, key: str) -> dict[str, str]:
    """Draw every question with its kind for editing.

    Returns
    -------
    id -> Chinese label of the kind, for the questions that were changed
    """
    rows = [
        {"题号": q.id, "题干": q.wording, "题型": q.kind_label}
        | {label: getattr(q, name) for name, label in _COUNTS.items()}
        | {"基数": q.base}
        for q in questions
    ]
    kinds = st.column_config.SelectboxColumn(options=list(QUESTION_KIND_LABELS.values()), required=True, width="small")  # fmt: skip
    entry.data_editor(
        drafts.resumed(key, rows),
        key=key,
        column_config={
            "题号": st.column_config.TextColumn(pinned=True, width="small"),
            "题型": kinds,
        },
        disabled=["题号", "题干", *_COUNTS.values(), "基数"],
        hide_index=True,
        height=(min(len(rows), MOST_LINES) + 1) * LINE + 2,
        row_height=LINE,
        alt="每道题的题型和回答人数",
    )
    changed = {questions[at]: label for at, label in drafts.written(key, "题型").items()}
    return {q.id: label for q, label in changed.items() if label != q.kind_label}


def save(context: Context, index: int, changes: Decisions, *, parent: int, is_wanted: bool) -> None:
    """Make a new revision of the changed decisions, when that is wanted, and show the page on it (Conflict)."""
    asked = (context.study.id, parent, index, changes.model_dump_json())
    if not (is_wanted or waiting.is_asked("decide", asked)):
        return
    begin = partial(jobs.decide, context.study, index, changes, parent=parent)
    if waiting.awaited("decide", asked, begin):
        forget()
        st.rerun()


def options(question: Asked) -> None:
    """The options of one question with their codes and counts."""
    absent = [
        f"{_COUNTS[n]} {getattr(question, n):,}" for n in ("n_missing", "n_refused", "n_not_asked")
    ]
    st.caption(md_text(f"基数：{question.base}，{question.n_base:,} 份；{'，'.join(absent)}"))
    has_codes = any(code and code != label for label, code, _ in question.options)
    rows = [
        {"选项": label} | ({"编码": code} if has_codes else {}) | {"人数": n}
        for label, code, n in question.options
    ]
    st.dataframe(rows, hide_index=True, row_height=LINE, alt="选项和人数")


def splitting(question: Asked) -> str | None:
    """Ask what joins several options in one cell; the new mark, None where it stays."""
    labels = pipeline.SEPARATOR_LABELS
    known = list(labels)
    at = known.index(question.separator) if question.separator in known else 0
    mark = entry.selectbox("选项之间的符号", known, at, lambda m: labels[m], key=f"split:{question.id}", width=220)  # fmt: skip
    return None if mark == question.separator else str(mark)
