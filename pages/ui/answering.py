"""What can be asked of the data: a card for each page that answers, and what is lacking for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from insight.pipeline import Readiness
from pages.ui import places, signing
from pages.ui.gate import Context
from pages.ui.places import Place
from pages.ui.states import lacking_words, mending
from pages.ui.words import md_text


def cards(context: Context) -> None:
    """Every question the tool can answer, page by page: open it, or what it lacks and where to mend that."""
    st.header("能回答的问题", anchor=False)
    by_page: dict[Place, list[Readiness]] = {}
    for one in context.status.readiness:
        if signing.opens(place := places.place_of(one.key)):
            by_page.setdefault(place, []).append(one)
    with st.grid(3, min_column_width=260, border=True):
        for place, questions in by_page.items():
            _card(context, place, questions)


def _card(context: Context, place: Place, questions: Sequence[Readiness]) -> None:
    """What one page answers, and what its other questions still lack."""
    with st.container(gap="xsmall"):
        st.markdown(f"**{place.title}**")
        st.caption(place.purpose)
        with st.container(horizontal=True, gap="xsmall"):
            for one in questions:
                if not one.lacking:
                    places.open_analysis(one.key, study=context.name, label=one.title)
        for lacking, waiting in _waiting(questions).items():
            names = "、".join(one.title for one in waiting)
            st.caption(f"{names}：还缺{md_text(lacking_words(lacking))}")
            way = mending(lacking, context.status.tables)
            if signing.opens(way):
                places.link(way, study=context.name, label=f"去{way.title}")


def _waiting(questions: Sequence[Readiness]) -> Mapping[tuple[str, ...], list[Readiness]]:
    """The questions that cannot be answered yet, by what they lack."""
    waiting: dict[tuple[str, ...], list[Readiness]] = {}
    for one in questions:
        if one.lacking:
            waiting.setdefault(one.lacking, []).append(one)
    return waiting
