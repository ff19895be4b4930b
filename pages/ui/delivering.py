"""The finished report: which files, on which template, compared with which wave; made by a job, then offered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from insight import pipeline
from insight.pipeline import jobs
from insight.report import FORMATS
from pages.ui import gate, signing, taking
from pages.ui.gate import Context
from pages.ui.waiting import awaited, is_asked
from pages.ui.words import md_text

NAME = "客户数据分析报告及营销策略建议"
_ALONE = "不比较"


def section(context: Context) -> None:
    """Ask for the files, make them, offer them as long as they belong to what is on the screen."""
    forms = st.pills("格式", list(FORMATS), selection_mode="multi", default=["docx"], format_func=FORMATS.__getitem__, key="report:forms")  # fmt: skip
    template = _template() if "pptx" in forms else None
    against = _against(context)
    made_of = (context.study.id, context.revision, tuple(forms), template, against)
    wanted = st.button(
        "生成报告", type="primary", icon=":material/description:", disabled=not forms
    )
    if forms and (wanted or is_asked("report", made_of)):
        data = awaited("report", made_of, lambda: jobs.report(context.study, *forms, template=template, against=against))  # fmt: skip
        if data:
            st.session_state["report"] = (made_of, data)
    kept, data = st.session_state.get("report", (None, b""))
    if kept == made_of:
        _offer(context, forms, data)


def _offer(context: Context, forms: Sequence[str], data: bytes) -> None:
    form = forms[0] if len(forms) == 1 else "zip"
    told = FORMATS[form] if len(forms) == 1 else "全部文件（zip）"
    taking.button(f"下载 {told}", data, f"{context.name}_{NAME}.{form}", study=context.study)
    if form == "zip":
        st.caption("压缩包里另有 trace.json：报告里每个数字的单元格、分析、步骤和原文件校验值。")


def _template() -> bytes | None:
    """A PowerPoint file whose look the slides take."""
    file = st.file_uploader("PowerPoint 模板（可选）", type=["pptx", "potx"], key="report:template", help="幻灯片用它的版式、配色和字体；模板里原有的幻灯片不保留。")  # fmt: skip
    return file.getvalue() if file else None


def _against(context: Context) -> pipeline.Against:
    """The wave before: a former report of this study, or another study; both hold all customers."""
    if signing.here().rows is not None:
        return None
    revisions = {f"本研究第 {one} 版的报告": one for one in pipeline.reported(context.study)}
    others = {f"研究 {name}": path for name, path in gate.studies().items() if name != context.name}
    known: dict[str, int | Path] = {**revisions, **others}
    if not known:
        return None
    chosen = st.selectbox("与上期相比", [_ALONE, *known], format_func=md_text, key="report:against", help="报告开头列出哪些占比有变化，哪些分不出与噪声的差别。")  # fmt: skip
    return known.get(chosen)
