"""行动 · 名单与效果: whom to contact and whom to leave alone, what came of it, how many it takes, and whether it pays."""

from __future__ import annotations

import streamlit as st

from pages import ui
from pages.ui import campaigning

# What an analysis asks above its answer.
ASKED = {
    "uplift": ("campaign", "by", "touched", "start", "used"), "sample_size": ("group", "effect", "hold_out"),
    "roi": ("group", "uplift", "margin", "cost"), "recommendations": ("of", "only_new"),
}  # fmt: skip
BY_ACTION = {"": "（按建议）"}


def listing(key: str) -> bool:
    """The list of a campaign: for a suggestion or a group, handed out or started here."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = ui.choices(context, "actions")
        action = ui.one_of("按哪条建议", known, name="action", default=ui.recorded(context, key, "action"), width=380)  # fmt: skip
        groups = BY_ACTION | {k: name for k, name in ui.choices(context, "customer_groups").items() if k}  # fmt: skip
        group = ui.one_of("或按人群", groups, name="group", default=ui.recorded(context, key, "group"), width=240)  # fmt: skip
        only = str(st.query_params.get("only", "")) if action == st.query_params.get("for") else ""
        chosen = {"action": action, "group": group, "only": only, **ui.live(context, key, ("name", "hold_out"))}  # fmt: skip
        slot = st.container(width="content")
    with top:
        ui.heading(context, key, fixed=chosen)
    result = ui.worked_out(context, key, changes=chosen)
    if result:
        with slot:
            ui.record(context, key, chosen)
        campaigning.hand_out(context, chosen)
        ui.body(context, key, result, changes=chosen)
    campaigning.listed(context)
    return result is not None


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.CAMPAIGNS)
if ui.is_ready(context, key) and (listing(key) if key == "campaign" else ui.show_with(context, key, ASKED.get(key, ()))):  # fmt: skip
    ui.next_step(context, ui.places.REPORT, "写进报告")
