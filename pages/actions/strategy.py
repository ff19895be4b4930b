"""行动 · 策略: what to do about whom, which first, the rule book behind it, and what became of what was promised."""

from __future__ import annotations

from pages import ui
from pages.ui import boarding, playing, promising

OTHERS = {"book": "规则库"}


def board(key: str) -> bool:
    """The suggestions as cards, from which lists are made and actions promised."""
    shown = ui.show_with(context, key, ("by",), drawn=boarding.drawn(context))
    return shown is not None


def review(key: str) -> bool:
    """What was promised and what has happened since; the promises can be changed below."""
    shown = ui.show(context, key) is not None
    promising.listed(context)
    return shown


def book(_key: str) -> bool:
    """The rule book, to be read and edited."""
    playing.editor(context)
    return True


ui.require("view")
context = ui.enter()
key = ui.analysis(ui.places.STRATEGY, also=OTHERS)
if ui.is_ready(context, "strategy") and {"strategy": board, "action_review": review, "book": book}[key](key):  # fmt: skip
    ui.next_step(context, ui.places.CAMPAIGNS, "做成名单，留出对照组")
