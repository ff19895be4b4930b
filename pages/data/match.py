"""数据 · 匹配: who is who, and whether those who were found stand for all."""

from __future__ import annotations

from insight import pipeline
from pages import ui
from pages.ui import matching

VIEWS = {"match": "谁是谁", "match_bias": "有没有偏差"}


def match() -> None:
    """How many were found, by which key, and which ties count."""
    if ui.is_ready(context, "match") and ui.show(context, "match"):
        found = pipeline.workbench(context.study)
        matching.keys(found)
        matching.tiers(context, found)
        matching.conflicts(found)
        ui.next_step(context, ui.places.MATCH, "看对得上的人有没有偏差", view="match_bias")


def bias() -> None:
    """Matched against all other customers."""
    if ui.is_ready(context, "match_bias") and ui.show(context, "match_bias"):
        ui.next_step(context, ui.places.WEIGHTS, "让答卷代表全部客户")


ui.require("view")
context = ui.enter()
{"match": match, "match_bias": bias}[ui.view(VIEWS)]()
