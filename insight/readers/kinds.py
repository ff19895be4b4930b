"""What a file is, judged by its first bytes and its own directory, never by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from zipfile import ZipFile

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "bitmap"),
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"Rar!", "packed"),
    (b"SQLite format 3", "database"),
)
# Why a kind cannot be read, and what to do instead.
REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "image": ("这是图片，不是表格或文字文件", ""),
        "rtf": ("暂不支持 RTF 文档", "请另存为 docx 后导入。"),
        "packed": ("这是压缩包", "请解压后导入里面的文件。"),
        "database": ("这是数据库文件", "请导出为 csv 后导入。"),
        "mail": ("这是“单个文件网页”（mht）", "请用 Excel 另存为 xlsx 后导入。"),
        "xlsb": ("这是 Excel 二进制工作簿（.xlsb）", "请另存为 .xlsx 后上传。"),
        "ods": ("这是 OpenDocument 文件", "请另存为 .xlsx 或 .docx 后上传。"),
    }
)


def kind_of(head: bytes, *, size: int) -> str:
    """The family of a file by its first bytes and its size: one of ``_MAGIC``, or "text"."""
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "text")
    if found == "bitmap":  # two letters are no proof: the header states the size of the file
        return "image" if head[2:6] == size.to_bytes(8, "little")[:4] else "text"
    return found


def archive_kind(archive: ZipFile) -> str:
    """The family of a zip: "xlsx", "docx", "xlsb", "ods", or "archive" for a zip of files."""
    names = set(archive.namelist())
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.bin" in names and "xl/workbook.xml" not in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else "archive"


def text_kind(text: str, end: str) -> str:
    """What a text with that beginning and end is written in: "html", "sheet_xml", "mail", or "plain"."""
    head = text[:4096].lstrip().lower()
    if head.startswith("mime-version:"):
        return "mail"
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and "<workbook" in head:
        return "sheet_xml"
    opening = re.match(r"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<([a-z!]+)", head, re.DOTALL)
    tags = ("html", "!doctype", "head", "meta", "body", "table", "script", "style", "div", "p")
    is_page = opening is not None and opening[1] in tags
    closes = re.search(r"</(html|table|body|div|p|script)>", text[:4096] + end, re.I)
    return "html" if is_page and closes else "plain"
