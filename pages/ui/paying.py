"""币种: in which currency the orders of the study are."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from insight.currency import CURRENCIES, currency_of
from insight.errors import InsightError
from pages.ui import entry
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text


def ask(context: Context) -> None:
    """Choose the currency; another choice is recorded at once."""
    present, own = pipeline.currency(context.study), pipeline.own_currency(context.study)
    options = list(dict.fromkeys(["", *CURRENCIES, own]))
    picked = entry.selectbox(
        "金额的币种", options, options.index(own),
        lambda code: _label(code) if code else f"以订单文件为准：{_label(present.code)}" if not own else "以订单文件为准",
        key=f"edit:currency:{context.revision}", width=280,
        help="各页、报告和命令行里的金额都按它书写，不作换算。文件里有币种列、货币符号或“金额（美元）”这样的表头时会自动识别。",
    )  # fmt: skip
    if picked != own:
        done = tried(lambda: pipeline.set_currency(context.study, picked, parent=context.revision))
        if isinstance(done, InsightError):
            st.error(md_text(done), icon=":material/error:")
            return
        forget()
        st.rerun()


def _label(code: str) -> str:
    known = currency_of(code)
    return code if known is None else f"{known.name} {known.sign.strip()}（{known.code}）"
