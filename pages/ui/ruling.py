"""The cleaning rules of one order file: a switch each, what they meet, and what other switches would leave."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from insight.pipeline import Applied, Dates, Hints, jobs
from insight.schema import Decisions
from insight.wording import count, money
from pages.ui import entry, waiting
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget
from pages.ui.words import md_text

MONTH_FIRST, DAY_FIRST = "月/日/年", "日/月/年"
_LEFT = (("n_rows", "行数", count), ("n_orders", "订单数", count), ("amount", "金额", money))


def edit(rules: tuple[Applied, ...], dates: Dates, *, key: str, revision: int) -> Decisions:
    """Draw a switch for each rule, and the choice of how dates are written where that is open.

    Returns
    -------
    the rules that were switched, and the order of day and month if it was chosen
    """
    changed = {}
    for one in (rule for rule in rules if not rule.rule.fixed):
        with st.container(horizontal=True, vertical_alignment="center"):
            is_on = entry.toggle(one.rule.label, one.applies, key=kept(f"{key}:{one.rule.key}", revision), help=one.rule.help, width=280)  # fmt: skip
            st.caption(_met(one), width="content")
        if is_on != one.applies:
            changed[one.rule.key] = is_on
    return Decisions(
        rules=changed,
        day_first=_dates(dates, key=key, revision=revision) if dates.is_open else None,
    )


def _met(one: Applied) -> str:
    """How many rows a rule meets, and their money, if that can be said of it."""
    if not one.n_met:
        return "没有符合的行"
    worth = f"，{md_text(money(one.amount_met))}" if abs(one.amount_met) >= 0.005 else ""
    return f"符合 {count(one.n_met)} 行{worth}"


def _dates(dates: Dates, *, key: str, revision: int) -> bool | None:
    """The user's word on day and month; None where it is the one that holds."""
    st.markdown("**日期里哪个是日、哪个是月？**")
    for sentence in dates.told:
        st.caption(md_text(sentence))
    if dates.unclear:
        st.caption(f"没有读取的日期，如 {md_text('、'.join(dates.unclear))}")
    now = None if dates.day_first is None else (DAY_FIRST if dates.day_first else MONTH_FIRST)
    picked = entry.segmented_control("日期写法", [DAY_FIRST, MONTH_FIRST], default=now, key=kept(f"{key}:day_first", revision), label_visibility="collapsed")  # fmt: skip
    return None if picked in (now, None) else picked == DAY_FIRST


def ask_dates(file: Any, unclear: tuple[str, ...]) -> bool:  # noqa: ANN401 (Streamlit's uploaded file)
    """Ask how the dates of a file are written, where only the user can know; whether that is settled."""
    if not unclear:
        return True
    example = md_text("、".join(unclear))
    st.markdown(f"**日期里哪个是日、哪个是月？** 如 {example}，选好才能导入。")
    return st.segmented_control("日期写法", [DAY_FIRST, MONTH_FIRST], key=_asked(file), label_visibility="collapsed") is not None  # fmt: skip


def dated(file: Any, hints: Hints) -> Hints:  # noqa: ANN401
    """The hints with what was answered to ``ask_dates``."""
    picked = st.session_state.get(_asked(file))
    if picked is None:
        return hints
    first = {"day_first": picked == DAY_FIRST}
    return replace(hints, decisions=hints.decisions.model_copy(update=first))


def _asked(file: Any) -> str:  # noqa: ANN401
    return f"edit:day_first:{file.file_id}"


def preview(before: Any, after: Any) -> None:  # noqa: ANN401 (frames)
    """Rows, orders and money as they are and as they would be."""
    now, then = (steps.row(-1, named=True) for steps in (before, after))
    with st.grid(len(_LEFT), min_column_width=150):
        for name, label, word in _LEFT:
            change = then[name] - now[name]
            told = f"{'+' if change > 0 else ''}{word(change)}" if change else "不变"
            st.metric(label, md_text(word(then[name])), delta_description=md_text(f"原 {word(now[name])}，{told}"), border=True)  # fmt: skip


def tried(context: Context, index: int, changes: Decisions) -> Any:  # noqa: ANN401 (a frame)
    """The steps as they would be with these changes; None while they are worked out."""
    name = "edit:rules_tried"
    asked = (context.study.id, context.revision, index, changes.model_dump_json())
    kept = st.session_state.get(name)
    if kept is None or kept[0] != asked:
        begin = partial(jobs.try_rules, context.study, index, changes)
        steps = waiting.awaited("rules", asked, begin)
        if steps is None:
            return None
        st.session_state[name] = (asked, steps)
    return st.session_state[name][1]


def save(context: Context, index: int, changes: Decisions, *, parent: int, is_wanted: bool) -> None:
    """Make a new revision of the switched rules, when that is wanted, and show the page on it (Conflict)."""
    asked = (context.study.id, parent, index, changes.model_dump_json())
    if not (is_wanted or waiting.is_asked("save_rules", asked)):
        return
    begin = partial(jobs.set_rules, context.study, index, changes, parent=parent)
    if waiting.awaited("save_rules", asked, begin):
        forget()
        st.rerun()
