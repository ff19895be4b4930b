"""Bytes -> text: which encoding a text file is written in, proved over the whole file."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from insight.errors import BadParameter, UnknownEncoding, UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8（带 BOM）"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAMPLE = 200_000  # bytes that decide between Chinese encodings


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with ``\\n`` line ends and without control characters, and Chinese notes on how it was read."""

    text: str
    notes: tuple[str, ...]


def decode(data: bytes, name: str, *, encoding: str | None = None) -> Decoded:
    """Read bytes as text.

    Parameters
    ----------
    data : the file; BOM, then UTF-16 by its zero bytes, then strict UTF-8, then strict GB18030
        or Big5 are tried over the whole of it
    name : for messages
    encoding : the user's choice, which is then the only one tried

    Raises
    ------
    UnknownEncoding : nothing fits; carries the first bad row where one encoding is clearly meant
    BadParameter : no such encoding
    UnreadableFile : the text is mostly control characters, so it is none
    """
    text, *notes = _chosen(data, name, encoding) if encoding else _found(data, name)
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _without_controls(text, name, tuple(notes))


def _chosen(data: bytes, name: str, encoding: str) -> list[str]:
    try:
        return [data.decode(encoding), f"文字编码按指定的 {encoding} 读取。"]
    except LookupError:
        known = "没有这种编码，可用 utf-8、gb18030、big5、utf-16"
        raise BadParameter("encoding", known) from None
    except UnicodeError as error:
        raise UnknownEncoding(name, _row(data, getattr(error, "start", 0))) from None


def _found(data: bytes, name: str) -> list[str]:
    for mark, encoding, label in _BOMS:
        if data.startswith(mark):
            return _with_mark(data[len(mark) :], name, encoding, label)
    for attempt in (_utf16, _utf8, _cut_utf8, _surrogates):
        if found := attempt(data):
            return found
    return _chinese(data, name)


def _with_mark(data: bytes, name: str, encoding: str, label: str) -> list[str]:
    try:
        return [data.decode(encoding), f"文字编码：{label}。"]
    except UnicodeDecodeError as error:
        row = data[: error.start].decode(encoding, "ignore").count("\n") + 1
        raise UnknownEncoding(name, row) from None


def _utf16(data: bytes) -> list[str] | None:
    """UTF-16 without a mark: the zero bytes of ASCII stand all on one side."""
    sides = data[0:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    if len(data) % 2 or max(sides) * 20 < min(len(data), _SAMPLE) or min(sides) * 50 > max(sides):
        return None
    text = _strict(data, "utf-16-le" if sides[1] > sides[0] else "utf-16-be")
    usual = re.compile(
        r"[\t\r\n -~\u00a0-\u00ff\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
    )
    if text is None or len(usual.findall(text[:5000])) < 0.95 * len(text[:5000]):
        return None
    return [text, "文字编码：UTF-16（无 BOM，按零字节规律判断）。"]


def _utf8(data: bytes) -> list[str] | None:
    text = _strict(data, "utf-8")
    return None if text is None else [text]


def _cut_utf8(data: bytes) -> list[str] | None:
    """UTF-8 that breaks off within its last character."""
    cut = next((n for n in (1, 2, 3) if len(data) > n and data[-n] >= 0xC0), 0)
    text = _strict(data[:-cut], "utf-8") if cut else None
    if text is None or text.isascii():
        return None
    return [text, "文件末尾的一个字不完整，已舍去，最后一行可能被截断。"]


def _surrogates(data: bytes) -> list[str] | None:
    """UTF-8 that spells UTF-16 halves: pairs are joined, single ones replaced."""
    try:
        halves = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    text = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return [text, f"有 {text.count('�')} 个无法显示的字符，已替换为“�”。"]


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _chinese(data: bytes, name: str) -> list[str]:
    """GB18030, or Big5 where its characters are the commoner ones.

    Raises
    ------
    UnknownEncoding : two encodings in one file, or neither fits
    """
    if (row := _odd_row(data)) is not None:
        raise UnknownEncoding(name, row)
    simplified, traditional = _strict(data, "gb18030"), _strict(data, "big5")
    usual = 0.0 if simplified is None else _share(simplified, "gb2312", 0xD8)
    if traditional is not None and _share(traditional, "big5", 0xC7) > usual + 0.2:
        note = "文字编码判断为 Big5（繁体），请核对预览；如有乱码请指定 encoding。"
        return [traditional, note]
    if simplified is not None:
        return [simplified, "文字编码：GB18030（GBK）。"]
    raise UnknownEncoding(name, _bad_row(data))


def _share(text: str, encoding: str, end: int) -> float:
    """Share of the non-ASCII characters that stand in the common plane of an encoding (lead byte < end)."""
    others = [c for c in text[:_SAMPLE] if ord(c) > 0x7F]
    leads = (c.encode(encoding, "ignore")[:1] for c in others)
    return sum(bool(lead) and lead[0] < end for lead in leads) / max(len(others), 1)


def _odd_row(data: bytes) -> int | None:
    """The first row that is not in the encoding of the others, where UTF-8 and another are mixed."""
    lines = data.split(b"\n") if b"\n" in data else data.split(b"\r")
    checked = [(i, line) for i, line in enumerate(lines[:5000], 1) if not line.isascii()]
    proper = [i for i, line in checked if _is_utf8(line)]
    others = [i for i, line in checked if _strict(line, "utf-8") is None]
    if not proper or not others:
        return _row(data, _failure(data, "utf-8")) if proper else None
    return others[0] if len(proper) >= len(others) else proper[0]


def _is_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8 beyond chance: at least two Chinese characters."""
    text = _strict(line, "utf-8")
    return text is not None and len(re.findall(r"[\u3000-\u9fff\uff00-\uffef]", text)) >= 2


def _failure(data: bytes, encoding: str) -> int:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _bad_row(data: bytes) -> int | None:
    """The row where GB18030 breaks off, if the rows before it are Chinese."""
    start = _failure(data, "gb18030")
    before = data[:start].decode("gb18030", "ignore")
    return _row(data, start) if len(re.findall(r"[\u4e00-\u9fff]", before)) >= 2 else None


def _row(data: bytes, at: int) -> int:
    end = b"\n" if b"\n" in data else b"\r"
    return data[:at].count(end) + 1


def _without_controls(text: str, name: str, notes: tuple[str, ...]) -> Decoded:
    first = _CONTROL.search(text)
    if first is None:
        return Decoded(text, notes)
    plain = _CONTROL.sub("", text)
    n = len(text) - len(plain)
    if n > max(0.1 * len(text), 8) and n > 0.02 * len(text):
        raise UnreadableFile(name, "内容不是文字，可能是图片、压缩包或其他程序的文件")
    row = text.count("\n", 0, first.start()) + 1
    kind = " NUL 字符" if first[0] == "\x00" else "控制符"
    note = f"第 {row} 行含不可见的{kind}，已去除{f'（全文件共 {n} 个）' if n > 1 else ''}。"
    return Decoded(plain, (*notes, note))
