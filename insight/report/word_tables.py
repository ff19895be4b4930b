"""Words and tables of the Word report: evidence in the accent colour, small bases grey, links to cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.shared import Cm
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run as DocxRun

from insight.report.blocks import Grid, Run, Slot
from insight.report.tints import FILLS
from insight.report.word_oxml import bookmark, clean, element, link
from insight.report.word_styles import PAIR_TABLE, REPORT_TABLE, TEXT_CM, style_id

MOST_KEPT_TOGETHER = 10  # rows
LOOKS = {"plain": None, "strong": "小标题字", "number": "正文数字", "quiet": "编号"}


def say(paragraph: Paragraph, words: Sequence[Run]) -> None:
    """Write runs, each in its look, those with a target as links."""
    for one in words:
        run = _written(paragraph, one.text, look=LOOKS[one.look])
        if one.target:
            link([run], anchor=one.target, tip=one.tip)


def add_grid(document: Document, grid: Grid, *, ids: count[int]) -> None:
    """A native table; a short one is not broken over two pages, the head of a long one is repeated."""
    has_head = any(head.text for head in grid.heads)
    size = "（密）" if grid.is_dense else ""
    table = new_table(document, [head.width * TEXT_CM for head in grid.heads], has_head=has_head)
    if has_head:
        for cell, head in zip(add_row(table), grid.heads, strict=True):
            fill(cell, head.text, ("数字表头" if head.is_number else "表头") + size)
        table.rows[0]._tr.get_or_add_trPr().append(element("tblHeader"))
    is_short = len(grid.rows) <= MOST_KEPT_TOGETHER
    last = len(grid.rows) - 1
    for at, row in enumerate(grid.rows):
        glued = is_short if at < last else bool(grid.notes)
        for cell, slot, head in zip(add_row(table), row, grid.heads, strict=True):
            style = ("表格数字" if head.is_number else "表格文字") + size
            _slot(cell, slot, style, ids=ids).paragraph_format.keep_with_next = glued or None


def new_table(document: Document, widths: Sequence[float], *, has_head: bool) -> Table:
    """A table without rows; ``widths`` of its columns in cm."""
    style = REPORT_TABLE if has_head else PAIR_TABLE
    table: Table = document.add_table(rows=0, cols=len(widths), style=style)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def add_row(table: Table) -> Sequence[_Cell]:
    """The cells of one more row, which no page break divides."""
    row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(element("cantSplit"))
    cells: Sequence[_Cell] = row.cells
    return cells


def fill(cell: _Cell, text: str, style: str, *, look: str | None = None) -> Paragraph:
    """Write ``text`` into an empty cell."""
    cell.vertical_alignment = VERTICAL.CENTER
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph._p.style = style_id(style)
    _written(paragraph, text, look=look)
    return paragraph


def _written(paragraph: Paragraph, text: str, *, look: str | None) -> DocxRun:
    """A run with a look; its style is not looked up by its name, which the library does anew for every cell."""
    run = paragraph.add_run(clean(text))
    run._r.style = look and style_id(look)
    return run


def _slot(cell: _Cell, slot: Slot, style: str, *, ids: count[int]) -> Paragraph:
    """A sentence, evidence in the accent colour, or plain words; grey on a small base."""
    look = "小样本" if slot.is_small else "证据" if slot.anchors else None
    if slot.mark:
        tint = element("shd", val="clear", color="auto", fill=FILLS[slot.mark.kind])
        cell._tc.get_or_add_tcPr().append(tint)  # before the alignment, as the format wants it
    text = "" if slot.runs else slot.text
    paragraph = fill(cell, text, style, look=look)
    say(paragraph, slot.runs)
    bookmark(paragraph, slot.anchors, ids=ids)
    return paragraph
