"""Which two questions ask about the same feature: found by the wording, put right by hand, recorded for every page."""

from __future__ import annotations

import streamlit as st

from insight.analysis import Result
from pages.ui import choose, form
from pages.ui.gate import Context

_HAVING, _LACKING = "如果有（正向题）", "如果没有（反向题）"


def halves(context: Context, key: str, result: Result | None) -> None:
    """A panel with the pairs of questions; what is changed there is recorded in the study.

    Parameters
    ----------
    key : an analysis with a parameter ``pairs``, written "Q9=Q10、Q11=Q12"
    result : its result with a table ``halves``; None where no pair was found
    """
    items = form.choices(context, "items")
    found = result.tables["halves"].select("functional", "dysfunctional").rows() if result else []
    with st.popover("核对题目配对", icon=":material/join_inner:"):
        st.caption(
            "每行一对：同一个功能，一问有它、一问没有它。可以改、添、删；留空表示按题干识别。"
        )
        edited = st.data_editor(
            {_HAVING: [a for a, _ in found], _LACKING: [b for _, b in found]} if found else {_HAVING: [""], _LACKING: [""]},
            column_config={
                name: st.column_config.SelectboxColumn(options=list(items), format_func=lambda id_: items.get(id_, id_), width="large")
                for name in (_HAVING, _LACKING)
            },
            num_rows="dynamic", hide_index=True, key=f"edit:halves:{context.name}:{context.revision}",
        )  # fmt: skip
        pairs = [(a, b) for a, b in zip(edited[_HAVING], edited[_LACKING], strict=True) if a and b]
        if pairs != found:
            said = "、".join(f"{a}={b}" for a, b in pairs)
            choose.record(context, key, {"pairs": said}, label="用这些配对")
        elif choose.recorded(context, key, "pairs"):
            choose.record(context, key, {"pairs": ""}, label="改回按题干识别")
