"""Numbers in the clear on the screen: asked for with a reason, shown once, and never kept."""

from __future__ import annotations

import streamlit as st

from insight import access, pipeline
from insight.errors import InsightError
from pages.ui import signing, tables, taking
from pages.ui.gate import Context
from pages.ui.states import tried
from pages.ui.words import md_text


def ask(context: Context, found: pipeline.People, *, stem: str) -> None:
    """The form below a list of people; nothing is drawn for those who may not see numbers."""
    if not access.has(signing.here().role, "export_pii") or found.persons["customer_id"].is_null().all():  # fmt: skip
        return
    with st.expander("查看完整号码", icon=":material/visibility:"), st.form("unmask", border=False):
        reason = st.text_input("理由", max_chars=80, placeholder="例如：回访投诉客户", help="谁、什么时候、为什么看过多少人的号码，都会记进操作记录", key="unmask:reason")  # fmt: skip
        sent = st.form_submit_button("显示号码", icon=":material/visibility:")
    if sent:
        clear = tried(lambda: pipeline.unmasked(context.study, found, reason=reason))
        if isinstance(clear, InsightError):
            st.error(md_text(clear), icon=":material/error:")
            return
        tables.listed(clear, alt="完整号码")
        taking.button(
            "下载号码（csv）", lambda: pipeline.csv(clear), f"{stem}_号码.csv", study=context.study, right="export_pii",
            rows=clear.height, key="unmask:take",
        )  # fmt: skip
