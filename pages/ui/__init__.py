"""What pages share: the gate, forms, how a result is shown, and the states of a page."""

from insight.analyses import find
from pages.ui import book, heads, places, tables, taking
from pages.ui.beside import show_of_customers, show_with
from pages.ui.choose import analysis, one_of, record, recorded, view
from pages.ui.form import adjust, choices, live
from pages.ui.gate import Context, enter
from pages.ui.places import go, link, open_analysis
from pages.ui.rights import actor, may, require
from pages.ui.showing import body, heading, show
from pages.ui.signing import opens
from pages.ui.states import (
    broken,
    failed,
    forget,
    is_ready,
    lacking_words,
    mending,
    need_files,
    next_step,
    unpaired,
    worked_out,
)
from pages.ui.waiting import awaited, is_asked
from pages.ui.words import folder_name, md_text

__all__ = [
    "Context", "actor", "adjust", "analysis", "awaited", "body", "book", "broken", "choices", "enter", "failed", "find", "folder_name", "forget", "go", "heading", "heads", "is_asked",
    "is_ready", "lacking_words", "link", "live", "may", "md_text", "mending", "need_files", "next_step", "one_of", "open_analysis", "opens",
    "places", "record", "recorded", "require", "show", "show_of_customers", "show_with", "tables", "taking", "unpaired", "view", "worked_out",
]  # fmt: skip
