"""How many buyers are new, how many return, and the repurchase rate under four named definitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.narrowing import among_customers
from insight.parameters import picked
from insight.settings import settings
from insight.stats.proportions import wilson
from insight.wording import count, day, percent

Rate = Literal["repeat", "returning", "again", "orders"]
NAMES: Mapping[Rate, str] = {
    "repeat": "期内复购率", "returning": "老客占比", "again": "新客再购率", "orders": "老客订单占比",
}  # fmt: skip
# What is counted, and out of what; columns of ``ledger.repurchases``.
PARTS: Mapping[Rate, tuple[str, str]] = {
    "repeat": ("n_repeat", "n_customers"), "returning": ("n_returning", "n_customers"),
    "again": ("n_again", "n_mature"), "orders": ("n_orders_returning", "n_orders"),
}  # fmt: skip
NEW, RETURNING = "新客", "老客"


class Params(BaseModel):
    """Which rate is meant, and the times in it."""

    model_config = ConfigDict(frozen=True)

    definition: Rate = picked("repeat", NAMES, title="复购率的定义", description="四种都会列出；这里选写入结论和图的一种")  # fmt: skip
    window_days: int = Field(
        default=365,
        ge=7,
        le=3650,
        title="统计期（天）",
        description="到数据最后一天为止的这么多天；只影响四种比率，不影响每月的表",
    )
    days: int = Field(
        default=90,
        ge=1,
        le=1095,
        title="新客多少天内再购",
        description="只用于新客再购率：首购之后多少天以内",
    )


def formulas(params: Params) -> dict[Rate, str]:
    """The definition of each rate in words."""
    return {
        "repeat": "期内下单不少于 2 单的客户 ÷ 期内下过单的客户",
        "returning": "期内下单、且此前买过的客户 ÷ 期内下过单的客户",
        "again": f"首购后 {params.days} 天内（不含当天）又买的新客 ÷ 首购已满 {params.days} 天的新客",
        "orders": "老客（此前买过的客户）的订单 ÷ 期内全部订单",
    }


def rate_table(counted: pl.DataFrame, told: Mapping[Rate, str]) -> pl.DataFrame:
    """The four rates of one period.

    Parameters
    ----------
    counted : (1) as ``ledger.repurchases_since`` gives it
    told : rate -> its definition in words

    Returns
    -------
    (4) definition, formula, n_counted, base, repurchase_rate [null below the smallest base], ci_low,
        ci_high [95 %, Wilson; null for orders, which are not independent of each other]
    """
    row = counted.row(0, named=True)
    table = pl.DataFrame({
        "definition": [NAMES[one] for one in told], "formula": list(told.values()),
        "n_counted": [row[PARTS[one][0]] for one in told], "base": [row[PARTS[one][1]] for one in told],
    })  # fmt: skip
    enough = pl.col("base") >= settings().tiny_base
    rated = table.with_columns(repurchase_rate=pl.when(enough).then(pl.col("n_counted") / pl.col("base")))  # fmt: skip
    shares = rated["repurchase_rate"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    of_people = np.array([one != "orders" for one in told])
    low, high = wilson(np.where(of_people, shares, np.nan), rated["base"].cast(pl.Float64).to_numpy())  # fmt: skip
    ends = (pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None))
    return rated.with_columns(*ends)


def monthly_table(counted: pl.DataFrame, *, covered: periods.Observed) -> pl.DataFrame:
    """New and returning customers and the four rates month by month.

    Parameters
    ----------
    counted : as ``ledger.repurchases`` gives it

    Returns
    -------
    (n_months) month, n_customers, n_new, n_returning, n_orders, spend_new, spend_returning [CNY, net],
        repeat_rate, returning_rate, again_rate [null until every new customer was observed long enough],
        orders_rate, is_partial; months without buyers are left out
    """
    whole = pl.col("n_mature") == pl.col("n_new")
    rates = {}
    for one, (part, of) in PARTS.items():
        known = (pl.col(of) > 0) & whole if one == "again" else pl.col(of) > 0
        rates[f"{one}_rate"] = pl.when(known).then(pl.col(part) / pl.col(of))
    columns = ("month", "n_customers", "n_new", "n_returning", "n_orders", "spend_new", "spend_returning")  # fmt: skip
    return periods.marked(counted.select(*columns, **rates), "month", covered=covered)


def findings(rates: pl.DataFrame, monthly: pl.DataFrame, chosen: Rate) -> tuple[Finding, ...]:
    """The chosen rate with its definition, the other three, and the last whole month."""
    at = list(NAMES).index(chosen)
    told = [_rate(rates, at)]
    others = [i for i in range(rates.height) if i != at and rates["repurchase_rate"][i] is not None]
    if others:
        names = "、".join(f"{rates['definition'][i]} {percent(rates['repurchase_rate'][i])}" for i in others)  # fmt: skip
        cells = tuple(Cell("rates", i, "repurchase_rate") for i in others)
        text = f"换一种定义，数字就不同：{names}；引用时请写明定义。"
        told.append(Finding(text, int(rates["base"][0]), cells))
    whole = periods.whole_only(monthly)
    if whole.height:
        told.append(_last(whole.row(-1, named=True)))
    return tuple(told)


def _rate(rates: pl.DataFrame, at: int) -> Finding:
    row = rates.row(at, named=True)
    base = Cell("rates", at, "base")
    if row["repurchase_rate"] is None:
        text = f"{row['definition']}：分母只有 {count(row['base'])}，不足 {settings().tiny_base}，不给出比率（{row['formula']}）。"
        return Finding(text, max(1, row["base"]), (base,))
    columns, reach = ["repurchase_rate", "n_counted"], ""
    if row["ci_low"] is not None:
        reach = f"（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}）"
        columns += ["ci_low", "ci_high"]
    text = (
        f"{row['definition']}为 {percent(row['repurchase_rate'])}{reach}：{count(row['n_counted'])} ÷ {count(row['base'])}，"
        f"即{row['formula']}。"
    )
    return Finding(text, row["base"], (*(Cell("rates", at, c) for c in columns), base))


def _last(row: Mapping[str, int]) -> Finding:
    text = (
        f"最近一个整月（{row['month']:%Y 年 %m 月}）有 {count(row['n_customers'])} 位购买客户："
        f"新客 {count(row['n_new'])} 位，老客 {count(row['n_returning'])} 位（占 {percent(row['returning_rate'])}）。"
    )
    columns = ("n_customers", "n_new", "n_returning", "returning_rate")
    return Finding(text, row["n_customers"], tuple(Cell("monthly", row["at"], c) for c in columns))


def run(dataset: Dataset, params: Params) -> Result:
    """Count new and returning customers on the engine, and rate them."""
    orders = dataset.orders
    assert orders is not None
    covered = periods.observed(orders)
    counted = ledger.repurchases(orders, within_days=params.days)
    if counted.is_empty():
        raise TooFewRows("能识别、有付款订单的客户", 0, 1)
    start = (ledger.span(orders)[1] // ledger.DAY + 1 - params.window_days) * ledger.DAY
    recent = ledger.repurchases_since(orders, start=start, within_days=params.days)
    if recent.is_empty():
        raise TooFewRows("统计期内有付款订单、能识别的客户", 0, 1)
    rates, monthly = rate_table(recent, formulas(params)), monthly_table(counted, covered=covered)
    pictures = {"rates": _bars(rates), "monthly": _lines(monthly), "trend": _trend(monthly, params)}
    told = findings(rates, monthly, params.definition)
    first_day = max(start, ledger.span(orders)[0])
    known = {name: one for name, one in pictures.items() if one is not None}
    return Result({"rates": rates, "monthly": monthly}, known, told, _notes(params, covered, first_day))  # fmt: skip


def _bars(rates: pl.DataFrame) -> alt.LayerChart | None:
    known = rates.with_row_index("at").drop_nulls("repurchase_rate").drop("formula")
    ends = (pl.col("ci_low").fill_null(pl.col("repurchase_rate")), pl.col("ci_high").fill_null(pl.col("repurchase_rate")))  # fmt: skip
    title = "四种定义的复购率"
    return charts.bars(known.with_columns(*ends), label="definition", value="repurchase_rate", title=title, order=list(NAMES.values())) if known.height else None  # fmt: skip


def _lines(monthly: pl.DataFrame) -> alt.LayerChart | None:
    """Buyers of each whole month, new and returning."""
    whole = periods.whole_only(monthly)
    parts = [whole.select("at", "month", group=pl.lit(name), n_buyers=column) for name, column in ((NEW, "n_new"), (RETURNING, "n_returning"))]  # fmt: skip
    return charts.lines(pl.concat(parts), x="month", value="n_buyers", series="group", title="每月的新客与老客") if whole.height else None  # fmt: skip


def _trend(monthly: pl.DataFrame, params: Params) -> alt.LayerChart | None:
    column = f"{params.definition}_rate"
    whole = periods.whole_only(monthly).drop_nulls(column).select("month", column)
    return charts.lines(whole, x="month", value=column, title=f"每月的{NAMES[params.definition]}") if whole.height else None  # fmt: skip


def members(dataset: Dataset, _params: Params, _result: Result) -> Mapping[str, Members]:
    """The known buyers of every month."""
    orders = dataset.orders
    assert orders is not None

    def listed() -> pl.DataFrame:
        bought = ledger.orders_of_periods(orders, grain="month").drop_nulls("customer_id")
        return bought.select("month", "customer_id").unique().sort("month", "customer_id")

    schema = {"month": pl.Date(), "customer_id": pl.String()}
    return {"monthly": Members(pl.defer(listed, schema=schema), ("customer_id",), "n_customers")}


def _notes(params: Params, covered: periods.Observed, start: int) -> tuple[str, ...]:
    end = covered.last - timedelta(params.days)
    return (
        f"四种比率的统计期：{day(start)} 至 {covered.last}（{params.window_days} 天，数据不够长时为全部）；只计能识别的客户。",
        *(f"{NAMES[one]} = {formula}。" for one, formula in formulas(params).items()),
        "订单为付款订单，付款后全额退款的也算；新客为首次购买落在期内的客户，老客为期开始之前买过的客户。",
        f"新客再购率只用首购不晚于 {end} 的新客，他们都已被观察满 {params.days} 天；每月的表里，当月新客没有全部观察满时留空。",
        "区间为 Wilson 95% 区间；老客订单占比的订单彼此不独立，不给区间。",
        f"数据从 {covered.first} 开始，之前买过的老客会被算作新客，最早几个月的老客占比偏低；不完整的月不画、不写入结论。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="repurchase",
        title="新老客复购",
        question="有多少是新客，老客回来得多不多？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=15,
        theme="留存",
    )
)
