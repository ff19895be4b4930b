"""The elements of a WordprocessingML text as strings: runs, paragraphs, fields, tables, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from xml.sax.saxutils import quoteattr

BODY = ("Times New Roman", "宋体")
SANS = ("Arial", "黑体")
EMU_PER_CM, TWIPS_PER_CM = 360_000, 567
# Outside the Char production of XML 1.0; a file with one of these does not open.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks: fonts for Latin and Chinese, size in points, colour; None = as the style says."""

    fonts: tuple[str, str] = BODY
    size: float | None = None
    colour: str = ""
    is_bold: bool = False


def clean(text: str) -> str:
    """``text`` without the characters that no XML file may hold."""
    return _ILLEGAL.sub("", text)


def fonts(pair: tuple[str, str]) -> str:
    """Fonts of a run or style; the hint sets “”…— in the Chinese font."""
    latin, chinese = pair
    return (
        f'<w:rFonts w:hint="eastAsia" w:ascii="{latin}" w:hAnsi="{latin}" '
        f'w:eastAsia="{chinese}" w:cs="{latin}"/>'
    )


def properties(look: Look) -> str:
    """The content of w:rPr."""
    bold = "<w:b/><w:bCs/>" if look.is_bold else ""
    colour = f'<w:color w:val="{look.colour.lstrip("#")}"/>' if look.colour else ""
    half = f"{round(2 * look.size)}" if look.size else ""
    size = f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>' if half else ""
    return fonts(look.fonts) + bold + colour + size


def run(text: str, look: Look) -> str:
    """Words; line breaks stay."""
    lines = (_text(line) for line in clean(text).split("\n"))
    return f"<w:r><w:rPr>{properties(look)}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"


def link(content: str, *, anchor: str, tip: str = "") -> str:
    """Runs that lead to a bookmark of the same file."""
    hover = f" w:tooltip={_attribute(tip[:250])}" if tip else ""
    return f"<w:hyperlink w:anchor={_attribute(anchor)}{hover}>{content}</w:hyperlink>"


def field(code: str, shown: str, *, look: Look) -> str:
    """A field with the result that is shown until Word updates it."""
    rpr = f"<w:rPr>{properties(look)}</w:rPr>"
    parts = (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {code} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        _text(shown),
        '<w:fldChar w:fldCharType="end"/>',
    )
    return "".join(f"<w:r>{rpr}{part}</w:r>" for part in parts)


def bookmark(content: str, names: Iterable[str], *, ids: count[int]) -> str:
    """Content that links may lead to."""
    for name in names:
        at = next(ids)
        start = f'<w:bookmarkStart w:id="{at}" w:name={_attribute(name)}/>'
        content = f'{start}{content}<w:bookmarkEnd w:id="{at}"/>'
    return content


def paragraph(content: str, style: str, *, extra: str = "") -> str:
    """A paragraph in a style; ``extra`` are further paragraph properties in schema order."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{content}</w:p>'


def table(
    rows: Sequence[Sequence[str]], *, widths: Sequence[int], style: str, has_head: bool
) -> str:
    """A table of finished cells; ``widths`` in twips; its head repeats on every page."""
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    look = (
        f'<w:tblLook w:val="{"0620" if has_head else "0600"}" w:firstRow="{int(has_head)}" w:lastRow="0" '
        'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    )
    head = (
        f'<w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/>{look}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
    )
    body = "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if has_head and not at else ''}</w:trPr>{''.join(row)}</w:tr>"
        for at, row in enumerate(rows)
    )
    return f"<w:tbl>{head}{body}</w:tbl>"


def cell(content: str, *, width: int) -> str:
    """A table cell of finished paragraphs."""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{content}</w:tc>"
    )


def picture(relation: str, *, number: int, size: tuple[int, int], alt: str) -> str:
    """An inline picture; ``size`` in EMU, ``alt`` is read aloud."""
    wide, high = size
    told = _attribute(alt)
    shape = (
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="图 {number}" descr={told}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
    )
    return (
        f"<w:r><w:rPr>{fonts(BODY)}</w:rPr><w:drawing>"
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" name="图 {number}" descr={told}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f'<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">{shape}</a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )


def _text(words: str) -> str:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<w:t xml:space="preserve">{escaped}</w:t>'


def _attribute(text: str) -> str:
    return quoteattr(clean(text))
