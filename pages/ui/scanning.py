"""The scan of all pairs on the screen: a click on a line opens the cross table of that pair."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import streamlit as st

from insight.analyses import find
from pages.ui import form, only, people, picking, places, reported, showing, tables, taking
from pages.ui.gate import Context
from pages.ui.states import is_ready, next_step, worked_out

KEY = "scan"
_CHOICES = tuple(f"choose:{name}" for name in ("q", "by", "nest", "banner"))
_ASIDE = ("question", "by", "statistic", "df")


def draw(context: Context) -> None:
    """The answer, the largest differences, and the ranked list."""
    if not is_ready(context, KEY):
        return
    showing.heading(context, KEY)
    result = worked_out(context, KEY)
    if result is None:
        return
    reported.carry_out()
    told, taken = st.columns((4, 1), vertical_alignment="top")
    with told:
        showing.answer(result.findings)
    with taken:
        reported.button(context, KEY, None)
    showing.picture(result, people.opener(context, KEY, result, changes=None))
    frame = result.tables["findings"]
    closed = form.choices(context, "closed_questions")
    only.tell(result)
    tables.listed(frame, alt="各对的检验", pick=partial(_open, frame, closed), leave=_ASIDE)
    st.caption("点一行，打开这一对的交叉表。")
    taking.tables(context, result.tables, "findings", stem=f"{context.name}_{KEY}", of=KEY)
    showing.others(result.findings)
    showing.method(find(KEY), result)
    next_step(context, places.RESEARCH, "用专项方法看需求和满意度")


def _open(frame: tables.Frame, closed: Collection[str], at: int) -> None:
    """Turn the page to the table of one pair; of a question that is only scored, to its means."""
    row = frame.row(at, named=True)
    for name in [n for n in st.session_state if str(n) in _CHOICES]:
        del st.session_state[name]
    picking.forget()
    view = "crosstab" if row["question"] in closed else "means"
    st.session_state[f"choose:view:{find(KEY).theme}"] = view
    st.query_params.update({"view": view, "q": row["question"], "by": row["by"], "nest": "", "banner": ""})  # fmt: skip
