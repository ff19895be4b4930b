"""Controls that change a study: whoever may only look sees them, but cannot use them, and one line says why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight.access import EDIT
from pages.ui import rights

TOLD = "只读：修改需要分析师权限。"
_MET = "changing:met"  # whether this run of the page drew a control that is barred


def begin() -> None:
    """A run of a page begins."""
    st.session_state.pop(_MET, None)


def tell() -> None:
    """Say once why controls of this page cannot be used, if there are any."""
    if st.session_state.get(_MET):
        st.caption(f":material/lock: {TOLD}")


def barred() -> bool:
    """Whether whoever works here may not change the study, so that the control is drawn disabled."""
    if rights.may(EDIT):
        return False
    st.session_state[_MET] = True
    return True


def button(label: str, **look: Any) -> bool:  # noqa: ANN401 (what st.button takes)
    """A button that changes the study; without the right it is there, says why, and does nothing."""
    if barred():
        look |= {"disabled": True, "help": TOLD}
    return bool(st.button(label, **look))
