"""All texts coded or cut as one Parquet file, however many they are: made by a job, then offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import filing
from insight.pipeline.filing import RIGHT, Filed
from insight.pipeline.jobs import Job
from insight.wording import count
from pages.ui import places, taking
from pages.ui.gate import Context
from pages.ui.states import failed, tried
from pages.ui.waiting import awaited, is_asked


@dataclass(frozen=True, slots=True)
class _File:
    """What is made, and how it is called: its place on the screen, the button, the file and its rows."""

    place: str
    label: str
    name: str
    rows: str
    text: str
    begin: Callable[[], Job[Filed]]


def codes(context: Context) -> None:
    """The needs of every text; without a codebook the way to it."""
    told = "每行是一条文本的一项需求：文本编号、需求、来源（规则、模型或人工）、置信度、情感、要不要核对；范围是全部文本，做法和上面的结果相同。"
    with st.container(border=True):
        st.subheader("全部编码为文件", anchor=False)
        if not pipeline.codebook(context.study):
            st.caption(
                "上面的结果用的是内置的通用编码本。把它或自己的存为这个研究的编码本以后，可以把全部文本编码成文件。"
            )
            places.link(places.CODING, study=context.name, label="去建编码本", view="book")
            return
        file = _File("codes", "全部编码为文件", "编码", "行编码", told, lambda: filing.code_all(context.study))  # fmt: skip
        _made(context, file, asked=pipeline.coded(context.study))


def words(context: Context) -> None:
    """The words of every text, as the saved lexicon cuts them."""
    told = "每行是一条文本：文本编号、词、词性；按已经保存的词库切，停用词不在其中。"
    with st.container(border=True):
        st.subheader("全部切词为文件", anchor=False)
        file = _File("words", "全部切词为文件", "切词", "条文本的词", told, lambda: filing.cut_all(context.study))  # fmt: skip
        _made(context, file, asked=())


def _made(context: Context, file: _File, *, asked: object) -> None:
    """Ask for the file, wait for it, and offer it as long as it belongs to what the study holds."""
    place, made_of = f"filed:{file.place}", (context.study.id, context.revision, asked)
    st.caption(f"{file.text}文本再多也只占一批的内存；Parquet 是数据软件通用的表格格式。")
    lacks = taking.lacks(RIGHT)
    wanted = st.button(file.label, key=f"{place}:make", icon=":material/dataset:", disabled=bool(lacks), help=lacks or None)  # fmt: skip
    if wanted or is_asked(place, made_of):
        made = tried(lambda: awaited(place, made_of, file.begin))
        if isinstance(made, InsightError):
            failed(made)
        elif made:
            st.session_state[f"{place}:made"] = (made_of, made)
    kept, made = st.session_state.get(f"{place}:made", (None, None))
    if kept == made_of and made.file.is_there:
        _offered(context, file, made)


def _offered(context: Context, file: _File, made: Filed) -> None:
    st.success(f"{count(made.n_rows)} {file.rows}已经写好。", icon=":material/check_circle:")
    taking.button(
        f"下载{file.name}文件", made.file, f"{context.name}_{file.name}.parquet", study=context.study,
        right=RIGHT, rows=made.n_rows, key=f"filed:{file.place}:take", type="primary",
    )  # fmt: skip
    st.caption("这个地址只能用一次，十分钟内有效。")
