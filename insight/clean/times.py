"""Written points in time to seconds of the local wall clock, and what was doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight.clean.values import plain

_DATE_FIRST = r"^(\d{1,4})-(\d{1,2})-(\d{1,4})(?: +(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$"
_CLOCK = ("year", "month", "day", "hour", "minute", "second")
_EXCEL_EPOCH = 25569  # days from Excel's day 0 (1899-12-30) to 1970-01-01


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since 1970-01-01 00:00 local time (n, Int64), and a Chinese sentence on any doubt."""

    seconds: pl.Series
    doubt: str = ""


def times(values: pl.Series) -> Times:
    """Points in time as people, shops and spreadsheets write them.

    Parameters
    ----------
    values : (n) text: ``2024-03-05T09:03:00+08:00`` (the offset is dropped: the clock on the wall
        counts), ``2021/7/16 10:01:59``, ``2024年3月5日``, ``2024/3/5 下午1:03``, ``20240305``,
        Excel day numbers 30000 to 60000, ``13/04/2024``

    Returns
    -------
    Times : null where no such day exists. Day and month of ``03/04/2024`` are told apart by the
        other values of the column; where nothing tells, month first is taken and the doubt said.
        Years before 1900 and after 2100 are no times.
    """
    known = values.drop_nulls().unique()
    parts = _parts(known)
    month_first, doubt = _day_or_month(parts)
    seconds = _seconds(parts, month_first=month_first)
    if known.is_empty():
        return Times(seconds.clear(len(values)).alias(values.name))
    return Times(values.replace_strict(known, seconds, default=None), doubt)


def _tidied(values: pl.Series) -> pl.Series:
    return (
        plain(values)
        .str.replace_all(r"\(?(星期|周)[一二三四五六日天]\)?", " ")
        .str.replace_all(r"\s*[年月]\s*", "-")
        .str.replace(r"\s*[日号]\s*", " ")
        .str.replace(r"^(\d{1,4})[./](\d{1,2})[./](\d{1,4})", "$1-$2-$3")
        .str.replace(r"^((?:19|20)\d{2})(\d{2})(\d{2})$", "$1-$2-$3")
        .str.replace(r"^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$", "$1-$2-$3 $4:$5:$6")
        .str.replace(r"(\d)T(\d)", "$1 $2")
        .str.replace(r"(:\d{2})\.\d+", "$1")
        .str.replace(r"(:\d{2})\s*(Z|UTC|GMT|CST)?\s*([+-]\d{2}:?\d{2})?$", "$1")
        .str.strip_chars()
    )


def _parts(known: pl.Series) -> pl.DataFrame:
    """The numbers inside each text: text, a-b-c as written, hour, minute, second, pm."""
    text = _tidied(known)
    bare = text.str.replace(
        r"(?i)\s*(上午|下午|凌晨|早上|中午|晚上|AM|PM)\s*", " "
    ).str.strip_chars()
    numbers = {
        name: bare.str.extract(_DATE_FIRST, group).cast(pl.Int32, strict=False)
        for group, name in enumerate(("a", "b", "c", "hour", "minute", "second"), start=1)
    }
    year_last = bare.str.extract(_DATE_FIRST, 3).str.len_chars() == 4
    return pl.DataFrame(
        {"written": known, "text": text, **numbers, "year_last": year_last}
    ).with_columns(
        late=text.str.contains("(?i)下午|晚上|PM"),
        early=text.str.contains("(?i)上午|凌晨|AM"),
        year_first=bare.str.extract(_DATE_FIRST, 1).str.len_chars() == 4,
    )


def _day_or_month(parts: pl.DataFrame) -> tuple[bool | None, str]:
    """Whether the month comes first where the year comes last, and what to say about it."""
    written = parts.filter("year_last").sort("written")
    by_day = written.filter(pl.col("a") > 12)["written"].to_list()
    by_month = written.filter(pl.col("b") > 12)["written"].to_list()
    if by_day and by_month:
        return None, "日期里“月/日/年”和“日/月/年”两种写法混用，分不清的日期已置空"
    if by_day:
        return False, f"日期按“日/月/年”读取（依据：{by_day[0]}）"
    if by_month:
        return True, f"日期按“月/日/年”读取（依据：{by_month[0]}）"
    if written.is_empty():
        return True, ""
    return True, f"“{written['written'][0]}”这样的日期分不清月和日，按“月/日/年”读取，请核对"


def _seconds(parts: pl.DataFrame, *, month_first: bool | None) -> pl.Series:
    alone = pl.when(pl.col("b") > 12).then(pl.lit(True)).when(pl.col("a") > 12).then(pl.lit(False))
    leads = alone if month_first is None else pl.lit(month_first)
    year_last, hour = pl.col("year_last"), pl.col("hour")
    dated = parts.select(
        "text",
        pl.when(year_last).then("c").when("year_first").then("a").alias("year"),
        pl.when(~year_last).then("b").when(leads).then("a").when(~leads).then("b").alias("month"),
        pl.when(~year_last).then("c").when(leads).then("b").when(~leads).then("a").alias("day"),
        pl.when(pl.col("late") & (hour < 12)).then(hour + 12).when(pl.col("early") & (hour == 12)).then(0).otherwise(hour).fill_null(0),
        pl.col("minute", "second").fill_null(0),
    )  # fmt: skip
    written = pl.concat_str(_CLOCK, separator="-").str.to_datetime(
        "%Y-%m-%d-%H-%M-%S", strict=False
    )
    serial = pl.col("text").str.extract(r"^([3-5]\d{4}(?:\.\d+)?)$").cast(pl.Float64, strict=False)
    excel = ((serial - _EXCEL_EPOCH) * 86400).round().cast(pl.Int64)
    possible = pl.when(pl.col("year").is_between(1900, 2100)).then(written.dt.epoch("s"))
    return dated.select(pl.coalesce(possible, excel)).to_series()
