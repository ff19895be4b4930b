"""Dates and clock times in one notation: ``2024-3-5 9:03:00``, whatever words and marks stood between the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from insight.clean.values import plain

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH = r"(?i)^(\d{1,2})[ -]([a-z]{3})[a-z]*\.?[ ,-]+(\d{4})"
_MONTH_DAY = r"(?i)^([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
_CHINESE_DATE = r"^[〇零○一二三四五六七八九]{4}\s*年"
_BEFORE_ZONE = r"(:\d{2}\s*(?:[AaPp][Mm]|上午|下午)?)\s*\[?(?:Z|UTC|GMT|CST)?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?\]?$"
_DIGITS: Mapping[str, str] = MappingProxyType(
    dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True))
)


def tidied(values: pl.Series) -> pl.Series:
    """Written dates with ``-`` between the numbers of the day and no zone behind the clock (n) -> (n)."""
    text = _in_digits(plain(values))
    return (
        _with_month_numbers(text)
        .str.replace_all(r"\(?(星期|周)[一二三四五六日天]\)?", " ")
        .str.replace_all(r"\s*[年月]\s*", "-")
        .str.replace(r"\s*[日号]\s*", " ")
        .str.replace(r"^(\d{8}|\d{10}|\d{12}|\d{14})\.0$", "$1")
        .str.replace(r"^(\d{1,4})[./](\d{1,2})[./](\d{1,4})", "$1-$2-$3")
        .str.replace(r"^((?:19|20)\d{2})(\d{2})(\d{2})$", "$1-$2-$3")
        .str.replace(r"^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$", "$1-$2-$3 $4:$5")
        .str.replace(r"^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$", "$1-$2-$3 $4:$5:$6")
        .str.replace(r"(\d)T(\d)", "$1 $2")
        .str.replace(r"(:\d{2})\.\d+", "$1")
        .str.replace(_BEFORE_ZONE, "$1")
        .str.strip_chars()
    )


def _with_month_numbers(text: pl.Series) -> pl.Series:
    """``5 Mar 2024`` and ``March 5, 2024`` as 2024-3-5."""
    frame = text.to_frame("text")
    named = pl.col("text").str
    worded = frame.select(named.contains(f"{_DAY_MONTH}|{_MONTH_DAY}")).to_series()
    if not worded.any():
        return text
    month = pl.coalesce(named.extract(_DAY_MONTH, 2), named.extract(_MONTH_DAY, 1))
    number = month.str.to_lowercase().replace_strict(
        dict(zip(_MONTHS, map(str, range(1, 13)), strict=True)), default=None
    )
    day = pl.coalesce(named.extract(_DAY_MONTH, 1), named.extract(_MONTH_DAY, 2))
    year = pl.coalesce(named.extract(_DAY_MONTH, 3), named.extract(_MONTH_DAY, 3))
    rest = named.replace(_DAY_MONTH, "").str.replace(_MONTH_DAY, "")
    date = pl.concat_str(year, number, day, separator="-") + rest
    return frame.select(pl.coalesce(date, "text").alias(text.name)).to_series()


def _in_digits(text: pl.Series) -> pl.Series:
    """二〇二四年三月二十五日 as 2024年3月25日."""
    chinese = text.str.contains(_CHINESE_DATE).fill_null(value=False)
    if not chinese.any():
        return text
    written = (
        text.str.replace_all("([二三])十([一二三四五六七八九])", "$1$2")
        .str.replace_all("([二三])十", "${1}〇")
        .str.replace_all("十([一二三四五六七八九])", "一$1")
        .str.replace_all("十", "一〇")
        .str.replace_many(_DIGITS)
    )
    return written.zip_with(chinese, text)
