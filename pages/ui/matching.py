"""Who is who, on the screen: which ties count, and what each key gave."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.schema import IDENTITIES
from pages.ui import entry, tables
from pages.ui.gate import Context
from pages.ui.states import forget

_KEYS = {column.name: column.label for column in IDENTITIES}
_HELP = {
    "masked": "打码的手机号在两边都只有一个人符合，并且地区或昵称也一致，才算对上。",
    "weak": "昵称在两边都只有一个人用时算对上；昵称可以重复，只建议用来看方向。",
}


def tiers(context: Context, found: pipeline.Workbench) -> None:
    """Switches for the ties that are less than the same identity; each change is a revision."""
    st.header("哪些对应算数", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("相同的会员号、手机号或邮箱总是算数。")
        chosen = tuple(tier for tier in ("masked", "weak") if _switch(context, found, tier))
    wanted: tuple[Any, ...] = ("exact", *chosen)
    if set(wanted) != set(found.matching.tiers):
        pipeline.set_matching(context.study, wanted, parent=context.revision)
        forget()
        st.rerun()


def _switch(context: Context, found: pipeline.Workbench, tier: str) -> bool:
    return entry.toggle(
        pipeline.TIER_LABELS[tier], tier in found.matching.tiers, key=f"edit:tier:{tier}:{context.revision}", help=_HELP[tier]
    )  # fmt: skip


def keys(found: pipeline.Workbench) -> None:
    """What each key gave, in the order they are tried, and what became of the weaker candidates."""
    if not found.keys.is_empty():
        st.header("凭什么对上的", anchor=False)
        rows = [
            {
                "数据": tables.word(one["table"]), "标识": _KEYS.get(one["key"], one["key"]), "有这个标识": one["n_with_key"],
                "凭它能对上": one["n_matched"], "靠它定下": one["n_decided"],
            }
            for one in found.keys.to_dicts()
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True, height="content", alt="各标识的匹配")
        st.caption("按从上到下的顺序依次尝试；同一标识对应多位客户时不合并。")
    if not found.outcomes.is_empty():
        rows = [
            {"数据": tables.word(one["table"]), "对应方式": pipeline.TIER_LABELS[one["tier"]], "结果": one["outcome"], "行数": one["n"]}
            for one in found.outcomes.to_dicts()
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True, height="content", alt="打码手机号与昵称的结果")


def conflicts(found: pipeline.Workbench) -> None:
    """The rows whose keys point to different people."""
    if found.conflicts.is_empty():
        return
    with st.expander(f"几个标识指向不同客户（{found.conflicts.height:,} 行）", icon=":material/call_split:"):  # fmt: skip
        st.caption("以最可信的标识为准（会员号、手机号、邮箱依次）。请在原表核对。")
        rows = [
            {"数据": tables.word(one["table"]), "第几行": one["row"], "指向的客户（末 6 位）": one["customers"]}
            for one in found.conflicts.to_dicts()
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True, alt="矛盾的标识")
