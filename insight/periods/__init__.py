"""Months, weeks and days of a shop: which are whole, what they are called, which festivals they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal

import polars as pl

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.ledger import Grain, next_start
from insight.periods.festivals import festivals, named

GRAIN_LABELS: Mapping[Grain, str] = MappingProxyType({"month": "月", "week": "周", "day": "天"})
Against = Literal["year", "previous"]
CYCLE: Mapping[Grain, int] = MappingProxyType({"month": 12, "week": 52, "day": 7})  # periods
CYCLE_LABELS: Mapping[Grain, str] = MappingProxyType({"month": "年", "week": "年", "day": "周"})


@dataclass(frozen=True, slots=True)
class Observed:
    """From when to when a ledger tells of sales.

    Attributes
    ----------
    first, last : the first and the last day on which something was paid
    slack : days without a sale that are nothing unusual for this shop: nine of ten gaps between two
        selling days are no longer. 0 for a shop that sells every day.
    """

    first: date
    last: date
    slack: int

    def holds(self, start: date, grain: Grain) -> bool:
        """Whether the ledger covers the whole period that begins on ``start``."""
        slack = timedelta(self.slack)
        last_day = next_start(start, grain) - timedelta(1)
        return self.first - slack <= start and last_day <= self.last + slack


def observed(orders: ledger.Orders) -> Observed:
    """What the ledger covers.

    Raises
    ------
    TooFewRows : nothing was paid.
    """
    days = ledger.selling_days(orders)
    if days.is_empty():
        raise TooFewRows("付款订单", 0, 1)
    gaps = days.diff().dt.total_days().drop_nulls()
    usual = gaps.quantile(0.9, "lower") if gaps.len() else None
    return Observed(days[0], days[-1], int(usual or 1) - 1)


def marked(table: pl.DataFrame, grain: Grain, *, covered: Observed) -> pl.DataFrame:
    """Add is_partial: the ledger begins or ends within the period.

    Parameters
    ----------
    table : with a column called ``grain`` [date, first day]; a month may lie before the first sale
    """
    starts = table[grain].to_list()
    partial = pl.Series("is_partial", [not covered.holds(s, grain) for s in starts], pl.Boolean)
    return table.with_columns(partial)


def whole_only(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of whole periods, with the row ``at`` of the table they stand in."""
    return table.with_row_index("at").filter(~pl.col("is_partial"))


def in_words(start: date, grain: Grain) -> str:
    """What a period is called.

    >>> in_words(date(2025, 11, 3), "week"), in_words(date(2025, 11, 1), "month")
    ('2025-11-03 至 11-09', '2025 年 11 月')
    """
    if grain == "month":
        return f"{start:%Y 年 %m 月}"
    return f"{start} 至 {start + timedelta(6):%m-%d}" if grain == "week" else f"{start}"


def with_festivals(table: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """Add festivals: the names of those whose day lies in the period."""
    held = [_held(start, grain) for start in table[grain]]
    return table.with_columns(pl.Series("festivals", held, pl.String))


def _held(start: date, grain: Grain) -> str:
    return named(festivals(start, next_start(start, grain) - timedelta(1)))


def between(orders: ledger.Orders, start: date, end: date) -> ledger.Orders:
    """The lines from the first second of ``start`` to the last before ``end``."""
    first, last = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (start, end))
    return ledger.within(orders, start=first, end=last)


@dataclass(frozen=True, slots=True)
class Months:
    """Whole months from ``start`` up to ``end``, which is not included; both are first days."""

    start: date
    end: date

    @property
    def in_words(self) -> str:
        last = months_after(self.end, -1)
        first = f"{self.start:%Y-%m}"
        return first if last == self.start else f"{first} 至 {last:%Y-%m}"

    def of(self, orders: ledger.Orders) -> ledger.Orders:
        """The lines of these months."""
        return between(orders, self.start, self.end)


def months_after(month: date, n: int) -> date:
    """The first day of the month ``n`` months after the one that begins on ``month``.

    >>> months_after(date(2025, 1, 1), -1)
    datetime.date(2024, 12, 1)
    """
    years, at = divmod(month.month - 1 + n, 12)
    return date(month.year + years, at + 1, 1)


def two_spans(
    covered: Observed, *, month: str = "", n_months: int = 1, against: Against = "year"
) -> tuple[Months, Months, Against]:
    """Two spans of ``n_months`` whole months to compare, and against what they are compared.

    Parameters
    ----------
    month : the last month of the later span ["2025-11"]; "" for the last whole one
    against : the same months a year before, or the months right before; where the ledger does not reach
        back a year, the months right before

    Returns
    -------
    the earlier span, the later span, "year" or "previous"

    Raises
    ------
    TooFewRows : the ledger does not cover two spans.
    BadParameter : ``month`` is not wholly covered.
    """
    last = _last_month(covered, month)
    whole = _n_whole_months(covered, last)
    tried: tuple[Against, ...] = (against, "previous")
    for one in tried:
        back = max(12, n_months) if one == "year" else n_months
        if whole >= back + n_months:
            later = Months(months_after(last, 1 - n_months), months_after(last, 1))
            earlier = Months(months_after(later.start, -back), months_after(later.end, -back))
            return earlier, later, one
    raise TooFewRows("完整的月", whole, 2 * n_months)


def _last_month(covered: Observed, month: str) -> date:
    if not month:
        newest = covered.last.replace(day=1)
        return newest if covered.holds(newest, "month") else months_after(newest, -1)
    asked = date.fromisoformat(f"{month}-01")
    if not covered.holds(asked, "month"):
        raise BadParameter(
            "截止月份", f"数据（{covered.first} 至 {covered.last}）没有覆盖完整的 {month}"
        )
    return asked


def _n_whole_months(covered: Observed, last: date) -> int:
    """How many months up to and with ``last`` are whole."""
    n = 0
    while covered.holds(months_after(last, -n), "month"):
        n += 1
    return n
