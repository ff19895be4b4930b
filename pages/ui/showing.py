"""An analysis on the screen, in the order of reading: answer, picture, table, the rest, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from insight import claims
from insight.analyses import find
from insight.analysis import Analysis, Cell, Finding, Result
from insight.units import table_label
from pages.ui import figures, form, only, people, places, reported, tables, taking
from pages.ui.choose import one_of
from pages.ui.gate import Context
from pages.ui.states import worked_out
from pages.ui.words import md_text

MOST_OTHERS = 8


Drawn = Callable[[Result, people.Opener], None]


def show(context: Context, key: str) -> Result | None:
    """Draw one analysis under its question; where it fails, its parameters can still be mended."""
    heading(context, key)
    if result := worked_out(context, key):
        body(context, key, result)
    return result


def heading(
    context: Context, key: str, *, fixed: Mapping[str, object] = MappingProxyType({})
) -> None:
    """The question as the title, and the panel of parameters beside it; drawn before any result.

    Parameters
    ----------
    fixed : parameters that the page itself asks for, left out of the panel, and what was chosen
    """
    analysis = find(key)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(analysis.question, anchor=False, width="stretch")
        only.ask(context, key)
        form.adjust(context, analysis, fixed=fixed)


def body(
    context: Context,
    key: str,
    result: Result,
    *,
    name: str = "",
    changes: people.Changes = None,
    drawn: Drawn | None = None,
) -> None:
    """Answer, picture, table, the people behind them, the rest, and how.

    Parameters
    ----------
    name : the table, the chart and the findings to show; default: the first of each
    changes : the parameters that the page itself asks for, if the result was made with them
    drawn : draws what tells it all in the place of figures, picture, other findings and quotes
    """
    reported.carry_out()
    findings = about(result, name)
    opened = people.opener(context, key, result, changes=changes)
    told, taken = st.columns((4, 1), vertical_alignment="top")
    with told:
        answer(findings)
    with taken:
        reported.button(context, key, changes)
    if drawn:
        drawn(result, opened)
    else:
        figures.draw(result, findings)
        picture(result, opened, name=name)
    table(result, opened, name=name)
    people.drawer(opened)
    if not drawn:
        others(findings)
        quotes(context, result)
    method(find(key), result)


def about(result: Result, name: str) -> tuple[Finding, ...]:
    """The findings that table ``name`` or the row called so proves; all where there are none."""
    own = [f for f in result.findings if any(_is_about(result, cell, name) for cell in f.evidence)]
    return tuple(own) or result.findings


def _is_about(result: Result, cell: Cell, name: str) -> bool:
    frame = result.tables[cell.table]
    return cell.table == name or frame[frame.columns[0]][cell.row] == name


def answer(findings: Sequence[Finding]) -> None:
    """The first finding, as the sentence that answers the question."""
    if not findings:
        st.markdown("这些数据里没有足以成句的发现，下面的图和表照常可用。")
        return
    first = findings[0]
    st.markdown(f"**{md_text(claims.told(first))}**", help=md_text(first.test) or None)


def picture(result: Result, opened: people.Opener, *, name: str = "") -> None:
    """The main chart; where there are several, one is chosen."""
    names = list(result.charts)
    if not names:
        return
    shown = (
        name if name in names else _one_of(names, key="chart", of=opened.key, titles=result.charts)
    )
    chart = result.charts[shown]
    alt = f"图：{_title(chart, shown, of=opened.key)}"
    people.chart(opened, shown, result.tables.get(shown), drawn=chart, alt=alt)


def table(result: Result, opened: people.Opener, *, name: str = "") -> None:
    """One table of the result with its downloads beside it; a click on a cell opens its people."""
    names = list(result.tables)
    shown = name if name in names else _one_of(names, key="table", of=opened.key, titles={})
    letters = letters_in(result, result.tables[shown])
    frame = result.tables[shown]
    only.tell(result)
    pick = partial(opened.at, shown, frame) if shown in opened.names else None
    means = beneath(result) if shown == "table" else None
    tables.draw(frame, alt=table_label(shown, of=opened.key), letters=letters, pick=pick, means=means)  # fmt: skip
    if pick:
        st.caption("点图里的一项或表里的一格，看背后的人、他们的订单和原话。")
    stem = f"{opened.context.name}_{opened.key}"
    taking.tables(opened.context, result.tables, shown, stem=stem, of=opened.key)


def beneath(result: Result, question: str = "") -> tables.Frame:
    """The means that stand below the shares of a banner; of one question where it is named; else None."""
    means = result.tables.get("means")
    if means is None or not {"row", "column", "break", "sd"} <= set(means.columns):
        return None
    return means.filter(question=question) if question else means


def _one_of(names: list[str], *, key: str, of: str, titles: Mapping[str, Any]) -> str:
    """The name that was picked, of a result of ``of``; nothing is drawn where there is only one."""
    if len(names) == 1:
        return names[0]
    label = {"chart": "图", "table": "表"}[key]
    known = {name: _title(titles.get(name), name, of=of) for name in names}
    if len(names) <= form.MOST_BUTTONS:
        picked = st.segmented_control(
            label, names, default=names[0], format_func=lambda n: md_text(known[n]), required=True, key=key, label_visibility="collapsed"
        )  # fmt: skip
        return str(picked)
    return str(st.selectbox(label, names, format_func=known.__getitem__, key=key))


def _title(chart: Any, name: str, *, of: str) -> str:  # noqa: ANN401 (any Altair chart)
    title = getattr(chart, "title", None)
    return title if isinstance(title, str) and title else table_label(name, of=of)


def letters_in(result: Result, shown: Any) -> dict[tuple[str, ...], str]:  # noqa: ANN401 (a frame)
    """Group, or break and group -> the letter that significance tests call it by, with * where only the group knows its base is small."""
    told: dict[tuple[str, ...], str] = {}
    for frame in result.tables.values():
        heads = next((c for c in ("column", "segment") if c in frame.columns), None)
        if heads is None or "letter" not in frame.columns:
            continue
        for row in frame.to_dicts():
            star = "*" if "flag" not in shown.columns and row.get("flag") == "*" else ""
            at = (row["break"], row[heads]) if "break" in frame.columns else (row[heads],)
            told[at] = f"{row['letter'] or ''}{star}"
    return told


def others(findings: Sequence[Finding]) -> None:
    """The other findings, as a list."""
    rest = findings[1 : MOST_OTHERS + 1]
    if rest:
        st.header("还看到了什么", anchor=False)
        st.markdown("\n".join(f"- {md_text(claims.told(one))}" for one in rest))


def quotes(context: Context, result: Result) -> None:
    """What people said, topic by topic, word for word; nothing is drawn where nobody is quoted."""
    said = result.tables["quotes"].to_dicts() if "quotes" in result.tables else []
    topics = {str(row["topic"]): str(row["label"]) for row in said}
    if not topics:
        return
    st.header("他们是怎么说的", anchor=False)
    shown = one_of("主题", topics, name="topic")
    for row in said:
        if str(row["topic"]) == shown:
            with st.container(border=True):
                st.text(row["quote"])
                if row.get("text_id"):
                    places.more_like(row["text_id"], study=context.name)


def method(analysis: Analysis, result: Result) -> None:
    """口径: definitions, bases, tests and sources, folded away."""
    with st.expander("口径与方法", icon=":material/info:"):
        st.markdown("\n".join(f"- {md_text(note)}" for note in result.notes))
        tests = dict.fromkeys(one.test for one in result.findings if one.test)
        st.markdown("\n".join(f"- 检验：{md_text(test)}" for test in tests))
        st.caption(f"分析：{md_text(analysis.title)}（命令行名称 {md_text(analysis.key)}）")
