"""只看: the filter of the study, chosen beside the question of every page that counts answers or texts."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.analysis import Result
from insight.errors import InsightError
from pages.ui import entry
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_EVERYBODY = "全部答卷和文本"


def ask(context: Context, key: str) -> None:
    """Choose whom the analyses of answers and texts count; nothing is drawn where there is no audience to choose."""
    known = pipeline.filters(context.study) if pipeline.is_filterable(key) else ()
    if not known:
        return
    present = pipeline.study_filter(context.study)
    options = ["", *known]
    picked = entry.selectbox(
        "只看", options, options.index(present), lambda name: f"只看：{name or _EVERYBODY}", key=f"edit:only:{context.revision}",
        label_visibility="collapsed", width=240,
        help="问卷和文本的分析只数这个人群；报告和命令行也用它。人群在“客户·人群”页面建立。",
    )  # fmt: skip
    if picked != present:
        done = tried(lambda: pipeline.set_filter(context.study, picked, parent=context.revision))
        if isinstance(done, InsightError):
            st.error(md_text(done), icon=":material/error:")
            return
        forget()
        st.rerun()


def tell(result: Result) -> None:
    """The sentence about whom the table counts, where that is not everybody."""
    if told := pipeline.filter_told(result):
        st.caption(f":material/filter_alt: {md_text(told)}")
