"""Which figures of the last whole week or month are unlike the ones before, overall and group by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.periods.festivals import festivals, named
from insight.periods.watch import (
    LEVEL,
    MEASURES,
    SMALL,
    USUAL,
    Limits,
    Name,
    Rule,
    corrected,
    is_alert,
    look,
    measured,
)
from insight.settings import settings
from insight.stats.robust import LEAST
from insight.units import unit_of, written
from insight.wording import count, decimal, percent

ALL = "全部"
MOST_GROUPS, MOST_TOLD, MOST_DRAWN = 20, 6, 15
DIMENSIONS: Mapping[str, str] = MappingProxyType({"category": "品类", "channel": "渠道", "region": "地区"})  # fmt: skip


class Params(BaseModel):
    """What counts as unlike."""

    grain: Literal["week", "month"] = Field(default="week", title="看最近一个", json_schema_extra={"labels": {"week": "整周", "month": "整月"}})  # fmt: skip
    history: int = Field(default=26, ge=LEAST, le=104, title="与之前几期比")
    rule: Rule = Field(default="robust_z", title="提醒的规则", json_schema_extra={"labels": {"robust_z": "稳健 z（自动）", "threshold": "变化超过幅度"}})  # fmt: skip
    z_limit: float = Field(default=3.5, ge=2, le=10, title="稳健 z 超过")
    change_limit: float = Field(default=0.3, ge=0.05, le=5, title="变化幅度超过", description="0.3 表示比平时多或少 30%")  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Look at every figure of every group, then correct for the number of looks."""
    orders = dataset.orders
    assert orders is not None
    covered = periods.observed(orders)
    whole = _whole(ledger.periods(orders, grain=params.grain), params, covered)
    if whole.height <= LEAST:
        raise TooFewRows(f"完整的{periods.GRAIN_LABELS[params.grain]}", whole.height, LEAST + 1)
    limits = Limits(params.rule, params.z_limit, params.change_limit)
    groups: list[dict[str, object]] = []
    looks: list[dict[str, object]] = []
    for name, series in _series(dataset, whole, params):
        group, found = look(name, measured(series), limits)
        groups.append(group)
        looks += found
    table = corrected(looks, limits)
    shown = pl.DataFrame(groups, infer_schema_length=None)
    overview = _overview(table, shown.height)
    tables = {"looks": table, "groups": shown, "overview": overview}
    last = whole[params.grain][-1]
    told = findings(tables, last, params)
    return Result(
        tables, _picture(table, limits), told, _notes(params, whole.height, overview, dataset)
    )


def _whole(table: pl.DataFrame, params: Params, covered: periods.Observed) -> pl.DataFrame:
    marked = periods.marked(table, params.grain, covered=covered)
    kept = marked.filter(~pl.col("is_partial")).drop("is_partial")
    return kept.tail(params.history + 1)


def _series(
    dataset: Dataset, whole: pl.DataFrame, params: Params
) -> Iterator[tuple[Name, pl.DataFrame]]:
    """Everything, then the groups with most money of each dimension, on the same periods."""
    orders, grain = dataset.orders, params.grain
    assert orders is not None
    starts = whole.select(grain)
    yield (ALL, ALL), whole
    for column, label in DIMENSIONS.items():
        if column not in dataset.columns("orders"):
            continue
        named = ledger.largest(orders, column, most=MOST_GROUPS)
        table = ledger.periods(orders, grain=grain, by=column)
        for value in named:
            own = table.filter(pl.col(column) == value).drop(column)
            filled = starts.join(own, on=grain, how="left", maintain_order="left").fill_null(0)
            yield (label, value), filled


def _overview(table: pl.DataFrame, n_groups: int) -> pl.DataFrame:
    n_alerts = table.filter(is_alert()).height
    judged = table.filter(pl.col("status") != SMALL).height
    counts = {"n_looks": judged, "n_alerts": n_alerts, "n_quiet": table.height - judged, "n_groups": n_groups}  # fmt: skip
    return pl.DataFrame([counts])


def findings(tables: Mapping[str, pl.DataFrame], last: date, params: Params) -> tuple[Finding, ...]:
    """How many figures were looked at and how many are unlike; then the strongest of them."""
    overview, groups = tables["overview"].row(0, named=True), tables["groups"]
    base = int(groups["n_orders"][0])
    if not overview["n_looks"]:
        text = f"{periods.in_words(last, params.grain)} 的 {count(overview['n_quiet'])} 项指标都不足 {settings().small_base} 单，没有检查；可以改看整月。"
        return (Finding(text, max(1, base), (Cell("overview", 0, "n_quiet"),)),)
    what = f"{periods.in_words(last, params.grain)} 检查了 {count(overview['n_looks'])} 项指标"
    cells = [Cell("overview", 0, "n_looks")]
    if overview["n_alerts"]:
        text = f"{what}，{count(overview['n_alerts'])} 项与平时不同。"
        cells.append(Cell("overview", 0, "n_alerts"))
    else:
        text = f"{what}，没有哪一项与平时明显不同。"
    told = [Finding(text, max(1, base), tuple(cells), _test(params))]
    alerts = tables["looks"].with_row_index("at").filter(is_alert())
    held = festivals(last, ledger.next_start(last, params.grain))
    told += [_alert(row, groups, named(held)) for row in alerts.head(MOST_TOLD).iter_rows(named=True)]  # fmt: skip
    return tuple(told)


def _test(params: Params) -> str:
    if params.rule == "threshold":
        return ""
    return f"稳健 z（中位数与 MAD，t 分布双侧，|z|≥{decimal(params.z_limit)} 且 q≤{LEVEL:g}，Benjamini–Hochberg 校正）"


def _alert(row: Mapping[str, object], groups: pl.DataFrame, held: str) -> Finding:
    names = groups.select("dimension", "subject").rows()
    at = names.index((str(row["dimension"]), str(row["subject"])))
    measure = next(m for m, label in MEASURES.items() if label == row["measure"])
    now, usual = (groups[c][at] for c in (measure, USUAL[measure]))
    said = [written(x, unit_of(measure)) for x in (now, usual)]
    whose = "全部订单" if row["dimension"] == ALL else f"{row['dimension']}“{row['subject']}”"
    change = row["change_share"]
    more = "" if change is None else f"（{'高' if float(str(change)) >= 0 else '低'} {percent(abs(float(str(change))))}）"  # fmt: skip
    also = f"；这段时间有{held}" if held else ""
    text = (
        f"{whose}的{row['measure']}{row['status']}：{said[0]}，平时的中位数 {said[1]}{more}{also}。"
    )
    cells = [Cell("groups", at, measure), Cell("groups", at, USUAL[measure])]
    cells += [] if change is None else [Cell("looks", int(str(row["at"])), "change_share")]
    return Finding(text, max(1, int(groups["n_orders"][at])), tuple(cells))


def _picture(table: pl.DataFrame, limits: Limits) -> dict[str, alt.LayerChart]:
    """The looks that lie farthest from the usual, with the lines that make an alert."""
    value, bound, title = (
        ("z", limits.z, "离平时最远的指标（稳健 z）")
        if limits.rule == "robust_z"
        else ("change_share", limits.change, "与平时相差最多的指标")
    )
    known = table.filter(pl.col("status") != SMALL).drop_nulls(value).head(MOST_DRAWN)
    if known.is_empty():
        return {}
    whose = pl.when(pl.col("dimension") == ALL).then(pl.lit(ALL)).otherwise(pl.format("{} {}", "dimension", "subject"))  # fmt: skip
    drawn = known.select(pl.format("{}：{}", whose, "measure").alias("row"), "change_share", "status", "z")  # fmt: skip
    return {"looks": charts.gaps(drawn, label="row", value=value, bound=bound, title=title)}


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who bought in the last period, group by group."""
    if "n_customers" not in result.tables["groups"].columns:
        return {}
    return {"groups": Members(later(lambda: _buyers(dataset, params), "dimension", "subject", "customer_id"), ("customer_id",), "n_customers")}  # fmt: skip


def _buyers(dataset: Dataset, params: Params) -> pl.DataFrame:
    orders = dataset.orders
    assert orders is not None
    whole = _whole(ledger.periods(orders, grain=params.grain), params, periods.observed(orders))
    first = whole[params.grain][-1]
    part = periods.between(orders, first, ledger.next_start(first, params.grain))
    found = [ledger.customer_table(part).select(pl.lit(ALL).alias("dimension"), pl.lit(ALL).alias("subject"), "customer_id")]  # fmt: skip
    for column, label in DIMENSIONS.items():
        if column in dataset.columns("orders"):
            bought = ledger.buyers_by(part, column)
            found.append(bought.select(pl.lit(label).alias("dimension"), pl.col(column).alias("subject"), "customer_id"))  # fmt: skip
    return pl.concat(found)


def _notes(params: Params, n: int, overview: pl.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    grain = periods.GRAIN_LABELS[params.grain]
    row = overview.row(0, named=True)
    known = "、".join(label for column, label in DIMENSIONS.items() if column in dataset.columns("orders"))  # fmt: skip
    by_z = f"{_test(params)}：每期 {count(row['n_looks'])} 项一起看，已按项数校正。"
    by_change = f"规则：比之前的中位数多或少 {percent(params.change_limit)} 以上；共看 {count(row['n_looks'])} 项，项数越多，偶然超过的也越多。"
    return (
        f"比较：最近一个完整的{grain}与之前 {count(n - 1)} 个完整的{grain}的中位数；少于 {LEAST} 个不比。",
        by_z if params.rule == "robust_z" else by_change,
        f"范围：全部订单{f'，以及{known}里金额最高的各 {MOST_GROUPS} 组' if known else ''}。金额为实付减退款，退款率为退款占退款前金额的比例。",
        f"不足 {settings().small_base} 单的不提醒（{count(row['n_quiet'])} 项）：金额、订单数和客户数看本期与平时中较多的，客单价和退款率看较少的。",
        "提醒只说与平时不同，不说原因；节日所在的时期请对照“季节与节日”。",
    )


ANALYSIS = Analysis(
    key="alerts",
    title="异常提醒",
    question="最近有哪些指标不对劲？",
    needs={"orders": ("order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=11,
    theme="趋势",
)
