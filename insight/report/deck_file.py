"""The file that slides are laid on: the report's own look or the user's template, Chinese fonts on every run."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER as KIND
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout
from pptx.util import Emu, Inches, Pt

from insight.archive import packed, unpacked
from insight.errors import BadTemplate

LATIN, CHINESE = "Arial", "微软雅黑"
WIDE, HIGH = Inches(13.333), Inches(7.5)
MARGIN = Inches(0.6)
_TITLES = (KIND.TITLE, KIND.CENTER_TITLE)
_POTX = b"presentationml.template.main+xml"
_PPTX = b"presentationml.presentation.main+xml"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Stage:
    """A presentation without slides, and the layouts that new ones take."""

    deck: Deck
    cover: SlideLayout
    page: SlideLayout
    is_own: bool


@dataclass(frozen=True, slots=True)
class Box:
    """Where a shape stands, in EMU."""

    left: int
    top: int
    width: int
    height: int


def clean(text: str) -> str:
    """``text`` without the characters that no XML file may hold."""
    return _NO_XML.sub("", text)


def stage(template: bytes | None) -> Stage:
    """An empty deck of the report's own look, or of the user's template (BadTemplate)."""
    deck = Presentation() if template is None else _opened(template)
    if template is None:
        deck.slide_width, deck.slide_height = WIDE, HIGH
    for held in list(deck.slides._sldIdLst):
        deck.part.drop_rel(held.rId)
        deck.slides._sldIdLst.remove(held)
    titled = [one for one in deck.slide_layouts if _title_of(one) is not None]
    if not titled:
        raise BadTemplate("它的版式里没有“标题”占位符")
    cover = next((one for one in titled if _kinds(one) & {KIND.CENTER_TITLE}), titled[0])
    page = min(titled, key=lambda one: (one is cover, len(_contents(one))))
    made = Stage(deck, cover, page, template is None)
    if made.is_own:
        _placed(made)
    return made


def body(stage: Stage) -> Box:
    """The room below the title of a page."""
    title = _title_of(stage.page)
    high, wide = int(stage.deck.slide_height or HIGH), int(stage.deck.slide_width or WIDE)
    top = int(title.top + title.height) if title is not None and title.top is not None else high // 6  # fmt: skip
    top = min(top + Inches(0.15), high // 2)
    return Box(int(MARGIN), int(top), wide - 2 * int(MARGIN), high - int(top) - int(Inches(0.75)))


def new_page(stage: Stage, title: str, *, is_cover: bool = False) -> Slide:
    """A slide with its title and no empty placeholder."""
    slide: Slide = stage.deck.slides.add_slide(stage.cover if is_cover else stage.page)
    slide.shapes.title.text_frame.text = clean(title)
    for held in list(slide.placeholders):
        if held.placeholder_format.type not in _TITLES:
            held._element.getparent().remove(held._element)
    return slide


def saved(stage: Stage) -> bytes:
    """The bytes of the deck; every run names its Chinese font."""
    fonts = _fonts(stage)
    for slide in stage.deck.slides:
        trees = [slide._element]
        trees += [shape.chart._chartSpace for shape in slide.shapes if shape.has_chart]
        trees += [slide.notes_slide._element] if slide.has_notes_slide else []
        for tree in trees:
            _named(tree, fonts)
    buffer = io.BytesIO()
    stage.deck.save(buffer)
    return _timeless(buffer.getvalue())


def _opened(template: bytes) -> Deck:
    try:
        parts = unpacked(template)
        kinds = parts["[Content_Types].xml"].replace(_POTX, _PPTX)
        deck: Deck = Presentation(io.BytesIO(packed({**parts, "[Content_Types].xml": kinds})))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError) as error:  # fmt: skip
        raise BadTemplate("它不是 pptx 文件，或文件已损坏") from error
    return deck


def _kinds(layout: SlideLayout) -> set[KIND]:
    return {held.placeholder_format.type for held in layout.placeholders}


def _contents(layout: SlideLayout) -> list[KIND]:
    """The placeholders that would stand empty."""
    small = {*_TITLES, KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER}
    return [p.placeholder_format.type for p in layout.placeholders if p.placeholder_format.type not in small]  # fmt: skip


def _title_of(layout: SlideLayout) -> Any:  # noqa: ANN401 (python-pptx names no type for it)
    found = (held for held in layout.placeholders if held.placeholder_format.type in _TITLES)
    return next(found, None)


def _placed(stage: Stage) -> None:
    """Titles of the report's own look: on the left, in one size."""
    for layout, top, high, size in ((stage.page, 0.4, 0.95, 22), (stage.cover, 2.2, 1.3, 36)):
        title = _title_of(layout)
        assert title is not None
        title.left, title.top = Emu(MARGIN), Inches(top)
        title.width, title.height = Emu(int(WIDE) - 2 * int(MARGIN)), Inches(high)
        frame = title.text_frame
        body = frame._txBody.find(qn("a:bodyPr"))
        body.set("anchor", "b")
        for held in frame._txBody.findall(qn("a:lstStyle")):
            frame._txBody.remove(held)
        styles = etree.SubElement(frame._txBody, qn("a:lstStyle"))
        body.addnext(styles)
        level = etree.SubElement(styles, qn("a:lvl1pPr"), algn="l")
        etree.SubElement(level, qn("a:defRPr"), sz=str(Pt(size).centipoints), b="1")


def _fonts(stage: Stage) -> tuple[str, str]:
    """Latin and Chinese font: the template's own where it names a Chinese one."""
    if stage.is_own:
        return LATIN, CHINESE
    master = stage.deck.slide_master.part
    themes = (r.target_part.blob for r in master.rels.values() if r.reltype.endswith("/theme"))
    found = re.search(rb'<a:minorFont>.*?<a:ea typeface="([^"]+)"', next(themes, b""), re.DOTALL)
    return ("+mn-lt", "+mn-ea") if found else (LATIN, CHINESE)


def _named(tree: etree._Element, fonts: tuple[str, str]) -> None:
    for run in tree.iter(qn("a:r")):
        if run.find(qn("a:rPr")) is None:
            run.insert(0, etree.Element(qn("a:rPr")))
    for held in tree.iter(qn("a:rPr"), qn("a:defRPr"), qn("a:endParaRPr")):
        if held.tag != qn("a:defRPr"):
            held.set("lang", "zh-CN")
        for tag in ("a:latin", "a:ea", "a:cs"):
            for old in held.findall(qn(tag)):
                held.remove(old)
        after = [c for c in held if etree.QName(c).localname in ("ln", "solidFill", "noFill", "gradFill", "effectLst", "highlight")]  # fmt: skip
        at = held.index(after[-1]) + 1 if after else 0
        for tag, font in (("a:ea", fonts[1]), ("a:latin", fonts[0])):
            made = etree.Element(qn(tag), typeface=font)
            held.insert(at, made)


def _timeless(data: bytes) -> bytes:
    """The same deck without times: those of its parts, and those in the workbooks behind its charts."""
    parts = unpacked(data)
    books = {n: _timeless_book(d) for n, d in parts.items() if n.startswith("ppt/embeddings/")}
    return packed({**parts, **books})


def _timeless_book(data: bytes) -> bytes:
    parts = unpacked(data)
    core = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", parts.get("docProps/core.xml", b""))  # fmt: skip
    return packed({**parts, **({"docProps/core.xml": core} if core else {})})
