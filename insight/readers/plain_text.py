"""UTF-8 with one kind of line end and without control characters, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insight.errors import UnreadableFile
from insight.threads import at_once

_BITE = 2**18  # bytes that stay in the cache of the processor
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Plain:
    """UTF-8 blocks whose lines end with ``\\n``, and Chinese notes on the characters that went."""

    blocks: list[bytes]
    notes: tuple[str, ...]


def plain(blocks: Iterable[bytes], name: str) -> Plain:
    """Normalise the line ends of a text and take its control characters out.

    Parameters
    ----------
    blocks : UTF-8, cut between two characters
    name : for messages

    Raises
    ------
    UnreadableFile : a tenth of it are control characters, so it is no text
    """
    kept: list[bytes] = []
    n_gone, first = 0, ""
    for block, visible in at_once(_seen, _with_newlines(blocks)):
        if not n_gone and len(visible) < len(block):
            first = _place(kept, block)
        n_gone += len(block) - len(visible)
        kept.append(visible)
    if n_gone > max(8, sum(map(len, kept)) / 10):
        raise UnreadableFile(name, "内容不是文字，可能是图片、压缩包或其他程序的文件")
    return Plain(kept, (f"{first}{_in_all(n_gone)}。",) if n_gone else ())


def _seen(block: bytes) -> tuple[bytes, bytes]:
    """A block, and what of it is no control character."""
    is_clean = b"\x7f" not in block and not any(map(_holds_control, _bites(block)))
    return block, block if is_clean else block.translate(None, _CONTROLS)


def _bites(text: bytes) -> Iterable[npt.NDArray[np.uint8]]:
    codes = np.frombuffer(text, np.uint8)
    return (codes[i : i + _BITE] for i in range(0, len(codes), _BITE))


def _holds_control(codes: npt.NDArray[np.uint8]) -> bool:
    low = int(np.count_nonzero(codes < 32))
    white = 0
    for code in (10, 9, 13):  # nearly always the line ends are all there is
        white += int(np.count_nonzero(codes == code))
        if low == white:
            return False
    return True


def n_line_ends(text: bytes) -> int:
    """How many ``\\n`` a text holds (``bytes.count`` takes five times as long)."""
    return sum(int(np.count_nonzero(codes == 10)) for codes in _bites(text))


def _with_newlines(blocks: Iterable[bytes]) -> Iterable[bytes]:
    """The same text with ``\\n`` for every line end; one that two blocks share stays one."""
    is_open = False
    for block in blocks:
        whole = b"\r" + block if is_open else block
        is_open = whole.endswith(b"\r")
        if is_open:
            whole = whole[:-1]
        if b"\r" in whole:
            whole = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield whole
    if is_open:
        yield b"\n"


def _place(before: Iterable[bytes], block: bytes) -> str:
    found = _CONTROL.search(block)
    at = found.start() if found else 0
    row = sum(b.count(b"\n") for b in before) + block.count(b"\n", 0, at) + 1
    kind = " NUL 字符" if block[at] == 0 else "控制符"
    return f"第 {row} 行含不可见的{kind}，已去除"


def _in_all(n: int) -> str:
    return f"（全文件共 {n} 个）" if n > 1 else ""
