"""The frame around every page: the menu, and the study and its state above it."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
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
    letting_go,
    places,
    presence,
    server,
    signing,
    states,
)
from pages.ui.words import md_text

_LIGHTS = (("orders", "订单"), ("responses", "问卷"), ("texts", "文本"))


def frame() -> None:
    """Draw the menu and the sidebar, and run the page that the address asks for."""
    st.logo(server.ICON)
    with signing.entered(closed=lambda: _entitled(_menu(()))):
        page = _entitled(_menu(_offered()))
        with st.sidebar:
            signing.badge()
            top = st.container()
        known = letting_go.begin(page.url_path)
        outcome = states.tried(lambda: _run(page, top))
        if isinstance(outcome, InsightError):
            states.failed(outcome)
        letting_go.end(known)


def _entitled(page: Any) -> Any:  # noqa: ANN401 (Streamlit's own page)
    """The page, whose name the tab now bears."""
    title = f"{places.at(page.url_path).title}｜客户需求洞察"
    st.set_page_config(title, server.ICON, layout="wide")
    return page


def _run(page: Any, top: Any) -> None:  # noqa: ANN401 (Streamlit's own page and container)
    autosave.open_page(page.url_path)
    with (
        gate.entered() as context,
        signing.working_on(context.study.id),
        pipeline.in_its_currency(context.study),
    ):
        with top:
            _study(context)
            presence.show(context, places.at(page.url_path).title)
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


def _offered() -> tuple[str, ...]:
    """The addresses of the pages that stand in the menu of whoever works here."""
    in_part = signing.is_asked() and _sees_in_part()
    return tuple(
        place.path
        for group in places.GROUPS.values()
        for place in group
        if signing.could(place.right) and place.in_part >= in_part
    )


def _sees_in_part() -> bool:
    path = gate.path_of(gate.known_name())
    return path is not None and signing.sees_in_part(gate.id_of(path))


def _menu(offered: tuple[str, ...]) -> Any:  # noqa: ANN401 (Streamlit's own page)
    """Draw the menu; the page that the address asks for, whether or not it stands there."""
    kept = st.session_state.get("menu:pages")
    if kept is None or kept[0] != offered:
        kept = st.session_state["menu:pages"] = offered, _pages(offered)
    page = st.navigation(kept[1], position="sidebar" if offered else "hidden", expanded=True)
    return copy(page)  # it is marked as run: a run that was overtaken must not mark the next one's


def _pages(offered: Collection[str]) -> dict[str, list[Any]]:
    return {name: [_page_of(place, offered) for place in group] for name, group in places.GROUPS.items()}  # fmt: skip


def _page_of(place: places.Place, offered: Collection[str]) -> Any:  # noqa: ANN401 (Streamlit's own page)
    return st.Page(
        place.file,
        title=f":material/{place.icon}: {place.title}",
        icon="",  # as the tab's icon it would be fetched from Google
        url_path=place.path,
        default=place is places.OVERVIEW,
        visibility="visible" if place.path in offered else "hidden",
        help=place.purpose,
    )


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
