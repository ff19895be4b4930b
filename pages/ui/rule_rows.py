"""One coding rule on the screen: written as an expression, or filled in row by row; both are the same rule."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import streamlit as st

from insight import pipeline
from insight.pipeline import RuleRow
from pages.ui import entry
from pages.ui.words import md_text

_SYNTAX = "`|` 或者，`&` 并且，`!` 不含，`near(物流, 慢, 8)` 相隔不超过 8 个字；例：`(价格|贵|性价比) & !(不贵|划算)`"
_BLANK = RuleRow("any", ())
_MOST_APART = 200  # characters


def written(label: str, rule: str, *, key: str) -> str:
    """A box with the rule and, folded beside it, its rows; what is in the box now.

    The box is the rule: a change of a row writes the box, and the rows are read from it again.
    """
    st.session_state.setdefault(key, rule)
    box, beside = st.columns([5, 2], vertical_alignment="bottom", gap="small")
    with box:
        text = entry.text_input(
            label, key=key, live=True, help=_SYNTAX, placeholder="(价格|贵) & !划算"
        )
    told = str(text or "").strip()
    with beside.popover("逐行填写", width="stretch", help="不写表达式，一行一行地填"):
        _rows(told, key=key)
    return told


def _rows(rule: str, *, key: str) -> None:
    rows = pipeline.rule_rows(rule)
    if rows is None:
        st.caption("这条规则有更深的括号，或者还没有写完，只能改左边的表达式。")
        return
    st.caption("各行要在同一句话里都成立；几个词用顿号分开，清空一行就是去掉它。")
    stem = f"{key}:{sha256(rule.encode()).hexdigest()[:8]}"
    names = [_row(row, stem=f"{stem}:{at}", box=key, stems=(stem, len(rows) + 1)) for at, row in enumerate((*rows, _BLANK))]  # fmt: skip
    if len(names) > 1:
        st.caption(f"规则：{md_text(rule)}")


def _row(row: RuleRow, *, stem: str, box: str, stems: tuple[str, int]) -> str:
    """The widgets of one row; a change of any of them writes the box."""
    given: Mapping[str, Any] = {"on_change": _write, "args": (box, *stems)}
    how, words = st.columns([2, 3], gap="small")
    labels, (said, beside) = pipeline.RULE_ROWS, row.listed_words
    with how:
        kind = entry.selectbox("怎样才算", list(labels), list(labels).index(row.how), labels.__getitem__, key=f"{stem}:how", label_visibility="collapsed", **given)  # fmt: skip
    with words:
        entry.text_input("词", said, key=f"{stem}:words", label_visibility="collapsed", placeholder="价格、贵、性价比", **given)  # fmt: skip
    if kind == "near":
        other, apart = st.columns([3, 2], gap="small")
        with other:
            entry.text_input("附近还有", beside, key=f"{stem}:other", placeholder="慢、久", **given)  # fmt: skip
        with apart:
            entry.number_input("最多隔几个字", 1, _MOST_APART, row.within, key=f"{stem}:within", **given)  # fmt: skip
    return stem


def _write(box: str, stem: str, n: int) -> None:
    """Write the rule that the rows make into its box."""
    kept = st.session_state
    rows = [
        (kept[f"{stem}:{at}:how"], kept[f"{stem}:{at}:words"] or "", kept.get(f"{stem}:{at}:other") or "", int(kept.get(f"{stem}:{at}:within") or 8))
        for at in range(n)
    ]  # fmt: skip
    made = pipeline.rule_of_rows(rows)
    half_done = any(how == "near" and words and not other for how, words, other, _ in rows)
    if not half_done:
        kept[box] = made
