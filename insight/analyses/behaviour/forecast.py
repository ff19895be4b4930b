"""What the next months will bring, shown only beside how well the same forecast did before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.ledger import Grain
from insight.narrowing import among_customers
from insight.settings import settings
from insight.stats.forecasting import LEAST, LEAST_ORIGINS, METHODS, Method, backtest, season_for
from insight.wording import count, decimal, money, percent

_MEASURES: Mapping[str, str] = MappingProxyType({"amount": "金额", "n_orders": "订单数"})
NAMES: Mapping[Method, str] = MappingProxyType({"theta": "Theta 方法", "drift": "季节性朴素法加平均增量", "naive": "季节性朴素法"})  # fmt: skip
_NAMES_WITHOUT_SEASON: Mapping[Method, str] = MappingProxyType({"theta": "Theta 方法", "drift": "朴素法加平均增量", "naive": "朴素法"})  # fmt: skip
_DRAWN: Mapping[Grain, int] = {"month": 36, "week": 104, "day": 120}


class Params(BaseModel):
    """What is forecast, and how far."""

    grain: Grain = Field(default="month", title="按什么看", json_schema_extra={"labels": {"month": "每月", "week": "每周", "day": "每天"}})  # fmt: skip
    measure: Literal["amount", "n_orders"] = Field(default="amount", title="预测什么", json_schema_extra={"labels": {**_MEASURES}})  # fmt: skip
    horizon: int = Field(default=3, ge=1, le=28, title="往后几期")


def scores(tested: pl.DataFrame, names: Mapping[Method, str]) -> pl.DataFrame:
    """How the methods did in the backtest.

    Returns
    -------
    (3) method, mase [1 = as far off as the seasonal naive method within the series], n_forecasts,
        n_origins, inside_80_share, inside_95_share; the best one first
    """
    sums = tested.group_by("method").agg(
        mase=pl.col("scaled_error").mean(), n_forecasts=pl.len().cast(pl.Int64), n_origins=pl.col("origin").n_unique().cast(pl.Int64),
        inside_80_share=pl.col("is_inside_80").mean(), inside_95_share=pl.col("is_inside_95").mean(),
    )  # fmt: skip
    is_naive = pl.col("method") == "naive"  # of two equally good ones the simpler
    ranked = sums.sort(pl.col("mase").round(9), ~is_naive)
    return ranked.with_columns(pl.col("method").replace_strict(names))


def ahead(values: NDArray[np.float64], starts: list[date], *, grain: Grain, method: Method, period: int) -> pl.DataFrame:  # fmt: skip
    """The forecast of ``method`` for the periods ``starts``.

    Returns
    -------
    (n_ahead) month, week or day, forecast, low_80, high_80, low_95, high_95
    """
    found = METHODS[method](values, period=period, horizon=len(starts))
    bounds = {(side, level): ends for level in (0.8, 0.95) for side, ends in zip(("low", "high"), found.bounds(level), strict=True)}  # fmt: skip
    columns = {f"{side}_{level * 100:.0f}": ends for (side, level), ends in bounds.items()}
    return pl.DataFrame({grain: starts, "forecast": found.mean, **columns})


def _following(last: date, grain: Grain, n: int) -> list[date]:
    starts = [ledger.next_start(last, grain)]
    while len(starts) < n:
        starts.append(ledger.next_start(starts[-1], grain))
    return starts


def run(dataset: Dataset, params: Params) -> Result:
    """Test all methods on the past, and let the best one speak."""
    orders, grain = dataset.orders, params.grain
    assert orders is not None
    covered = periods.observed(orders)
    table = periods.marked(ledger.periods(orders, grain=grain), grain, covered=covered)
    whole = table.filter(~pl.col("is_partial"))
    least = max(LEAST, params.horizon + LEAST // 2 + LEAST_ORIGINS - 1)
    if whole.height < least:
        raise TooFewRows(f"完整的{periods.GRAIN_LABELS[grain]}", whole.height, least)
    n_orders, enough = int(whole["n_orders"].sum()), settings().small_base
    if n_orders < enough:
        raise TooFewRows(f"完整的{periods.GRAIN_LABELS[grain]}里的付款订单", n_orders, enough)
    values = whole[params.measure].to_numpy().astype(np.float64)
    period = season_for(values.size, period=periods.CYCLE[grain], horizon=params.horizon)
    names = NAMES if period > 1 else _NAMES_WITHOUT_SEASON
    tested = backtest(values, period=period, horizon=params.horizon)
    ranked = scores(tested, names)
    method = next(key for key, name in names.items() if name == ranked["method"][0])
    starts = _following(whole[grain][-1], grain, params.horizon)
    future = _named(ahead(values, starts, grain=grain, method=method, period=period), params.measure)  # fmt: skip
    tables = {"forecast": future, "scores": ranked, "backtest": _told(tested, whole, grain, names, params.measure)}  # fmt: skip
    past = whole.select(grain, params.measure).tail(_DRAWN[grain])
    title = f"以后各{periods.GRAIN_LABELS[grain]}的{_MEASURES[params.measure]}（{ranked['method'][0]}，带 80% 与 95% 区间）"  # fmt: skip
    picture = {"forecast": charts.forecast(past, future, x=grain, value=params.measure, title=title)}  # fmt: skip
    told = findings(future, ranked, params, names)
    return Result(tables, picture, told, _notes(params, period, values.size, names))


_RENAMED = ("forecast", "low_80", "high_80", "low_95", "high_95")


def _named(future: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The columns called after what they measure, so that money is written as money."""
    if measure == "n_orders":
        return future.rename({c: f"n_orders_{c}" for c in _RENAMED})
    return future.rename({c: f"amount_{c}" for c in _RENAMED})


def _told(tested: pl.DataFrame, whole: pl.DataFrame, grain: Grain, names: Mapping[Method, str], measure: str) -> pl.DataFrame:  # fmt: skip
    """The backtest by date, each forecast beside what came."""
    at = pl.col("origin") + pl.col("step") - 1
    starts = whole[grain].to_list()
    dated = tested.with_columns(at.map_elements(starts.__getitem__, return_dtype=pl.Date).alias(grain))  # fmt: skip
    return dated.select(
        pl.col("method").replace_strict(names), grain, "step", pl.col("actual").alias(measure), pl.col("forecast").alias(f"{measure}_forecast"),
        "scaled_error",
    )  # fmt: skip


def findings(
    future: pl.DataFrame, ranked: pl.DataFrame, params: Params, names: Mapping[Method, str]
) -> tuple[Finding, ...]:
    """The next period with its interval and how good the forecast was; then how the baseline did."""
    first, best = future.row(0, named=True), ranked.row(0, named=True)
    write = money if params.measure == "amount" else count
    columns = [f"{params.measure}_{c}" for c in ("forecast", "low_80", "high_80")]
    expected, low, high = (write(first[c]) for c in columns)
    text = (
        f"{periods.in_words(first[params.grain], params.grain)}的{_MEASURES[params.measure]}预计 {expected}，80% 区间 {low} 至 {high}"
        f"（{best['method']}；回测 {count(best['n_forecasts'])} 次，{percent(best['inside_80_share'])} 落在 80% 区间内）。"
    )
    cells = [Cell("forecast", 0, c) for c in columns]
    cells += [Cell("scores", 0, c) for c in ("n_forecasts", "inside_80_share")]
    return (Finding(text, best["n_forecasts"], tuple(cells)), _compared(ranked, names["naive"]))


def _compared(ranked: pl.DataFrame, naive: str) -> Finding:
    best = ranked.row(0, named=True)
    at = ranked["method"].to_list().index(naive)
    error = decimal(best["mase"], digits=2)
    own = (Cell("scores", 0, "mase"), Cell("scores", 0, "n_origins"))
    if at == 0:
        text = f"模型不比{naive}好（回测 {count(best['n_origins'])} 个起点，{naive}的 MASE {error} 最小），因此直接用{naive}。"
        return Finding(text, best["n_forecasts"], own)
    text = f"回测 {count(best['n_origins'])} 个起点，{best['method']}的误差（MASE {error}）小于基准{naive}（{decimal(ranked['mase'][at], digits=2)}）。"
    return Finding(text, best["n_forecasts"], (*own, Cell("scores", at, "mase")))


def _notes(params: Params, period: int, n: int, names: Mapping[Method, str]) -> tuple[str, ...]:
    grain = periods.GRAIN_LABELS[params.grain]
    season = f"{names['naive']}：重复上一{periods.CYCLE_LABELS[params.grain]}的同期值。" if period > 1 else f"{names['naive']}：重复最近一期的值；完整的{grain}不到一个季节周期再加几期，还不能检验季节性。"  # fmt: skip
    return (
        f"依据：{count(n)} 个完整的{grain}；首尾不完整的{grain}不用。",
        season,
        f"{names['drift']}：在上面的值上加各期平均的增减。",
        "Theta 方法：Assimakopoulos 与 Nikolopoulos（2000），有季节性（F 检验 p<0.05）时先去掉季节再加回。",
        "回测：从较早的时点起往后预测、再与实际比（滚动起点，最多 12 个）；MASE 为平均绝对误差除以整个序列的（季节性）朴素误差，Hyndman 与 Koehler（2006）。",
        "区间按正态误差计算，不含促销、断货、涨价等以后才知道的变化；落在区间内的比例见回测。",
        "预测只延续过去的规律，没有因果含义。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="forecast",
        title="销售预测",
        question="以后几个月大概卖多少？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=18,
        theme="趋势",
    )
)
