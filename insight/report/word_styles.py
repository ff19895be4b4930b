"""The styles of the Word report: every one names its Chinese font, so that no theme or locale decides."""

from __future__ import annotations

from dataclasses import dataclass

from insight.charts.look import ACCENT, INK, LABEL
from insight.report.ooxml import BODY, SANS, Look, fonts, properties

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RULE, PALE = "D5DAE1", "EAF1F8"
_ACCENT = ACCENT.lstrip("#")


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style.

    Attributes
    ----------
    before, after : points of space; ``line``: line height as a multiple
    shape : further paragraph properties, each after the ones schema order wants first
    """

    id: str
    name: str
    look: Look
    before: float = 0
    after: float = 0
    line: float = 1.15
    first: str = ""  # properties that stand before w:spacing
    shape: str = ""  # properties that stand after it


_OUTLINE = '<w:outlineLvl w:val="{}"/>'
_KEEP = "<w:keepNext/><w:keepLines/>"
_H1_RULE = f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="{_ACCENT}"/></w:pBdr>'
_TABS = '<w:tabs><w:tab w:val="right" w:pos="9070"/></w:tabs>'

STYLES = (
    Style("Normal", "Normal", Look(BODY, 10.5, INK), 0, 6, 1.4),
    Style("Body", "报告正文", Look(BODY, 10.5, INK), 0, 6, 1.4, shape='<w:ind w:firstLineChars="200" w:firstLine="420"/><w:jc w:val="both"/>'),
    Style("Heading1", "heading 1", Look(SANS, 18, INK), 24, 14, 1.2, f"{_KEEP}<w:pageBreakBefore/>{_H1_RULE}", _OUTLINE.format(0)),
    Style("Heading2", "heading 2", Look(SANS, 14, ACCENT), 18, 8, 1.2, _KEEP, _OUTLINE.format(1)),
    Style("Heading3", "heading 3", Look(SANS, 12, INK), 14, 3, 1.2, _KEEP, _OUTLINE.format(2)),
    Style("Lead", "章节问题", Look(BODY, 10.5, LABEL), 0, 6, 1.3, _KEEP),
    Style("Finding", "发现", Look(BODY, 10.5, INK), 0, 4, 1.4, '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>', '<w:ind w:left="340" w:hanging="340"/>'),
    Style("Caption", "caption", Look(SANS, 9.5, INK), 12, 4, 1.2, _KEEP),
    Style("FigureCaption", "图注", Look(SANS, 9.5, INK), 2, 12, 1.2, "", '<w:jc w:val="center"/>'),
    Style("Figure", "图", Look(BODY, 10.5, INK), 8, 2, 1.0, "<w:keepNext/>", '<w:jc w:val="center"/>'),
    Style("Note", "表注", Look(BODY, 8.5, LABEL), 2, 0, 1.25),
    Style("NoteEnd", "表后空行", Look(BODY, 6, LABEL), 0, 4, 1.0),
    Style("TableText", "表格文字", Look(BODY, 9, INK), 1.5, 1.5, 1.15),
    Style("TableNumber", "表格数字", Look(BODY, 9, INK), 1.5, 1.5, 1.15, "", '<w:jc w:val="right"/>'),
    Style("TableHead", "表头", Look(SANS, 9, INK), 2.5, 2.5, 1.15, "<w:keepNext/>"),
    Style("TableHeadNumber", "数字表头", Look(SANS, 9, INK), 2.5, 2.5, 1.15, "<w:keepNext/>", '<w:jc w:val="right"/>'),
    Style("Title", "Title", Look(SANS, 28, INK), 150, 10, 1.25, f'<w:pBdr><w:top w:val="single" w:sz="36" w:space="18" w:color="{_ACCENT}"/></w:pBdr>'),
    Style("Subtitle", "Subtitle", Look(SANS, 15, LABEL), 0, 120, 1.3),
    Style("TOCHeading", "TOC Heading", Look(SANS, 18, INK), 0, 14, 1.2, f"{_KEEP}<w:pageBreakBefore/>{_H1_RULE}"),
    Style("TOC1", "toc 1", Look(SANS, 10.5, INK), 8, 2, 1.2, _TABS),
    Style("TOC2", "toc 2", Look(BODY, 10.5, INK), 0, 2, 1.2, _TABS, '<w:ind w:left="420"/>'),
    Style("Header", "header", Look(BODY, 8.5, LABEL), 0, 0, 1.0, "", '<w:jc w:val="right"/>'),
    Style("Footer", "footer", Look(BODY, 8.5, LABEL), 0, 0, 1.0, "", '<w:jc w:val="center"/>'),
)  # fmt: skip
BY_ID = {style.id: style for style in STYLES}


def styles_xml() -> str:
    """word/styles.xml."""
    base = Look(BODY, 10.5)
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{properties(base)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    character = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/>'
        f"<w:rPr>{fonts(BODY)}</w:rPr></w:style>"
    )
    numbering = (
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        "<w:semiHidden/></w:style>"
    )
    body = "".join(map(_paragraph_style, STYLES))
    return f'<w:styles xmlns:w="{W}">{defaults}{body}{character}{_tables()}{numbering}</w:styles>'


def _paragraph_style(style: Style) -> str:
    is_normal = style.id == "Normal"
    default = ' w:default="1"' if is_normal else ""
    based = "" if is_normal else '<w:basedOn w:val="Normal"/>'
    following = '<w:next w:val="Body"/>' if style.id.startswith(("Heading", "Lead")) else ""
    spacing = (
        f'<w:spacing w:before="{round(style.before * 20)}" w:after="{round(style.after * 20)}" '
        f'w:line="{round(style.line * 240)}" w:lineRule="auto"/>'
    )
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f"{based}{following}<w:qFormat/><w:pPr>{style.first}{spacing}{style.shape}</w:pPr>"
        f"<w:rPr>{properties(style.look)}</w:rPr></w:style>"
    )


def _tables() -> str:
    """The plain table, the report's ruled table, and the pairs of the cover and the advice."""
    margins = (
        '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
    )
    strong = f'w:val="single" w:sz="8" w:space="0" w:color="{_ACCENT}"'
    faint = f'w:val="single" w:sz="4" w:space="0" w:color="{RULE}"'
    ruled = (
        f"<w:tblBorders><w:top {strong}/><w:bottom {strong}/><w:insideH {faint}/></w:tblBorders>"
    )
    pairs = f"<w:tblBorders><w:top {faint}/><w:bottom {faint}/><w:insideH {faint}/></w:tblBorders>"
    head = (
        f'<w:tblStylePr w:type="firstRow"><w:rPr>{fonts(SANS)}</w:rPr><w:tcPr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/></w:tcPr></w:tblStylePr>'
    )

    def style(name: str, label: str, *, borders: str, extra: str = "") -> str:
        default = ' w:default="1"' if name == "TableNormal" else ""
        based = "" if default else '<w:basedOn w:val="TableNormal"/>'
        return (
            f'<w:style w:type="table"{default} w:styleId="{name}"><w:name w:val="{label}"/>{based}'
            f'<w:rPr>{fonts(BODY)}</w:rPr><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>{borders}{margins}</w:tblPr>{extra}</w:style>'
        )

    return (
        style("TableNormal", "Normal Table", borders="")
        + style("ReportTable", "报告表格", borders=ruled, extra=head)
        + style("PairTable", "对照表格", borders=pairs)
    )
