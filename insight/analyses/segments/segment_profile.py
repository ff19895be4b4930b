"""What sets the segments apart: people, money, orders, repurchase, refunds, what they buy, where they live."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.crossing import cross
from insight.segmentation.profile import profile
from insight.settings import settings
from insight.wording import count, money, percent

TOP_CATEGORIES = 3
BY_ORDER_COUNT = ("rfm", "rfm11", "frequency")  # who comes back is what these groups are made from


class Params(BaseModel):
    """Which segments, and what to cross them with."""

    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})
    across: str = Field(
        default="",
        title="交叉维度",
        description="留空表示不交叉；如地区、品类、购买次数",
        json_schema_extra={"one_of": "breaks"},
    )


def favourite_categories(spent: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The categories a segment spends most on.

    Parameters
    ----------
    spent : (n) customer_id, category, spend [CNY]
    members : (n_members) customer_id, group

    Returns
    -------
    (n_segments) segment, top_categories ["咖啡豆 62.0%、…": share of the segment's spend, at most three]
    """
    by_category = (
        spent.join(members, on="customer_id")
        .group_by("group", "category", maintain_order=True)
        .agg(pl.col("spend").sum())
    )
    share = pl.col("spend") / pl.col("spend").sum().over("group")
    ranked = by_category.with_columns(share=share).sort(
        ["group", "share", "category"], descending=[False, True, False]
    )
    named = pl.struct("category", "share").map_elements(
        lambda s: f"{s['category']} {percent(s['share'])}", return_dtype=pl.String
    )
    best = (
        ranked.group_by("group", maintain_order=True).head(TOP_CATEGORIES).with_columns(named=named)
    )
    return (
        best.group_by("group", maintain_order=True)
        .agg(top_categories=pl.col("named").str.join("、"))
        .rename({"group": "segment"})
    )


def findings(table: pl.DataFrame, *, by: str) -> tuple[Finding, ...]:
    """Who spends most per head, and who comes back most often where ``by`` does not say so itself."""
    base = int(table["n_customers"].sum())
    enough = table.with_row_index("at").filter(pl.col("n_customers") >= settings().small_base)
    if enough.is_empty():
        return (_too_small(table, base),)
    spend = enough.sort(["spend_per_customer", "segment"], descending=True).row(0, named=True)
    back = enough.sort(["repurchase_rate", "segment"], descending=True).row(0, named=True)
    found = (
        Finding(
            f"“{spend['segment']}”人均消费最高，为 {money(spend['spend_per_customer'])}，"
            f"客单价 {money(spend['average_order_value'])}（{count(spend['n_customers'])} 人）。",
            base,
            tuple(Cell("profile", spend["at"], c) for c in ("spend_per_customer", "average_order_value", "n_customers")),
        ),
        Finding(
            f"“{back['segment']}”的复购率最高：{count(back['n_customers'])} 人中 {percent(back['repurchase_rate'])} 买过两次以上"
            f"（95% 区间 {percent(back['ci_low'])}–{percent(back['ci_high'])}）。",
            base,
            tuple(Cell("profile", back["at"], c) for c in ("n_customers", "repurchase_rate", "ci_low", "ci_high")),
        ),
    )  # fmt: skip
    return found[:1] if by in BY_ORDER_COUNT else found


def _too_small(table: pl.DataFrame, base: int) -> Finding:
    """That no group is large enough to be told apart from the others."""
    ranked = table.with_row_index("at").sort("n_customers", "at", descending=[True, False])
    row = ranked.row(0, named=True)
    text = f"各组都不足 {settings().small_base} 人（最多的“{row['segment']}” {count(row['n_customers'])} 人），不作比较。"
    return Finding(text, base, (Cell("profile", row["at"], "n_customers"),))


def run(dataset: Dataset, params: Params) -> Result:
    """Profile the groups of ``by``; cross them with ``across`` if asked."""
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    if customers.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    segments = break_of(dataset, params.by, unit="customer_id")
    table = profile(customers, segments.members, last_at=ledger.span(dataset.orders)[1])
    if "category" in dataset.columns("orders"):
        spent = ledger.spend_by(dataset.orders, "category")
        table = table.join(
            favourite_categories(spent, segments.members),
            on="segment",
            how="left",
            maintain_order="left",
        )
    tables = {"profile": table}
    pictures = {
        "profile": charts.bars(
            table.select("segment", "spend", "n_customers").with_row_index("at"),
            label="segment",
            value="spend",
            title=f"各组的消费金额（{segments.label}）",
        ),
    }
    if params.across:
        other = break_of(dataset, params.across, unit="customer_id")
        tables["cross"] = cross(customers, segments, other).drop("n_orders")
        small = pl.col("base") < settings().small_base
        shown = tables["cross"].with_columns(is_small=small).with_row_index("at")
        pictures["cross"] = charts.heat(shown, row="row", column="column", value="share")
    return Result(tables, pictures, findings(table, by=params.by), _notes(segments, table))


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of every group, and of every pair of groups."""
    unit = ("customer_id",)

    def grouped(by: str, name: str) -> pl.DataFrame:
        assert dataset.orders is not None
        found = break_of(dataset, by, unit="customer_id").members.rename({"group": name})
        buyers = ledger.customer_table(dataset.orders).select("customer_id")
        return found.join(buyers, on="customer_id", how="semi").select(name, "customer_id")

    def crossed() -> pl.DataFrame:
        rows, columns = grouped(params.by, "row"), grouped(params.across, "column")
        return rows.join(columns, on="customer_id").select("row", "column", "customer_id")

    alone = later(lambda: grouped(params.by, "segment"), "segment", "customer_id")
    found = {"profile": Members(alone, unit, "n_customers")}
    if params.across:
        pairs = later(crossed, "row", "column", "customer_id")
        found["cross"] = Members(pairs, unit, "n_customers")
    return found


def _notes(segments: Break, table: pl.DataFrame) -> tuple[str, ...]:
    return (
        f"分层方式：{segments.label}{segments.note}；基数为有付款订单且属于某一组的客户 {count(int(table['n_customers'].sum()))} 人。",
        "复购率：至少两个付款订单的客户 ÷ 客户数，区间为 Wilson 95%；退款率：退款与退货金额 ÷ 退款前的付款金额。",
        "客单价：消费金额（实付减退款）÷ 付款订单数；最近一单距数据中最后一单的天数取中位数。",
        f"不足 {settings().small_base} 人的组只列数字，不写入结论。",
    )


ANALYSIS = Analysis(
    key="segment_profile",
    title="分层画像",
    question="各层客户有什么不同：花多少、多久来、买什么、在哪里？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=20,
    theme="对比",
)
