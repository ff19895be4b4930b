"""The report as a Word file: native tables, captions with fields, a table of contents, links to every cell."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import assert_never

from insight.charts import ACCENT, NEUTRAL, to_png
from insight.charts.look import LABEL
from insight.report import ooxml
from insight.report.blocks import (
    Block,
    Contents,
    Cover,
    Figure,
    Grid,
    Head,
    Heading,
    Paragraph,
    Run,
    Slot,
)
from insight.report.compose import compose
from insight.report.facts import Chapter, Facts
from insight.report.front import TITLE
from insight.report.ooxml import EMU_PER_CM, SANS, Look
from insight.report.word_package import package
from insight.report.word_styles import BY_ID

PAGE_CM, TALLEST_CM, PAGE_TWIPS = 15.0, 15.0, 9070
SCALE, CSS_DPI, DENSE_POINTS = 2, 96, 7.5
MOST_KEPT_TOGETHER = 10  # rows of a table that is not broken over two pages
_KEEP = "<w:keepNext/>"
ROLES = {"body": "Body", "lead": "Lead", "finding": "Finding", "note": "Note"}


def docx(facts: Facts, chapters: Sequence[Chapter]) -> bytes:
    """The report as the bytes of a .docx; equal input gives equal bytes."""
    blocks = compose(facts, chapters)
    charts = [block.chart for block in blocks if isinstance(block, Figure)]
    pictures = [to_png(chart, scale=SCALE) for chart in charts]
    body = "".join(_body(blocks, iter(enumerate(pictures)), count(1)))
    return package(body, pictures=pictures, title=TITLE, subject=facts.study, made_at=facts.made_at)


def _body(
    blocks: Sequence[Block], pictures: Iterator[tuple[int, bytes]], ids: count[int]
) -> Iterator[str]:
    headings = [block for block in blocks if isinstance(block, Heading)]
    for block, code in zip(blocks, _sequences(blocks), strict=True):
        match block:
            case Cover():
                yield _cover(block)
            case Contents():
                yield _contents(headings)
            case Heading():
                yield _heading(block, headings, ids)
            case Paragraph():
                yield ooxml.paragraph(_runs(block.runs, ROLES[block.role]), ROLES[block.role])
            case Grid():
                yield from _grid(block, code, ids)
            case Figure():
                at, png = next(pictures)
                yield _figure(
                    block,
                    code,
                    ooxml.picture(f"rIdP{at}", number=at + 1, size=_size(png), alt=block.alt),
                )
            case _:
                assert_never(block)


def _heading(heading: Heading, headings: Sequence[Heading], ids: count[int]) -> str:
    style = f"Heading{heading.level}"
    words = ooxml.run(heading.text, BY_ID[style].look)
    at = next(i for i, h in enumerate(headings) if h is heading)
    flow = "" if heading.starts_page or heading.level > 1 else '<w:pageBreakBefore w:val="0"/>'
    return ooxml.paragraph(ooxml.bookmark(words, (_toc_anchor(at),), ids), style, flow)


def _toc_anchor(at: int) -> str:
    return f"_Toc{at + 1:08d}"


def _cover(cover: Cover) -> str:
    title = ooxml.paragraph(ooxml.run(cover.title, BY_ID["Title"].look), "Title")
    subtitle = ooxml.paragraph(ooxml.run(cover.subtitle, BY_ID["Subtitle"].look), "Subtitle")
    widths = (1900, PAGE_TWIPS - 1900)
    rows = [
        [_text_cell(label, "TableHead", widths[0], Look(SANS, 10, LABEL)), _text_cell(value, "TableText", widths[1], Look(size=10.5))]
        for label, value in cover.rows
    ]  # fmt: skip
    return title + subtitle + ooxml.table(rows, widths=widths, style="PairTable", has_head=False)


def _contents(headings: Sequence[Heading]) -> str:
    """The contents as a field, filled in already, so that it is there before any update."""
    entries = [(at, h) for at, h in enumerate(headings) if h.level <= 2]
    lines = []
    for nth, (at, heading) in enumerate(entries):
        style = f"TOC{heading.level}"
        look = BY_ID[style].look
        words = ooxml.run(heading.text, look) + _tab(look) + ooxml.field(f"PAGEREF {_toc_anchor(at)} \\h", "", look)  # fmt: skip
        line = ooxml.link(words, anchor=_toc_anchor(at))
        begin = _toc_begin(look) if nth == 0 else ""
        end = _field_end(look) if nth == len(entries) - 1 else ""
        lines.append(ooxml.paragraph(begin + line + end, style))
    title = ooxml.paragraph(ooxml.run("目录", BY_ID["TOCHeading"].look), "TOCHeading")
    return title + "".join(lines)


def _tab(look: Look) -> str:
    return f"<w:r><w:rPr>{ooxml.properties(look)}</w:rPr><w:tab/></w:r>"


def _toc_begin(look: Look) -> str:
    rpr = f"<w:rPr>{ooxml.properties(look)}</w:rPr>"
    code = '<w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText>'
    parts = ('<w:fldChar w:fldCharType="begin"/>', code, '<w:fldChar w:fldCharType="separate"/>')
    return "".join(f"<w:r>{rpr}{part}</w:r>" for part in parts)


def _field_end(look: Look) -> str:
    return f'<w:r><w:rPr>{ooxml.properties(look)}</w:rPr><w:fldChar w:fldCharType="end"/></w:r>'


def _runs(runs: Sequence[Run], style: str) -> str:
    """Runs in the fonts of their paragraph's style."""
    base = BY_ID[style].look
    return "".join(_run(run, base) for run in runs)


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


def _caption(kind: str, block: Grid | Figure, code: str, look: Look) -> str:
    """ "表 3.2　caption", the last digit a field."""
    part, nth = block.number.rsplit(".", 1)
    words = ooxml.run(f"{kind} {part}.", look) + ooxml.field(code, nth, look)
    return words + ooxml.run(f"　{block.caption}", look)


def _grid(grid: Grid, code: str, ids: count[int]) -> Iterator[str]:
    look = BY_ID["Caption"].look
    words = _caption("表", grid, code, look) if code else ooxml.run(grid.caption, look)
    yield ooxml.paragraph(words, "Caption")
    yield _table(grid, ids)
    yield from (ooxml.paragraph(ooxml.run(note, BY_ID["Note"].look), "Note") for note in grid.notes)
    yield ooxml.paragraph("", "NoteEnd")


def _table(grid: Grid, ids: count[int]) -> str:
    widths = [_twips(head) for head in grid.heads]
    together = len(grid.rows) <= MOST_KEPT_TOGETHER
    has_head = any(head.text for head in grid.heads)
    size = DENSE_POINTS if grid.is_dense else None
    top = [
        _text_cell(
            h.text,
            style := "TableHeadNumber" if h.is_number else "TableHead",
            w,
            _sized(BY_ID[style].look, size),
        )
        for h, w in zip(grid.heads, widths, strict=True)
    ]
    body = [
        [
            _slot(
                slot,
                head,
                ids,
                size=size,
                glue=_KEEP if together and row is not grid.rows[-1] else "",
            )
            for slot, head in zip(row, grid.heads, strict=True)
        ]
        for row in grid.rows
    ]
    style = "ReportTable" if has_head else "PairTable"
    return ooxml.table([*([top] if has_head else []), *body], widths=widths, style=style, has_head=has_head)  # fmt: skip


def _twips(head: Head) -> int:
    return round(PAGE_TWIPS * head.width)


def _sized(look: Look, size: float | None) -> Look:
    return replace(look, size=size) if size else look


def _slot(slot: Slot, head: Head, ids: count[int], *, size: float | None, glue: str) -> str:
    """A cell: a sentence, evidence in the accent colour, or plain; grey on a small base."""
    style = "TableNumber" if head.is_number else "TableText"
    look = _sized(BY_ID[style].look, size)
    if slot.anchors:
        look = replace(look, colour=ACCENT, is_bold=True)
    if slot.is_small:
        look = replace(look, colour=NEUTRAL)
    words = _runs(slot.runs, style) if slot.runs else ooxml.run(slot.text, look)
    content = ooxml.paragraph(ooxml.bookmark(words, slot.anchors, ids), style, glue)
    return ooxml.cell(content, width=_twips(head))


def _text_cell(text: str, style: str, width: int, look: Look | None = None) -> str:
    words = ooxml.run(text, look or BY_ID[style].look)
    return ooxml.cell(ooxml.paragraph(words, style), width=width)


def _figure(figure: Figure, code: str, picture: str) -> str:
    look = BY_ID["FigureCaption"].look
    caption = _caption("图", figure, code, look) if code else ooxml.run(figure.caption, look)
    return ooxml.paragraph(picture, "Figure") + ooxml.paragraph(caption, "FigureCaption")


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in EMU: as on screen, no wider and no taller than the page allows."""
    pixels = struct.unpack(">II", png[16:24])  # the IHDR chunk comes first
    wide, high = (p / SCALE / CSS_DPI * 2.54 for p in pixels)
    fit = min(1.0, PAGE_CM / wide, TALLEST_CM / high)
    return round(wide * fit * EMU_PER_CM), round(high * fit * EMU_PER_CM)
