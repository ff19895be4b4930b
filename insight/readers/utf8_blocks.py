"""The bytes of a file in one encoding as blocks of UTF-8, proved on the way."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import polars as pl

from insight.readers.raw import BLOCK, Source
from insight.threads import at_once

_BITE = 2**18  # bytes: what is decoded at once stays in the cache of the processor


class Broken(Exception):
    """The bytes from ``at`` on are not in the encoding that was tried."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(at, reason)
        self.at, self.reason = at, reason


def utf8_blocks(source: Source, encoding: str) -> Iterator[bytes]:
    """The bytes of a file as UTF-8, cut between two characters; what is UTF-8 already is proved and handed on.

    Raises
    ------
    Broken : they are not in that encoding
    """
    if encoding in ("utf-8", "utf-8-sig"):
        yield from _proved(source)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    made, n_before = [b""], 0
    for bite, is_last in source.blocks(_BITE):
        try:
            text = decoder.decode(bite, is_last)
        except UnicodeDecodeError as error:
            at = n_before + len(bite) - len(error.object) + error.start
            raise Broken(at, error.reason) from None
        made.append(text.removeprefix("" if n_before else "\ufeff").encode())
        n_before += len(bite)
        if is_last or sum(map(len, made)) >= BLOCK:
            yield b"".join(made)
            made.clear()


def _proved(source: Source) -> Iterator[bytes]:
    """The blocks of UTF-8, cut between two characters; Broken where they are none."""
    return at_once(_checked, _cut_between(source))


def _cut_between(source: Source) -> Iterator[tuple[bytes, int, bool]]:
    """Blocks of whole characters, how many bytes stand before each, and whether it is the last."""
    waiting, n_before = b"", 0
    for bite, is_last in source.blocks(BLOCK):
        whole = waiting + bite
        cut = len(whole) if is_last else _last_start(whole)
        block, waiting = whole[:cut], whole[cut:]
        yield block, n_before, is_last
        n_before += cut


def _last_start(block: bytes) -> int:
    """Where the last character of UTF-8 begins, which the block may not hold whole."""
    back = 1
    while back < min(4, len(block)) and block[-back] & 0xC0 == 0x80:
        back += 1
    return max(0, len(block) - back)


def _checked(placed: tuple[bytes, int, bool]) -> bytes:
    """Broken where a block is no UTF-8; the data frame library proves it eight times as fast as a codec."""
    block, n_before, is_last = placed
    try:
        pl.Series([block], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(block, is_last)
        except UnicodeDecodeError as error:
            raise Broken(n_before + error.start, error.reason) from None
    return block if n_before else block.removeprefix(codecs.BOM_UTF8)
