"""What python-docx has no word for: Chinese fonts, fields, bookmarks, links, lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph
from docx.text.run import Run

Fonts = tuple[str, str]  # for Latin, for Chinese
# Outside the Char production of XML 1.0; a file with one of these does not open.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` without the characters that no XML file may hold."""
    return _ILLEGAL.sub("", text)


def element(tag: str, *children: BaseOxmlElement, **attributes: str) -> BaseOxmlElement:
    """``<w:tag w:attribute=…>children</w:tag>``."""
    made = OxmlElement(f"w:{tag}", {qn(f"w:{name}"): value for name, value in attributes.items()})
    made.extend(children)
    return made


def line(side: str, *, size: int, colour: str, space: int = 0) -> BaseOxmlElement:
    """A border line; ``size`` in eighths of a point, ``space`` to the text in points."""
    return element(side, val="single", sz=str(size), space=str(space), color=colour.lstrip("#"))


def name_fonts(properties: BaseOxmlElement, fonts: Fonts) -> None:
    """Set every font of a w:rPr; the hint sets “”…— in the Chinese font."""
    latin, chinese = fonts
    held = properties.get_or_add_rFonts()
    held.attrib.clear()
    names = {"hint": "eastAsia", "ascii": latin, "hAnsi": latin, "eastAsia": chinese, "cs": latin}
    for name, value in names.items():
        held.set(qn(f"w:{name}"), value)


def field(paragraph: Paragraph, code: str, shown: str) -> list[Run]:
    """A field with the result that is shown until Word updates it."""
    return [*open_field(paragraph, code), paragraph.add_run(shown), close_field(paragraph)]


def open_field(paragraph: Paragraph, code: str) -> list[Run]:
    """The start of a field, up to what it shows."""
    words = element("instrText")
    words.set(qn("xml:space"), "preserve")
    words.text = f" {code} "
    parts = [element("fldChar", fldCharType="begin"), words, element("fldChar", fldCharType="separate")]  # fmt: skip
    return [_run_of(paragraph, part) for part in parts]


def close_field(paragraph: Paragraph) -> Run:
    """The end of a field."""
    return _run_of(paragraph, element("fldChar", fldCharType="end"))


def _run_of(paragraph: Paragraph, part: BaseOxmlElement) -> Run:
    run = paragraph.add_run()
    run.element.append(part)
    return run


def bookmark(paragraph: Paragraph, names: Iterable[str], *, ids: count[int]) -> None:
    """Let links lead to the words of ``paragraph``."""
    for name in names:
        at = str(next(ids))
        paragraph.runs[0].element.addprevious(element("bookmarkStart", id=at, name=name))
        paragraph._p.append(element("bookmarkEnd", id=at))


def link(runs: Sequence[Run], *, anchor: str, tip: str = "") -> None:
    """Make runs that stand side by side lead to a bookmark of the same file."""
    hover = {"tooltip": clean(tip)[:250]} if tip else {}
    held = element("hyperlink", anchor=anchor, **hover)
    runs[0].element.addprevious(held)
    held.extend([run.element for run in runs])
