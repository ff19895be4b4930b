"""A file to take away: its right is asked, its address works once, and what left stands in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from insight import access, pipeline
from insight.access import RIGHT_LABELS, Right
from insight.study import Study
from insight.units import table_label
from pages.ui import once, signing
from pages.ui.gate import Context
from pages.ui.once import Made


def button(
    label: str,
    make: Callable[[], Made] | Made,
    name: str,
    *,
    study: Study,
    right: Right = "export_aggregate",
    rows: int | None = None,
    **look: Any,  # noqa: ANN401 (key, type, help and icon of the button)
) -> bool:
    """A button that hands over a file; without the right it says which one is missing.

    Parameters
    ----------
    make : the content, or what gives it when it is fetched
    name : of the file
    rows : how many people or answers it lists; told by the log
    """
    look = {"icon": ":material/download:", "key": f"take:{name}"} | look
    if lacking := lacks(right):
        st.button(label, **look | {"disabled": True, "help": lacking})
        return False
    address = once.DESK.offer(
        lambda: handed(make, name, study=study, right=right, rows=rows), name,
        holder=_holder(), place=(_session(), look["key"]),
    )  # fmt: skip
    return bool(st.link_button(label, address, on_click="rerun", **look))


def drawn() -> None:
    """A page is drawn to its end: what it does not offer, and an earlier one did, ends."""
    once.DESK.drawn(_session())


def lacks(right: Right) -> str:
    """Why whoever works here may not take a file of this right; "": they may."""
    if access.has(signing.here().role, right):
        return ""
    return f"需要“{RIGHT_LABELS[right]}”的权利，请找管理员。"


def tables(
    context: Context, held: Mapping[str, Any], shown: str, *, stem: str, of: str = "", right: Right | None = None
) -> None:  # fmt: skip
    """Offer all tables of an analysis ``of`` as one workbook, then the shown one as csv.

    Parameters
    ----------
    right : what it takes where the tables are no result; default: by what each of them holds
    """
    study, least = context.study, pipeline.fewest(context.study)
    may_rows = access.has(signing.here().role, "export_rows")
    hides = f"不满 {least} 人的格子和能推算出它们的格子不写数字"
    rows = {name: held[name].height for name in held if pipeline.right_of(held[name]) == "export_rows"}  # fmt: skip

    def left() -> Mapping[str, Any]:
        return held if right else pipeline.outgoing_tables(study, held, with_people=may_rows)

    def book() -> bytes:
        if not right:
            return pipeline.outgoing_book(study, held, of=of, with_people=may_rows)
        return pipeline.xlsx({table_label(name, of=of): table for name, table in held.items()})

    with st.container(horizontal=True):
        button(
            "导出 xlsx", book, f"{stem}.xlsx", study=study, right=right or "export_aggregate", key=f"xlsx:{stem}",
            rows=max(rows.values()) if rows and may_rows else None, help=f"全部表格，一表一页，数字保持为数字；{hides}",
        )  # fmt: skip
        button(
            "导出 csv", lambda: pipeline.csv(left()[shown]), f"{stem}_{table_label(shown, of=of)}.csv", study=study,
            right=right or pipeline.right_of(held[shown]), key=f"csv:{stem}", rows=rows.get(shown), type="tertiary",
            help=f"只含当前表格，Excel 和 WPS 可以直接打开；{hides}",
        )  # fmt: skip


def handed(make: Callable[[], Made] | Made, name: str, *, study: Study, right: Right, rows: int | None = None) -> Made:  # fmt: skip
    """The content, after the right was asked once more and before it leaves a line in the log."""
    access.demand(right)
    made = make() if callable(make) else make
    told = {} if rows is None else {"rows": rows}
    pipeline.noted(study, "export", file=name, **told)
    return made


def _holder() -> once.Holder:
    cookie: object = st.context.cookies.get("_streamlit_xsrf", "")
    return signing.holder(), cookie if isinstance(cookie, str) else ""  # a page in a test has none


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""
