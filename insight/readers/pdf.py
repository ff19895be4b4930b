"""PDF documents: their text in reading order, lines put back together to paragraphs.

Of pypdf, pdfplumber and pdfium, pdfium alone kept columns in order and names in table cells whole on
printed Chinese pages, ten times as fast.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import pypdfium2

from insight.errors import FileTooLarge, UnreadableFile
from insight.readers.documents import Paragraph
from insight.readers.raw import Source
from insight.readers.speakers import label_of

_MOST_PAGES = 3_000
_FULL = 0.86  # of the widest line around: a line this long was broken by the page
_AROUND = 8
_PAGE_NUMBER = re.compile(r"(第\s*)?[-–—\s/]*\d+[-–—\s/\d]*(页(\s*[,，/]?\s*共\s*\d+\s*页)?)?|page \d+( of \d+)?", re.IGNORECASE)  # fmt: skip
_ENDS = re.compile(r"[。！？!?；;：:…”」』]$")
_SOFT = str.maketrans({"\ufffe": "", "\x02": "", "\xad": "", "\r": "\n"})


def read_pdf(source: Source) -> tuple[list[Paragraph], list[str]]:
    """The paragraphs of a PDF and notes on what was left out.

    Raises
    ------
    UnreadableFile : damaged, locked, without text (a scan), or text without a known encoding
    FileTooLarge : more pages than an interview has
    """
    pages = _pages(source)
    told = [page for page in pages if any(page)]
    if not told:
        hint = "请先做文字识别（OCR），导入得到的 docx 或 txt。"
        raise UnreadableFile(source.name, "PDF 里没有文字（扫描件）", hint)
    _refuse_garbled(told, source)
    bodies = _without_furniture(told)
    lines = [line for body in bodies for line in _paragraphs(body)]
    found = [Paragraph(number, line) for number, line in enumerate(lines, 1)]
    silent = len(pages) - len(told)
    return found, [f"有 {silent} 页没有文字（可能是扫描页），没有读入。"] if silent else []


def _pages(source: Source) -> list[list[str]]:
    """The lines of each page, trimmed, without blank ones."""
    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFile(
                source.name, "文件设有打开密码", "请取消密码后重新上传。"
            ) from None
        raise UnreadableFile(source.name, "PDF 不完整或已损坏", "请重新导出后上传。") from None
    try:
        if len(document) > _MOST_PAGES:
            raise FileTooLarge(source.name, f"共有 {len(document)} 页", f"{_MOST_PAGES} 页")
        return [_lines(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError:
        raise UnreadableFile(source.name, "PDF 不完整或已损坏", "请重新导出后上传。") from None
    finally:
        document.close()


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[str]:
    page = document[number]
    text = page.get_textpage()
    words = text.get_text_range().translate(_SOFT)
    text.close()
    page.close()
    return [line.strip() for line in words.split("\n") if line.strip()]


def _refuse_garbled(pages: Sequence[Sequence[str]], source: Source) -> None:
    text = "".join(line for page in pages for line in page)
    odd = sum(unicodedata.category(c) in ("Co", "Cn", "Cc") or c == "\ufffd" for c in text)
    if 5 * odd > len(text):
        hint = "请用原来的软件另存为 docx 或 txt 后导入。"
        raise UnreadableFile(source.name, "PDF 的字体没有文字编码，提取出来是乱码", hint)


def _without_furniture(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without page numbers and without what stands on top or at the foot of most of them."""
    edges = Counter(_shape(line) for page in pages for line in {page[0], page[-1]})
    again = {shape for shape, n in edges.items() if n >= 3 and 2 * n >= len(pages)}
    bodies = []
    for page in pages:
        body = list(page)
        while body and _is_furniture(body[-1], again):
            body.pop()
        while body and _is_furniture(body[0], again):
            body.pop(0)
        bodies.append(body)
    return bodies


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _is_furniture(line: str, again: set[str]) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(line)) or _shape(line) in again


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines that the page broke in mid-sentence as one paragraph."""
    widths = [_width(line) for line in lines]
    whole: list[str] = []
    broken = False
    for i, line in enumerate(lines):
        if broken and label_of(line) is None:
            whole[-1] = _joined(whole[-1], line)
        else:
            whole.append(line)
        widest = max(widths[max(0, i - _AROUND) : i + _AROUND + 1])
        broken = widths[i] >= _FULL * widest and widest >= 20 and not _ENDS.search(line)
    return whole


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _joined(left: str, right: str) -> str:
    latin = left[-1:].isascii() and right[:1].isascii()
    return f"{left} {right}" if latin else left + right
