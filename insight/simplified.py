"""Chinese in simplified characters, so that 訂單編號 and 订单编号 compare equal; what is shown stays as it was."""

from __future__ import annotations

from functools import cache, lru_cache

import polars as pl
from opencc import OpenCC


@lru_cache(maxsize=8192)
def simplified(text: str) -> str:
    """A short text (header, known word) in simplified characters; words stay the same words.

    >>> simplified("訂單編號"), simplified("Order ID")
    ('订单编号', 'Order ID')
    """
    return text if text.isascii() else str(_converter("t2s").convert(text))


def simplified_once(text: str) -> str:
    """A longer text in simplified characters, kept in no cache: it may be personal."""
    return text if text.isascii() else str(_converter("t2s").convert(text))


def simplified_each(values: pl.Series) -> pl.Series:
    """Longer texts in simplified characters, kept in no cache: they may be personal (n) -> (n)."""
    convert = _converter("t2s").convert
    texts = [text if text is None or text.isascii() else convert(text) for text in values]
    return pl.Series(values.name, texts, dtype=pl.String)


@lru_cache(maxsize=1024)
def traditional(text: str) -> str:
    """The same in traditional characters.

    >>> traditional("(跳过)")
    '(跳過)'
    """
    return text if text.isascii() else str(_converter("s2t").convert(text))


@cache
def _converter(direction: str) -> OpenCC:
    """A converter (6 MB, 10 ms to make); it holds no state between texts."""
    return OpenCC(direction)
