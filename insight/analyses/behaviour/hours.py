"""On which weekday and at what hour customers order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.narrowing import among_customers
from insight.wording import count, decimal, money

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
Measure = Literal["orders_per_day", "amount_per_day"]
_MEASURES: Mapping[str, str] = MappingProxyType({"orders_per_day": "平均每天的订单数", "amount_per_day": "平均每天的金额"})  # fmt: skip
FEW_DAYS = 4  # of one weekday: an average of fewer is only a hint


class Params(BaseModel):
    """What the map is coloured by."""

    measure: Measure = Field(default="orders_per_day", title="看什么", json_schema_extra={"labels": {**_MEASURES}})  # fmt: skip


def days_of_weekdays(first: date, last: date) -> pl.DataFrame:
    """How many Mondays, Tuesdays ... lie between two days, both included.

    Returns
    -------
    (7) weekday_number [1-7], weekday, n_days
    """
    whole, rest = divmod((last - first).days + 1, 7)
    extra = {(first + timedelta(i)).isoweekday() for i in range(rest)}
    numbers = range(1, 8)
    return pl.DataFrame({"weekday_number": list(numbers), "weekday": WEEKDAYS, "n_days": [whole + (n in extra) for n in numbers]})  # fmt: skip


def averages(hourly: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Every hour of the week with its orders and their average per such day.

    Parameters
    ----------
    hourly : as ``ledger.hourly`` gives it
    days : as ``days_of_weekdays`` gives it

    Returns
    -------
    (168) weekday, hour ["09:00"], n_orders, amount [CNY], n_days, orders_per_day, amount_per_day
        [per such weekday of the window; null where there was none], hour by hour
    """
    hours = pl.DataFrame({"hour": list(range(24))}, schema={"hour": pl.Int64})
    grid = hours.join(days, how="cross").sort("hour", "weekday_number")
    known = hourly.rename({"weekday": "weekday_number"})
    table = grid.join(known, on=["weekday_number", "hour"], how="left", maintain_order="left")
    hour = pl.format("{}:00", pl.col("hour").cast(pl.String).str.zfill(2))
    return _per_day(table.with_columns(hour.alias("hour"))).select(
        "weekday", "hour", "n_orders", "amount", "n_days", "orders_per_day", "amount_per_day"
    )


def by_weekday(table: pl.DataFrame) -> pl.DataFrame:
    """The seven days: orders, amount, share of orders, and the averages per day.

    Returns
    -------
    (7) weekday, n_orders, share_of_orders, amount, n_days, orders_per_day, amount_per_day; Monday first
    """
    sums = table.group_by("weekday", maintain_order=True).agg(
        pl.col("n_orders").sum(), pl.col("amount").sum().round(4), pl.col("n_days").first()
    )
    share = pl.col("n_orders") / pl.col("n_orders").sum()
    return _per_day(sums).select(
        "weekday", "n_orders", share.alias("share_of_orders"), "amount", "n_days", "orders_per_day", "amount_per_day",
    )  # fmt: skip


def _per_day(table: pl.DataFrame) -> pl.DataFrame:
    filled = table.with_columns(pl.col("n_orders").fill_null(0), pl.col("amount").fill_null(0.0))
    some = pl.col("n_days") > 0
    return filled.with_columns(
        orders_per_day=pl.when(some).then(pl.col("n_orders") / pl.col("n_days")),
        amount_per_day=pl.when(some).then(pl.col("amount") / pl.col("n_days")),
    )


def findings(weekdays: pl.DataFrame, hours: pl.DataFrame) -> tuple[Finding, ...]:
    """The best weekday, the best hour of it all, and how much of the orders the evening brings."""
    base = int(weekdays["n_orders"].sum())
    ranked = weekdays.with_row_index("at").drop_nulls("orders_per_day")
    best, least = (ranked.sort("orders_per_day", "at", descending=[d, False]).row(0, named=True) for d in (True, False))  # fmt: skip
    if ranked.height == 1:
        told = [_only_day(best)]
        return (*told, _busiest(hours, base)) if has_hours(hours) else tuple(told)
    few = (weekdays["n_days"] < FEW_DAYS).any()
    caution = "（有的星期几不足 4 天，仅作方向性参考）" if few else ""
    text = (
        f"{best['weekday']}订单最多，平均每天 {decimal(best['orders_per_day'])} 单，{money(best['amount_per_day'])}；"
        f"{least['weekday']}最少，平均每天 {decimal(least['orders_per_day'])} 单{caution}。"
    )
    cells = [Cell("weekdays", best["at"], c) for c in ("orders_per_day", "amount_per_day")]
    told = [Finding(text, base, (*cells, Cell("weekdays", least["at"], "orders_per_day")))]
    if has_hours(hours):
        told.append(_busiest(hours, base))
    return tuple(told)


def _only_day(row: Mapping[str, Any]) -> Finding:
    text = f"订单都在同一天（{row['weekday']}，{count(row['n_orders'])} 单），看不出星期几的差别。"
    return Finding(text, row["n_orders"], (Cell("weekdays", row["at"], "n_orders"),))


def has_hours(hours: pl.DataFrame) -> bool:
    """Whether the times tell hours; a ledger of dates has everything at midnight."""
    return bool((hours.filter(pl.col("hour") != "00:00")["n_orders"] > 0).any())


def _busiest(hours: pl.DataFrame, base: int) -> Finding:
    known = hours.with_row_index("at").drop_nulls("orders_per_day")
    top = known.sort("orders_per_day", "at", descending=[True, False]).row(0, named=True)
    text = (
        f"一周里最忙的一个钟头是{top['weekday']} {top['hour']} 起，平均 {decimal(top['orders_per_day'])} 单"
        f"（{count(top['n_days'])} 个{top['weekday']}，共 {count(top['n_orders'])} 单）。"
    )
    cells = tuple(Cell("hours", top["at"], c) for c in ("orders_per_day", "n_days", "n_orders"))
    return Finding(text, base, cells)


def run(dataset: Dataset, params: Params) -> Result:
    """Lay the paid orders over the week, and divide by how many of each weekday there were."""
    assert dataset.orders is not None
    covered = periods.observed(dataset.orders)
    days = days_of_weekdays(covered.first, covered.last)
    hours = averages(ledger.hourly(dataset.orders), days)
    weekdays = by_weekday(hours)
    tables, pictures = {"weekdays": weekdays}, {"weekdays": _bars(weekdays, params)}
    told = findings(weekdays, hours)
    if has_hours(hours):
        tables = {"hours": hours, **tables}
        pictures = {"hours": _map(hours, params), **pictures}
    return Result(tables, pictures, told, _notes(covered, weekdays, hours))


def _map(hours: pl.DataFrame, params: Params) -> alt.LayerChart:
    """Hours down, weekdays across; hours in which hardly anybody orders are left out at both ends."""
    per_hour = hours.group_by("hour", maintain_order=True).agg(pl.col("n_orders").sum())
    sold = per_hour.filter(pl.col("n_orders") > 0)["hour"]
    shown = hours.with_row_index("at").filter(
        pl.col("hour").is_between(pl.lit(sold.min()), pl.lit(sold.max()))
    )
    small = shown.with_columns(is_small=pl.col("n_days") < FEW_DAYS)
    chart = charts.heat(small, row="hour", column="weekday", value=params.measure)
    title = f"星期 × 小时：{_MEASURES[params.measure]}"
    return chart.properties(height=alt.Step(22), title=title, description=title)


def _bars(weekdays: pl.DataFrame, params: Params) -> alt.LayerChart:
    known = weekdays.with_row_index("at").with_columns(is_small=pl.col("n_days") < FEW_DAYS)
    title = f"星期几：{_MEASURES[params.measure]}"
    return charts.bars(known, label="weekday", value=params.measure, title=title, order=WEEKDAYS)


def _notes(covered: periods.Observed, weekdays: pl.DataFrame, hours: pl.DataFrame) -> tuple[str, ...]:  # fmt: skip
    days = sorted(weekdays["n_days"].to_list())
    lines = (
        f"基数：{covered.first} 至 {covered.last} 的 {count(int(weekdays['n_orders'].sum()))} 个付款订单，按每单最早的时间计，时间为店铺当地时间；金额减去本单退款。",
        f"平均每天：除以这段时间里该星期几的天数（{count(days[0])} 至 {count(days[-1])} 天），没有订单的日子也算在内；不足 {FEW_DAYS} 天的画成灰色。",
    )
    only = "订单只有日期、没有钟点（全部在 00:00），因此只看星期几。"
    return lines if has_hours(hours) else (*lines, only)


ANALYSIS = among_customers(
    Analysis(
        key="hours",
        title="下单时段",
        question="客户在星期几、几点下单？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=12,
        theme="趋势",
    )
)
