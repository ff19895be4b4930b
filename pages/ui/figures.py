"""The key figures of an answer: the cells that prove its first sentences, at most four in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from insight.analysis import Cell, Finding, Result
from insight.units import title_of, unit_of, written
from pages.ui import tables
from pages.ui.words import md_text

MOST_FIGURES = 4
# Columns whose words name the row, in the order of importance.
_NAMES = (
    "segment", "bought", "bought_next", "owned", "missing", "recommended", "arm", "cut", "value_group", "need", "label", "row", "column", "option", "wording", "word", "other_word", "likeness", "group", "table",
    "feature", "predictor", "item", "subject", "weekday", "hour", "phase", "category", "period", "part", "method", "measure", "festival", "stage", "definition", "cohort", "wave",
    "audience", "antecedent", "consequent", "channel", "variable", "reason", "event", "need_segment", "object", "polarity", "target", "outcome", "theme", "check", "scenario", "cycle", "column_group", "row_group",
)  # fmt: skip
_ASIDE = frozenset({"nps_margin", "margin"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what it is called, its value as it is written, and whose it is."""

    label: str
    value: str
    of: str


def draw(result: Result, findings: Sequence[Finding]) -> None:
    """At most four key figures: the cells that prove the first findings."""
    found = key_figures(result, findings)
    if not found:
        return
    with st.grid(MOST_FIGURES, min_column_width=150):
        for one in found:
            st.metric(md_text(one.label), md_text(one.value), delta_description=md_text(one.of) or None, border=True)  # fmt: skip


def key_figures(result: Result, findings: Sequence[Finding]) -> tuple[Figure, ...]:
    """The numbers behind the first findings, each once, at most four; no ends of intervals."""
    cells = [c for f in findings[:2] for c in f.evidence if not _is_aside(c.column)]
    told = dict.fromkeys(figure for cell in cells if (figure := _figure(result, cell)))
    return tuple(told)[:MOST_FIGURES]


def _is_aside(column: str) -> bool:
    is_end = not column.startswith("n_") and not {"low", "high"}.isdisjoint(column.split("_"))
    return is_end or column in _ASIDE


def _figure(result: Result, cell: Cell) -> Figure | None:
    frame = result.tables[cell.table]
    value = frame[cell.column][cell.row]
    unit = unit_of(cell.column, beside=frame.row(cell.row, named=True))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    label = title_of(cell.column).removesuffix("（百分点）")
    return Figure(label, written(value, unit), _whose(frame, cell))


def _whose(frame: Any, cell: Cell) -> str:  # noqa: ANN401 (a frame)
    """The words of the row that say whose number it is: a month, a number of groups, or the first texts."""
    row = frame.row(cell.row, named=True)
    if "month" in row:
        return f"{row['month']:%Y-%m}"
    if "k" in row:
        return f"{title_of('k')} {row['k']}"
    words = [v for c, v in row.items() if isinstance(v, str) and c in _NAMES and v]
    return "｜".join(tables.word(word) for word in words[:2])
