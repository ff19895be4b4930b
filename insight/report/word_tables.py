"""Runs and tables of the Word report: evidence in the accent colour, small bases grey, links to cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from insight.charts import ACCENT, NEUTRAL
from insight.charts.look import LABEL
from insight.report import ooxml
from insight.report.blocks import Grid, Head, Run, Slot
from insight.report.ooxml import SANS, Look
from insight.report.word_styles import BY_ID

PAGE_TWIPS = 9070  # 16 cm
DENSE_POINTS = 7.5
MOST_KEPT_TOGETHER = 10  # rows
_KEEP = "<w:keepNext/>"


def runs(words: Sequence[Run], style: str) -> str:
    """Runs in the fonts of their paragraph's style."""
    base = BY_ID[style].look
    return "".join(_run(run, base) for run in words)


def _run(run: Run, base: Look) -> str:
    match run.look:
        case "plain":
            look = base
        case "strong":
            look = replace(base, fonts=SANS)
        case "number":
            look = replace(base, colour=ACCENT)
        case "quiet":
            look = Look(SANS, 7.5, LABEL)
    words = ooxml.run(run.text, look)
    return ooxml.link(words, anchor=run.target, tip=run.tip) if run.target else words


def table(grid: Grid, ids: count[int]) -> str:
    """A native table; a short one is not broken over two pages."""
    has_head = any(head.text for head in grid.heads)
    size = DENSE_POINTS if grid.is_dense else None
    last = len(grid.rows) - 1
    keep = _KEEP if len(grid.rows) <= MOST_KEPT_TOGETHER else ""
    with_notes = _KEEP if grid.notes else ""
    body = [
        [
            _slot(slot, head, ids=ids, size=size, glue=keep if at < last else with_notes)
            for slot, head in zip(row, grid.heads, strict=True)
        ]
        for at, row in enumerate(grid.rows)
    ]
    return ooxml.table(
        [*([_top(grid, size)] if has_head else []), *body],
        widths=[_twips(head) for head in grid.heads],
        style="ReportTable" if has_head else "PairTable",
        has_head=has_head,
    )


def _top(grid: Grid, size: float | None) -> list[str]:
    styles = ["TableHeadNumber" if head.is_number else "TableHead" for head in grid.heads]
    return [
        text_cell(head.text, style, width=_twips(head), look=_sized(BY_ID[style].look, size))
        for head, style in zip(grid.heads, styles, strict=True)
    ]


def _twips(head: Head) -> int:
    return round(PAGE_TWIPS * head.width)


def _sized(look: Look, size: float | None) -> Look:
    return replace(look, size=size) if size else look


def _slot(slot: Slot, head: Head, *, ids: count[int], size: float | None, glue: str) -> str:
    """A cell: a sentence, evidence in the accent colour, or plain; grey on a small base."""
    style = "TableNumber" if head.is_number else "TableText"
    look = _sized(BY_ID[style].look, size)
    if slot.anchors:
        look = replace(look, colour=ACCENT, is_bold=True)
    if slot.is_small:
        look = replace(look, colour=NEUTRAL)
    words = runs(slot.runs, style) if slot.runs else ooxml.run(slot.text, look)
    content = ooxml.paragraph(ooxml.bookmark(words, slot.anchors, ids=ids), style, extra=glue)
    return ooxml.cell(content, width=_twips(head))


def text_cell(text: str, style: str, *, width: int, look: Look | None = None) -> str:
    words = ooxml.run(text, look or BY_ID[style].look)
    return ooxml.cell(ooxml.paragraph(words, style), width=width)
