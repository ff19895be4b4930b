"""The main choice of a page: drawn as a control, kept in the address, and recorded on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from insight import pipeline
from pages.ui import changing, places
from pages.ui.gate import Context
from pages.ui.places import Place
from pages.ui.words import md_text

T = TypeVar("T")


def view(options: Mapping[str, str], *, name: str = "view") -> str:
    """One of a few views of the page; key -> what the button says."""
    key = f"choose:{name}"
    picked = st.segmented_control(
        "视图",
        list(options),
        default=_begins(key, _asked(options, name)),
        format_func=lambda one: md_text(options[one]),
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    return _kept(name, str(picked))


def analysis(place: Place, *, also: Mapping[str, str] = MappingProxyType({})) -> str:
    """One of the analyses of a page: its theme first where there are several themes, then its title.

    Parameters
    ----------
    also : further views of the page, beside those of the first theme; key -> what the button says
    """
    shown = places.shown_on(place)
    themes: dict[str, dict[str, str]] = {}
    for one in shown:
        themes.setdefault(one.theme, {})[one.key] = one.title
    themes[shown[0].theme].update(also)
    if len(themes) == 1:
        return view(themes.popitem()[1])
    asked = str(st.query_params.get("view", ""))
    begun = next((name for name, views in themes.items() if asked in views), next(iter(themes)))
    with st.container(gap="xsmall"):
        theme = st.segmented_control(
            "主题", list(themes), default=_begins("choose:theme", begun), required=True, key="choose:theme",
            label_visibility="collapsed",
        )  # fmt: skip
        views, key = themes[str(theme)], f"choose:view:{theme}"
        if len(views) == 1:
            return _kept("view", next(iter(views)))
        picked = st.pills(
            "分析", list(views), default=_begins(key, _asked(views, "view")), format_func=views.__getitem__,
            required=True, key=key, label_visibility="collapsed",
        )  # fmt: skip
    return _kept("view", str(picked))


def one_of(
    label: str, options: Mapping[str, str], *, name: str, default: str = "", width: int = 320
) -> str:
    """One of many things of the data; key -> Chinese label. ``options`` must not be empty."""
    known, key = list(options), f"choose:{name}"
    begun = _begins(key, _asked(options, name, default))
    at = 0 if begun is None else known.index(begun)
    picked = st.selectbox(label, known, at, options.__getitem__, key=key, width=width)
    return _kept(name, str(picked))


def several_of(
    label: str, options: Mapping[str, str], *, name: str, default: Sequence[str] = (), width: int = 440
) -> list[str]:  # fmt: skip
    """At least one of many things of the data, kept in the address parted by commas; key -> Chinese label."""
    key, asked = f"choose:{name}", str(st.query_params.get(name, "")).split(",")
    usual = [d for d in default if d in options] or [_usual(options)]
    begun = _begins(key, [wish for wish in asked if wish in options] or usual)
    picked = st.multiselect(
        label, list(options), begun, options.__getitem__, key=key, width=width, placeholder="至少选一个"
    )  # fmt: skip
    kept = [str(one) for one in picked] or [_usual(options)]
    _kept(name, ",".join(kept))
    return kept


def recorded(context: Context, key: str, name: str) -> Any:  # noqa: ANN401 (any parameter)
    """What the study's recipe says about parameter ``name`` of analysis ``key``."""
    return getattr(pipeline.params_of(context.study, key), name)


def record(
    context: Context, key: str, changes: Mapping[str, object], *, label: str = "报告也用这个选择"
) -> None:
    """Offer to use this choice in the report too, where the recipe says something else."""
    if all(recorded(context, key, name) == value for name, value in changes.items()):
        return
    if changing.button(label, key=f"record:{key}", icon=":material/bookmark_add:"):
        params = pipeline.params_of(context.study, key, changes)
        pipeline.set_params(context.study, params, key=key, parent=context.revision)
        st.rerun()


def _asked(options: Mapping[str, str], name: str, default: str = "") -> str:
    """What the address asks for, if it exists; else what is shown by itself."""
    wish = str(st.query_params.get(name, ""))
    return wish if wish in options else _usual(options, default)


def _usual(options: Mapping[str, str], default: str = "") -> str:
    return default if default in options else next(iter(options))


def _begins(key: str, asked: T) -> T | None:
    """What a control shows first; None where it is told already.

    Back and forward in the browser change the address, and a control that is there would keep what it showed.
    """
    context = get_script_run_ctx()
    if context is None or not context.is_history_navigation:
        return asked
    st.session_state[key] = asked
    return None


def _kept(name: str, picked: str) -> str:
    if st.query_params.get(name) != picked:
        st.query_params[name] = picked
    return picked
