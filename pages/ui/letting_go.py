"""What is no longer on the screen is let go.

Streamlit keeps what a control calls as long as the session lasts, also of controls that are gone, and with
it every table that such a call would need. A session that looked at all pages would hold all results.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def controls() -> None:
    """Let go of what controls call that this page, now drawn to its end, does not have."""
    context = get_script_run_ctx()
    if context is None:
        return
    called = context.session_state._state._new_widget_state.widget_metadata
    known = set(called)
    for gone in known - context.shared.widget_ids_this_run.snapshot():
        called.pop(gone, None)
