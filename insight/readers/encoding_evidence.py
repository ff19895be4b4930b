"""What the bytes of a text tell about their encoding."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from insight.masking import mask
from insight.readers.raw import Source

SAMPLE = 200_000  # bytes that tell
_JUDGED = 30_000  # of them, those whose characters are judged one by one
_OFFERED = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030（GBK，简体中文）",
    "big5": "Big5（繁体中文）",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16（大端）",
}
UNUSUAL = re.compile(
    r"[^\t\r\n -~\u00a0-\u00ff\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
)


class Candidate(NamedTuple):
    """An encoding that a file may be in: as Python calls it, its label, and the first lines in it."""

    encoding: str
    label: str
    rows: tuple[str, ...]


def candidates(source: Source) -> tuple[Candidate, ...]:
    """The encodings a file may be in, the likeliest first, each with its first three lines."""
    head = source.head(SAMPLE)
    names = [name for name in _OFFERED if b"\x00" in head or not name.startswith("utf-16")]
    seen = {name: head.decode(name, "replace") for name in names}
    likely = sorted(names, key=lambda name: len(UNUSUAL.findall(seen[name])))
    return tuple(Candidate(n, _OFFERED[n], _first_lines(seen[n])) for n in likely)


def _first_lines(text: str) -> tuple[str, ...]:
    lines = (re.sub(r"[\x00-\x1f\x7f]+", " ", line)[:200] for line in text[:5000].splitlines())
    return tuple([mask(line) for line in lines if line.strip()][:3])


def fits(line: bytes, encoding: str) -> bool:
    """Whether a line is in an encoding."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def utf16_order(head: bytes, size: int) -> str | None:
    """UTF-16 without a mark: the zero bytes of ASCII stand all on one side."""
    sides = head[0::2].count(0), head[1::2].count(0)
    if size % 2 or max(sides) * 20 < len(head) or min(sides) * 50 > max(sides):
        return None
    encoding = "utf-16-le" if sides[1] > sides[0] else "utf-16-be"
    text = head.decode(encoding, "replace")[:5000]
    return encoding if len(UNUSUAL.findall(text)) <= 0.05 * len(text) else None


def share_common(head: bytes, encoding: str, end: int) -> float:
    """Share of the non-ASCII characters that stand in the common plane of an encoding (lead byte < end)."""
    decoder = codecs.getincrementaldecoder("gb18030" if encoding == "gb2312" else encoding)()
    try:
        others = [c for c in decoder.decode(head[:_JUDGED]) if ord(c) > 0x7F]
    except UnicodeDecodeError:
        return 0.0
    leads = (c.encode(encoding, "ignore")[:1] for c in others)
    return sum(bool(lead) and lead[0] < end for lead in leads) / max(len(others), 1)


def mixed(head: bytes, *, is_whole: bool) -> tuple[bool, int | None]:
    """Whether lines of UTF-8 stand beside lines that are not, or do so further on.

    Parameters
    ----------
    head : beginning of a text that is not UTF-8 as a whole
    is_whole : the head is the whole of it

    Returns
    -------
    That, and the first line [1-based] that is not in the encoding of most others, None if it
    comes after the head
    """
    lines = head.split(b"\n") if b"\n" in head else head.split(b"\r")
    told = [(i, line) for i, line in enumerate(lines, 1) if not line.isascii()]
    told = told if is_whole else [(i, line) for i, line in told if i < len(lines)]
    proper = [i for i, line in told if _is_utf8(line)]
    others = [i for i, line in told if not fits(line, "utf-8")]
    if not proper or not others:
        return bool(proper), None
    return True, others[0] if len(proper) >= len(others) else proper[0]


def _is_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8 beyond chance: at least two Chinese characters."""
    chinese = r"[\u3000-\u9fff\uff00-\uffef]"
    return fits(line, "utf-8") and len(re.findall(chinese, line.decode())) >= 2
