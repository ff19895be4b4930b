"""声音 · 问卷表: every question as a whole, across groups, by its mean, and the tests and scales behind it."""

from __future__ import annotations

from pages import ui
from pages.ui import scanning, tabling

# What an analysis asks above its answer; the tables have views of their own.
ASKED = {
    "independence": ("question", "by"), "group_test": ("question", "by", "paired_with"), "reliability": ("scales",),
    "grids": ("order", "breaks"), "ranking": ("unranked", "breaks"), "nps": ("breaks",), "waves": ("wave", "grain"),
}  # fmt: skip
OWN = {
    "topline": tabling.topline,
    "crosstab": tabling.crosstab,
    "means": tabling.means,
    "scan": scanning.draw,
}


def further(key: str) -> None:
    """Any other analysis of answers."""
    if ui.is_ready(context, key) and ui.show_with(context, key, ASKED.get(key, ())):
        ui.next_step(context, ui.places.RESEARCH, "用专项方法看需求和满意度")


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.TABLES)
OWN[key](context) if key in OWN else further(key)
