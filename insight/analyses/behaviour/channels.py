"""Where customers buy, who buys in several places, and what those customers are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.narrowing import among_customers
from insight.segmentation.channels import (
    MOST_CHANNELS,
    ONE,
    OTHERS,
    SEVERAL,
    SIDES,
    bought,
    buyers,
    crossing,
    grouped,
    mix,
    pairs_of,
    shops,
    summed,
)  # fmt: skip
from insight.settings import settings
from insight.stats.differences import RankDifference, size_of_rank
from insight.wording import count, decimal, money, percent

LEVEL = 0.05
_TEST = f"Mann–Whitney U 检验（双侧，p≤{LEVEL:g}）"


class Params(BaseModel):
    """Which channels are shops."""

    offline: str = Field(
        default="", title="线下渠道", description="留空时按名称判断；几个渠道之间用、隔开"
    )


def run(dataset: Dataset, params: Params) -> Result:
    """Sum the channels, then the customers by how many and which of them they use."""
    assert dataset.orders is not None
    table = bought(dataset.orders)
    if table.is_empty():
        raise TooFewRows("知道渠道和客户的付款订单", 0, 1)
    offline = shops(table["channel"].unique().sort().to_list(), params.offline)
    people = grouped(table, offline)
    channels = mix(table, people, offline)
    groups, found = buyers(people)
    tables = {"mix": channels, "buyers": groups}
    if len(channels) > 1:
        tables["crossing"] = crossing(table, channels["channel"].to_list())
    if people["side"].n_unique() > 1:
        tables["online_offline"] = summed(people, "side").sort(pl.col("side").replace_strict(SIDES, range(3)))  # fmt: skip
    return Result(tables, _pictures(tables), findings(tables, found), _notes(dataset, people, offline))  # fmt: skip


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    mixed = tables["mix"].with_columns(pl.col("share_of_spend").fill_null(0.0))
    shares = ("share_of_customers", "share_of_spend")
    drawn: dict[str, alt.TopLevelMixin] = {"mix": charts.paired_bars(mixed, label="channel", values=shares, title="各渠道的客户占比与金额占比")}  # fmt: skip
    for name, label, title in _WORTH_OF:
        if name in tables:
            bars = tables[name].select(label, "spend_per_customer", "n_customers", is_small=pl.col("n_customers") < settings().small_base)  # fmt: skip
            drawn[name] = charts.bars(bars, label=label, value="spend_per_customer", order=bars[label].to_list(), title=title)  # fmt: skip
    if "crossing" in tables:
        heat = charts.heat(
            _square(tables["crossing"], tables["mix"].select("channel")),
            row="channel",
            column="other_channel",
            value="share",
        )
        drawn["crossing"] = heat.properties(title="在左边渠道买过的客户，也在上方渠道买过的比例")
    return drawn


_WORTH_OF = (
    ("buyers", "group", "人均消费：用几个渠道"), ("online_offline", "side", "人均消费：线上与线下"),
)  # fmt: skip


def _square(cells: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The pairs with an empty diagonal, so that rows and columns stand in one order."""
    keys = ("channel", "other_channel")
    grid = names.join(names.select(other_channel="channel"), how="cross", maintain_order="left_right")  # fmt: skip
    filled = grid.join(cells, on=keys, how="left", maintain_order="left")
    return filled.with_columns(is_small=pl.col("base").fill_null(0) < settings().small_base)


def findings(tables: Mapping[str, pl.DataFrame], found: RankDifference) -> tuple[Finding, ...]:
    """The largest channel, who buys in several, and who buys in shops and online."""
    told = [_largest(tables["mix"].row(0, named=True))]
    rows = {r["group"]: r for r in tables["buyers"].with_row_index("at").iter_rows(named=True)}
    if SEVERAL in rows:
        told.append(_several(rows[SEVERAL], rows.get(ONE), found))
    sides = tables.get("online_offline", pl.DataFrame()).rows(named=True)
    told += [_group(row, at, "online_offline", row["side"]) for at, row in enumerate(sides) if row["side"] == SIDES[2]]  # fmt: skip
    return tuple(told)


def _largest(row: Mapping[str, Any]) -> Finding:
    text = (
        f"金额最高的渠道是“{row['channel']}”，占 {percent(row['share_of_spend'])}：{count(row['n_customers'])} 位客户，"
        f"客单价 {money(row['average_order_value'])}，其中 {percent(row['only_share'])} 只在这里买。"
    )
    told = ("share_of_spend", "n_customers", "average_order_value", "only_share")
    return Finding(text, row["n_customers"], tuple(Cell("mix", 0, c) for c in told if row[c] is not None))  # fmt: skip


_WORTH = ("n_customers", "share_of_customers", "share_of_spend", "spend_per_customer")


def _group(row: Mapping[str, Any], at: int, table: str, name: str) -> Finding:
    text = (
        f"{name}的客户 {count(row['n_customers'])} 位，占 {percent(row['share_of_customers'])}，"
        f"贡献 {percent(row['share_of_spend'])} 的金额，人均 {money(row['spend_per_customer'])}{_caution(row)}。"
    )
    return Finding(text, row["n_customers"], tuple(Cell(table, at, c) for c in _WORTH if row[c] is not None))  # fmt: skip


def _several(row: Mapping[str, Any], one: Mapping[str, Any] | None, found: RankDifference) -> Finding:  # fmt: skip
    plain = _group(row, row["at"], "buyers", "在多个渠道买")
    if one is None or np.isnan(found.p_value):
        return plain
    sure = f"差异显著（{size_of_rank(found.effect)}）" if found.p_value <= LEVEL else "差异不显著"
    beside = (
        f"；同样买过两单以上、只用一个渠道的客户人均 {money(one['spend_per_customer'])}，{sure}"
        f"；两组人均订单分别为 {_orders(row)} 单和 {_orders(one)} 单。"
    )
    places = (
        (row, "orders_per_customer"),
        (one, "spend_per_customer"),
        (one, "orders_per_customer"),
    )
    cells = (*plain.evidence, *(Cell("buyers", of["at"], column) for of, column in places))
    return Finding(plain.text.removesuffix("。") + beside, plain.base, cells, _TEST)


def _orders(row: Mapping[str, Any]) -> str:
    return decimal(row["orders_per_customer"], digits=2)


def _caution(row: Mapping[str, Any]) -> str:
    return "（样本不足，仅作方向性参考）" if row["n_customers"] < settings().small_base else ""


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of every channel, pair of channels and group."""
    assert dataset.orders is not None
    table = bought(dataset.orders)
    people = grouped(table, shops(table["channel"].unique().sort().to_list(), params.offline))
    frames = {
        "mix": table.select("channel", "customer_id"), "buyers": people.select("group", "customer_id"),
        "online_offline": people.select("side", "customer_id"), "crossing": pairs_of(table).select("channel", "other_channel", "customer_id"),
    }  # fmt: skip
    return {name: Members(f.lazy(), ("customer_id",), "n_customers") for name, f in frames.items() if name in result.tables}  # fmt: skip


def _notes(dataset: Dataset, people: pl.DataFrame, offline: frozenset[str]) -> tuple[str, ...]:
    assert dataset.orders is not None
    totals = ledger.totals(dataset.orders)
    known = percent(totals["known_amount"] / totals["amount"]) if totals["amount"] > 0 else "—"
    sides = f"线下渠道：{'、'.join(sorted(offline))}，其余算线上" if offline else "没有认出线下渠道，全部算线上；可以在参数里填写线下渠道"  # fmt: skip
    return (
        f"基数：能用客户编号识别、知道渠道的付款客户 {count(people.height)} 人；能识别客户的订单占全部金额的 {known}，没有客户编号的订单不参与。",
        "同一个人用不同标识在不同渠道购买、又没有共同标识时，会被当成几位客户，多渠道客户因此可能被低估。",
        f"{sides}。",
        f"多渠道客户的价值：买得多的人本来就更可能用到多个渠道，所以只与同样买过两单以上的单渠道客户比较；{_TEST}，效应量为 Cliff’s delta。相关不等于因果。",
        "金额为实付减退款；付款后退款的订单也算购买；一单分在两个渠道时两边各算一单。",
        f"基数不足 {settings().tiny_base} 人不显示占比，不足 {settings().small_base} 人标灰；渠道超过 {MOST_CHANNELS} 个时，金额较小的合为“{OTHERS}”。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="channels",
        title="渠道构成",
        question="客户在哪里买，跨渠道的客户更值钱吗？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount", "channel")},
        params=Params,
        run=run,
        members=members,
        place=34,
        theme="渠道",
    )
)
