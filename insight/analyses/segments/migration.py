"""Who moved between the segments from one date to another, what money moved with them, and who fell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import UnknownName
from insight.members import Members
from insight.parameters import picked
from insight.segmentation import purchases
from insight.segmentation.migration import (
    BACK,
    CAME,
    DOWN,
    GONE,
    LEFT,
    NEW,
    SAME,
    UP,
    Moves,
    dates_of,
    moves,
)
from insight.segmentation.moved import directions, fallen, kept, matrix
from insight.settings import settings
from insight.wording import count, money, percent

_BREAKS = {
    "value_tier": "消费层级", "rfm": "RFM 分层（研究的设定）", "rfm11": "RFM 十一类", "high_ticket": "高客单客户", "frequency": "购买次数",
}  # fmt: skip
_INKS = {UP: charts.ACCENT, SAME: charts.NEUTRAL, DOWN: charts.DIVERGING[0], LEFT: charts.PALETTE[7], CAME: charts.PALETTE[2]}  # fmt: skip


class Params(BaseModel):
    """Which groups, at which two dates."""

    by: Literal["value_tier", "rfm", "rfm11", "high_ticket", "frequency"] = picked("value_tier", _BREAKS, title="分层方式")  # fmt: skip
    second_day: str = Field(
        default="", title="后一个日期", description="如 2025-12-31，留空表示最后一单的日期"
    )
    first_day: str = Field(
        default="", title="前一个日期", description="留空表示后一段时间开始的前一天"
    )
    days: int = Field(
        default=0, ge=0, le=3650, title="每段多少天", description="两个日期各往前看多少天；0 表示一年，数据不够两年时为一半"
    )  # fmt: skip
    high: str = Field(
        default="", title="高价值组", description="看谁从这一组掉下来；留空表示最高的一组"
    )


def findings(tables: Mapping[str, pl.DataFrame], high: str) -> tuple[Finding, ...]:
    """What became of the high-value group, what it lost, and who came."""
    base = int(tables["directions"]["n_customers"].sum())
    row = tables["kept"].with_row_index("at").filter(segment=high).row(0, named=True)
    told = [_stay(row)] if row["n_customers"] >= settings().tiny_base else []
    told.append(_loss(row))
    ways = tables["directions"].with_row_index("at")
    others = ways.filter(pl.col("direction").is_in([CAME, LEFT])).iter_rows(named=True)
    return (*told, *(_way(one, base) for one in others))


def _stay(row: Mapping[str, Any]) -> Finding:
    few = row["n_customers"] < settings().small_base
    caution = "（人数不足，仅作方向性参考）" if few else ""
    rose = f"{percent(row['up_rate'])} 升到更高的组，" if row["up_rate"] else ""
    text = (
        f"前一个日期的“{row['segment']}”有 {count(row['n_customers'])} 人：{percent(row['kept_rate'])} 仍在这一组"
        f"（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}），{rose}"
        f"{percent(row['down_rate'])} 降到更低的组，{percent(row['gone_rate'])} 没有再来{caution}。"
    )
    columns = ("n_customers", "kept_rate", "ci_low", "ci_high", "down_rate", "gone_rate")
    return Finding(text, row["n_customers"], _cells("kept", row["at"], *columns))


def _loss(row: Mapping[str, Any]) -> Finding:
    fallen: tuple[str, ...] = ()
    whole = f"整组由 {money(row['spend_before'])} 变为 {money(row['spend_after'])}。"
    if row["n_fallen"]:
        fallen = "spend_fallen_before", "spend_fallen_after"
        text = f"从“{row['segment']}”掉下来的 {count(row['n_fallen'])} 人，消费由 {money(row[fallen[0]])} 变为 {money(row[fallen[1]])}；{whole}"
    else:
        text = f"“{row['segment']}”的 {count(row['n_customers'])} 人里没有人掉下来（{count(0)} 人），{whole}"
    columns = ("n_fallen", *fallen, "spend_before", "spend_after")
    return Finding(text, row["n_customers"], _cells("kept", row["at"], *columns))


def _way(row: Mapping[str, Any], base: int) -> Finding:
    n = count(row["n_customers"])
    if row["direction"] == CAME:
        column, text = (
            "spend_after",
            f"{CAME}的客户 {n} 人，后一段时间带来 {money(row['spend_after'])}。",
        )
    else:
        column, text = (
            "spend_before",
            f"买过之后{LEFT}的客户 {n} 人，前一段时间消费 {money(row['spend_before'])}。",
        )
    return Finding(text, base, _cells("directions", row["at"], "n_customers", column))


def _cells(table: str, row: int, *columns: str) -> tuple[Cell, ...]:
    return tuple(Cell(table, row, column) for column in columns)


def _moved(dataset: Dataset, params: Params) -> Moves:
    assert dataset.orders is not None
    dates = dates_of(
        dataset.orders, first=params.first_day, second=params.second_day, days=params.days
    )
    return moves(dataset.orders, params.by, dates=dates, definitions=dataset.definitions)


def run(dataset: Dataset, params: Params) -> Result:
    """Follow the customers from the first date to the second."""
    moved = _moved(dataset, params)
    there = [g for g in moved.groups if g in set(moved.customers["from_segment"])]
    if params.high and params.high not in there:
        raise UnknownName("分层", params.high, there)
    if not there:
        raise UnknownName("分层", params.high or moved.groups[0], moved.groups)
    high = params.high or there[0]
    tables = {
        "matrix": matrix(moved), "kept": kept(moved), "directions": directions(moved), "fallen": fallen(moved, high),
    }  # fmt: skip
    return Result(
        tables,
        _pictures(tables["matrix"], moved),
        findings(tables, high),
        _notes(dataset, moved, params),
    )


def _pictures(table: pl.DataFrame, moved: Moves) -> dict[str, alt.TopLevelMixin]:
    days = f"{moved.dates.first} → {moved.dates.second}"
    ways = moved.customers.select("from_segment", "to_segment", "direction").unique()
    wide = table.join(ways, on=("from_segment", "to_segment"), how="left", maintain_order="left")
    sides = ("from_segment", "to_segment")
    shown = table.with_row_index("at").with_columns(is_small=pl.col("base") < settings().small_base)
    return {
        "flows": charts.flows(
            wide.select(*sides, "n_customers", "direction"), sides=sides, value="n_customers", kind="direction", inks=_INKS, title=f"客户去了哪一组（{days}）"
        ),
        "matrix": charts.heat(shown, row=sides[0], column=sides[1], value="share").properties(title=f"各组客户去向占比（{days}）"),
    }  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of every move, every group of the first date, every direction, and the fallen."""
    customers = _moved(dataset, params).customers.lazy()
    unit = ("customer_id",)
    pairs = customers.select("from_segment", "to_segment", "customer_id")
    return {
        "matrix": Members(pairs, unit, "n_customers"),
        "kept": Members(
            customers.select("customer_id", segment="from_segment"), unit, "n_customers"
        ),
        "directions": Members(customers.select("direction", "customer_id"), unit, "n_customers"),
        "fallen": Members(result.tables["fallen"].lazy().select("customer_id"), unit),
    }


def _notes(dataset: Dataset, moved: Moves, params: Params) -> tuple[str, ...]:
    label = purchases.labels(dataset.definitions)[params.by]
    day = moved.dates
    return (
        f"分层方式：{label}；前一段时间为截至 {day.first} 的 {day.days} 天，后一段时间为截至 {day.second} 的 {day.days} 天。",
        "两段时间各按当时的订单重新分层，所以名次、中位数这类相对的分界也随时间变；消费金额为该段时间里的实付减退款。",
        f"基数：两段时间里至少有一段有付款订单、且能识别的客户 {count(moved.customers.height)} 人。",
        f"“{NEW}”：后一段时间以前没有买过；“{BACK}”：以前买过，但前一段时间没有买；“{GONE}”：后一段时间没有买。",
        f"上升与下降按组的先后：{'、'.join(moved.groups)}。",
        f"不足 {settings().tiny_base} 人的组不显示占比；不足 {settings().small_base} 人的只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="migration",
    title="分层变化",
    question="两个日期之间，谁升了、谁掉了、金额怎么跟着走？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=70,
    theme="变化",
)
