"""Written numbers, durations and text to typed columns; what cannot be read becomes null."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]"
_BLANK = r"(?i)^(null|none|nan|nat|n/a|#n/a|-+|—+)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$"
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"  # \d would take digits of any script
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"


def by_distinct(values: pl.Series, parse: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``parse`` each distinct value once (n) -> (n); null stays null."""
    known = values.drop_nulls().unique()
    parsed = parse(known)
    if known.is_empty():
        return parsed.clear(len(values)).alias(values.name)
    return values.replace_strict(known, parsed, default=None)


def plain(values: pl.Series) -> pl.Series:
    """Text in one form (NFKC), trimmed, without invisible characters; empty becomes null."""
    text = values.str.normalize("NFKC").str.replace_all(_INVISIBLE, "").str.strip_chars()
    return text.set(text == "", None)


def words(values: pl.Series) -> pl.Series:
    """Text as it was written, trimmed; empty cells and words for "no value" become null."""
    return by_distinct(values, _words)


def _words(values: pl.Series) -> pl.Series:
    text = values.str.replace_all(_INVISIBLE, "").str.strip_chars()
    return text.set(text.str.contains(_BLANK), None)


def codes(values: pl.Series) -> pl.Series:
    """Identifiers as text, without what spreadsheets wrap around them (``="1"``, ``'1``, a tab)."""
    return by_distinct(values, lambda known: _words(_unwrapped(plain(known))))


def _unwrapped(text: pl.Series) -> pl.Series:
    return text.str.replace(r'^="?(.*?)"?$', "$1").str.strip_chars_start("'").str.strip_chars()


def numbers(values: pl.Series) -> pl.Series:
    """Numbers as people and shops write them.

    Parameters
    ----------
    values : (n) text: ``1,234.50``, ``¥35``, ``35元``, ``1.2万``, ``(35)`` for -35, ``20%`` for
        0.2, ``499.00（系统计算中，该值仅供参考）``

    Returns
    -------
    (n) Float64, null where the text is no finite number

    Examples
    --------
    >>> numbers(pl.Series(["¥1,234.50", "1.2万", "(88.00)", "1,5", "0x1F"])).to_list()
    [1234.5, 12000.0, -88.0, None, None]
    """
    return by_distinct(values, _numbers)


def _numbers(values: pl.Series) -> pl.Series:
    if values.str.contains(_PLAIN_NUMBER).all():
        return values.cast(pl.Float64) + 0.0  # -0.0 becomes 0.0
    bare = (
        _unwrapped(plain(values))
        .str.replace(r"\([^()]*\p{Han}[^()]*\)$", "")
        .str.replace_all(r"(?i)rmb|cny|人民币|[¥$€£元\s]", "")
        .str.replace_all("[−－]", "-")
        .str.replace(r"^\((.+)\)$", "-$1")
        .str.to_lowercase()
    )
    unit = bare.str.extract("([万亿%])$").replace_strict(
        {"万": 1e4, "亿": 1e8, "%": 0.01}, default=None, return_dtype=pl.Float64
    )
    digits = bare.str.strip_chars_end("万亿%")
    digits = digits.zip_with(~digits.str.contains(_GROUPED), digits.str.replace_all(",", ""))
    number = digits.set(~digits.str.contains(_NUMBER), None).cast(pl.Float64, strict=False)
    scaled = (number * unit.fill_null(1.0)).round(6).zip_with(unit.is_not_null(), number)
    return scaled.set(~scaled.is_finite(), None) + 0.0


_UNITS = ((r"天|days?", 86400), (r"小时|时|h", 3600), (r"分钟|分|min", 60), (r"秒钟|秒|s", 1))
_SPOKEN = r"^(\d+(\.\d+)?(天|days?|小时|时|h|分钟|分|min|秒钟|秒|s))+$"

_CLOCK = r"^(?:(\d+)days?)?(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$"


def durations(values: pl.Series) -> pl.Series:
    """Durations in seconds.

    Parameters
    ----------
    values : (n) text: ``64秒``, ``1分4秒``, ``1时2分3秒``, ``00:01:04``, ``01:04``, ``64``

    Returns
    -------
    (n) Float64 [s], null where the text is no duration

    Examples
    --------
    >>> durations(pl.Series(["64秒", "1分4秒", "1时2分3秒", "00:01:04", "很久"])).to_list()
    [64.0, 64.0, 3723.0, 64.0, None]
    """
    return by_distinct(values, _durations)


def _durations(values: pl.Series) -> pl.Series:
    text = pl.col("text")
    spoken = pl.sum_horizontal(
        text.str.extract(rf"(\d+(?:\.\d+)?)(?:{unit})")
        .cast(pl.Float64, strict=False)
        .fill_null(0.0)
        * seconds
        for unit, seconds in _UNITS
    )
    days, hours, minutes, seconds = (
        text.str.extract(_CLOCK, group).str.replace(",", ".").cast(pl.Float64, strict=False) for group in (1, 2, 3, 4)
    )  # fmt: skip
    clock = days.fill_null(0.0) * 86400 + hours.fill_null(0.0) * 3600 + minutes * 60 + seconds
    frame = plain(values).str.replace_all(r"\s", "").str.to_lowercase().alias("text").to_frame()
    frame = frame.with_columns(bare=numbers(frame["text"]))
    return frame.select(
        pl.when(text.str.contains(_SPOKEN)).then(spoken).otherwise(pl.coalesce(clock, "bare"))
    ).to_series()
