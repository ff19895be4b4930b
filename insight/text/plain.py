"""The form in which words are looked up in texts: normalised, simplified characters, lower case."""

from __future__ import annotations

import polars as pl

from insight.simplified import simplified_each
from insight.text.normalize import normalise


def plain(text: str) -> str:
    """One text as it is searched; the caller keeps the raw one.

    >>> plain("物流很慢，ＡＰＰ卡頓")
    '物流很慢,app卡顿'
    """
    return str(plain_each(pl.Series([text]))[0])


def plain_each(texts: pl.Series) -> pl.Series:
    """The same for many texts, kept in no cache (n) -> (n)."""
    normal = pl.Series(texts.name, [normalise(text) for text in texts], dtype=pl.String)
    return simplified_each(normal).str.to_lowercase()
