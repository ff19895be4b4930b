"""The frame around every page: navigation that keeps the study, and its state in the sidebar."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import access, pipeline
from insight.errors import InsightError
from pages.ui import (
    agreed,
    autosave,
    changing,
    conflicting,
    gate,
    places,
    presence,
    server,
    signing,
    states,
)
from pages.ui.words import md_text

_LIGHTS = (("orders", "订单"), ("responses", "问卷"), ("texts", "文本"))


def navigation() -> Any:  # noqa: ANN401 (Streamlit's own page)
    """The page that the address asks for."""
    return st.navigation(_pages(), position="hidden")


def frame(page: Any) -> None:  # noqa: ANN401
    """Draw the sidebar and run the page; a user's mistake ends in the failed state."""
    st.logo(server.ICON)
    with signing.entered():
        with st.sidebar:
            signing.badge()
            top = st.container()
            _menu()
        outcome = states.tried(lambda: _run(page, top))
        if isinstance(outcome, InsightError):
            states.failed(outcome)


def _run(page: Any, top: Any) -> None:  # noqa: ANN401 (Streamlit's own page and container)
    autosave.open_page(page.url_path)
    context = gate.enter()
    with signing.working_on(context.study.id), pipeline.in_its_currency(context.study):
        with top:
            _study(context)
            presence.show(context, page.title)
        above = st.container()
        changing.begin()
        agreed.warn(context)
        outcome = states.tried(lambda: autosave.saved(lambda: _page(page)))
        if isinstance(outcome, InsightError):
            states.failed(outcome)
        with above:
            changing.tell()
            conflicting.offer(context)


def _page(page: Any) -> None:  # noqa: ANN401 (Streamlit's own page)
    """Run a page; for somebody who may see some customers only, one that shows those."""
    if not places.at(page.url_path).in_part:
        access.demand_all()
    page.run()


def _pages() -> list[Any]:
    return [
        st.Page(
            place.file,
            title=place.title,
            icon="",  # as the tab's icon it would be fetched from Google
            url_path=place.path,
            default=place is places.OVERVIEW,
            help=place.purpose,
        )
        for group in places.GROUPS.values()
        for place in group
    ]


def _menu() -> None:
    study = gate.known_name()
    in_part = signing.sees_in_part(gate.id_of(path)) if (path := gate.path_of(study)) else False
    for name, group in places.GROUPS.items():
        if mine := [one for one in group if signing.could(one.right) and one.in_part >= in_part]:
            with st.container(gap="xxsmall"):
                st.caption(name)
                for place in mine:
                    places.link(place, study=study)


def _study(context: gate.Context) -> None:
    """The study's name, revision and its three data lights."""
    names = list(gate.studies())
    picked = st.selectbox(
        "研究", names, names.index(context.name), key=f"study:{context.name}:{len(names)}"
    )
    if picked != context.name:
        st.query_params["study"] = picked
        st.rerun()
    st.caption(f"第 {context.revision} 版")
    if rows := signing.here().rows:
        st.caption(f":material/filter_alt: 只含人群“{md_text(rows.audience)}”的客户")
    st.markdown(" ".join(_light(context, table, label) for table, label in _LIGHTS))


def _light(context: gate.Context, table: str, label: str) -> str:
    rows = context.status.tables.get(table, 0)
    if not rows:
        return f":gray-badge[:material/remove: {label}]"
    return f":blue-badge[:material/check: {label} {md_text(f'{rows:,}')}]"
