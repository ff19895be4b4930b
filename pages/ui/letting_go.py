"""What is no longer on the screen is let go.

Streamlit keeps what a control calls as long as the session lasts, also of controls that are gone, and with
it every table that such a call would need. A session that looked at all pages would hold all results.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import taking

_PAGE = "letting:page"
_OF_A_PAGE = "kept:"  # how the names of what a page read for itself begin


def begin(page: str) -> AbstractSet[str]:
    """A page begins: what another one read for itself is let go; returned are the controls that are known."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        for name in [n for n in st.session_state if str(n).startswith(_OF_A_PAGE)]:
            del st.session_state[name]
    return frozenset(_called())


def end(known: AbstractSet[str]) -> None:
    """A page is drawn to its end: of the controls known before, let go of those that it does not have.

    A run that a newer click has overtaken ends here instead.
    """
    context = get_script_run_ctx()
    if context is None or _PAGE not in st.session_state:
        return
    state = context.session_state._state
    names = state._key_id_mapper
    for gone in known - context.shared.widget_ids_this_run.snapshot():
        for held in (_called(), state._new_widget_state.states, state._old_state):
            held.pop(gone, None)
        name = names.id_key_mapping.pop(gone, None)
        if name is not None and names.get_id_from_key(name) == gone:
            del names._key_id_mapping[name]
    taking.drawn()


def _called() -> dict[str, object]:
    """What each control calls, by its id."""
    context = get_script_run_ctx()
    return context.session_state._state._new_widget_state.widget_metadata if context else {}
