"""Weights on the screen: to all customers in one click, or to shares that are typed; tried, then used."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema import CROSSED, WEIGHTING_METHODS, Weighting
from pages.ui import changing, drafts, entry, form, showing
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried
from pages.ui.words import md_text

KEY = "weights"
NAMES = ("margins", "targets", "method", "smallest", "largest")
_SOURCES = {"customers": "全部客户（来自订单）", "typed": "自己填的占比"}
_CAPS = (0.05, 10.0)


def asked(context: Context) -> dict[str, object]:
    """What the user weights to, as parameters of the analysis; empty while that cannot be tried."""
    showing.heading(context, KEY, fixed=dict.fromkeys(NAMES, ""))
    st.markdown("给每份答卷一个权重，使各组的占比与目标一致；问卷表、检验和报告随之加权。先试算，满意了再用。")  # fmt: skip
    now = pipeline.weighting(context.study)
    begin = now if now.is_on else pipeline.suggested_weighting(context.study)
    sources = _SOURCES if begin.margins else {"typed": _SOURCES["typed"]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = "typed" if now.targets or "customers" not in sources else "customers"
        source = entry.segmented_control("目标从哪里来", list(sources), default=first, format_func=sources.__getitem__, required=True, key=_own(context, "source"))  # fmt: skip
        method = entry.segmented_control("方法", list(WEIGHTING_METHODS), default=now.method, format_func=WEIGHTING_METHODS.__getitem__, required=True, key=_own(context, "method"))  # fmt: skip
        low, high = entry.slider("权重上下限（均值的倍数）", *_CAPS, (now.smallest, now.largest), 0.05, key=_own(context, "caps"), width=260)  # fmt: skip
    told = {"method": method, "smallest": min(low, 1.0), "largest": max(high, 1.0)}
    if source == "customers":
        margins = _several(context, "margins", begin.margins, label="让这些特征与全部客户一致")
        return told | {"margins": margins, "targets": ""} if margins else {}
    shares = _typed(context, now, is_cell=method == "cell")
    if not shares or not all(_adds_up(own) for own in shares.values()):
        return {}
    return told | {"margins": [], "targets": pipeline.targets_text(shares)}


def _own(context: Context, name: str) -> str:
    return kept(f"edit:weights:{name}", context.revision)


def _several(context: Context, kind: str, default: tuple[str, ...], *, label: str) -> list[str]:
    known = form.choices(context, kind)
    present = [key for key in default if key in known]
    return entry.multiselect(label, list(known), present, known.__getitem__, placeholder="选一个或几个", key=_own(context, kind), width=520)  # fmt: skip


def _typed(context: Context, now: Weighting, *, is_cell: bool) -> dict[str, dict[str, float]]:
    """Margin -> group -> percent, as typed into one small table each; of cells there is only one."""
    recorded = {target.margin: target.shares for target in now.targets}
    parts = tuple(part for key in recorded for part in key.split(CROSSED))
    chosen = _several(context, "breaks", parts, label="按哪些题目或特征填占比")
    keys = [CROSSED.join(chosen)] if is_cell and chosen else chosen
    found: dict[str, dict[str, float]] = {}
    with st.grid(3, min_column_width=260):
        for key in keys:
            present = tried(lambda key=key: pipeline.present_shares(context.study, key))
            if isinstance(present, InsightError):
                failed(present)
                return {}
            with st.container():
                found[key] = _table(context, key, present, recorded.get(key, {}))
    return found


def _table(
    context: Context, key: str, present: dict[str, float], recorded: dict[str, float]
) -> dict[str, float]:
    """One margin: what it is now, and what it shall be."""
    known = form.choices(context, "breaks")
    st.markdown(f"**{md_text(CROSSED.join(known.get(part, part) for part in key.split(CROSSED)))}**")  # fmt: skip
    rows = [
        {"组": group, "答卷占比": round(share, 1), "目标占比": recorded.get(group, round(share, 1))}
        for group, share in present.items()
    ]
    percents = {name: st.column_config.NumberColumn(format="%.1f%%") for name in ("答卷占比", "目标占比")}  # fmt: skip
    place = f"edit:weights:share:{key}:{context.revision}"
    edited: Any = entry.data_editor(drafts.resumed(place, rows), hide_index=True, disabled=["组", "答卷占比"], column_config=percents, key=place)  # fmt: skip
    shares = {str(row["组"]): float(row["目标占比"] or 0) for row in edited}
    total = sum(shares.values())
    st.caption(f"合计 {total:.1f}%" if _adds_up(shares) else f":red[合计 {total:.1f}%，应为 100%]")
    return shares


def _adds_up(shares: dict[str, float]) -> bool:
    return abs(sum(shares.values()) - 100) <= 0.5


def use(context: Context, chosen: dict[str, object]) -> None:
    """Buttons that let these weights count, or none."""
    now, wanted = (
        pipeline.weighting(context.study),
        pipeline.weighting_of(context.study, chosen),
    )
    with st.container(horizontal=True):
        is_used = now == wanted
        label = "正在用这些权重" if is_used else "用这些权重"
        if changing.button(label, type="primary", disabled=is_used, icon=":material/balance:"):
            _set(context, wanted)
        if now.is_on and changing.button("不加权", icon=":material/close:"):
            _set(context, Weighting())


def _set(context: Context, wanted: Weighting) -> None:
    done = tried(
        lambda: pipeline.set_weighting(
            context.study, wanted, parent=drafts.parent(context, "edit:weights:")
        )
    )
    if isinstance(done, InsightError):
        st.error(md_text(done))
        return
    forget()
    st.rerun()
