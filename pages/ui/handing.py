"""Files for those who go on working with the tables and the answers: the workbook and the SPSS file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from insight import pipeline
from insight.access import Right
from insight.pipeline import MEASURES, jobs
from insight.pipeline.jobs import Job
from pages.ui import gate, taking
from pages.ui.gate import Context
from pages.ui.waiting import awaited, is_asked
from pages.ui.words import md_text

_TO_TAKE: Mapping[str, tuple[Right, str]] = MappingProxyType({"xlsx": ("export_aggregate", ""), "sav": ("export_rows", "responses")})  # fmt: skip
"""Ending -> the right it takes, and the table whose rows it lists."""
_TABLES = "全部可以计数的题目和评分题：占比和均值带字母，基数、有效基数、小样本标记和口径齐全；目录可以点开每张表。"
_ANSWERS = "每份答卷一行：变量标签、值标签、缺失值、多选题集和权重，已匹配的答卷带购买分层和消费；不含编号和身份，开放题已遮盖个人信息。"


def section(context: Context) -> None:
    """Both files below the report, where there are answers."""
    if "responses" not in context.status.tables:
        return
    st.header("接着分析用的文件", anchor=False)
    left, right = st.columns(2)
    with left, st.container(border=True):
        table_book(context)
    with right, st.container(border=True):
        answers(context)


def table_book(context: Context, *, breaks: Sequence[str] = (), head: str = "") -> None:
    """The workbook of all tables over these breaks or this banner; without them over the usual ones.

    Parameters
    ----------
    breaks : one sheet each
    head : name of a saved banner; "" = none
    """
    show = st.pills("每个选项的行", list(MEASURES), selection_mode="multi", default="share", format_func=MEASURES.__getitem__, key="handed:show")  # fmt: skip
    asked = {"breaks": () if head else tuple(breaks), "heads": (head,) if head else (), "show": tuple(show) or ("share",)}  # fmt: skip
    _made(
        context,
        ("交叉表册", "xlsx"),
        asked=asked,
        begin=lambda: jobs.tables(context.study, asked),
        text=_TABLES,
    )


def answers(context: Context) -> None:
    """The SPSS file of all answers, and whom it would give away."""
    known = gate.remembered(context.study, context.revision, what="describing", step="正在看哪些题目描述个人", work=lambda: pipeline.describing(context.study))  # fmt: skip
    without = ()
    if known and not taking.lacks("export_rows"):
        without = tuple(st.multiselect("不写入", list(known), format_func=lambda key: md_text(known[key]), placeholder="都写入", key="handed:without", help="别人可能知道的题目和属性；去掉几项，就不容易认出是谁。"))  # fmt: skip
        found = gate.remembered(context.study, context.revision, what="rare", of=(pipeline.fewest(context.study), without), step="正在数有多少份独一无二", work=lambda: pipeline.rare_answers(context.study, without=without))  # fmt: skip
        st.caption(
            f":material/person_alert: {md_text(pipeline.rare_in_words(context.study, found, known))}"
        )
    _made(
        context,
        ("答卷", "sav"),
        asked=without,
        begin=lambda: jobs.sav(context.study, without=without),
        text=_ANSWERS,
    )


def _made(
    context: Context, file: tuple[str, str], *, asked: object, begin: Callable[[], Job[bytes]], text: str
) -> None:  # fmt: skip
    """Ask for a file, wait for it, and offer it as long as it belongs to what is on the screen."""
    name, ending = file
    place, made_of = f"handed:{ending}", (context.study.id, context.revision, asked)
    st.caption(text)
    right, rows = _TO_TAKE[ending]
    lacks = taking.lacks(right)
    wanted = st.button(f"生成{name}（{ending}）", key=f"{place}:make", icon=":material/table_view:", disabled=bool(lacks), help=lacks or None)  # fmt: skip
    if (wanted or is_asked(place, made_of)) and (data := awaited(place, made_of, begin)):
        st.session_state[f"{place}:made"] = (made_of, data)
    kept, data = st.session_state.get(f"{place}:made", (None, b""))
    if kept == made_of:
        taking.button(
            f"下载{name}", data, f"{context.name}_{name}.{ending}", study=context.study, right=right,
            rows=context.status.tables.get(rows), key=f"{place}:take", type="primary",
        )  # fmt: skip
