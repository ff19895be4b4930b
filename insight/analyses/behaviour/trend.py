"""How sales move: money, orders, buyers and average order value by month, week or day, and the festivals in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.ledger import Grain
from insight.members import Members
from insight.narrowing import among_customers
from insight.periods.festivals import Festival, festivals, spring_festival
from insight.wording import count, money, percent

TABLES: Mapping[Grain, str] = {"month": "monthly", "week": "weekly", "day": "daily"}
_BEFORE: Mapping[Grain, tuple[str, int]] = {"month": ("change_on_month", 1), "week": ("change_on_week", 1), "day": ("change_on_week", 7)}  # fmt: skip
_YEAR: Mapping[Grain, int] = {"month": 12, "week": 52, "day": 364}
_BEFORE_LABELS: Mapping[Grain, str] = {"month": "环比与上月比", "week": "环比与上周比", "day": "环比与上周同一天比"}  # fmt: skip
_LATEST: Mapping[Grain, str] = {"month": "最近一个整月", "week": "最近一个整周", "day": "最近一天"}
MOST_DRAWN = 1_500  # newest periods on the chart


class Params(BaseModel):
    """How finely time is cut."""

    grain: Grain = Field(default="month", title="按什么看", description="每月、每周（周一开始）或每天", json_schema_extra={"labels": {"month": "每月", "week": "每周", "day": "每天"}})  # fmt: skip


def with_changes(table: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """Add average order value and the changes against the period and the year before.

    Parameters
    ----------
    table : (n_periods) month, week or day, n_orders, amount [CNY], is_partial; without gaps in time

    Returns
    -------
    the same rows with average_order_value [CNY; null without orders], change_on_month or
        change_on_week (against the period before; a day against the same weekday) and change_on_year
        (against the same month, the week 52 weeks or the day 364 days before) [share of the earlier
        amount; null where there is none, and where one of the two is not whole]
    """
    amount = pl.when(~pl.col("is_partial")).then(pl.col("amount"))

    def change(n: int) -> pl.Expr:
        before = amount.shift(n)
        return pl.when(before > 0).then(amount / before - 1)

    name, step = _BEFORE[grain]
    value = pl.when(pl.col("n_orders") > 0).then(pl.col("amount") / pl.col("n_orders"))
    changes = {name: change(step), "change_on_year": change(_YEAR[grain])}
    return table.with_columns(average_order_value=value, **changes)


def spring(monthly: pl.DataFrame) -> pl.DataFrame:
    """January and February together, because the Spring Festival wanders between them.

    Returns
    -------
    (n_years) year ["2025"], spring_festival [date], n_orders, amount [CNY], change_on_year; years of
        which both months are whole
    """
    whole = monthly.filter(~pl.col("is_partial"), pl.col("month").dt.month() <= 2)
    year = pl.col("month").dt.year()
    sums = whole.group_by(year.alias("at_year")).agg(
        pl.col("n_orders", "amount").sum(), n_months=pl.len()
    )
    both = sums.filter(pl.col("n_months") == 2).sort("at_year")
    days = pl.Series("spring_festival", [spring_festival(y) for y in both["at_year"]], pl.Date)
    before = pl.col("amount").shift(1)
    is_next = pl.col("at_year").diff() == 1
    return both.with_columns(days).select(
        pl.col("at_year").cast(pl.String).alias("year"),
        "spring_festival",
        "n_orders",
        "amount",
        change_on_year=pl.when(is_next, before > 0).then(pl.col("amount") / before - 1),
    )


def findings(table: pl.DataFrame, joint: pl.DataFrame, grain: Grain) -> tuple[Finding, ...]:
    """The last whole period against the year and the period before, the best one, and the Spring Festival."""
    whole = periods.whole_only(table)
    if whole.is_empty():
        return (_nothing_whole(table, grain),)
    last = whole.row(-1, named=True)
    best = whole.sort(["amount", grain], descending=True).row(0, named=True)
    told = [_latest(last, grain), _best(best, grain)]
    if joint.height and joint["change_on_year"][-1] is not None:
        told.append(_joint(joint))
    return tuple(told)


def _nothing_whole(table: pl.DataFrame, grain: Grain) -> Finding:
    row = table.row(-1, named=True)
    text = (
        f"数据里还没有一个完整的{periods.GRAIN_LABELS[grain]}，不作同比和环比；"
        f"{periods.in_words(row[grain], grain)}（不完整）有 {count(row['n_orders'])} 单，{money(row['amount'])}。"
    )
    cells = tuple(Cell(TABLES[grain], table.height - 1, c) for c in ("n_orders", "amount"))
    return Finding(text, max(1, row["n_orders"]), cells)


def _latest(row: Mapping[str, object], grain: Grain) -> Finding:
    at, table = int(str(row["at"])), TABLES[grain]
    cells = [Cell(table, at, "amount"), Cell(table, at, "n_orders")]
    text = f"{_LATEST[grain]}（{_called(row, grain)}）金额 {money(_number(row, 'amount'))}，{count(_number(row, 'n_orders'))} 单"
    name = _BEFORE[grain][0]
    for column, word in (("change_on_year", "同比"), (name, "环比")):
        if row[column] is not None:
            text += f"，{word}{_moved(_number(row, column))}"
            cells.append(Cell(table, at, column))
    held = f"；其中有{row['festivals']}" if row["festivals"] else ""
    return Finding(f"{text}{held}。", max(1, int(_number(row, "n_orders"))), tuple(cells))


def _best(row: Mapping[str, object], grain: Grain) -> Finding:
    at = int(str(row["at"]))
    cells = tuple(Cell(TABLES[grain], at, c) for c in ("amount", "n_orders"))
    held = f"（{row['festivals']}）" if row["festivals"] else ""
    text = f"金额最高的是 {_called(row, grain)}{held}：{money(_number(row, 'amount'))}，{count(_number(row, 'n_orders'))} 单。"
    return Finding(text, max(1, int(_number(row, "n_orders"))), cells)


def _joint(joint: pl.DataFrame) -> Finding:
    before, last = (joint.row(i, named=True) for i in (-2, -1))
    day, earlier = last["spring_festival"], before["spring_festival"]
    moved = f"春节从 {earlier:%m-%d} 移到 {day:%m-%d}，" if day and earlier else ""
    text = (
        f"{moved}1、2 月宜合并看：{last['year']} 年两个月合计 {money(last['amount'])}，"
        f"同比{_moved(last['change_on_year'])}。"
    )
    cells = tuple(Cell("spring", joint.height - 1, c) for c in ("amount", "change_on_year"))
    return Finding(text, max(1, last["n_orders"]), cells)


def _called(row: Mapping[str, object], grain: Grain) -> str:
    start = row[grain]
    assert isinstance(start, date)
    return periods.in_words(start, grain)


def _number(row: Mapping[str, object], column: str) -> float:
    return float(str(row[column]))


def _moved(change: float) -> str:
    if not round(change, 3):
        return f"持平（{percent(0.0)}）"
    return f"{'增长' if change > 0 else '下降'} {percent(abs(change))}"


def run(dataset: Dataset, params: Params) -> Result:
    """Sum the ledger by period, and mark what is not whole and what festivals there are."""
    orders = dataset.orders
    assert orders is not None
    covered = periods.observed(orders)
    grains: tuple[Grain, ...] = tuple(dict.fromkeys((params.grain, "month")))
    tables = {TABLES[g]: _table(orders, g, covered) for g in grains}
    totals = ledger.totals(orders)
    known = pl.col("known_amount") / pl.col("amount")
    overview = pl.DataFrame([totals]).with_columns(
        share_with_customer=pl.when(pl.col("amount") > 0).then(known)
    )
    joint = spring(tables["monthly"])
    shown = tables[TABLES[params.grain]]
    told = findings(shown, joint, params.grain)
    tables |= {"spring": joint} if joint.height else {}
    tables["overview"] = overview
    picture = {TABLES[params.grain]: _picture(shown, params.grain)}
    return Result(tables, picture, told, _notes(params.grain, totals, covered))


def _table(orders: ledger.Orders, grain: Grain, covered: periods.Observed) -> pl.DataFrame:
    sums = ledger.periods(orders, grain=grain).drop("refunded")
    whole = periods.marked(sums, grain, covered=covered)
    return periods.with_festivals(with_changes(whole, grain), grain)


def _picture(table: pl.DataFrame, grain: Grain) -> alt.LayerChart:
    newest = table.with_row_index("at").tail(MOST_DRAWN)
    first, last = newest[grain][0], ledger.next_start(newest[grain][-1], grain)
    held = [f for f in festivals(first, last) if f.is_major and f.day < last]
    if len(held) > charts.MOST_NAMED:
        held = [f for f in held if f.name in ("春节", "618", "双11")]
    marks = _marks(newest, held, grain)
    title = {"month": "每月销售金额", "week": "每周销售金额", "day": "每天销售金额"}[grain]
    return charts.timeline(newest, x=grain, value="amount", marks=marks, title=title)


def _marks(table: pl.DataFrame, held: Sequence[Festival], grain: Grain) -> list[tuple[date, str]]:
    """The festivals at the first day of their period; those of one period share a line."""
    days = pl.DataFrame({"on": [f.day for f in held], "name": [f.name for f in held]}, schema={"on": pl.Date, "name": pl.String})  # fmt: skip
    placed = days.join_asof(table.select(grain), left_on="on", right_on=grain)
    named = placed.group_by(grain, maintain_order=True).agg(pl.col("name").str.join("、"))
    return named.select(grain, "name").rows()


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The paid orders of every period."""
    orders = dataset.orders
    assert orders is not None
    grains: tuple[Grain, ...] = tuple(dict.fromkeys((params.grain, "month")))
    return {TABLES[g]: Members(_behind(orders, g), ("order_id", "customer_id"), "n_orders") for g in grains}  # fmt: skip


def _behind(orders: ledger.Orders, grain: Grain) -> pl.LazyFrame:
    schema = {grain: pl.Date(), "order_id": pl.String(), "customer_id": pl.String()}
    return pl.defer(lambda: ledger.orders_of_periods(orders, grain=grain), schema=schema)


def _notes(grain: Grain, totals: Mapping[str, float], covered: periods.Observed) -> tuple[str, ...]:
    slack = f"，首尾各容许 {covered.slack} 天没有订单（这家店平时就有这样的间隔）" if covered.slack else ""  # fmt: skip
    return (
        f"基数：{count(totals['n_orders'])} 个付款订单，{count(totals['n_lines'])} 行明细；金额为实付减退款，时间为店铺当地时间。",
        f"数据从 {covered.first} 到 {covered.last}；不完整的{periods.GRAIN_LABELS[grain]}画成灰色，不参加同比、环比和最高值的比较{slack}。",
        f"{_BEFORE_LABELS[grain]}；同比与上年同期比（周与 52 周前比，天与 364 天前的同一星期几比）；没有可比的数据时留空。",
        "节日：春节、端午、七夕、中秋按农历换算（borax 的 1900—2100 年农历表），其余按公历；大促日期以 6 月 18 日、11 月 11 日、12 月 12 日计，预售和活动期各年不同。",
        "购买客户数只计能识别的客户。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="trend",
        title="销售趋势",
        question="销售随时间怎样变化？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=10,
        theme="趋势",
    )
)
