"""Who buys much, often and lately: the customers by recency, frequency and money."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import used
from insight.dataset import Dataset
from insight.members import Members
from insight.segmentation.names import SCHEME_LABELS, groups_of, valuable_and_gone
from insight.segmentation.profile import share_of_total
from insight.segmentation.rfm import Named, named_customers
from insight.segmentation.rfm_definition import Definition
from insight.settings import settings
from insight.wording import count, day, money, percent


def segment_table(customers: pl.DataFrame) -> pl.DataFrame:
    """Sum up customers by segment.

    Parameters
    ----------
    customers : (n_customers) segment, spend [CNY], n_orders, days_since_last

    Returns
    -------
    (n_segments) segment, n_customers, share_of_customers [0..1], spend [CNY], share_of_spend [null without
        net spend], spend_per_customer [CNY], orders_per_customer, median_days_since_last; highest spend first
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
        "share_of_spend": share_of_total(pl.col("spend")),
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


def findings(segments: pl.DataFrame, *, gone: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """The segment that brings most, the largest one, and the valuable ones that stay away.

    Parameters
    ----------
    gone : names of the segments that spent much and stay away
    """
    largest = int(segments["n_customers"].arg_max() or 0)
    tied = segments.height > 1 and segments["spend"][0] == segments["spend"][1]
    leads = {0: "消费金额并列最高的有" if tied else "消费金额最高的是"}
    leads |= {largest: "人数最多的是"} if largest != 0 else {}
    for row, name in enumerate(segments["segment"]):
        if name in gone and row not in leads:
            leads[row] = "最近没有再来的高价值客户是"
    return tuple(_finding(segments, row, lead) for row, lead in leads.items())


def run(dataset: Dataset, params: Definition) -> Result:
    """Score and name every customer as of the snapshot."""
    assert dataset.orders is not None
    edited = dataset.definitions.names
    named = named_customers(dataset.orders, params, names=edited)
    segments = segment_table(named.customers)
    shares = charts.paired_bars(
        segments.with_row_index("at"),
        label="segment",
        values=("share_of_customers", "share_of_spend"),
        title="各分层的人数与金额占比",
    )
    groups = groups_of(params.names, edited)
    gone = valuable_and_gone(groups, scheme=params.names)
    tables = {"segments": segments, "customers": named.customers}
    n_names = len({group.name for group in groups})
    notes = _notes(named, params, is_edited=params.names in edited, n_names=n_names)
    return Result(tables, {"segments": shares}, findings(segments, gone=gone), notes)


def members(_dataset: Dataset, _params: Definition, result: Result) -> Mapping[str, Members]:
    """The customers of every segment, and every customer."""
    customers = result.tables["customers"].lazy()
    unit = ("customer_id",)
    return {
        "segments": Members(customers.select("segment", "customer_id"), unit, "n_customers"),
        "customers": Members(customers.select("customer_id"), unit),
    }


_REFUNDS = {
    "net": "F 为付款订单数（同一订单号算一次，全额退款的也算），M 扣除退款",
    "void": "F 为付款订单数（同一订单号算一次，全额退款的不算，也不计最近一单），M 扣除退款",
    "gross": "F 为付款订单数（同一订单号算一次，全额退款的也算），M 不扣退款",
}
_SPLITS = {
    "median": "与中位数比较，高于中位数为高（等于中位数算低；R 以距今天数少为高）",
    "mean": "与平均数比较，高于平均数为高（等于平均数算低；R 以距今天数少为高）",
    "mean_score": "的得分与全体平均得分比较，高于平均得分为高",
    "top_score": "的得分在 4 分及以上为高",
}


def _notes(named: Named, params: Definition, *, is_edited: bool, n_names: int) -> tuple[str, ...]:
    money_of = (
        f"总和（{used().name}）"
        if params.money == "sum"
        else f"除以订单数（每单平均，{used().name}）"
    )
    naming = (
        f"八类：R、F、M {_SPLITS[params.split]}"
        if params.names == "eight"
        else f"{SCHEME_LABELS[params.names]}：按 R、F、M 的 1–5 分对照命名表"
    )
    map_note = "名称表经过修改" if is_edited else "使用默认名称表"
    return (
        f"统计日 {day(named.last_day)}，{params.period}；基数为有付款订单且能识别的客户 {count(named.customers.height)} 人。",
        f"R 为最近一单距统计日的天数；{_REFUNDS[params.refunds]}，为各单实付金额的{money_of}。",
        f"{_scoring(params)}；相同数值同分，5 分最好{_degenerate(named)}。",
        f"{naming}；共 {n_names} 个名称，{map_note}。",
        f"不足 {settings().small_base} 位客户时，分层只作方向性参考。",
        "方法：Hughes (1994) Strategic Database Marketing。",
    )


def _scoring(params: Definition) -> str:
    match params.scoring:
        case "fixed":
            return f"R、F、M 分按固定分界：R {params.r_cuts} 天，F {params.f_cuts} 单，M {params.m_cuts} {used().name}"
        case "jenks":
            return "R、F、M 分按自然断点（Jenks，组内离差平方和最小的五组）；不同数值不足五个时组数减少"
        case "kmeans":
            return f"R、F、M 分按对数值的 k 均值聚类（五组，按组均值排序，种子 {params.seed}）；不同数值不足五个时组数减少"
        case "quintile":
            return "R、F、M 分按平均秩五等分"


def _degenerate(named: Named) -> str:
    """What to say where F cannot be cut into five equal parts."""
    if not named.frequency_in_bands:
        return ""
    return "；F 分因大多数客户次数相同，改用固定档 1、2、3、4–5、6 次以上"


ANALYSIS = Analysis(
    key="rfm",
    title="RFM 客户分层",
    question="谁买得多、买得勤、最近还在买？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Definition,
    run=run,
    members=members,
    place=10,
    theme="分层",
)
