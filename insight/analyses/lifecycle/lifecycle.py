"""In which stage every customer is, and how much money is in each stage."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.segmentation.lifecycle import Staged, staged
from insight.segmentation.lifecycle_definition import (
    DECLINING,
    GROWING,
    LOST,
    MATURE,
    NEW,
    STAGES,
    Definition,
)
from insight.segmentation.profile import share_of_total
from insight.settings import settings
from insight.wording import count, day, decimal, money, percent

TRIED = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)  # cycles without a purchase


def stage_table(customers: pl.DataFrame, rules: Mapping[str, str]) -> pl.DataFrame:
    """Sum up customers by stage.

    Parameters
    ----------
    customers : (n_customers) stage, spend [CNY], n_purchases, days_since_last
    rules : stage -> its rule in words, in the order of the table

    Returns
    -------
    (5) stage, rule, n_customers, share_of_customers, spend [CNY], share_of_spend [null without net
        spend], spend_per_customer [CNY], purchases_per_customer, median_days_since_last; also stages of nobody
    """
    sums = customers.group_by("stage").agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        spend_per_customer=pl.col("spend").mean(),
        purchases_per_customer=pl.col("n_purchases").mean(),
        median_days_since_last=pl.col("days_since_last").median(),
    )
    order = pl.DataFrame({"stage": list(rules), "rule": list(rules.values())})
    table = order.join(sums, on="stage", how="left", maintain_order="left")
    filled = table.with_columns(pl.col("n_customers").fill_null(0), pl.col("spend").fill_null(0.0))
    shares = {
        "share_of_customers": pl.col("n_customers") / pl.col("n_customers").sum(),
        "share_of_spend": share_of_total(pl.col("spend")),
    }
    first = ("stage", "rule", "n_customers", "share_of_customers", "spend", "share_of_spend")
    return filled.with_columns(**shares).select(*first, pl.exclude(*first))


def rules_of(params: Definition) -> dict[str, str]:
    """Stage -> its rule in words."""
    near = f"不超过 {params.declining:g} 个周期"
    return {
        NEW: f"买过 1 次，距今{near}",
        GROWING: f"买过 2–{params.mature_from - 1} 次，距今{near}",
        MATURE: f"买过不少于 {params.mature_from} 次，距今{near}",
        DECLINING: f"距今超过 {params.declining:g} 个周期，不超过 {params.lost:g} 个",
        LOST: f"距今超过 {params.lost:g} 个周期",
    }


def previews(customers: pl.DataFrame) -> pl.DataFrame:
    """How many customers would be beyond other limits: cycles, n_away, share_away."""
    n = customers.height
    beyond = [int((customers["cycles_away"] > limit).sum()) for limit in TRIED]
    return pl.DataFrame({"cycles": TRIED, "n_away": beyond, "share_away": [b / n for b in beyond]})


def findings(stages: pl.DataFrame) -> tuple[Finding, ...]:
    """Who is slipping away, who is lost, and who carries the business."""
    base = int(stages["n_customers"].sum())
    leads = {DECLINING: "正在走远、还来得及挽回的", LOST: "多半已经离开的", MATURE: "购买稳定的", NEW: "刚买过第一次的"}  # fmt: skip
    order = [(STAGES.index(stage), f"{lead}是“{stage}”客户") for stage, lead in leads.items()]
    order.append((STAGES.index(GROWING), f"买过几次、还不算稳定的是“{GROWING}”客户"))
    return tuple(_told(stages, at, lead, base) for at, lead in order if stages["n_customers"][at])


def _told(stages: pl.DataFrame, at: int, lead: str, base: int) -> Finding:
    row = stages.row(at, named=True)
    columns = ["n_customers", "share_of_customers", "spend"]
    share = ""
    if row["share_of_spend"] is not None:
        share, columns = f"，占消费金额的 {percent(row['share_of_spend'])}", [*columns, "share_of_spend"]  # fmt: skip
    small = "（人数很少，仅作参考）" if row["n_customers"] < settings().tiny_base else ""
    text = f"{lead}：{count(row['n_customers'])} 人，占 {percent(row['share_of_customers'])}，至今消费 {money(row['spend'])}{share}{small}。"
    return Finding(text, base, tuple(Cell("stages", at, c) for c in columns))


def run(dataset: Dataset, params: Definition) -> Result:
    """Put every customer into a stage and sum up."""
    assert dataset.orders is not None
    made = staged(dataset.orders, params)
    table = stage_table(made.customers, rules_of(params))
    tables = {"stages": table, "previews": previews(made.customers), "customers": made.customers}
    if made.cycles.height:
        tables["paces"] = made.cycles
    picture = charts.paired_bars(
        table.drop("rule").with_row_index("at"),
        label="stage",
        values=("share_of_customers", "share_of_spend"),
        title="各阶段的人数与金额占比",
    )
    return Result(tables, {"stages": picture}, findings(table), _notes(made, params))


def members(_dataset: Dataset, _params: Definition, result: Result) -> Mapping[str, Members]:
    """The customers of every stage, and every customer."""
    customers = result.tables["customers"].lazy()
    unit = ("customer_id",)
    return {
        "stages": Members(customers.select("stage", "customer_id"), unit, "n_customers"),
        "customers": Members(customers.select("customer_id"), unit),
    }


def _notes(made: Staged, params: Definition) -> tuple[str, ...]:
    sources = made.customers["cycle_source"].value_counts().sort("count", "cycle_source", descending=True)  # fmt: skip
    told = "、".join(f"{source} {count(n)} 人" for source, n in sources.rows())
    cycle = f"填写的 {params.cycle_days} 天"
    if made.cycles.height:
        first = made.cycles.row(0, named=True)
        few = "（间隔太少，仅作参考）" if first["n_gaps"] < settings().small_base else ""
        cycle = f"全部品类 {decimal(first['cycle_days'])} 天，由 {count(first['n_gaps'])} 个间隔得出{few}"  # fmt: skip
    return (
        f"基数：有付款订单且能识别的客户 {count(made.customers.height)} 人；统计日 {day(made.until * 86_400)}；同一天的多单算一次购买，付款后退款的也算。",
        f"规则：{params.in_words}，其余为成长；依次判断流失、衰退、再看购买次数，每人只在一个阶段。",
        f"周期：至少有 {params.own_gaps} 个间隔的客户用自己两次购买间隔的中位数，其余用消费最多的品类的周期（再次购买同一品类的间隔的中位数，不足 {settings().tiny_base} 个间隔的品类用全部品类的）；{cycle}。",
        f"周期的来源：{told}。",
        "周期只由已经再买的间隔得出，说明会再来的人隔多久；多久算流失的另一种算法见“流失时点”。",
        "“不同界线”一表列出换成别的倍数时会有多少人超过，改设定前可先看；各页的“生命周期阶段”分组都用这里记录的设定。",
    )


ANALYSIS = Analysis(
    key="lifecycle",
    title="生命周期",
    question="客户走到了哪个阶段，谁正在离开？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Definition,
    run=run,
    members=members,
    place=5,
    theme="阶段",
)
