"""An analysis whose main choices stand above its answer: they count at once, and are recorded on request."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from insight import pipeline
from insight.analysis import Result
from pages.ui import choose, form, showing
from pages.ui.gate import Context
from pages.ui.states import worked_out


def show_with(
    context: Context, key: str, names: Sequence[str], *, drawn: showing.Drawn | None = None
) -> Result | None:
    """Draw one analysis with the parameters ``names`` between its question and its answer.

    Parameters
    ----------
    drawn : see ``showing.body``
    """
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = form.live(context, key, names)
        slot = st.container(width="content")
    with top:
        showing.heading(context, key, fixed=chosen)
    result = worked_out(context, key, changes=chosen)
    if result:
        with slot:
            choose.record(context, key, chosen)
        showing.body(context, key, result, changes=chosen, drawn=drawn)
    return result


def show_of_customers(context: Context, key: str) -> Result | None:
    """Draw one analysis of orders; where it can count some customers only, they are chosen beside its answer."""
    if pipeline.is_narrowable(key) and form.choices(context, "customer_groups"):
        return show_with(context, key, ("customers",))
    return showing.show(context, key)
