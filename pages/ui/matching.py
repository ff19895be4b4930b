"""Who is who, on the screen: which ties count, what each key gave, and the weights of the respondents."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema import IDENTITIES, Weighting
from insight.wording import count, percent
from pages.ui import form, tables
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried
from pages.ui.words import md_text

SUGGESTED = ("value_tier", "customers.region", "orders.region")  # margins to begin with
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
    return st.toggle(
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


def weights(context: Context, found: pipeline.Workbench) -> None:
    """Choose the margins, see what the weights do and cost, then let them count."""
    st.title("让答卷代表全部客户", anchor=False)
    st.markdown(
        "给每份答卷一个权重，使这些人群的占比与全部客户一致；问卷表、交叉表和报告随之加权。"
    )
    known = form.choices(context, "margins")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        default = [m for m in found.weighting.margins or SUGGESTED if m in known]
        picked = st.multiselect("按哪些人群", list(known), default, known.__getitem__, placeholder="选一个或几个人群", key=f"edit:margins:{context.revision}", width=520)  # fmt: skip
        low, high = st.slider("权重上下限（均值的倍数）", 0.1, 10.0, (found.weighting.smallest, found.weighting.largest), 0.1, key=f"edit:caps:{context.revision}", width=280)  # fmt: skip
    wanted = Weighting(margins=tuple(picked), smallest=low, largest=high)
    if picked:
        made = tried(lambda: pipeline.preview_weighting(context.study, wanted))
        if isinstance(made, InsightError):
            failed(made)
            return
        _made(made)
    _use(context, wanted, changed=wanted != found.weighting)


def _made(made: Any) -> None:  # noqa: ANN401 (the weights)
    raked = made.raked
    with st.grid(4, min_column_width=150):
        st.metric("加权的答卷", count(made.weights.height), border=True)
        st.metric("加权效率", percent(raked.efficiency), border=True, help="有效样本量 ÷ 样本量（Kish）；越低，误差越大。")  # fmt: skip
        st.metric("最大差距", percent(max(raked.gaps.values()), digits=2), border=True)
        weight = made.weights["weight"]
        st.metric("权重范围", f"{weight.min():.2f}–{weight.max():.2f}", border=True)
    if not raked.is_close:
        st.warning("上下限内达不到目标占比：放宽上下限，或少选一个人群。", icon=":material/warning:")  # fmt: skip
    tables.draw(made.margins, alt="各人群加权前后")


def _use(context: Context, wanted: Weighting, *, changed: bool) -> None:
    label = "用这些权重" if wanted.margins else "不加权"
    if st.button(label, type="primary", disabled=not changed, icon=":material/balance:"):
        done = tried(lambda: pipeline.set_weighting(context.study, wanted, parent=context.revision))
        if isinstance(done, InsightError):
            st.error(md_text(done))
            return
        forget()
        st.rerun()
