"""The styles of the Word report: every one names its Chinese font, so that no theme or locale decides."""

from __future__ import annotations

from dataclasses import dataclass

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE as KIND
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle
from docx.styles.styles import Styles

from insight.charts.look import ACCENT, INK, LABEL, NEUTRAL
from insight.report.word_oxml import Fonts, element, line, name_fonts

BODY: Fonts = ("Times New Roman", "宋体")
SANS: Fonts = ("Arial", "黑体")
TEXT_CM = 16.0  # between the margins of an A4 page
REPORT_TABLE, PAIR_TABLE = "报告表格", "对照表格"
_RULE, _PALE = "D5DAE1", "EAF1F8"
_NEEDED = {"Default Paragraph Font", "Normal Table", "No List"}  # the defaults of the other kinds


@dataclass(frozen=True, slots=True)
class Look:
    """A style of words or paragraphs; what is None or 0 is as in the style it stands on.

    Attributes
    ----------
    size : points
    space : points before and after, and the line height as a multiple
    indent : points from the left, and of the first line against it
    keeps : stays with the paragraph after it
    line : side of the accent line, its size in eighths of a point and its distance in points
    """

    fonts: Fonts
    size: float = 0
    colour: str = INK
    space: tuple[float, float, float] = (0, 0, 1.15)
    align: ALIGN | None = None
    indent: tuple[float, float] = (0, 0)
    keeps: bool = False
    starts_page: bool = False
    line: tuple[str, int, int] | None = None
    is_bold: bool = False


_UNDER = ("bottom", 12, 6)
PARAGRAPHS = {
    "Normal": Look(BODY, 10.5, space=(0, 6, 1.4)),
    "Body Text": Look(BODY, 10.5, space=(0, 6, 1.4), align=ALIGN.JUSTIFY, indent=(0, 21)),
    "Heading 1": Look(SANS, 18, space=(0, 14, 1.2), keeps=True, starts_page=True, line=_UNDER),
    "Heading 2": Look(SANS, 14, ACCENT, (18, 8, 1.2), keeps=True),
    "Heading 3": Look(SANS, 12, space=(14, 3, 1.2), keeps=True),
    "章节问题": Look(BODY, 10.5, LABEL, (0, 6, 1.3), keeps=True),
    "List Bullet": Look(BODY, 10.5, space=(0, 4, 1.4), indent=(18, -18)),
    "Caption": Look(SANS, 9.5, space=(10, 4, 1.2), keeps=True),
    "图注": Look(SANS, 9.5, space=(2, 10, 1.2), align=ALIGN.CENTER),
    "图": Look(BODY, 10.5, space=(8, 2, 1.0), align=ALIGN.CENTER, keeps=True),
    "表注": Look(BODY, 8.5, LABEL, (2, 0, 1.25)),
    "表后空行": Look(BODY, 6, LABEL, (0, 4, 1.0)),
    "表格文字": Look(BODY, 9, space=(1.5, 1.5, 1.15)),
    "表格数字": Look(BODY, 9, space=(1.5, 1.5, 1.15), align=ALIGN.RIGHT),
    "表头": Look(SANS, 9, space=(2.5, 2.5, 1.15), keeps=True),
    "数字表头": Look(SANS, 9, space=(2.5, 2.5, 1.15), align=ALIGN.RIGHT, keeps=True),
    "表格文字（密）": Look(BODY, 7.5, space=(1, 1, 1.1)),
    "表格数字（密）": Look(BODY, 7.5, space=(1, 1, 1.1), align=ALIGN.RIGHT),
    "表头（密）": Look(SANS, 7.5, space=(1.5, 1.5, 1.1), keeps=True),
    "数字表头（密）": Look(SANS, 7.5, space=(1.5, 1.5, 1.1), align=ALIGN.RIGHT, keeps=True),
    "Title": Look(SANS, 28, space=(150, 10, 1.25), line=("top", 36, 18)),
    "Subtitle": Look(SANS, 15, LABEL, (0, 120, 1.3)),
    "TOC Heading": Look(SANS, 18, space=(0, 14, 1.2), keeps=True, starts_page=True, line=_UNDER),
    "toc 1": Look(SANS, 10.5, space=(8, 2, 1.2)),
    "toc 2": Look(BODY, 10.5, space=(0, 2, 1.2), indent=(21, 0)),
    "Header": Look(BODY, 8.5, LABEL, (0, 0, 1.0), ALIGN.RIGHT),
    "Footer": Look(BODY, 8.5, LABEL, (0, 0, 1.0), ALIGN.CENTER),
}
WORDS = {
    "小标题字": Look(SANS), "封面字": Look(SANS, 10, LABEL), "封面值": Look(BODY, 10.5), "编号": Look(SANS, 7.5, LABEL),
    "正文数字": Look(BODY, colour=ACCENT), "证据": Look(BODY, colour=ACCENT, is_bold=True), "小样本": Look(BODY, colour=NEUTRAL),
}  # fmt: skip


def style_id(name: str) -> str:
    """The id that the library gives a style of that name."""
    return name.replace(" ", "")


def dress(document: Document) -> None:
    """Give ``document`` the styles of the report and no others."""
    styles = document.styles
    for style in [s for s in styles if s.name not in _NEEDED | set(PARAGRAPHS)]:
        style.delete()
    _defaults(styles.element)
    for name in ("Default Paragraph Font", "Normal Table"):
        name_fonts(styles[name].element.get_or_add_rPr(), BODY)
    for name, look in PARAGRAPHS.items():
        _paragraph_style(_style(styles, name, KIND.PARAGRAPH), look)
    for name, look in WORDS.items():
        _word_style(_style(styles, name, KIND.CHARACTER), look)
    for name in ("Heading 1", "Heading 2", "Heading 3", "章节问题"):
        styles[name].next_paragraph_style = styles["Body Text"]
    for name in ("toc 1", "toc 2"):
        styles[name].paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_CM), WD_TAB_ALIGNMENT.RIGHT)
    _table_style(styles, REPORT_TABLE, is_strong=True)
    _table_style(styles, PAIR_TABLE, is_strong=False)


def _defaults(styles: BaseOxmlElement) -> None:
    """Fonts and language of text that no style speaks of."""
    properties = styles.xpath("w:docDefaults/w:rPrDefault/w:rPr")[0]
    name_fonts(properties, BODY)
    for held in properties.xpath("w:lang"):
        properties.remove(held)
    properties.append(element("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA"))


def _style(styles: Styles, name: str, kind: KIND) -> ParagraphStyle:
    """A style without what the template says of it, but for its place in lists and outlines."""
    if name not in styles:
        styles.add_style(name, kind, builtin=name.isascii())  # type: ignore[no-untyped-call]
    style: ParagraphStyle = styles[name]
    for held in style.element.xpath("w:rPr | w:link | w:pPr/*[not(self::w:numPr or self::w:outlineLvl)]"):  # fmt: skip
        held.getparent().remove(held)
    return style


def _word_style(style: CharacterStyle, look: Look) -> None:
    name_fonts(style.element.get_or_add_rPr(), look.fonts)
    style.font.size = Pt(look.size) if look.size else None
    style.font.bold = look.is_bold or None
    style.font.color.rgb = RGBColor.from_string(look.colour.lstrip("#"))


def _paragraph_style(style: ParagraphStyle, look: Look) -> None:
    if look.line:  # first, because python-docx puts the others in order around it
        side, size, space = look.line
        border = element("pBdr", line(side, size=size, colour=ACCENT, space=space))
        style.element.get_or_add_pPr().insert(0, border)
    _word_style(style, look)
    style.quick_style = True
    shape = style.paragraph_format
    before, after, shape.line_spacing = look.space
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.alignment = look.align
    shape.left_indent, shape.first_line_indent = (Pt(n) if n else None for n in look.indent)
    shape.keep_with_next = shape.keep_together = look.keeps or None
    shape.page_break_before = look.starts_page or None


def _table_style(styles: Styles, name: str, *, is_strong: bool) -> None:
    """A table ruled by hairlines; a strong one between accent lines, its head tinted."""
    style = _style(styles, name, KIND.TABLE)
    style.base_style = styles["Normal Table"]
    name_fonts(style.element.get_or_add_rPr(), BODY)
    size, colour = (8, ACCENT) if is_strong else (4, _RULE)
    outer = [line(side, size=size, colour=colour) for side in ("top", "bottom")]
    lines = element("tblBorders", *outer, line("insideH", size=4, colour=_RULE))
    sides = [element(side, w=twips, type="dxa") for side, twips in (("left", "70"), ("right", "70"))]  # fmt: skip
    margins = element("tblCellMar", *sides)
    style.element.append(element("tblPr", element("tblInd", w="0", type="dxa"), lines, margins))
    if is_strong:
        tint = element("shd", val="clear", color="auto", fill=_PALE)
        style.element.append(element("tblStylePr", element("tcPr", tint), type="firstRow"))
