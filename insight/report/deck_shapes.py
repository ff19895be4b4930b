"""What stands on a slide: words and native tables, in the largest type that leaves them room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml import etree  # type: ignore[import-untyped]
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.util import Emu, Pt

from insight.charts.look import ACCENT, INK, LABEL, NEUTRAL
from insight.report.blocks import Grid, Head, Run, Slot
from insight.report.deck_file import Box, clean
from insight.report.deck_fit import AFTER, QUIET, fitted, row_heights, told

MOST_ROWS, MOST_COLUMNS = 14, 8
_TALL = 34  # points: no row is taller than its words need or this
_SIZES = (16, 15, 14, 13, 12, 11, 10)
_CELL_SIZES = (14, 13, 12, 11, 10, 9)
_CARD = (0.22, 0.78)  # how a table of names and values divides
_SHARE = re.compile(r"^(\d+(?:\.\d+)?)%")
_WHITE, _HEAT = (255, 255, 255), (105, 185, 247)


def colour(hexadecimal: str) -> RGBColor:
    """A colour of the charts' palette."""
    return RGBColor.from_string(hexadecimal.lstrip("#"))


def words(slide: Slide, box: Box, paragraphs: Sequence[Sequence[Run]], *, sizes: Sequence[float] = _SIZES) -> None:  # fmt: skip
    """Paragraphs in a text box, in the largest of ``sizes`` that leaves all of them room; ids are small and grey."""
    frame = slide.shapes.add_textbox(*emu(box)).text_frame
    frame.word_wrap = True
    size, n = fitted(paragraphs, box, sizes=sizes)
    for at, runs in enumerate(paragraphs[:n]):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after, paragraph.line_spacing = Pt(size * AFTER), 1.15
        for one in runs:
            run = paragraph.add_run()
            run.text = clean(one.text)
            run.font.size = Pt(size * QUIET if one.look == "quiet" else size)
            shown = {"quiet": LABEL, "number": ACCENT}.get(one.look, INK)
            run.font.color.rgb = colour(shown)
            run.font.bold = one.look in ("strong", "number")


def page_number(slide: Slide, box: Box) -> None:
    """The number of the page, which PowerPoint keeps right when slides are moved."""
    frame = slide.shapes.add_textbox(*emu(box)).text_frame
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    made = etree.SubElement(
        paragraph._p, qn("a:fld"), type="slidenum", id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"
    )
    look = etree.SubElement(made, qn("a:rPr"), sz="900")
    etree.SubElement(etree.SubElement(look, qn("a:solidFill")), qn("a:srgbClr"), val=LABEL[1:])
    etree.SubElement(made, qn("a:t")).text = "‹#›"


def table(slide: Slide, box: Box, grid: Grid) -> str:
    """The first rows and columns of a printed table, as a native table.

    Returns
    -------
    What it leaves out, in words; empty where it is whole
    """
    cut = _as_card(_cut(grid))
    has_head = any(head.text for head in cut.heads)
    size, heights = row_heights(cut, box, sizes=_CELL_SIZES)
    n, spare = len(heights) - 1, box.height / Pt(1) - sum(heights)
    made = slide.shapes.add_table(n + has_head, len(cut.heads), *emu(box)).table
    made.first_row, made.horz_banding = has_head, False
    total = sum(head.width for head in cut.heads)
    for column, head in zip(made.columns, cut.heads, strict=True):
        column.width = Emu(int(box.width * head.width / total))
    for row, least in zip(made.rows, heights[not has_head :], strict=True):
        row.height = Pt(max(least, min(least + spare / (n + has_head), _TALL)))
    for at, head in enumerate(cut.heads if has_head else ()):
        _fill(made.cell(0, at), Slot(head.text), is_number=head.is_number, size=size, ground=ACCENT)
    for r, line in enumerate(cut.rows[:n], has_head):
        for c, slot in enumerate(line):
            _fill(made.cell(r, c), slot, is_number=cut.heads[c].is_number, size=size, ground=_tint(slot, c))  # fmt: skip
    return _left_out(grid, min(n, len(grid.rows)))


def _cut(grid: Grid) -> Grid:
    """The columns that a slide can show, and rows enough to fill it."""
    rows = tuple(row[:MOST_COLUMNS] for row in grid.rows[:MOST_ROWS])
    return replace(grid, heads=grid.heads[:MOST_COLUMNS], rows=rows)


def _as_card(grid: Grid) -> Grid:
    """A table of one row as names and values below each other; one of two columns with room for the values."""
    if len(grid.rows) == 1 and len(grid.heads) > 1:
        pairs = zip(grid.heads, grid.rows[0], strict=True)
        grid = replace(grid, rows=tuple((Slot(head.text), slot) for head, slot in pairs))
    elif len(grid.heads) != 2 or any(head.text for head in grid.heads):
        return grid
    heads = tuple(Head("", is_number=False, width=part) for part in _CARD)
    return replace(grid, heads=heads)


def _left_out(grid: Grid, n: int) -> str:
    rows = f"表中为前 {n} 行，其余见报告" if n < len(grid.rows) else ""
    columns = f"另有 {more} 列见报告" if (more := len(grid.heads) - MOST_COLUMNS) > 0 else ""
    return "；".join(filter(None, (rows, columns)))


def emu(box: Box) -> tuple[Emu, Emu, Emu, Emu]:
    """Where a box stands, as python-pptx takes it."""
    return Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height)


def _fill(cell: _Cell, slot: Slot, *, is_number: bool, size: float, ground: str) -> None:
    frame = cell.text_frame
    frame.word_wrap = True
    frame.text = clean(told([slot])[0])
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Pt(5)
    cell.margin_top = cell.margin_bottom = Pt(2)
    cell.fill.solid()
    cell.fill.fore_color.rgb = colour(ground)
    shown = "#FFFFFF" if ground == ACCENT else NEUTRAL if slot.is_small else ACCENT if slot.anchors else INK  # fmt: skip
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.RIGHT if is_number else PP_ALIGN.LEFT
        paragraph._p.get_or_add_endParaRPr().set(
            "sz", str(Pt(size).centipoints)
        )  # of an empty cell
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(size), colour(shown)
            run.font.bold = ground == ACCENT or bool(slot.anchors)


def _tint(slot: Slot, column: int) -> str:
    """The ground of a cell: the larger its share, the darker; white where it holds none."""
    found = _SHARE.match(slot.text) if column and "\n" in slot.text and not slot.is_small else None
    part = min(1.0, float(found[1]) / 60) if found else 0.0
    mixed = (round(w + (h - w) * part) for w, h in zip(_WHITE, _HEAT, strict=True))
    return "#" + "".join(f"{one:02X}" for one in mixed)
