"""An empty Word file in the dress of the report: A4, header and footer, Chinese text, given times."""

from __future__ import annotations

from datetime import UTC, datetime

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as KIND
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm

from insight.report.facts import Facts
from insight.report.front import TITLE
from insight.report.word_oxml import clean, element, field, name_fonts
from insight.report.word_styles import BODY, PARAGRAPHS, SANS, WORDS, dress

_EFFECTS = "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects"
_THEME_FONT = "{*}themeElements/{*}fontScheme/{*}%sFont/{*}%s"


def blank(facts: Facts) -> Document:
    """A document without text, named and dated after ``facts``."""
    document = docx.Document()
    for relations in (document.part.package.rels, document.part.rels):
        for key, one in list(relations.items()):
            if one.reltype in (KIND.THUMBNAIL, KIND.CUSTOM_XML, _EFFECTS):
                del relations[key]  # parts of the template that say nothing about this report
    dress(document)
    _theme(document.part.part_related_by(KIND.THEME))
    _settings(document.settings.element)
    _page(document, facts.study)
    _properties(document, facts)
    return document


def name_every_run(document: Document) -> None:
    """Let each run name its fonts itself: readers differ in what they take from a style."""
    looks = {**PARAGRAPHS, **WORDS}
    fonts = {document.styles[name].style_id: look.fonts for name, look in looks.items()}
    page = document.sections[0]
    for part in (document.element, page.header._element, page.footer._element):
        for run in part.xpath(".//w:r"):
            own = run.style or run.xpath("ancestor::w:p[1]")[0].style
            name_fonts(run.get_or_add_rPr(), fonts.get(own, BODY))


def _theme(part: Part) -> None:
    """Name the fonts of the styles in the theme too, for East Asian text as well."""
    root = parse_xml(part.blob)
    for kind, (latin, chinese) in (("major", SANS), ("minor", BODY)):
        root.find(_THEME_FONT % (kind, "latin")).set("typeface", latin)
        root.find(_THEME_FONT % (kind, "ea")).set("typeface", chinese)
    part._blob = serialize_part_xml(root)


def _settings(settings: BaseOxmlElement) -> None:
    """Fields (contents, numbers) are updated on opening; East Asian text is Chinese."""
    settings.find(qn("w:compat")).addprevious(element("updateFields", val="true"))
    settings.find(qn("w:characterSpacingControl")).set(qn("w:val"), "compressPunctuation")
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    mode = settings.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']")[0]
    mode.set(qn("w:val"), "15")  # below it Word opens the file in its compatibility mode


def _page(document: Document, study: str) -> None:
    """A4; the report's name on top and the page number below, except on the cover."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = Cm(2.5)
    page.bottom_margin, page.header_distance, page.footer_distance = Cm(2.3), Cm(1.3), Cm(1.2)
    page.different_first_page_header_footer = True
    page.header.paragraphs[0].text = clean(f"{TITLE}　{study}")
    foot = page.footer.paragraphs[0]
    for before, code, after in (("第 ", "PAGE", " 页　"), ("共 ", "NUMPAGES", " 页")):
        foot.add_run(before)
        field(foot, code, "1")
        foot.add_run(after)


def _properties(document: Document, facts: Facts) -> None:
    """What the file says of itself; every time in it is the one of the report."""
    told = document.core_properties
    told.title, told.subject, told.language = TITLE, clean(facts.study), "zh-CN"
    told.author, told.comments = clean(facts.client), ""
    told.created = told.modified = _utc(facts.made_at)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
