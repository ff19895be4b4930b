"""Written numbers, durations and text to typed columns; what cannot be read becomes null."""

from __future__ import annotations

import polars as pl

from insight.distinct import by_distinct as by_distinct  # for all of the room
from insight.identifiers import INVISIBLE, is_healthy, repaired
from insight.identifiers import plain as plain  # for all of the room

_BLANK = r"(?i)^(null|none|nan|nat|n/a|#n/a|-+|—+)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_CONTINENTAL = r"^[+-]?\d{1,3}([ .]\d{3})+,\d{1,2}$"
LARGEST = 1e10  # of money or pieces in one order line; 90,000 of them still add up exactly in hundredths of a cent


def words(values: pl.Series) -> pl.Series:
    """Text as it was written, trimmed; empty cells and words for "no value" become null."""
    return by_distinct(values, trimmed)


def trimmed(values: pl.Series) -> pl.Series:
    """As ``words``, for values that are unlike each other anyway (n) -> (n)."""
    text = values.str.replace_all(INVISIBLE, "").str.strip_chars()
    return text.set(text.str.contains(_BLANK), None)


def nothing(values: pl.Series) -> pl.Series:
    """A text column (n) in which no cell of ``values`` has an entry."""
    return pl.Series(values.name, [None], pl.String).new_from_index(0, len(values))


def codes(values: pl.Series) -> pl.Series:
    """Identifiers as text, repaired where no digit was lost (see ``insight.identifiers``)."""
    if is_healthy(values):
        return values
    return by_distinct(values, lambda known: trimmed(repaired(known)))


def _unwrapped(text: pl.Series) -> pl.Series:
    return text.str.replace(r'^="?(.*?)"?$', "$1").str.strip_chars_start("'").str.strip_chars()


def numbers(values: pl.Series) -> pl.Series:
    """Numbers as people and shops write them.

    Parameters
    ----------
    values : (n) text: ``1,234.50``, ``¥35``, ``35元``, ``1.2万``, ``(35)`` and ``35-`` for -35,
        ``20%`` for 0.2, ``499.00（系统计算中，该值仅供参考）``; ``1 234,50`` and ``1.234,50`` can
        mean one thing only, ``1,5`` may mean two and is none

    Returns
    -------
    (n) Float64, null where the text is no finite number

    Examples
    --------
    >>> numbers(pl.Series(["¥1,234.50", "1.2万", "(88.00)", "1,5", "0x1F"])).to_list()
    [1234.5, 12000.0, -88.0, None, None]
    """
    read = plain_numbers(values)
    return by_distinct(values, _numbers) if read is None else read


def believable(numbers: pl.Series) -> pl.Series:
    """The same numbers (n), null for those that no order line has: a column that was taken for another.

    >>> believable(pl.Series([35.0, -1e10, 1e300, None])).to_list()
    [35.0, -10000000000.0, None, None]
    """
    beyond = numbers.abs() > LARGEST
    return numbers.set(beyond, None) if beyond.any() else numbers


def plain_numbers(values: pl.Series) -> pl.Series | None:
    """The numbers of a column that holds nothing else, written as computers do: 35, -1.50, 1e5 (n Float64); else None."""
    read = values.cast(pl.Float64, strict=False)
    is_plain = read.null_count() == values.null_count() and read.is_finite().all()
    return _unsigned(read) if is_plain else None


def _numbers(values: pl.Series) -> pl.Series:
    if (read := plain_numbers(values)) is not None:
        return read
    bare = (
        _unwrapped(plain(values))
        .str.replace(r"\([^()]*\p{Han}[^()]*\)$", "")
        .str.replace_all(r"(?i)rmb|cny|人民币|[¥$€£元]", "")
        .str.replace_all("[−－]", "-")
        .str.strip_chars()
        .str.replace(r"^\((.+)\)$|^([\d.,\s]+)-$", "-$1$2")
        .str.to_lowercase()
    )
    continental = bare.str.contains(_CONTINENTAL).fill_null(value=False)
    turned = bare.str.replace_all("[ .]", "").str.replace(",", ".", literal=True)
    bare = turned.zip_with(continental, bare.str.replace_all(r"\s", ""))
    unit = bare.str.extract("([万亿%])$").replace_strict(
        {"万": 1e4, "亿": 1e8, "%": 0.01}, default=None, return_dtype=pl.Float64
    )
    digits = bare.str.strip_chars_end("万亿%")
    digits = digits.zip_with(~digits.str.contains(_GROUPED), digits.str.replace_all(",", ""))
    number = digits.set(~digits.str.contains(_NUMBER), None).cast(pl.Float64, strict=False)
    scaled = (number * unit.fill_null(1.0)).round(6).zip_with(unit.is_not_null(), number)
    return _unsigned(scaled.set(~scaled.is_finite(), None))


def _unsigned(numbers: pl.Series) -> pl.Series:
    """The same numbers, -0.0 as 0.0 (adding 0.0 is left out by the data frame library)."""
    none = numbers == 0
    return numbers.set(none, 0.0) if none.any() else numbers


_PIECES = r"^[x×*]?\s*(-?[\d,.]+)\s*(?:件|个|盒|瓶|包|袋|套|份|只|台|支|张|条|双|箱|罐|杯|本|部|pcs|pc|件装)?$"


def quantities(values: pl.Series) -> pl.Series:
    """Numbers of pieces, with or without a counting word (n) -> (n) Float64.

    >>> quantities(pl.Series(["2件", "x3", "1,200", "-1", "一些"])).to_list()
    [2.0, 3.0, 1200.0, -1.0, None]
    """
    return by_distinct(values, _quantities)


def _quantities(values: pl.Series) -> pl.Series:
    counted = plain(values).str.to_lowercase().str.extract(_PIECES)
    return _numbers(values.zip_with(counted.is_null(), counted))


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
