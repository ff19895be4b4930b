"""The head of a book of tables: which breaks stand side by side, nested in each other, and saved under a name."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from pages.ui import changing, choose, entry
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

NESTED = " × "


def asked(context: Context, groups: Mapping[str, str], *, default: list[str]) -> dict[str, object]:
    """The breaks, or the saved banner, that the user chose, as parameters of an analysis.

    Parameters
    ----------
    groups : key of a break -> what the screen calls it; not empty
    default : the breaks the recipe records
    """
    saved = pipeline.banners(context.study)
    outer = list(dict.fromkeys(key.split(NESTED)[0] for key in default))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = ""
        if saved:
            labels = {"": "（自己选人群）"} | {known: known for known in saved}
            name = choose.one_of("表头", labels, name="banner", width=200)
        if name:
            st.caption(md_text("、".join(_told(key, groups) for key in saved[name])))
            breaks: list[str] = []
        else:
            breaks = _breaks(groups, outer)
        _keeping(context, name, breaks)
    return {"breaks": breaks, "banner": name}


def _breaks(groups: Mapping[str, str], default: list[str]) -> list[str]:
    picked = choose.several_of("人群（可并列几个）", groups, name="by", default=default)
    inner = choose.one_of("再按什么细分", {"": "（不细分）"} | dict(groups), name="nest", width=220)
    return [f"{key}{NESTED}{inner}" if inner and key != inner else key for key in picked]


def _told(key: str, groups: Mapping[str, str]) -> str:
    return NESTED.join(groups.get(part, part) for part in key.split(NESTED))


def _keeping(context: Context, name: str, breaks: list[str]) -> None:
    """Save the breaks under a name, or forget the banner that is shown."""
    with st.popover("存为表头" if not name else "管理表头", icon=":material/bookmarks:"):
        if name:
            if changing.button("删除这个表头", key="banner:remove", icon=":material/delete:"):
                _done(tried(lambda: pipeline.remove_banner(context.study, name, parent=context.revision)))  # fmt: skip
            return
        st.caption("把这些人群存成一个表头，以后一键套用到全部题目。")
        told = entry.text_input("表头名称", max_chars=40, key=kept("banner:name"))
        if changing.button("保存", key="banner:save", type="primary"):
            _done(tried(lambda: pipeline.save_banner(context.study, told, breaks, parent=context.revision)))  # fmt: skip


def _done(outcome: object) -> None:
    if isinstance(outcome, InsightError):
        st.error(f"{md_text(outcome.message)}{md_text(outcome.hint)}", icon=":material/error:")
        return
    forget()
    st.rerun()
