"""Which segments pay: what each has earned, what it will be worth, and what its customers cost to win."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl
from pydantic import Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.lifetime.definition import Definition, last_day
from insight.lifetime.fitting import histories
from insight.lifetime.valuing import Valued, valued
from insight.lifetime.words import basis, margin_words
from insight.members import Members, later
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.profile import share_of_total
from insight.settings import settings
from insight.wording import count, decimal, money, percent


class Params(Definition):
    """Which segments, and what a new customer of each costs."""

    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})
    cost: float = Field(
        default=0.0, ge=0, le=1e7, title="获客成本（元/人）", description="0 表示不知道"
    )
    cost_of: str = Field(
        default="",
        title="各组的获客成本",
        description="与上面不同的组，如 天猫旗舰店=80，门店=35",
    )


def costs(params: Params, groups: tuple[str, ...]) -> dict[str, float | None]:
    """What winning a customer of each group cost [CNY]; None where nobody said.

    Raises
    ------
    BadParameter : a group is unknown, or what stands behind it is no amount.
    """
    known: dict[str, float | None] = dict.fromkeys(groups, params.cost or None)
    for part in (p for p in re.split(r"[,，;；、\n]+", params.cost_of) if p.strip()):
        name, _, amount = (word.strip() for word in part.replace("＝", "=").rpartition("="))
        if name not in known:
            raise BadParameter(
                "各组的获客成本（cost_of）", f"没有叫“{name}”的组，现有：{'、'.join(groups)}"
            )
        if not re.fullmatch(r"\d+(\.\d+)?", amount):
            raise BadParameter("各组的获客成本（cost_of）", f"“{amount}”不是金额")
        known[name] = float(amount)
    return known


def segment_values(
    customers: pl.DataFrame, members: pl.DataFrame, *, cost: Mapping[str, float | None]
) -> pl.DataFrame:
    """Sum up value by segment.

    Parameters
    ----------
    customers : (n_customers) customer_id, spend, contribution, clv [CNY]
    members : (n_members) customer_id, group
    cost : group -> what winning a customer cost [CNY], or None

    Returns
    -------
    (n_segments) segment, n_customers, spend, share_of_spend, clv [CNY], share_of_clv, clv_per_customer;
        margin_rate [contribution / spend], contribution_amount [CNY so far], share_of_contribution [null
        without a margin]; cost_per_customer, value_to_cost [CLV:CAC], net_value_amount [CNY, clv less
        all costs; null where no cost is known]; highest clv first
    """
    is_known = pl.col("contribution").is_not_null()
    table = (
        customers.join(members, on="customer_id")
        .group_by(segment="group")
        .agg(
            n_customers=pl.len().cast(pl.Int64),
            spend=pl.col("spend").sum().round(4),
            contribution_amount=pl.when(is_known.any()).then(pl.col("contribution").sum().round(4)),
            clv=pl.col("clv").sum().round(4),
        )
        .sort(["clv", "segment"], descending=[True, False])
    )
    price = pl.Series([cost[s] for s in table["segment"]], dtype=pl.Float64)
    each, clv = pl.col("clv") / pl.col("n_customers"), pl.col("clv")
    return table.select(
        "segment",
        "n_customers",
        "spend",
        share_of_spend=share_of_total(pl.col("spend")),
        clv="clv",
        share_of_clv=share_of_total(clv),
        clv_per_customer=each,
        margin_rate=pl.when(pl.col("spend") > 0).then(pl.col("contribution_amount") / pl.col("spend")),
        contribution_amount="contribution_amount",
        share_of_contribution=share_of_total(pl.col("contribution_amount")),
        cost_per_customer=price,
        value_to_cost=pl.when(price > 0).then(each / price),
        net_value_amount=(clv - price * pl.col("n_customers")).round(4),
    )  # fmt: skip


def contributions(orders: ledger.Orders, known: Valued) -> pl.DataFrame:
    """The customers with contribution [CNY]: known profits, and the margin of all other sales; null without one."""
    rate = known.margin.rate
    if known.margin.source == "none":
        return known.customers.with_columns(contribution=pl.lit(None, pl.Float64))
    if known.margin.source == "given":
        return known.customers.with_columns(contribution=pl.col("spend") * rate)
    own = ledger.profits(orders, until=known.until).select("customer_id", "profit", told="spend")
    joined = known.customers.join(own, on="customer_id", how="left", maintain_order="left")
    rest = pl.col("spend") - pl.col("told").fill_null(0.0)
    return joined.with_columns(contribution=pl.col("profit").fill_null(0.0) + rest * rate)


def findings(table: pl.DataFrame, *, horizon: str) -> tuple[Finding, ...]:
    """The segment with the most value, the one with the most per head, and the one that does not pay."""
    base = int(table["n_customers"].sum())
    enough = table.with_row_index("at").filter(pl.col("n_customers") >= settings().small_base)
    if enough.is_empty():
        return (_too_small(table, base),)
    most = enough.row(0, named=True)
    each = enough.sort(["clv_per_customer", "segment"], descending=[True, False]).row(0, named=True)
    share = f"，占 {percent(most['share_of_clv'])}" if most["share_of_clv"] is not None else ""
    told = [
        _said(f"{horizon}价值最高的是“{most['segment']}”：{count(most['n_customers'])} 人，合计 {money(most['clv'])}{share}。", most, base, ("n_customers", "clv", *(["share_of_clv"] if share else []))),
        _said(f"人均未来价值最高的是“{each['segment']}”，为 {money(each['clv_per_customer'])}（{count(each['n_customers'])} 人）。", each, base, ("clv_per_customer", "n_customers")),
    ]  # fmt: skip
    priced = enough.drop_nulls("value_to_cost").sort("value_to_cost", "segment")
    if priced.height:
        worst = priced.row(0, named=True)
        verdict = "，低于获客成本" if worst["value_to_cost"] < 1 else ""
        told.append(_said(f"未来价值与获客成本之比最低的是“{worst['segment']}”，为 {decimal(worst['value_to_cost'], digits=2)}{verdict}（人均 {money(worst['clv_per_customer'])}，获客 {money(worst['cost_per_customer'])}）。", worst, base, ("value_to_cost", "clv_per_customer", "cost_per_customer")))  # fmt: skip
    return tuple(told)


def _too_small(table: pl.DataFrame, base: int) -> Finding:
    ranked = table.with_row_index("at").sort("n_customers", "at", descending=[True, False])
    row = ranked.row(0, named=True)
    text = f"各组都不足 {settings().small_base} 人（最多的“{row['segment']}” {count(row['n_customers'])} 人），不比较未来价值。"
    return _said(text, row, base, ("n_customers",))


def _said(text: str, row: Mapping[str, int], base: int, columns: tuple[str, ...]) -> Finding:
    return Finding(text, base, tuple(Cell("value", row["at"], c) for c in columns))


def run(dataset: Dataset, params: Params) -> Result:
    """Value every customer and sum up by the groups of ``by``."""
    assert dataset.orders is not None
    known = valued(dataset.orders, params)
    segments = break_of(dataset, params.by, unit="customer_id")
    customers = contributions(dataset.orders, known)
    table = segment_values(customers, segments.members, cost=costs(params, segments.groups))
    if table.is_empty():
        raise TooFewRows(f"属于“{segments.label}”某一组的客户", 0, 1)
    has_margin = known.margin.source != "none"
    picture = charts.paired_bars(
        table.with_row_index("at"),
        label="segment",
        values=("share_of_contribution" if has_margin else "share_of_spend", "share_of_clv"),
        title=f"各组的{'历史毛利' if has_margin else '过去消费'}与未来价值占比",
    )
    notes = _notes(known, params, segments)
    return Result(
        {"value": table}, {"value": picture}, findings(table, horizon=params.horizon), notes
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of every group."""

    def placed() -> pl.DataFrame:
        assert dataset.orders is not None
        made = break_of(dataset, params.by, unit="customer_id").members
        until = last_day(dataset.orders, params)
        buyers = histories(dataset.orders, params, until=until)
        kept = made.join(buyers, on="customer_id", how="semi")
        return kept.select(segment="group", customer_id="customer_id")

    return {"value": Members(later(placed, "segment", "customer_id"), ("customer_id",), "n_customers")}  # fmt: skip


def _notes(known: Valued, params: Params, segments: Break) -> tuple[str, ...]:
    return (
        f"分层方式：{segments.label}{segments.note}；基数为有购买且属于某一组的客户。",
        f"未来价值：{params.horizon}，{basis(known, params)}，年折现率 {decimal(params.discount)}%；检验见“未来价值”。",
        f"历史毛利：消费金额（实付减退款）× 毛利率；{margin_words(known.margin)}；有利润或成本的明细用各自的数（成本列按整行计）。",
        "获客成本由用户填写；比值为人均未来价值 ÷ 人均获客成本，只看未来，不含已经实现的毛利。",
        f"不足 {settings().small_base} 人的组只列数字，不写入结论。",
    )


ANALYSIS = Analysis(
    key="segment_value",
    title="各层的价值",
    question="哪些人群最值得投入，获客成本收得回来吗？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=50,
    theme="价值",
)
