"""客户 · 分层: who is worth what, what each segment looks like, how they differ, and who is high-ticket."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import cards, naming

# What an analysis asks above its answer.
ASKED = {
    "segment_cards": ("by",), "clusters": ("n_clusters",), "migration": ("by",), "crosses": ("rows", "columns"),
    "price_bands": ("of", "by"), "typing": ("by",), "need_segments": ("by",), "need_classes": ("by",),
}  # fmt: skip
DRAWN = {"segment_cards": cards.draw}  # what tells it all in the place of a picture
SCHEMES = {"eight": "中国八类", "eleven": "国际十一类"}


def compare(key: str) -> bool:
    """Two segments side by side, chosen here."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = ui.one_of("分层方式", ui.choices(context, "breaks"), name="by", default=ui.recorded(context, key, "by"), width=220)  # fmt: skip
        overview = ui.worked_out(context, "segment_profile", changes={"by": by})
        if overview is None:
            return False
        groups = {name: name for name in overview.tables["profile"]["segment"].to_list()}
        first = ui.one_of("甲组", groups, name="first", default=ui.recorded(context, key, "first"), width=200)  # fmt: skip
        others = {"": "其余客户"} | {name: name for name in groups if name != first}
        second = ui.one_of("乙组", others, name="second", default=ui.recorded(context, key, "second"), width=200)  # fmt: skip
        slot = st.container(width="content")
    chosen = {"by": by, "first": first, "second": second}
    with top:
        ui.heading(context, key, fixed=chosen)
    result = ui.worked_out(context, key, changes=chosen)
    if result:
        with slot:
            ui.record(context, key, chosen)
        ui.body(context, key, result, changes=chosen)
    return result is not None


def define(key: str) -> bool:
    """The definition of a high-ticket customer, with its preview; recorded, every page uses it."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = ui.live(context, key, ("measure", "rule"))
        is_amount = chosen["rule"] == "amount"
        more = ["amount" if is_amount else "top_share"]
        if chosen["rule"] != "top_of_category" and ui.choices(context, "categories"):
            more.append("category")
        chosen |= ui.live(context, key, more)
        slot = st.container(width="content")
    with top:
        ui.heading(context, key, fixed=chosen)
    result = ui.worked_out(context, key, changes=chosen)
    if result:
        with slot:
            ui.record(context, key, chosen, label="各页都用这个定义")
        ui.body(context, key, result, changes=chosen)
    return result is not None


def names(_key: str) -> bool:
    """The names of the RFM groups, to be edited."""
    st.title("每一层叫什么名字？", anchor=False)
    default = ui.recorded(context, "rfm", "names")
    scheme = ui.one_of("名称表", SCHEMES, name="scheme", default=default)
    naming.editor(context, scheme)
    return True


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.SEGMENTS, also={"names": "分层名称"})
if ui.is_ready(context, "rfm" if key == "names" else key):
    own = {"segment_compare": compare, "high_ticket": define, "names": names}.get(key)
    if own(key) if own else ui.show_with(context, key, ASKED.get(key, ()), drawn=DRAWN.get(key)):
        ui.next_step(context, ui.places.MATRIX, "看每个人群需要什么")
