"""Which two questions ask about the same feature: found by the wording, put right by hand, recorded for every page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.analysis import Result
from pages.ui import changing, choose, drafts, entry, form
from pages.ui.gate import Context
from pages.ui.states import forget

HAVING, LACKING = "如果有（正向题）", "如果没有（反向题）"


def halves(context: Context, key: str, result: Result | None) -> None:
    """A panel with the pairs of questions; what is changed there is recorded in the study.

    Parameters
    ----------
    key : an analysis with a parameter ``pairs``, written "Q9=Q10、Q11=Q12"
    result : its result with a table ``halves``; None where no pair was found
    """
    items = form.choices(context, "items")
    found = result.tables["halves"].select("functional", "dysfunctional").rows() if result else []
    draft = drafts.draft(context, "halves", of=key)
    rows = [{HAVING: a, LACKING: b} for a, b in found] or [{HAVING: "", LACKING: ""}]
    with st.popover("核对题目配对", icon=":material/join_inner:"):
        st.caption(
            "每行一对：同一个功能，一问有它、一问没有它。可以改、添、删；留空表示按题干识别。"
        )
        edited: Any = entry.data_editor(
            drafts.resumed(draft.key, rows),
            column_config={
                name: st.column_config.SelectboxColumn(options=list(items), format_func=lambda id_: items.get(id_, id_), width="large")
                for name in (HAVING, LACKING)
            },
            num_rows="dynamic", hide_index=True, key=draft.key, alt="题目配对表",
        )  # fmt: skip
        pairs = [(row[HAVING], row[LACKING]) for row in edited if row[HAVING] and row[LACKING]]
        if pairs != found:
            said = "、".join(f"{a}={b}" for a, b in pairs)
            _record(context, key, said, label="用这些配对", parent=draft.parent)
        elif choose.recorded(context, key, "pairs"):
            _record(context, key, "", label="改回按题干识别", parent=draft.parent)


def _record(context: Context, key: str, pairs: str, *, label: str, parent: int) -> None:
    """Offer to record the pairs, on top of the revision that they were typed on."""
    if changing.button(label, key=f"record:{key}", icon=":material/bookmark_add:"):
        params = pipeline.params_of(context.study, key, {"pairs": pairs})
        pipeline.set_params(context.study, params, key=key, parent=parent)
        forget()
        st.rerun()
