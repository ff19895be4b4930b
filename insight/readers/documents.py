"""Word documents (.docx): their paragraphs, tables and text boxes in reading order."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from insight.errors import EmptyFile, UnreadableFile
from insight.readers import gate
from insight.readers.raw import Source

_MAIN = "word/document.xml"
_SILENT = frozenset({"Fallback", "del", "moveFrom", "instrText", "delText", "rPr", "pPr"})
_SPEAKER = ("说话人", "发言人", "讲话人", "speaker", "角色", "身份")
_WORDS = ("内容", "发言", "文本", "text", "对话", "转写", "文字")
_TIME = ("时间", "time", "时间戳", "起始")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of a document: its number from 1, its text, and what a table says beside it."""

    line: int
    text: str
    speaker: str | None = None
    said_at: str | None = None


def read_paragraphs(source: Source, archive: zipfile.ZipFile) -> tuple[list[Paragraph], list[str]]:
    """The paragraphs of a document and notes on what was left out.

    Headers, footers, footnotes and comments are not part of the conversation. Nothing outside
    the file is opened, also where it names a remote template.

    Raises
    ------
    EmptyFile : no text
    UnreadableFile : damaged, or pictures only
    """
    root = gate.part_tree(archive, _MAIN, source.name)
    body = root.find("{*}body")
    found: list[Paragraph] = []
    for block in [] if body is None else _blocks(body):
        first = len(found) + 1
        found += _table(block, first) if _tag(block) == "tbl" else _split(block, first)
    if not any(p.text for p in found):
        if next(root.iter("{*}drawing", "{*}pict"), None) is not None:
            raise UnreadableFile(source.name, "文档里只有图片，没有可分析的文字", "请提供文字版。")
        raise EmptyFile(source.name)
    return found, _notes(archive)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables in order, also inside content controls."""
    for child in parent.iterchildren():
        tag = _tag(child)
        if tag in ("p", "tbl"):
            yield child
        elif tag not in _SILENT:
            yield from _blocks(child)


def _split(paragraph: etree._Element, first: int) -> list[Paragraph]:
    """A paragraph, its line breaks as lines of their own, and the text boxes anchored in it."""
    texts = "".join(_runs(paragraph)).split("\n")
    boxes = [box for box in paragraph.iter("{*}txbxContent") if not _is_fallback(box)]
    texts += ["".join(_runs(p)) for box in boxes for p in _blocks(box) if _tag(p) == "p"]
    return [Paragraph(first + i, text.strip()) for i, text in enumerate(texts)]


def _is_fallback(element: etree._Element) -> bool:
    return any(_tag(a) == "Fallback" for a in element.iterancestors())


def _runs(element: etree._Element) -> Iterator[str]:
    for child in element.iterchildren():
        tag = _tag(child)
        if tag == "t":
            yield child.text or ""
        elif tag == "tab":
            yield "\t"
        elif tag in ("br", "cr"):
            yield "\n"
        elif tag not in _SILENT and tag != "txbxContent":
            yield from _runs(child)


def _table(table: etree._Element, first: int) -> list[Paragraph]:
    """The rows of a table: turns where its header names speaker and words, else its cells in order."""
    rows = [[_cell(c) for c in row.iterchildren("{*}tc")] for row in table.iterchildren("{*}tr")]
    columns = _columns(rows[0]) if rows else {}
    if "words" in columns and "speaker" in columns:
        return [
            Paragraph(
                first + i,
                _at(row, columns["words"]) or "",
                _at(row, columns["speaker"]),
                _at(row, columns.get("time", -1)),
            )
            for i, row in enumerate(rows[1:], 1)
        ]
    texts = [text for row in rows for text in _labelled(row, rows)]
    return [Paragraph(first + i, text) for i, text in enumerate(texts)]


def _cell(cell: etree._Element) -> str:
    return "\n".join("".join(_runs(p)).strip() for p in cell.iter("{*}p")).strip()


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for i, text in enumerate(header):
        name = text.strip().lower()
        for role, words in (("speaker", _SPEAKER), ("time", _TIME), ("words", _WORDS)):
            if role not in found and any(name.startswith(w) for w in words):
                found[role] = i
                break
    return found


def _at(row: list[str], i: int) -> str | None:
    return (row[i] or None) if 0 <= i < len(row) else None


def _labelled(row: list[str], rows: list[list[str]]) -> list[str]:
    """``name：words`` where the first of two cells names a speaker who comes again."""
    again = sum(other[:1] == row[:1] for other in rows) > 1
    if len(row) == 2 and again and 0 < len(row[0]) <= 12 and row[1]:
        return [f"{row[0].rstrip('：:')}：{row[1]}"]
    return [line for cell in row for line in cell.split("\n")]


def _notes(archive: zipfile.ZipFile) -> list[str]:
    names = archive.namelist()
    parts = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "comments": "批注"}
    left = [
        label for part, label in parts.items() if any(n.startswith(f"word/{part}") for n in names)
    ]
    return [f"文档的{'、'.join(left)}没有读入。"] if left else []
