"""Bytes -> text: which encoding a text file is written in, proved over the whole file."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from insight.errors import BadParameter, UnknownEncoding
from insight.readers.encoding_evidence import (
    SAMPLE,
    candidates,
    fits,
    mixed,
    share_common,
    utf16_order,
)
from insight.readers.plain_text import plain
from insight.readers.raw import Source
from insight.readers.utf8_blocks import Broken, utf8_blocks

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8（带 BOM）"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_ACCEPTED = re.compile(
    r"utf-8(-sig)?|utf-(16|32)(-[lb]e)?|gb18030|gbk|gb2312|big5(hkscs)?|cp950|ascii"
    r"|iso8859-1|cp1252|shift_jis|cp932|euc_(jp|kr)|cp949"
)
_SHORT = 20  # bytes that are too few to tell an encoding by


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with ``\\n`` line ends and without control characters.

    Attributes
    ----------
    blocks : UTF-8, cut between two characters
    encoding : of the file, as Python calls it
    notes : Chinese sentences on how it was read
    bad_lines : (line, what can be read of it) of lines that are not in the encoding the user
        chose; they are blank in ``blocks``
    """

    blocks: list[bytes]
    encoding: str
    notes: tuple[str, ...] = ()
    bad_lines: tuple[tuple[int, str], ...] = ()

    @property
    def text(self) -> str:
        """The whole text."""
        return b"".join(self.blocks).decode()

    @property
    def head(self) -> str:
        """The beginning of the text."""
        found = b""
        for block in self.blocks:
            found += block[: 4 * SAMPLE]
            if len(found) >= 4 * SAMPLE:
                break
        return found.decode("utf-8", "ignore")[:SAMPLE]

    @property
    def tail(self) -> str:
        """The end of the text."""
        return b"".join(self.blocks[-2:])[-8_192:].decode("utf-8", "ignore")


def decode(source: Source) -> Decoded:
    """Read the bytes of a file as text.

    Parameters
    ----------
    source : its BOM, then UTF-16 by its zero bytes, then strict UTF-8, then strict GB18030 or
        Big5 are tried over the whole of it; or only the encoding that the user chose, and then
        lines that are not in it are set aside as long as they are few

    Raises
    ------
    UnknownEncoding : nothing fits; carries the first bad row where one encoding is clearly meant,
        and the candidates to choose from
    BadParameter : no such encoding
    UnreadableFile : the text is mostly control characters, so it is none
    """
    if source.encoding:
        return _chosen(source, source.encoding)
    head = source.head(SAMPLE)
    for mark, encoding, label in _BOMS:
        if head.startswith(mark):
            return _certain(source, encoding, f"文字编码：{label}。")
    if order := utf16_order(head, source.size):
        return _certain(source, order, "文字编码：UTF-16（无 BOM，按零字节规律判断）。")
    try:
        return _strict(source, "utf-8")
    except Broken as broken:
        return _cut(source, broken) or _surrogates(source, broken) or _chinese(source, head, broken)


def _unknown(source: Source, row: int | None) -> UnknownEncoding:
    return UnknownEncoding(source.name, row, candidates(source))


def _certain(source: Source, encoding: str, note: str) -> Decoded:
    try:
        return _strict(source, encoding, note)
    except Broken as broken:
        raise _unknown(source, _row(source, broken.at, encoding)) from None


def _strict(source: Source, encoding: str, *notes: str) -> Decoded:
    """The text in one encoding, or Broken."""
    read = plain(utf8_blocks(source, encoding), source.name)
    return Decoded(read.blocks, encoding, (*notes, *read.notes))


def _row(source: Source, at: int, encoding: str = "utf-8") -> int:
    """The line [1-based] of a byte."""
    before = source.data[:at]
    if encoding.startswith(("utf-16", "utf-32")):
        return before.decode(encoding, "ignore").count("\n") + 1
    return (before.count(b"\n") or before.count(b"\r")) + 1


def _chosen(source: Source, encoding: str) -> Decoded:
    note = f"文字编码按指定的 {encoding} 读取。"
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    if not _ACCEPTED.fullmatch(name):
        raise BadParameter("encoding", "没有这种编码，可用 utf-8、gb18030、big5、utf-16")
    try:
        return _strict(source, name, note)
    except Broken as broken:
        row = _row(source, broken.at, name)
    if name.startswith(("utf-16", "utf-32")):
        raise _unknown(source, row)
    return _without_bad_lines(source, name, row)


def _without_bad_lines(source: Source, encoding: str, first: int) -> Decoded:
    """The text with the lines blanked that are not in the encoding.

    Raises
    ------
    UnknownEncoding : they are half of the lines that could tell
    """
    lines = re.split(rb"\r\n|\n|\r", source.data)
    bad = [i for i, line in enumerate(lines) if not fits(line, encoding)]
    if 2 * len(bad) >= sum(not line.isascii() for line in lines):
        raise _unknown(source, first)
    set_aside = tuple((i + 1, lines[i].decode(encoding, "replace")) for i in bad)
    for i in bad:
        lines[i] = b""
    read = plain([b"\n".join(lines).decode(encoding).encode()], source.name)
    n = len(bad)
    note = f"文字编码按指定的 {encoding} 读取，有 {n} 行不是这种编码，没有导入，见问题清单。"
    return Decoded(read.blocks, encoding, (note, *read.notes), set_aside)


def _cut(source: Source, broken: Broken) -> Decoded | None:
    """UTF-8 that breaks off within its last character."""
    if broken.reason != "unexpected end of data":
        return None
    text = source.data[: broken.at].decode()
    note = "文件末尾的一个字不完整，已舍去，最后一行可能被截断。"
    return None if text.isascii() else _mended(source, text, note)


def _surrogates(source: Source, broken: Broken) -> Decoded | None:
    """UTF-8 that spells UTF-16 halves: pairs are joined, single ones replaced."""
    if source.head(1, after=broken.at) != b"\xed":
        return None
    try:
        halves = source.data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    text = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _mended(source, text, f"有 {text.count('�')} 个无法显示的字符，已替换为“�”。")


def _mended(source: Source, text: str, note: str) -> Decoded:
    read = plain([text.encode()], source.name)
    return Decoded(read.blocks, "utf-8", (note, *read.notes))


def _chinese(source: Source, head: bytes, broken: Broken) -> Decoded:
    """GB18030, or Big5 where its characters are the commoner ones.

    Raises
    ------
    UnknownEncoding : two encodings in one file, or neither fits
    """
    is_mixed, row = mixed(head, is_whole=len(head) == source.size)
    if is_mixed:
        raise _unknown(source, row or _row(source, broken.at))
    head = source.head(SAMPLE, after=broken.at) if head.isascii() else head
    simplified, traditional = share_common(head, "gb2312", 0xD8), share_common(head, "big5", 0xC7)
    if traditional > simplified + 0.2:
        note = "文字编码判断为 Big5（繁体），请核对预览；如有乱码请指定 encoding。"
        return _certain(source, "big5", note)
    doubt = "，文字很少，请核对预览；如有乱码请指定 encoding" if source.size < _SHORT else ""
    try:
        return _strict(source, "gb18030", f"文字编码：GB18030（GBK）{doubt}。")
    except Broken as late:
        before = source.data[: late.at].decode("gb18030", "ignore")
        is_meant = len(re.findall(r"[\u4e00-\u9fff]", before)) >= 2
        raise _unknown(source, _row(source, late.at) if is_meant else None) from None
