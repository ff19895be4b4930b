"""The report as a Word file: native tables, captions with fields, a table of contents, links to every cell."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import count

from docx.document import Document
from docx.image.image import Image
from docx.shared import Cm, Emu, Inches
from docx.text.paragraph import Paragraph as WordParagraph

from insight.archive import timeless
from insight.charts import to_png
from insight.report.blocks import Block, Contents, Cover, Figure, Grid, Heading, Paragraph
from insight.report.compose import Composed, composed
from insight.report.facts import Chapter, Facts
from insight.report.word_file import blank, name_every_run
from insight.report.word_oxml import bookmark, clean, close_field, field, link, open_field
from insight.report.word_styles import TEXT_CM
from insight.report.word_tables import add_grid, add_row, fill, new_table, say

WIDEST, TALLEST = Cm(14.5), Cm(8.0)  # room for a picture
SCALE, CSS_DPI = 2, 96
ROLES = {"body": "Body Text", "lead": "章节问题", "finding": "List Bullet", "note": "表注"}
COVER_CM = 3.4


def docx(facts: Facts, chapters: Sequence[Chapter]) -> bytes:
    """The report as the bytes of a .docx; equal input gives equal bytes."""
    return written(composed(facts, chapters))


def written(whole: Composed) -> bytes:
    """A report that is laid out, as the bytes of a .docx."""
    blocks = whole.blocks
    document, ids = blank(whole.facts), count(1)
    headings = [block for block in blocks if isinstance(block, Heading)]
    anchors = {id(heading): f"_Toc{at:08d}" for at, heading in enumerate(headings, 1)}
    for block, code in zip(blocks, _sequences(blocks), strict=True):
        match block:
            case Contents():
                _contents(document, [(h, anchors[id(h)]) for h in headings if h.level <= 2])
            case Heading():
                bookmark(_heading(document, block), [anchors[id(block)]], ids=ids)
            case _:
                _block(document, block, code=code, ids=ids)
    name_every_run(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return timeless(buffer.getvalue())


def _block(
    document: Document, block: Cover | Paragraph | Grid | Figure, *, code: str, ids: count[int]
) -> None:
    match block:
        case Cover():
            _cover(document, block)
        case Paragraph():
            say(document.add_paragraph(style=ROLES[block.role]), block.runs)
        case Grid():
            _caption(document, "表", block, code=code)
            add_grid(document, block, ids=ids)
            for note in block.notes:
                document.add_paragraph(clean(note), style="表注")
            document.add_paragraph(style="表后空行")
        case Figure():
            _picture(document, block)
            _caption(document, "图", block, code=code)


def _heading(document: Document, heading: Heading) -> WordParagraph:
    paragraph: WordParagraph = document.add_paragraph(clean(heading.text), f"Heading {heading.level}")  # fmt: skip
    if heading.level == 1 and not heading.starts_page:
        paragraph.paragraph_format.page_break_before = False
        paragraph.paragraph_format.space_before = Cm(1)
    return paragraph


def _cover(document: Document, cover: Cover) -> None:
    document.add_paragraph(clean(cover.title), style="Title")
    document.add_paragraph(clean(cover.subtitle), style="Subtitle")
    table = new_table(document, (COVER_CM, TEXT_CM - COVER_CM), has_head=False)
    for label, value in cover.rows:
        left, right = add_row(table)
        fill(left, label, "表头", look="封面字")
        fill(right, value, "表格文字", look="封面值")


def _contents(document: Document, entries: Sequence[tuple[Heading, str]]) -> None:
    """The contents as a field, filled in already, so that it is there before any update."""
    document.add_paragraph("目录", style="TOC Heading")
    lines = [document.add_paragraph(style=f"toc {heading.level}") for heading, _ in entries]
    open_field(lines[0], 'TOC \\o "1-2" \\h \\z \\u')
    for line, (heading, anchor) in zip(lines, entries, strict=True):
        words = line.add_run(clean(f"{heading.text}\t"))
        link([words, *field(line, f"PAGEREF {anchor} \\h", "")], anchor=anchor)
    close_field(lines[-1])


def _sequences(blocks: Sequence[Block]) -> Iterator[str]:
    """The field that counts each numbered block; it starts anew where a number does not follow the last."""
    last = {"表": "", "图": ""}
    for block in blocks:
        if not isinstance(block, Grid | Figure) or not block.number:
            yield ""
            continue
        name = "表" if isinstance(block, Grid) else "图"
        part, nth = block.number.rsplit(".", 1)
        follows = last[name] == f"{part}.{int(nth) - 1}"
        last[name] = block.number
        yield f"SEQ {name} \\* ARABIC" + ("" if follows else f" \\r {nth}")


def _caption(document: Document, kind: str, block: Grid | Figure, *, code: str) -> None:
    """ "表 3.2　caption", the last digit a field."""
    paragraph = document.add_paragraph(style="Caption" if kind == "表" else "图注")
    if code:
        part, nth = block.number.rsplit(".", 1)
        paragraph.add_run(f"{kind} {part}.")
        field(paragraph, code, nth)
    paragraph.add_run(clean(f"　{block.caption}" if code else block.caption))


def _picture(document: Document, figure: Figure) -> None:
    """The chart as large as on screen, no wider and no taller than the page allows."""
    png = to_png(figure.chart, scale=SCALE)
    pixels = Image.from_blob(png)
    wide, high = (Inches(n / SCALE / CSS_DPI) for n in (pixels.px_width, pixels.px_height))
    fit = min(1.0, WIDEST / wide, TALLEST / high)
    run = document.add_paragraph(style="图").add_run()
    shape = run.add_picture(io.BytesIO(png), Emu(round(wide * fit)), Emu(round(high * fit)))
    shape._inline.docPr.set("descr", clean(figure.alt))
