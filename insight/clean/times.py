"""Written points in time to seconds of the local wall clock, and what was doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from insight.clean.clock_text import tidied
from insight.clean.values import nothing, words

UNCLEAR = "日期分不清月和日，请指定是先日后月还是先月后日"
NO_SUCH_DAY = "日历上没有这一天"
_BLENDED = "日期里“月/日/年”和“日/月/年”两种写法混用，分不清的日期已置空"
_EXACT = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d", "%Y/%m/%d")
_DATE_FIRST = r"^(\d{1,4})-(\d{1,2})-(\d{1,4})(?: +(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$"
_HALF_DAY = r"(?i)\s*(上午|下午|凌晨|早上|中午|晚上|AM|PM)\s*"
_ZONE = r":\d{2}(?:\.\d+)?\s*(?:[AaPp][Mm]|上午|下午)?\s*\[?(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)\]?$"
_CLOCK = ("year", "month", "day", "hour", "minute", "second")
_EXCEL_EPOCH = 25569  # days from Excel's day 0 (1899-12-30) to 1970-01-01
_SECONDS, _MILLISECONDS = r"^(1[0-8]\d{8})(?:\.\d+)?$", r"^(1[0-8]\d{8})\d{3}(?:\.0+)?$"
_FROM, _UNTIL = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (1900, 2101))
_CHINA = 8 * 3600  # [s] a Unix time has no place; shops of this tool's users live in UTC+8


@dataclass(frozen=True, slots=True)
class Times:
    """Points in time of n cells.

    Attributes
    ----------
    seconds : (n) Int64, seconds since 1970-01-01 00:00 of the local wall clock; null where none
    why : (n) why a cell with a date is no point in time, null where it is one or no date at all
    doubt : how day and month were told apart, in one sentence, where the year comes last; else ""
    zone : what was done about time zones, in one sentence, where cells name one; else ""
    """

    seconds: pl.Series
    why: pl.Series
    doubt: str = ""
    zone: str = ""

    def unclear(self) -> pl.Series:
        """The cells (n, Boolean) that could be two days."""
        return (self.why == UNCLEAR).fill_null(value=False)


def times(values: pl.Series, *, day_first: bool | None = None) -> Times:
    """Points in time as people, shops and spreadsheets write them.

    Parameters
    ----------
    values : (n) text: ``2021/7/16 10:01:59``, ``2024年3月5日``, ``二〇二四年三月五日``, ``2024/3/5 下午1:03``,
        ``20240305``, ``5 Mar 2024``, Excel day numbers 30000 to 60000, Unix times in seconds or
        milliseconds (read as UTC+8), ``13/04/2024``, and ``2024-03-05T09:03:00+08:00``, whose
        offset is dropped: the clock on the shop's wall counts
    day_first : how the user wants ``03/04/2024`` to be read; None = not decided

    Notes
    -----
    Undecided, day and month are told apart by the other dates of the column (13/04/2024); where
    nothing tells, or both orders occur, such a date is not guessed but null. A date that can be
    read in one order only is read in that order. Years before 1900 and after 2100 are no times.
    """
    if (seconds := _all_alike(values)) is not None:
        return Times(seconds, nothing(values))
    known = values.cast(pl.String).drop_nulls().unique()
    read = _exactly(known)
    others = known.filter(read.is_null())
    parts = _parts(others)
    leads, doubt = _order(parts, day_first=day_first)
    found = _seconds(parts, month_first=leads)
    read = read.scatter(read.is_null().arg_true(), found)
    if known.is_empty():
        return Times(nothing(values).cast(pl.Int64), nothing(values))
    seconds = values.replace_strict(known, read, default=None)
    failed = parts.with_columns(seconds=found).filter(pl.col("seconds").is_null())
    return Times(seconds, _why(values, failed, month_first=leads), doubt, _zones(parts))


def _all_alike(values: pl.Series) -> pl.Series | None:
    """The times of a column written in one usual form throughout, else None (n) -> (n) Int64."""
    known = values.drop_nulls().head(1)
    form = next((f for f in _EXACT if len(known) and not _in_form(known, f).has_nulls()), None)
    if values.dtype != pl.String or form is None:
        return None
    read = _in_form(values, form)
    return read if read.null_count() == values.null_count() else None


def _in_form(values: pl.Series, form: str) -> pl.Series:
    """The times written in one form, null where it is another (n) -> (n) Int64."""
    read = values.str.to_datetime(form, strict=False, exact=True)
    seconds = read.dt.epoch("s")
    known = seconds.is_between(_FROM, _UNTIL, closed="left")
    return seconds if known.all() else seconds.set(~known, None)


def _exactly(known: pl.Series) -> pl.Series:
    """The usual exact forms, read without taking them apart (n) -> (n) Int64."""
    read = pl.coalesce(_in_form(known, form) for form in _EXACT)
    return pl.select(read).to_series()


def _parts(known: pl.Series) -> pl.DataFrame:
    """The numbers inside each text: text, a-b-c as written, hour, minute, second, half of the day."""
    text = tidied(known)
    bare = text.str.replace(_HALF_DAY, " ").str.strip_chars()
    numbers = {
        name: bare.str.extract(_DATE_FIRST, group).cast(pl.Int32, strict=False)
        for group, name in enumerate(("a", "b", "c", "hour", "minute", "second"), start=1)
    }
    return pl.DataFrame({"written": known, "text": text, **numbers}).with_columns(
        year_last=bare.str.extract(_DATE_FIRST, 3).str.len_chars() == 4,
        year_first=bare.str.extract(_DATE_FIRST, 1).str.len_chars() == 4,
        late=text.str.contains("(?i)下午|晚上|PM"),
        early=text.str.contains("(?i)上午|凌晨|AM"),
    )


def _order(parts: pl.DataFrame, *, day_first: bool | None) -> tuple[bool | None, str]:
    """Whether the month comes first where the year comes last, and what to say about it."""
    written = parts.filter("year_last").sort("written")
    if written.is_empty():
        return None, ""
    if day_first is not None:
        return not day_first, f"日期按“{_named(not day_first)}”读取（由用户指定）"
    by_day = written.filter(pl.col("a") > 12)["written"].to_list()
    by_month = written.filter(pl.col("b") > 12)["written"].to_list()
    if by_day and by_month:
        return None, _BLENDED
    if by_day or by_month:
        return not by_day, f"日期按“{_named(not by_day)}”读取（依据：{(by_day or by_month)[0]}）"
    return None, f"“{written['written'][0]}”这样的日期分不清月和日，没有读取，请指定写法"


def _named(month_first: bool) -> str:
    return "月/日/年" if month_first else "日/月/年"


def _seconds(parts: pl.DataFrame, *, month_first: bool | None) -> pl.Series:
    alone = pl.when(pl.col("b") > 12).then(True).when(pl.col("a") > 12).then(False)
    same = pl.when(pl.col("a") == pl.col("b")).then(True)
    leads = pl.coalesce(alone, same, pl.lit(month_first, pl.Boolean))
    year_last, hour = pl.col("year_last"), pl.col("hour")
    dated = parts.select(
        "text",
        pl.when(year_last).then("c").when("year_first").then("a").alias("year"),
        pl.when(~year_last).then("b").when(leads).then("a").when(~leads).then("b").alias("month"),
        pl.when(~year_last).then("c").when(leads).then("b").when(~leads).then("a").alias("day"),
        pl.when(pl.col("late") & (hour < 12)).then(hour + 12).when(pl.col("early") & (hour == 12)).then(0).otherwise(hour).fill_null(0),
        pl.col("minute", "second").fill_null(0),
    )  # fmt: skip
    clock = pl.concat_str(_CLOCK, separator="-").str.to_datetime("%Y-%m-%d-%H-%M-%S", strict=False)
    possible = pl.when(pl.col("year").is_between(1900, 2100)).then(clock.dt.epoch("s"))
    return dated.select(pl.coalesce(possible, _day_number(), _unix())).to_series()


def _day_number() -> pl.Expr:
    serial = pl.col("text").str.extract(r"^([3-5]\d{4}(?:\.\d+)?)$").cast(pl.Float64, strict=False)
    return ((serial - _EXCEL_EPOCH) * 86400).round().cast(pl.Int64)


def _unix() -> pl.Expr:
    digits = pl.coalesce(pl.col("text").str.extract(form) for form in (_SECONDS, _MILLISECONDS))
    return digits.cast(pl.Int64) + _CHINA


def _why(values: pl.Series, failed: pl.DataFrame, *, month_first: bool | None) -> pl.Series:
    """Why each cell that ``failed`` lists is no point in time (n)."""
    two_days = pl.col("year_last") & (pl.col("a") <= 12) & (pl.col("b") <= 12)
    open_question = two_days & pl.lit(month_first is None)
    dated = pl.col("year_last") | pl.col("year_first")
    reason = pl.when(open_question).then(pl.lit(UNCLEAR)).when(dated).then(pl.lit(NO_SUCH_DAY))  # fmt: skip
    filled = failed.filter(words(failed["written"]).is_not_null()).select("written", why=reason)
    if filled.is_empty():
        return nothing(values)
    return values.replace_strict(filled["written"], filled["why"], default=None, return_dtype=pl.String)  # fmt: skip


def _zones(parts: pl.DataFrame) -> str:
    zones = parts["written"].str.strip_chars().str.extract(_ZONE).drop_nulls().unique().sort()
    if parts["text"].str.contains(f"{_SECONDS}|{_MILLISECONDS}").any():
        return "Unix 时间戳按北京时间（UTC+8）换算"
    if zones.is_empty():
        return ""
    named = "、".join(zones.head(3))
    return f"时间带有时区（{named}），按店铺当地的钟面时间读取，没有换算"
