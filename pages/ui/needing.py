"""The needs on the screen: the matrix in two colours, the words behind each need, and its statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insight import pipeline
from insight.analysis import Result
from insight.errors import InsightError
from insight.pipeline import StatedNeed
from insight.schema.need_statements import LONGEST_PART, NeedStatement
from insight.wording import count
from pages.ui import changing, drafts, entry, figures, people, places, showing
from pages.ui.choose import one_of
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried
from pages.ui.words import md_text

PICTURES = {"matrix": "提到的占比", "stake": "可能流失的金额"}
PARTS = {"when": ("当……时", "例如：磨豆机坏了、马上要用"), "want": ("我想……", "例如：当天就联系上懂机器的人"), "so_that": ("以便……", "例如：不耽误第二天开店")}  # fmt: skip
ACROSS, NARROWEST = 3, 280  # cards in a row, pixels


def draw(result: Result, opened: people.Opener) -> None:
    """The key figures, the matrix coloured by what is asked for, and what else was found."""
    figures.draw(result, result.findings)
    shown = st.segmented_control(
        "颜色", list(PICTURES), default="matrix", format_func=PICTURES.__getitem__, required=True, key="choose:picture", label_visibility="collapsed"
    )  # fmt: skip
    frame = result.tables["matrix"]
    alt = f"图：{PICTURES[str(shown)]}，按需求和人群"
    people.chart(opened, "matrix", frame, drawn=result.charts[str(shown)], alt=alt)
    if shown == "stake":
        st.caption("“至多”：流失率之差的区间含 0，只给上限；“样本不足”：提到或没提到的不足 30 人。各项需求的金额不能相加。")  # fmt: skip
    showing.others(result.findings)


def cards(context: Context, result: Result) -> None:
    """The best words for one need, chosen here, on cards."""
    told = result.tables["cards"].to_dicts()
    if not told:
        return
    st.header("他们是怎么说的", anchor=False)
    known = {f"{row['need']}|{row['source']}": f"{row['need']}（{row['source']}）" for row in told}
    picked = one_of("需求", known, name="need")
    _cards(context, [row for row in told if f"{row['need']}|{row['source']}" == picked])


def _cards(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    with st.grid(ACROSS, min_column_width=NARROWEST):
        for row in rows:
            with st.container(border=True, gap="xsmall"):
                st.text(row["quote"])
                st.caption(md_text(row["portrait"]))
                places.more_like(row["text_id"], study=context.name)


def statements(context: Context, result: Result) -> None:
    """One need with its evidence, its words and the sentence that states it; then all of them."""
    stated = {f"{one.need}|{one.source}": one for one in pipeline.stated_needs(context.study, result=result)}  # fmt: skip
    labels = {key: f"{one.need}（{one.source}）" for key, one in stated.items()}
    chosen = stated[one_of("需求", labels, name="need", width=440)]
    st.markdown(f"**{md_text(_sentence(chosen))}**")
    st.caption(md_text(evidence(chosen)))
    _form(context, chosen, result)
    told = result.tables["cards"].to_dicts()
    _cards(context, [r for r in told if (r["need"], r["source"]) == (chosen.need, chosen.source)])
    st.header("全部需求", anchor=False)
    lines = (f"- **{md_text(one.need)}**　{md_text(_sentence(one))}  \n  :small[:gray[{md_text(evidence(one))}]]" for one in stated.values())  # fmt: skip
    st.markdown("\n".join(lines))


def evidence(one: StatedNeed) -> str:
    """The badge of a need, and how many people say it in each source."""
    heard = f"问卷 {count(one.n_survey)} 人，访谈 {count(one.n_interviews)} 人，评价 {count(one.n_reviews)} 人；其中买过的客户 {count(one.n_buyers)} 人"
    return f"来源印证 {one.sources or '0/3'}：{heard}"


def _sentence(one: StatedNeed) -> str:
    return one.statement.sentence or "还没有写需求陈述。"


def _form(context: Context, one: StatedNeed, result: Result) -> None:
    """The three parts of the sentence; an empty statement is forgotten."""
    stem, own = f"edit:need:{one.need}", one.statement.model_dump()
    with st.container(border=True):
        parts = {name: entry.text_input(label, own[name], max_chars=LONGEST_PART, placeholder=hint, key=kept(f"{stem}:{name}", context.revision)) for name, (label, hint) in PARTS.items()}  # fmt: skip
        if not changing.button(
            "保存陈述", type="primary", icon=":material/save:", key=f"{stem}:save"
        ):
            return
    made = NeedStatement(need=one.need, **parts)
    saved = tried(lambda: pipeline.state_need(context.study, made, parent=drafts.parent(context, stem), result=result))  # fmt: skip
    if isinstance(saved, InsightError):
        failed(saved)
        return
    forget()
    st.rerun()
