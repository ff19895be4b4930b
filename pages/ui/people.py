"""The people behind a row: a click on a mark or a cell opens a drawer with who they are, bought and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from insight import charts, pipeline
from insight.analysis import Result
from insight.errors import InsightError
from insight.units import in_words
from insight.wording import count, money
from pages.ui import picking, pictures, places, signing, tables, taking, unmasking
from pages.ui.gate import Context
from pages.ui.states import tried
from pages.ui.words import md_text

TABLE, ROW = "who", "row"  # in the address: the table, and the words that name its row
TURN = "turn"  # of this session: a chart forgets what is marked in it when the number changes
PERSON = "person"  # of this session: whose row of the list was clicked
PER_PAGE = 6  # quotes
WIDTH = 860  # pixels of the drawer
Changes = Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Opener:
    """Which tables of a result can be opened, and how their rows are named.

    Attributes
    ----------
    changes : parameters that the page itself asks for
    names : table -> the columns that name its rows
    """

    context: Context
    key: str
    result: Result
    changes: Changes
    names: Mapping[str, tuple[str, ...]]

    def at(self, table: str, frame: tables.Frame, at: int) -> None:
        """Put the row into the address; the next run opens it."""
        row = frame.row(at, named=True)
        st.query_params[TABLE] = table
        st.query_params[ROW] = [in_words(row[name], column=name) for name in self.names[table]]


def opener(context: Context, key: str, result: Result, *, changes: Changes) -> Opener:
    """What of a result can be opened; asked once for a result."""
    asked = (context.study.id, context.revision, key, repr(changes))
    kept = st.session_state.get("kept:openable")
    if kept is None or kept[0] != asked:
        names = pipeline.rows_with_people(context.study, key, changes=changes)
        kept = (asked, names)
        st.session_state["kept:openable"] = kept
    return Opener(context, key, result, changes, kept[1])


def close() -> None:
    """Forget the row of the address, and what is marked in charts and tables."""
    for name in (TABLE, ROW):
        st.query_params.pop(name, None)
    picking.forget()
    st.session_state.pop(PERSON, None)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def chart(opened: Opener, name: str, frame: tables.Frame, *, drawn: charts.Kept, alt: str) -> None:
    """Draw a chart whose marks open the row of the table they stand for, where they know it.

    It is scrolled where the screen is narrower than it must be. Its title stands above it as text, which is broken into lines on a small screen; a picture's is cut.
    What it says of itself goes before ``alt``.
    """
    picture = pictures.picture(drawn, pickable=name in opened.names)
    with st.grid(1, min_column_width=picture.least_width, wrap=False):
        _chart(opened, name, frame, picture=picture, alt=alt)


def _chart(
    opened: Opener, name: str, frame: tables.Frame, *, picture: pictures.Picture, alt: str
) -> None:
    spec = picture.spec
    if isinstance(title := spec.pop("title", None), str):
        st.caption(md_text(title))
    said = None if spec.get("description") else alt
    if not picture.is_pickable:
        st.vega_lite_chart(spec=spec, alt=said)
        return
    key = f"chart:{opened.key}:{name}:{st.session_state.get(TURN, 0)}"
    picked = partial(_picked, key, lambda found: opened.at(name, frame, int(found["at"])))
    st.vega_lite_chart(spec=spec, alt=said, key=key, on_select=picked)


def _picked(key: str, act: Callable[[Mapping[str, Any]], None]) -> None:
    """Act on the mark that was clicked."""
    for found in st.session_state[key]["selection"].get(charts.PICKED, [])[:1]:
        act(found)


def drawer(opened: Opener) -> None:
    """Open the drawer on the row that the address names, if there is one."""
    table, words = st.query_params.get(TABLE, ""), st.query_params.get_all(ROW)
    names = opened.names.get(table, ())
    if not names or len(words) != len(names):
        return
    found = _people(opened, table, dict(zip(names, words, strict=True)))
    if isinstance(found, InsightError):
        return
    title = "｜".join(md_text(word) for word in words)
    st.dialog(title, width=WIDTH, position="right", on_dismiss=close)(signing.signed(_drawn))(
        opened, found
    )


def _people(opened: Opener, table: str, row: Mapping[str, str]) -> pipeline.People | InsightError:
    """The people of a row, asked once; an address that names a row no more is no mistake to be told."""
    study, key, changes = opened.context.study, opened.key, opened.changes
    asked = (study.id, opened.context.revision, key, repr(changes), table, repr(row))
    kept: tuple[object, pipeline.People] | None = st.session_state.get("kept:people")
    if kept is not None and kept[0] == asked:
        return kept[1]
    with st.spinner("正在找出这些人"):
        found = tried(lambda: pipeline.people(study, key, row, table=table, changes=changes))
    if not isinstance(found, InsightError):
        st.session_state["kept:people"] = (asked, found)
    return found


def _drawn(opened: Opener, found: pipeline.People) -> None:
    """How many they are, then the list, their orders and their words."""
    st.markdown(md_text(found.in_words))
    said, orders = found.quotes, found.orders
    who, bought, told = st.tabs([
        f"名单 {count(found.persons.height)}", f"订单 {count(found.n_lines)}", f"原话 {count(said.height)}"
    ])  # fmt: skip
    with who:
        _list(opened, found)
    chosen = st.session_state.get(PERSON)
    if chosen:
        said, orders = (frame.filter(frame["key"] == chosen) for frame in (said, orders))
    with bought:
        _orders(orders, n=found.n_lines, of_one=bool(chosen))
    with told:
        _quotes(opened.context, said)


def _list(opened: Opener, found: pipeline.People) -> None:
    """The people under their masks; a click on one narrows orders and quotes to them."""
    if found.persons.is_empty():
        st.caption("这些记录没有可以识别的人。")
        return

    def narrow(at: int) -> None:
        st.session_state[PERSON] = found.persons["key"][at]

    tables.listed(found.persons, alt="名单", pick=narrow, leave=("customer_id",))
    if found.may_leave:
        held, stem = found.tables(), f"{opened.context.name}_{opened.key}_名单"
        if warned := pipeline.alone_in_words(opened.context.study, found.persons):
            st.caption(f":material/person_alert: {md_text(warned)}")
        taking.tables(opened.context, held, "people", stem=stem, right="export_rows")
    else:
        st.caption(f"不到 {pipeline.FEWEST} 人的名单只能在这里看，不能导出。")
    unmasking.ask(opened.context, found, stem=f"{opened.context.name}_{opened.key}")
    st.caption("点一行，订单和原话只看这一位。编号是加密后的末 6 位。")


def _orders(lines: tables.Frame, *, n: int, of_one: bool) -> None:
    if lines.is_empty():
        st.caption("没有能对应上的订单。")
        return
    tables.listed(lines, alt="订单明细")
    if not of_one and n > lines.height:
        st.caption(f"共 {count(n)} 行，这里是最近的 {count(lines.height)} 行。")


def _quotes(context: Context, said: tables.Frame) -> None:
    """A page of quotes, each with who said it and what they are worth."""
    if said.is_empty():
        st.caption("没有留下文字。")
        return
    n_pages = -(-said.height // PER_PAGE)
    page = st.pagination(n_pages, key=f"quotes:{n_pages}") if n_pages > 1 else 1
    for one in said.slice((page - 1) * PER_PAGE, PER_PAGE).to_dicts():
        with st.container(border=True, gap="xsmall"):
            st.text(one["quote"])
            st.caption("｜".join(md_text(word) for word in _about(one)))
            places.more_like(one["text_id"], study=context.name)


def _about(one: Mapping[str, Any]) -> list[str]:
    """Who said it: the portrait, or else the mask, the segment, the spend; then where."""
    where, rating = one.get("question") or one.get("document"), _stars(one)
    if one.get("portrait"):
        return [str(word) for word in (one["portrait"], where, rating) if word]
    spend = None if one["spend"] is None else f"消费 {money(one['spend'])}"
    known = (one["person"], one["segment"], spend, where, rating)
    return [str(word) for word in known if word]


def _stars(one: Mapping[str, Any]) -> str:
    return "" if one.get("rating") is None else f"{one['rating']:g} 分"
