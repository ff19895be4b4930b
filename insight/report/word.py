"""The report as a Word file: native tables, captions with fields, a table of contents, links to every cell."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import count
from typing import assert_never

from insight.charts import to_png
from insight.charts.look import LABEL
from insight.report import ooxml
from insight.report.blocks import (
    Block,
    Contents,
    Cover,
    Figure,
    Grid,
    Heading,
    Paragraph,
)
from insight.report.compose import compose
from insight.report.facts import Chapter, Facts
from insight.report.front import TITLE
from insight.report.ooxml import EMU_PER_CM, SANS, Look
from insight.report.word_package import package
from insight.report.word_styles import BY_ID
from insight.report.word_tables import PAGE_TWIPS, runs, table, text_cell

PAGE_CM, TALLEST_CM = 15.0, 15.0  # room for a picture
SCALE, CSS_DPI = 2, 96
ROLES = {"body": "Body", "lead": "Lead", "finding": "Finding", "note": "Note"}


def docx(facts: Facts, chapters: Sequence[Chapter]) -> bytes:
    """The report as the bytes of a .docx; equal input gives equal bytes."""
    blocks = compose(facts, chapters)
    charts = [block.chart for block in blocks if isinstance(block, Figure)]
    pictures = [to_png(chart, scale=SCALE) for chart in charts]
    body = "".join(_body(blocks, iter(enumerate(pictures)), ids=count(1)))
    return package(body, pictures=pictures, title=TITLE, subject=facts.study, made_at=facts.made_at)


def _body(
    blocks: Sequence[Block], pictures: Iterator[tuple[int, bytes]], *, ids: count[int]
) -> Iterator[str]:
    headings = [block for block in blocks if isinstance(block, Heading)]
    for block, code in zip(blocks, _sequences(blocks), strict=True):
        match block:
            case Cover():
                yield _cover(block)
            case Contents():
                yield _contents(headings)
            case Heading():
                yield _heading(block, headings, ids=ids)
            case Paragraph():
                yield ooxml.paragraph(runs(block.runs, ROLES[block.role]), ROLES[block.role])
            case Grid():
                yield from _grid(block, code, ids=ids)
            case Figure():
                at, png = next(pictures)
                yield _figure(
                    block,
                    code,
                    picture=ooxml.picture(
                        f"rIdP{at}", number=at + 1, size=_size(png), alt=block.alt
                    ),
                )
            case _:
                assert_never(block)


def _heading(heading: Heading, headings: Sequence[Heading], *, ids: count[int]) -> str:
    style = f"Heading{heading.level}"
    words = ooxml.run(heading.text, BY_ID[style].look)
    at = next(i for i, h in enumerate(headings) if h is heading)
    flow = "" if heading.starts_page or heading.level > 1 else '<w:pageBreakBefore w:val="0"/>'
    return ooxml.paragraph(ooxml.bookmark(words, (_toc_anchor(at),), ids=ids), style, extra=flow)


def _toc_anchor(at: int) -> str:
    return f"_Toc{at + 1:08d}"


def _cover(cover: Cover) -> str:
    title = ooxml.paragraph(ooxml.run(cover.title, BY_ID["Title"].look), "Title")
    subtitle = ooxml.paragraph(ooxml.run(cover.subtitle, BY_ID["Subtitle"].look), "Subtitle")
    widths = (1900, PAGE_TWIPS - 1900)
    rows = [
        [text_cell(label, "TableHead", width=widths[0], look=Look(SANS, 10, LABEL)), text_cell(value, "TableText", width=widths[1], look=Look(size=10.5))]
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
        words = ooxml.run(heading.text, look) + _tab(look) + ooxml.field(f"PAGEREF {_toc_anchor(at)} \\h", "", look=look)  # fmt: skip
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


def _caption(kind: str, block: Grid | Figure, *, code: str, look: Look) -> str:
    """ "表 3.2　caption", the last digit a field."""
    part, nth = block.number.rsplit(".", 1)
    words = ooxml.run(f"{kind} {part}.", look) + ooxml.field(code, nth, look=look)
    return words + ooxml.run(f"　{block.caption}", look)


def _grid(grid: Grid, code: str, *, ids: count[int]) -> Iterator[str]:
    look = BY_ID["Caption"].look
    words = _caption("表", grid, code=code, look=look) if code else ooxml.run(grid.caption, look)
    yield ooxml.paragraph(words, "Caption")
    yield table(grid, ids)
    yield from (ooxml.paragraph(ooxml.run(note, BY_ID["Note"].look), "Note") for note in grid.notes)
    yield ooxml.paragraph("", "NoteEnd")


def _figure(figure: Figure, code: str, *, picture: str) -> str:
    look = BY_ID["FigureCaption"].look
    caption = (
        _caption("图", figure, code=code, look=look) if code else ooxml.run(figure.caption, look)
    )
    return ooxml.paragraph(picture, "Figure") + ooxml.paragraph(caption, "FigureCaption")


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in EMU: as on screen, no wider and no taller than the page allows."""
    pixels = struct.unpack(">II", png[16:24])  # the IHDR chunk comes first
    wide, high = (p / SCALE / CSS_DPI * 2.54 for p in pixels)
    fit = min(1.0, PAGE_CM / wide, TALLEST_CM / high)
    return round(wide * fit * EMU_PER_CM), round(high * fit * EMU_PER_CM)
