"""The states a page can be in besides done: empty, working, failed; and the way on from here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from insight.analyses import find
from insight.analysis import Result
from insight.errors import (
    Cancelled,
    Conflict,
    DamagedStudy,
    InsightError,
    MissingKey,
    NoOwnCustomers,
    NotAllowed,
    NotBegun,
    OnlyOwnCustomers,
    OrderListMissing,
    QuestionsMissing,
    WorkDied,
    WorkTooLarge,
    WorkTooLong,
)
from insight.pipeline import jobs
from insight.schema import TABLES
from pages.ui import autosave, drafts, gate, places, signing, waiting
from pages.ui.autosave import CONFLICT
from pages.ui.gate import Context
from pages.ui.places import Place
from pages.ui.words import md_text

_log = logging.getLogger("insight.pages")
_REPEATABLE = (Cancelled, DamagedStudy, MissingKey, WorkDied, WorkTooLarge, WorkTooLong)
_BARRED = "导入和修改数据需要分析师权限，请找管理员。"
T = TypeVar("T")


def tried(work: Callable[[], T]) -> T | InsightError:
    """What ``work`` gives, or the user's mistake as a value: the one place where the pages catch it.

    A change that somebody else forestalled is kept, for ``conflicting`` to offer the ways out.
    """
    try:
        return work()
    except Conflict as error:
        kept = ("author", "at", "theirs", "mine", "unsaved")
        drafts.hold(CONFLICT, {name: getattr(error, name) for name in kept})
        return error
    except InsightError as error:
        return error


def failed(error: InsightError) -> None:
    """Show what the user got wrong: one sentence, the hint, and the way back."""
    sentence = f"{md_text(error.message)}\n\n{md_text(error.hint)}"
    if isinstance(error, Cancelled):
        st.info(sentence, icon=":material/cancel:")
    elif isinstance(error, (NotAllowed, OnlyOwnCustomers, NoOwnCustomers)):
        st.warning(sentence, title="没有这个权限", icon=":material/lock:")
    elif isinstance(error, NotBegun):
        st.info(sentence, title="还没有开始", icon=":material/flag:")
    elif isinstance(error, QuestionsMissing):
        st.info(sentence, title="这份问卷里没有这类题", icon=":material/quiz:")
    else:
        st.error(sentence, title="这一步没有完成", icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if isinstance(error, _REPEATABLE) and waiting.has_failed():
            st.button("重新计算", key=f"again:{error}", type="primary", on_click=waiting.again, icon=":material/replay:")  # fmt: skip
        if isinstance(error, Conflict) and not drafts.held(CONFLICT):
            st.button("载入最新版本", type="primary", on_click=forget, icon=":material/refresh:")
        elif not gate.known_name():
            st.button("打开最近的研究", type="primary", on_click=gate.leave)
        places.link(places.OVERVIEW, study=gate.known_name(), label="回到概览")


def broken(error: Exception) -> bool:
    """Say that the fault is ours; the log gets the kind and the place, never the data.

    Streamlit calls this for whatever no page expected; True stops its own English box.
    """
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s\n%s", type(error).__name__, where)
    st.error(
        "请刷新页面再试一次；数据没有被改动。如果再次出现，请把发生的时间告诉管理员，详情在服务器日志里。",
        title="程序出了意外",
        icon=":material/error:",
    )
    return True


def forget() -> None:
    """Drop what this session holds of unsaved edits, so that the page loads the newest state."""
    autosave.drop()
    for name in [n for n in st.session_state if str(n).startswith("edit:")]:
        del st.session_state[name]


def empty(
    context: Context, *, question: str, answers: str, needs: str, go_to: Place, label: str
) -> None:
    """Show an empty page: what it answers, what it needs, one button."""
    st.title(question, anchor=False)
    with st.container(border=True):
        st.markdown(md_text(answers))
        st.markdown(f":gray[:material/inventory_2: {md_text(needs)}]")
        bars = not signing.opens(go_to)
        if st.button(label, type="primary", icon=f":material/{go_to.icon}:", key="empty:go", disabled=bars, help=_BARRED if bars else None):  # fmt: skip
            places.go(go_to, study=context.name)


def unpaired(context: Context) -> None:
    """Say which order details still wait for their list of orders."""
    if names := context.status.waiting:
        error = OrderListMissing(names)
        st.warning(f"{md_text(error.message)}{md_text(error.hint)}", icon=":material/link_off:")


def need_files(context: Context, question: str, *, answers: str, needs: str) -> None:
    """The empty state of a page that works on any file."""
    empty(
        context,
        question=question,
        answers=answers,
        needs=needs,
        go_to=places.IMPORT,
        label="导入数据",
    )


def is_ready(context: Context, key: str) -> bool:
    """Whether the data can answer the analysis; draws the empty state where it cannot."""
    lacks = next(one.lacking for one in context.status.readiness if one.key == key)
    if context.status.sources and not lacks:
        return True
    place = mending(lacks, context.status.tables)
    empty(
        context,
        question=find(key).question,
        answers=places.place_of(key).purpose,
        needs=f"还缺{lacking_words(lacks)}。" if lacks else "需要订单，以及问卷或文本。",
        go_to=place,
        label="指定对应的列" if place is places.MAPPING else "导入数据",
    )
    return False


def lacking_words(lacks: Sequence[str]) -> str:
    """ "订单：客户编号" and "订单：订单号" as "订单（客户编号、订单号）"."""
    by_table: dict[str, list[str]] = {}
    for lack in lacks:
        table, _, column = lack.partition("：")
        by_table.setdefault(table, []).append(column)
    return "、".join(f"{table}（{'、'.join(names)}）" for table, names in by_table.items())


def mending(lacks: Sequence[str], tables: Mapping[str, int]) -> Place:
    """The page that mends what is lacking: the columns of tables that are there, else a file."""
    labels = {table.label: name for name, table in TABLES.items()}
    there = [labels.get(lack.partition("：")[0], "") in tables for lack in lacks]
    return places.MAPPING if there and all(there) else places.IMPORT


def worked_out(
    context: Context, key: str, *, changes: Mapping[str, object] | None = None
) -> Result | None:
    """The result of one analysis; None while it is worked out, which is shown, or where it cannot be, with the reason.

    The last result stays with the session, so that a click on the page does not read it again.
    """
    asked = (context.study.id, context.revision, key, repr(changes))
    kept: tuple[object, Result] | None = st.session_state.get("kept:result")
    if kept is not None and kept[0] == asked:
        return kept[1]
    own = dict(changes) if changes else None
    outcome = tried(
        lambda: waiting.awaited(
            f"result:{key}", asked, lambda: jobs.analysis(context.study, key, changes=own)
        )
    )
    if isinstance(outcome, InsightError):
        failed(outcome)
        return None
    if outcome is not None:
        st.session_state["kept:result"] = (asked, outcome)
    return outcome


def next_step(context: Context, place: Place, label: str, **choice: str) -> None:
    """The way on, at the bottom of the page, for those who may go there."""
    if not signing.opens(place):
        return
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("下一步", width="content")
        places.link(place, study=context.name, label=label, **choice)
