"""Who else has this study open, and where: a line in the head that renews itself; nothing where one is alone."""

from __future__ import annotations

import secrets
import time

import streamlit as st

from insight import study as store
from insight.study import Here, Study
from pages.ui import signing
from pages.ui.gate import Context
from pages.ui.words import md_text

EVERY = 20.0  # seconds between two signs of life
_MOST = 4  # who are named


def show(context: Context, page: str) -> None:
    """Say that this window is here, and name the others."""
    st.fragment(signing.signed(_met), run_every=EVERY)(context.study, page)


def _met(study: Study, page: str) -> None:
    window = st.session_state.setdefault("presence:window", secrets.token_hex(8))
    before: Study | None = st.session_state.get("presence:study")
    if before is not None and before != study:
        store.leave(before, window)
    st.session_state["presence:study"] = study
    me = signing.here().name
    others = store.meet(study, Here(window, me, page), at=time.time())
    if others:
        st.caption(f":material/group: {told(others, me=me)}")


def told(others: tuple[Here, ...], *, me: str) -> str:
    """The others in words: "也在看：王芳（匹配）、另一个窗口（分层）"."""
    named = [f"{md_text('另一个窗口' if one.who == me else one.who)}（{md_text(one.page)}）" for one in others]  # fmt: skip
    more = f"等 {len(named)} 个窗口" if len(named) > _MOST else ""
    return f"也在看：{'、'.join(named[:_MOST])}{more}"
