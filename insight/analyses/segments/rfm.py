"""Who buys much, often and lately: the customers by recency, frequency and money."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.segmentation.rfm import (
    frequency_is_degenerate,
    group_order,
    name_groups,
    rfm_table,
    score,
)
from insight.settings import settings
from insight.wording import count, day, money, percent

_EPOCH = date(1970, 1, 1)


class Params(BaseModel):
    """For which day, over which window, under which names."""

    names: Literal["eight", "eleven"] = Field(
        default="eight",
        title="分层名称",
        description="八类按中位数高低划分，十一类按五分位得分划分",
        json_schema_extra={"labels": {"eight": "中国八类", "eleven": "国际十一类"}},
    )
    as_of: str = Field(
        default="", title="统计日", description="如 2025-12-31，留空表示最后一单的日期"
    )
    window_days: int = Field(
        default=0, ge=0, le=3650, title="回看天数", description="0 表示全部订单"
    )


def snapshot(orders: ledger.Orders, params: Params) -> int:
    """The last day that counts, as the epoch seconds of its beginning.

    Raises
    ------
    BadParameter : ``as_of`` is not a date.
    """
    if not params.as_of:
        return ledger.span(orders)[1] // ledger.DAY * ledger.DAY
    try:
        return (date.fromisoformat(params.as_of) - _EPOCH).days * ledger.DAY
    except ValueError as error:
        raise BadParameter("统计日（rfm.as_of）", "应为 2025-12-31 这样的日期") from error


def segment_table(customers: pl.DataFrame) -> pl.DataFrame:
    """Sum up customers by segment.

    Parameters
    ----------
    customers : (n_customers) segment, spend [CNY], n_orders, days_since_last

    Returns
    -------
    (n_segments) segment, n_customers, share_of_customers [0..1], spend [CNY], share_of_spend [0..1],
        spend_per_customer [CNY], orders_per_customer, median_days_since_last; highest spend first
    """
    table = customers.group_by("segment", maintain_order=True).agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        spend_per_customer=pl.col("spend").mean(),
        orders_per_customer=pl.col("n_orders").mean(),
        median_days_since_last=pl.col("days_since_last").median(),
    )
    shares = {
        "share_of_customers": pl.col("n_customers") / pl.col("n_customers").sum(),
        "share_of_spend": pl.col("spend") / pl.col("spend").sum(),
    }
    table = table.with_columns(**shares).sort(["spend", "segment"], descending=[True, False])
    first = ("segment", "n_customers", "share_of_customers", "spend", "share_of_spend")
    return table.select(*first, pl.exclude(*first))


def _finding(segments: pl.DataFrame, row: int, lead: str) -> Finding:
    s = segments.row(row, named=True)
    text = (
        f"{lead}“{s['segment']}”：{count(s['n_customers'])} 人，占客户的 {percent(s['share_of_customers'])}，"
        f"贡献 {money(s['spend'])}，占消费金额的 {percent(s['share_of_spend'])}。"
    )
    columns = ("n_customers", "share_of_customers", "spend", "share_of_spend")
    return Finding(
        text, int(segments["n_customers"].sum()), tuple(Cell("segments", row, c) for c in columns)
    )


AT_RISK = ("重要保持客户", "重要挽留客户", "不能失去", "流失风险")


def findings(segments: pl.DataFrame) -> tuple[Finding, ...]:
    """The segment that brings most, the largest one, and the valuable ones that stay away."""
    largest = int(segments["n_customers"].arg_max() or 0)
    tied = segments.height > 1 and segments["spend"][0] == segments["spend"][1]
    leads = {0: "消费金额并列最高的有" if tied else "消费金额最高的是"}
    leads |= {largest: "人数最多的是"} if largest != 0 else {}
    for row, name in enumerate(segments["segment"]):
        if name in AT_RISK and row not in leads:
            leads[row] = "最近没有再来的高价值客户是"
    return tuple(_finding(segments, row, lead) for row, lead in leads.items())


def run(dataset: Dataset, params: Params) -> Result:
    """Score and name every customer as of the snapshot."""
    assert dataset.orders is not None
    last_day = snapshot(dataset.orders, params)
    end = last_day + ledger.DAY
    start = end - params.window_days * ledger.DAY if params.window_days else None
    customers = ledger.customer_table(ledger.within(dataset.orders, start=start, end=end))
    if customers.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    scored = score(rfm_table(customers, as_of=last_day))
    named = name_groups(scored, scheme=params.names)
    segments = segment_table(named)
    shares = charts.paired_bars(
        segments,
        label="segment",
        values=("share_of_customers", "share_of_spend"),
        title="各分层的人数与金额占比",
    )
    people = named.select(
        "customer_id", "days_since_last", "n_orders", "spend", "r", "f", "m", "segment"
    )
    tables = {"segments": segments, "customers": people}
    return Result(
        tables, {"segments": shares}, findings(segments), _notes(scored, params, last_day)
    )


def _notes(scored: pl.DataFrame, params: Params, last_day: int) -> tuple[str, ...]:
    window = f"最近 {params.window_days} 天" if params.window_days else "全部"
    degenerate = (
        "；F 分因大多数客户次数相同，改用固定档 1、2、3、4–5、6 次以上"
        if frequency_is_degenerate(scored)
        else ""
    )
    naming = (
        "八类：R、F、M 各与中位数比较，高于中位数为高（等于中位数算低；R 以距今天数少为高）"
        if params.names == "eight"
        else "十一类：按 R、F、M 的五分位得分对照命名表"
    )
    return (
        f"统计日 {day(last_day)}，{window}订单；基数为有付款订单且能识别的客户 {count(scored.height)} 人。",
        "R 为最近一单距统计日的天数，F 为付款订单数（同一订单号算一次），M 为实付减退款的金额（元）。",
        f"R、F、M 分按平均秩五等分，相同数值同分，5 分最好{degenerate}。",
        f"{naming}；共 {len(group_order(params.names))} 个名称。",
        f"不足 {settings().small_base} 位客户时，分层只作方向性参考。",
        "方法：Hughes (1994) Strategic Database Marketing。",
    )


ANALYSIS = Analysis(
    key="rfm",
    title="RFM 客户分层",
    question="谁买得多、买得勤、最近还在买？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
)
