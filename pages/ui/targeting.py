"""The saved audiences one by one: their rule, and buttons to change, rename, remove and open them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema.audiences import LONGEST_NAME, Audience
from pages.ui import changing, entry, people, places
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text


def listed(context: Context, known: Sequence[tuple[Audience, str]]) -> None:
    """Every audience with what can be done to it."""
    st.header("规则", anchor=False)
    for one, sentence in known:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{md_text(one.name)}**　{md_text(sentence)}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("名单", key=f"who:{one.name}", icon=":material/group:", on_click=_open, args=(one.name,))  # fmt: skip
                if changing.button("修改条件", key=f"change:{one.name}", icon=":material/edit:"):
                    _change(context, one.name)
                _rename(context, one.name)
                if changing.button("删除", key=f"remove:{one.name}", type="tertiary", icon=":material/delete:"):  # fmt: skip
                    _done(lambda name=one.name: pipeline.remove_audience(context.study, name, parent=context.revision))  # fmt: skip


def _open(name: str) -> None:
    """Put the audience into the address; the next run opens its people."""
    st.query_params[people.TABLE] = "audiences"
    st.query_params[people.ROW] = [name]


def _change(context: Context, name: str) -> None:
    for key in ("choose:view", "choose:audience"):
        st.session_state.pop(key, None)
    places.go(places.AUDIENCES, study=context.name, view="build", audience=name)


def _rename(context: Context, name: str) -> None:
    with st.popover("改名", type="tertiary", icon=":material/label:", key=f"rename:{name}:open"):
        new = entry.text_input(
            "新名称", name, max_chars=LONGEST_NAME, key=kept(f"edit:rename:{name}")
        )
        if changing.button("改名", key=f"rename:{name}", type="primary", disabled=new.strip() in ("", name)):  # fmt: skip
            _done(lambda: pipeline.rename_audience(context.study, name, new, parent=context.revision))  # fmt: skip


def _done(work: object) -> None:
    """Carry out a change and load its revision; a mistake is told."""
    outcome = tried(work)  # type: ignore[arg-type]
    if isinstance(outcome, InsightError):
        st.error(md_text(outcome), icon=":material/error:")
        return
    forget()
    st.rerun()
