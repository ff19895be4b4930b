"""Tables whose cells can be clicked: what a click does, and how all marks are taken off again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

Pick = Callable[[int], None]  # what a click on row n of a table does
MOST_LINES = 100_000  # longer tables load as they scroll and cannot be clicked
_KEY = "pick:"  # how the keys of clickable tables begin


def options(name: str, act: Callable[[int, str], None] | None) -> dict[str, Any]:
    """The options of ``st.dataframe`` that make its cells clickable.

    Parameters
    ----------
    name : of the table on this page
    act : what a click does, given the line (0-based, as the data lie) and the heading of the cell
    """
    if act is None:
        return {}
    key = f"{_KEY}{name}"

    def clicked() -> None:
        for line, head in _cells(key)[:1]:
            act(line, head)

    return {"key": key, "on_select": clicked, "selection_mode": "single-cell"}


def forget() -> None:
    """Unmark the clicked cells of all tables, so that each can be clicked again."""
    marked = [k for k in st.session_state if str(k).startswith(_KEY) and _cells(str(k))]
    for key in marked:
        st.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": []}}


def _cells(key: str) -> list[tuple[int, str]]:
    cells: list[tuple[int, str]] = st.session_state[key]["selection"]["cells"]
    return cells
