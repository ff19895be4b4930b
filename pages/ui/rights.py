"""What whoever works here may do in the chosen study; on one's own machine everything."""

from __future__ import annotations

import streamlit as st

from insight import access
from insight.access import Right, Role
from pages.ui import signing, states


def may(right: Right, *, everywhere: bool = False) -> bool:
    """Whether whoever works here has a right in the chosen study, or in all of them."""
    return access.has(_role(everywhere=everywhere), right)


def require(right: Right, *, everywhere: bool = False) -> None:
    """Go on only with a right; else one sentence, the way out, and the end of this run.

    Parameters
    ----------
    everywhere : the page is about the server, so that the role in one study does not count
    """
    if may(right, everywhere=everywhere):
        return
    me = signing.here()
    _note(me.name, right)
    where = "（只限当前研究）" if may(right) else ""
    states.failed(access.refusal(right, me.role, where=where))
    st.stop()


def actor() -> str:
    """The name that revisions and the log carry."""
    return signing.here().name


def _role(*, everywhere: bool) -> Role | None:
    return signing.role_everywhere() if everywhere else signing.here().role


def _note(person: str, right: Right) -> None:
    """Put a refusal into the log of the server, once in a session for each right."""
    told = st.session_state.setdefault("signed:refused", set())
    if signing.is_asked() and person and right not in told:
        access.noted("refuse", who=person, right=right)
        told.add(right)
