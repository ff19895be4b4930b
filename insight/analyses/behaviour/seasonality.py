"""What is trend, what is season and what is chance in the sales, and what each festival adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.ledger import Grain
from insight.narrowing import among_customers
from insight.periods.festival_sales import festival_effects
from insight.settings import settings
from insight.stats.seasonality import LEAST_CYCLES, Parts, decomposed
from insight.wording import count, decimal, money, percent

LEVEL = 0.05
MOST_DAYS = 3 * 366  # of the newest days: customs of the week change
_TEST = "F 检验（各月或各星期几的均值是否相同，含多项式趋势项，双侧 α=0.05）"
_FESTIVAL_TEST = "Welch t 检验（节日里每天与前后平常每天，双侧，q≤0.05，Benjamini–Hochberg 校正）"
MONTHS = tuple(f"{m} 月" for m in range(1, 13))
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class Params(BaseModel):
    """Nothing to choose."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle that is looked for.

    Attributes
    ----------
    sales : (n) the whole periods: ``grain`` [date], n_orders, amount
    phases : names of the places in the cycle
    offset : place of the first period in the cycle
    """

    name: str
    grain: Grain
    sales: pl.DataFrame
    phases: tuple[str, ...]
    offset: int

    @property
    def amounts(self) -> NDArray[np.float64]:
        """(n) [CNY]."""
        return self.sales["amount"].to_numpy().astype(np.float64)

    @property
    def mean(self) -> float:
        """The average amount [CNY], never 0."""
        return float(self.amounts.mean()) or 1e-9

    @property
    def parts(self) -> Parts | None:
        """The series split; None where there are less than two cycles."""
        if self.sales.height < LEAST_CYCLES * len(self.phases):
            return None
        return decomposed(self.amounts, period=len(self.phases))

    def index(self, parts: Parts) -> pl.DataFrame:
        """(n_phases) phase, season_index [100 = the average of the cycle], n [such periods]."""
        at = (np.arange(self.sales.height) + self.offset) % len(self.phases)
        level = np.exp(parts.season) if parts.is_log else 1 + parts.season / self.mean
        first = [int(np.argmax(at == p)) for p in range(len(self.phases))]
        n = [int((at == p).sum()) for p in range(len(self.phases))]
        return pl.DataFrame({"phase": self.phases, "season_index": [100 * float(level[i]) for i in first], "n_periods": n})  # fmt: skip


def cycles(orders: ledger.Orders) -> tuple[Cycle, Cycle]:
    """The year in whole months, and the week in days."""
    covered = periods.observed(orders)
    months = periods.marked(ledger.periods(orders, grain="month"), "month", covered=covered)
    whole = months.filter(~pl.col("is_partial"))
    days = ledger.periods(orders, grain="day").filter(pl.col("day").is_between(covered.first, covered.last))  # fmt: skip
    days = days.tail(MOST_DAYS)
    january = whole["month"][0].month - 1 if whole.height else 0
    return (
        Cycle("一年（按月）", "month", whole, MONTHS, january),
        Cycle("一周（按天）", "day", days, WEEKDAYS, days["day"][0].weekday()),
    )


def summary(known: Mapping[str, tuple[Cycle, Parts | None]]) -> pl.DataFrame:
    """How strong trend and season are in each cycle.

    Returns
    -------
    (2) cycle, n_periods, cycles_seen, trend_strength, seasonal_strength [0-1], p_value, status [whether it
        could be split]; nulls where there are less than two cycles
    """
    rows = []
    for one, parts in known.values():
        n = one.sales.height / len(one.phases)
        status = "已分解" if parts else f"数据只有 {decimal(n)} 个周期，至少需要 {LEAST_CYCLES} 个"
        figures = (parts.trend_strength, parts.seasonal_strength, parts.p_value) if parts else (None,) * 3  # fmt: skip
        rows.append((one.name, one.sales.height, n, *figures, status))
    schema = {"cycle": pl.String, "n_periods": pl.Int64, "cycles_seen": pl.Float64, "trend_strength": pl.Float64, "seasonal_strength": pl.Float64, "p_value": pl.Float64, "status": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def components(one: Cycle, parts: Parts) -> pl.DataFrame:
    """The series and its parts: month or day, amount, trend_amount [CNY], season_index, rest_index [100 = none]."""
    if parts.is_log:
        trend, season, rest = np.exp(parts.trend), 100 * np.exp(parts.season), 100 * np.exp(parts.rest)  # fmt: skip
    else:
        trend, season, rest = parts.trend, 100 + 100 * parts.season / one.mean, 100 + 100 * parts.rest / one.mean  # fmt: skip
    made = {"trend_amount": trend, "season_index": season, "rest_index": rest}
    return one.sales.select(one.grain, "amount").with_columns(pl.Series(n, v) for n, v in made.items())  # fmt: skip


def run(dataset: Dataset, _params: Params) -> Result:
    """Split months by the year and days by the week, then lay the festivals over the days."""
    assert dataset.orders is not None
    year, week = cycles(dataset.orders)
    split = {"yearly": (year, year.parts), "weekdays": (week, week.parts)}
    if week.sales.height < LEAST_CYCLES * 7:
        raise TooFewRows("有订单的期间里的天数", week.sales.height, LEAST_CYCLES * 7)
    n_orders, least = int(week.sales["n_orders"].sum()), settings().small_base
    if n_orders < least:
        raise TooFewRows("付款订单", n_orders, least)
    tables = {name: one.index(parts) for name, (one, parts) in split.items() if parts}
    weekly = (tables["weekdays"]["season_index"] / 100).to_list()
    effects = festival_effects(week.sales, weekly)
    pictures: dict[str, alt.LayerChart] = {name: _bars(tables[name], name) for name in tables}
    if split["yearly"][1]:
        tables["components"] = components(year, split["yearly"][1])
        pictures["components"] = _trend(tables["components"])
    tables["cycles"] = summary(split)
    if effects.height:
        tables["festivals"] = effects
    return Result(tables, pictures, findings(tables), _notes(split))


def findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """The strongest place of each cycle and whether it is more than chance; the strongest festivals."""
    told = [_season(tables, name, row) for row, name in enumerate(("yearly", "weekdays")) if name in tables]  # fmt: skip
    if "festivals" in tables:
        solid = tables["festivals"].with_row_index("at").filter(pl.col("n_orders") >= settings().small_base)  # fmt: skip
        solid = solid.filter(pl.col("q_value") <= LEVEL)
        newest = solid.unique("festival", keep="first", maintain_order=True)
        best = newest.sort(pl.col("uplift_share").abs(), "at", descending=[True, False]).head(3)
        told += [_festival(row) for row in best.iter_rows(named=True)]
    if "yearly" not in tables:
        told.append(_too_short(tables["cycles"]))
    return tuple(told)


def _season(tables: Mapping[str, pl.DataFrame], name: str, row: int) -> Finding:
    figures = tables["cycles"].row(row, named=True)
    ranked = tables[name].with_row_index("at").sort("season_index", "at", descending=[True, False])
    high, low = (ranked.row(i, named=True) for i in (0, -1))
    sure = figures["p_value"] < LEVEL
    p = "p<0.001" if figures["p_value"] < 0.001 else f"p={decimal(figures['p_value'], digits=3)}"
    word = "有显著的季节性" if sure else "季节性还不能断定"
    text = (
        f"{figures['cycle']}{word}（强度 {decimal(figures['seasonal_strength'], digits=2)}，{p}）："
        f"{high['phase']}最高，季节指数 {decimal(high['season_index'], digits=2)}；{low['phase']}最低，{decimal(low['season_index'], digits=2)}。"
    )
    cells = (
        Cell("cycles", row, "seasonal_strength"), Cell("cycles", row, "p_value"),
        Cell(name, high["at"], "season_index"), Cell(name, low["at"], "season_index"),
    )  # fmt: skip
    return Finding(text, int(tables[name]["n_periods"].sum()), cells, _TEST)


def _festival(row: Mapping[str, object]) -> Finding:
    share, daily = float(str(row["uplift_share"])), float(str(row["daily_amount"]))
    text = (
        f"{row['festival']}（{row['start_day']} 至 {row['end_day']}）平均每天 {money(daily)}，"
        f"比前后六周的平常日子{'高' if share >= 0 else '低'} {percent(abs(share))}（{count(int(str(row['n_orders'])))} 单）。"
    )
    cells = tuple(Cell("festivals", int(str(row["at"])), c) for c in ("daily_amount", "uplift_share", "n_orders"))  # fmt: skip
    return Finding(text, int(str(row["n_orders"])), cells, _FESTIVAL_TEST)


def _too_short(figures: pl.DataFrame) -> Finding:
    row = figures.row(0, named=True)
    text = f"完整的月只有 {count(row['n_periods'])} 个，看一年的季节性至少要 24 个，因此没有按月分解。"  # fmt: skip
    return Finding(text, max(1, row["n_periods"]), (Cell("cycles", 0, "n_periods"),))


def _bars(table: pl.DataFrame, name: str) -> alt.LayerChart:
    title = {"yearly": "各月的季节指数（100 = 全年平均）", "weekdays": "星期几的指数（100 = 一周平均）"}[name]  # fmt: skip
    order = table["phase"].to_list()
    return charts.bars(table, label="phase", value="season_index", title=title, order=order)


def _trend(table: pl.DataFrame) -> alt.LayerChart:
    both = [table.select("month", "amount", line=pl.lit("实际")), table.select("month", amount="trend_amount", line=pl.lit("趋势"))]  # fmt: skip
    return charts.lines(pl.concat(both), x="month", value="amount", series="line", title="每月金额与去掉季节后的趋势")  # fmt: skip


def _notes(split: Mapping[str, tuple[Cycle, Parts | None]]) -> tuple[str, ...]:
    logs = any(parts and not parts.is_log for _, parts in split.values())
    how = "有的时期没有销售，因此按金额相加分解。" if logs else "对金额取对数后分解，季节指数是比例。"  # fmt: skip
    return (
        "分解：STL（Cleveland 等 1990，稳健、周期性季节）；一年按完整的月（首尾不完整的月不用），一周按天，只用最近三年；金额为实付减退款。",
        f"{how}至少需要 {LEAST_CYCLES} 个周期；只有两三个周期时，强度会偏高，请看检验。",
        "强度：Wang、Smith 与 Hyndman（2006），0 为没有，1 为完全由它决定。",
        f"{_TEST}。",
        "春节在 1 月与 2 月之间移动，1、2 月的季节指数混有这个移动，宜合并看。",
        "节日：当天前后通常受影响的日子（如 618 为 6 月 1—20 日，双11 为 11 月 1—11 日，春节为除夕到初七），与前后六周里不属于任何节日的日子的平均比，已按星期几调整；文字里只写检验通过、且不少于最小样本的。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="seasonality",
        title="季节与节日",
        question="哪些月份、星期和节日卖得多？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=14,
        theme="趋势",
    )
)
