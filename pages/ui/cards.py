"""Segments side by side, one card each: how many they are, what sets them apart, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from insight.analysis import Result
from insight.units import unit_of, written
from insight.wording import count, money, percent
from pages.ui.people import Opener
from pages.ui.words import md_text

ACROSS, NARROWEST = 3, 300  # cards in a row, pixels
MOST_ITEMS = 4  # of a kind; the table has them all
_NEGLIGIBLE = "可忽略"
Row = Mapping[str, Any]


def draw(result: Result, opened: Opener) -> None:
    """One card for each segment, the largest spend first."""
    items, quotes = (result.tables[name].to_dicts() for name in ("cards", "quotes"))
    with st.grid(ACROSS, min_column_width=NARROWEST):
        for at, own in enumerate(result.tables["segments"].to_dicts()):
            with st.container(border=True, gap="xsmall"):
                _head(own, at, result, opened)
                _items([one for one in items if one["segment"] == own["segment"]], own)
                _quotes([one for one in quotes if one["segment"] == own["segment"]])


def _head(own: Row, at: int, result: Result, opened: Opener) -> None:
    """Whose card it is, and what they are worth; the button opens the list of its people."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
        st.subheader(md_text(own["segment"]), anchor=False)
        st.button(
            "名单", key=f"card:{at}", type="tertiary", icon=":material/group:",
            on_click=partial(opened.at, "segments", result.tables["segments"], at),
        )  # fmt: skip
    people = f"{count(own['n_customers'])} 人（占 {percent(own['share_of_customers'])}）"
    share = f"（占 {percent(own['share_of_spend'])}）"
    each = f"人均 {money(own['spend_per_customer'])}"
    st.caption(f"{people}  \n消费 {money(own['spend'])}{share}，{each}")


def _items(items: Sequence[Row], own: Row) -> None:
    """What sets them apart, kind by kind, or that nothing does."""
    if not items:
        st.markdown(f":gray[{_nothing(own)}]")
    for kind in dict.fromkeys(one["kind"] for one in items):
        told = [one for one in items if one["kind"] == kind]
        large = [one for one in told if one["effect_size"] != _NEGLIGIBLE] or told
        lines = [_line(one) for one in large[:MOST_ITEMS]]
        left = len(told) - len(lines)
        more = f" :gray[另有 {count(left)} 项差异较小]" if left else ""
        st.markdown(f":small[**{kind}**{more}]\n" + "\n".join(f"- {line}" for line in lines))


def _nothing(own: Row) -> str:
    if not own["n_looks"]:
        return "人数太少，不作比较。"
    return f"没有显著不同于其余客户的地方，检验了 {count(own['n_looks'])} 项。"


def _line(one: Row) -> str:
    """The item, the segment's value with the direction, and everybody else's value with the base."""
    value, rest = (_value(one, name) for name in ("value", "rest_value"))
    way, colour = ("upward", "blue") if one["effect"] > 0 else ("downward", "orange")
    who = f"其余 {rest}，n={count(one['base'])}，差异{one['effect_size']}"
    figure = f":{colour}[:material/arrow_{way}: **{value}**]"
    return f"{md_text(one['item'])}　{figure}  \n  :small[:gray[{who}]]"


def _value(one: Row, name: str) -> str:
    figure = written(one[name], unit_of(name, beside=one))
    counted = one["unit"] if one["unit"] in ("天", "次", "分") else ""
    return md_text(f"{figure} {counted}".strip())


def _quotes(quotes: Sequence[Row]) -> None:
    """Their own words, each with where they were said."""
    for one in quotes:
        where = one["question"] or one["source"]
        told = f"  \n:small[:gray[{md_text(where)}]]" if where else ""
        st.markdown(f"> {md_text(one['quote'])}{told}")
