"""Which group each customer was in at one date and is in at a later one, and what they spent before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.schema import Definitions
from insight.segmentation import purchases

GONE, BACK, NEW = "没有再来", "沉睡后回来的人", "首次购买的人"
UP, SAME, DOWN, LEFT, CAME = "上升", "不变", "下降", "没有再来", "新来或回来"
DIRECTIONS = (UP, SAME, DOWN, LEFT, CAME)
_ASCENDING = ("frequency",)  # breaks whose first group is the lowest
_EPOCH = date(1970, 1, 1)
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Dates:
    """Two last days that count, and the days before each that are looked back on."""

    first: date
    second: date
    days: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Every customer who bought in one of the two periods.

    Attributes
    ----------
    customers : (n_customers) customer_id, from_segment [its group, 首次购买的人 or 沉睡后回来的人], to_segment [its
        group or 没有再来], direction, spend_before, spend_after [CNY, net, in each period]
    groups : highest first
    """

    customers: pl.DataFrame
    groups: tuple[str, ...]
    dates: Dates


def dates_of(orders: ledger.Orders, *, first: str, second: str, days: int) -> Dates:
    """Which two periods are compared.

    Parameters
    ----------
    first, second : "2025-12-31" or ""; the second defaults to the last day of the ledger, the first to
        the day before the second period begins
    days : length of both periods; 0 = a year, or half of the ledger where that is shorter

    Raises
    ------
    BadParameter : no date, the first is not before the second, or the ledger begins after the first.
    TooFewRows : the ledger has one day, or nobody paid.
    """
    begin, end = (_EPOCH + timedelta(at // ledger.DAY) for at in ledger.span(orders))
    if begin == end:
        raise TooFewRows("有付款订单的日期", int(end > _EPOCH), 2)
    latter = _date(second, "后一个日期（migration.second_day）") if second else end
    earlier = _date(first, "前一个日期（migration.first_day）") if first else None
    known = (earlier or latter) - begin + timedelta(1)
    longest = known.days if earlier else known.days // 2
    length = days or max(1, min(_YEAR, longest))
    former = earlier or latter - timedelta(length)
    if not begin <= former < latter:
        raise BadParameter(
            "前一个日期（migration.first_day）",
            f"应不早于第一单的 {begin}，并且早于后一个日期 {latter}",
        )
    return Dates(former, latter, length)


def _date(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(name, "应为 2025-12-31 这样的日期") from error


def moves(orders: ledger.Orders, by: str, *, dates: Dates, definitions: Definitions) -> Moves:
    """Follow every customer from one period to the other.

    Parameters
    ----------
    by : a key of ``purchases``; its groups are made anew in each period from the orders in it

    Raises
    ------
    TooFewRows : nobody bought in one of the periods.
    """
    sides = []
    for day, names in (
        (dates.first, ("from_segment", "spend_before")),
        (dates.second, ("to_segment", "spend_after")),
    ):
        lines = _period(orders, day, dates.days)
        bought = ledger.customer_table(lines)
        if bought.is_empty():
            raise TooFewRows(f"{day} 之前 {dates.days} 天里有付款订单的客户", 0, 1)
        made = purchases.grouped(lines, by, definitions=_as_of(definitions, day))
        spend = bought.select("customer_id", spend=pl.col("spend"))
        joined = made.members.join(spend, on="customer_id").rename(
            {"group": names[0], "spend": names[1]}
        )
        sides.append((joined, made.groups))
    (before, groups), (after, _) = sides
    both = before.join(after, on="customer_id", how="full", coalesce=True).sort("customer_id")
    earlier = ledger.customer_table(ledger.within(orders, end=_end(dates.first)))["customer_id"]
    came = (
        pl.when(pl.col("customer_id").is_in(earlier.implode()))
        .then(pl.lit(BACK))
        .otherwise(pl.lit(NEW))
    )
    told = both.with_columns(
        pl.col("from_segment").fill_null(came),
        pl.col("to_segment").fill_null(GONE),
        pl.col("spend_before", "spend_after").fill_null(0.0),
    )
    ordered = groups[::-1] if by in _ASCENDING else groups
    return Moves(_directed(told, ordered), ordered, dates)


def _directed(customers: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    rank = {name: at for at, name in enumerate(groups)}
    start, end = (pl.col(c).replace_strict(rank, default=None, return_dtype=pl.Int64) for c in ("from_segment", "to_segment"))  # fmt: skip
    direction = (
        pl.when(end.is_null()).then(pl.lit(LEFT))
        .when(start.is_null()).then(pl.lit(CAME))
        .when(end < start).then(pl.lit(UP))
        .when(end > start).then(pl.lit(DOWN))
        .otherwise(pl.lit(SAME))
    )  # fmt: skip
    return customers.select(
        "customer_id",
        "from_segment",
        "to_segment",
        "spend_before",
        "spend_after",
        direction=direction,
    )


def _period(orders: ledger.Orders, day: date, days: int) -> ledger.Orders:
    end = _end(day)
    return ledger.within(orders, start=end - days * ledger.DAY, end=end)


def _end(day: date) -> int:
    """The moment after the last of ``day`` [epoch s]."""
    return ((day - _EPOCH).days + 1) * ledger.DAY


def _as_of(definitions: Definitions, day: date) -> Definitions:
    """The definitions with the period in place of a window of their own."""
    rfm = {**definitions.rfm, "as_of": day.isoformat(), "window_days": 0}
    ticket = {**definitions.high_ticket, "window_days": 0}
    return definitions.model_copy(update={"rfm": rfm, "high_ticket": ticket})
