"""Who is a high-ticket customer, and how many customers and how much spending each definition captures."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.segmentation.high_ticket import (
    GROUPS,
    HIGH,
    MEASURES,
    Definition,
    Tickets,
    flat_words,
    tickets,
)
from insight.segmentation.profile import share_of_total
from insight.settings import settings
from insight.wording import count, money, percent

CUTS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


def sides(customers: pl.DataFrame) -> pl.DataFrame:
    """Sum up both sides of the line.

    Parameters
    ----------
    customers : (n_customers) group, spend [CNY], n_orders

    Returns
    -------
    (2) segment, n_customers, share_of_customers, spend, share_of_spend, average_order_value [CNY per
        order], orders_per_customer; 高客单 first, with zeros where nobody is
    """
    summed = customers.group_by("group").agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        n_orders=pl.col("n_orders").sum(),
    )
    both = pl.DataFrame({"group": GROUPS}).join(summed, on="group", how="left", maintain_order="left")  # fmt: skip
    filled = both.with_columns(pl.col("n_customers", "n_orders").fill_null(0), pl.col("spend").fill_null(0.0))  # fmt: skip
    some = pl.col("n_customers") > 0
    return filled.select(
        "n_customers",
        "spend",
        segment="group",
        share_of_customers=pl.col("n_customers") / pl.col("n_customers").sum(),
        share_of_spend=share_of_total(pl.col("spend")),
        average_order_value=pl.when(some).then(pl.col("spend") / pl.col("n_orders")),
        orders_per_customer=pl.when(some).then(pl.col("n_orders") / pl.col("n_customers")),
    ).select(_SIDES)


_SIDES = (
    "segment", "n_customers", "share_of_customers", "spend", "share_of_spend", "average_order_value", "orders_per_customer",
)  # fmt: skip


def curve(split: Tickets, definition: Definition) -> pl.DataFrame:
    """What other lines on the same measure would capture.

    Returns
    -------
    (n_cuts) cut ["前 20%"], threshold_amount [CNY, lowest value that is in; null where each
        category has its own], n_customers,
        share_of_customers, spend, share_of_spend; none where everybody's measure is the same
    """
    people = split.customers
    rows = []
    is_flat = people["value"].drop_nulls().n_unique() <= 1
    has_line = definition.rule != "top_of_category"
    for cut in () if is_flat else CUTS:
        inside = people.filter(pl.col("above") < cut)
        lowest = inside["value"].min() if has_line else None
        rows.append({"cut": f"前 {cut:.0%}", "threshold_amount": lowest, **_captured(inside, people)})  # fmt: skip
    return pl.DataFrame(rows, schema={"cut": pl.String, "threshold_amount": pl.Float64, **_CAPTURED})  # fmt: skip


_CAPTURED = {
    "n_customers": pl.Int64, "share_of_customers": pl.Float64, "spend": pl.Float64, "share_of_spend": pl.Float64,
}  # fmt: skip


def _captured(inside: pl.DataFrame, people: pl.DataFrame) -> dict[str, float | None]:
    spend, total = float(inside["spend"].sum()), float(people["spend"].sum())
    return {
        "n_customers": inside.height,
        "share_of_customers": inside.height / people.height,
        "spend": round(spend, 4),
        "share_of_spend": spend / total if total > 0 else None,
    }


def alternatives(dataset: Dataset, definition: Definition) -> pl.DataFrame:
    """The chosen definition beside others with the same share, and how far they mean the same people.

    Returns
    -------
    (n_definitions) definition [in words, the chosen one first], n_customers, share_of_customers,
        spend, share_of_spend, n_shared [also high-ticket by the chosen one], share_of_chosen [n_shared
        of the chosen ones; null where there are none]
    """
    chosen: pl.Series | None = None
    rows = []
    for one in _others(dataset, definition):
        assert dataset.orders is not None
        people = tickets(dataset.orders, one).customers
        inside = people.filter(pl.col("group") == HIGH)
        chosen = inside["customer_id"] if chosen is None else chosen
        n_shared = inside.join(chosen.to_frame(), on="customer_id", how="semi").height
        share = n_shared / chosen.len() if chosen.len() else None
        rows.append({"definition": one.in_words, **_captured(inside, people), "n_shared": n_shared, "share_of_chosen": share})  # fmt: skip
    schema = {"definition": pl.String, **_CAPTURED, "n_shared": pl.Int64, "share_of_chosen": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _others(dataset: Dataset, definition: Definition) -> tuple[Definition, ...]:
    """The definition and those that it is laid beside, each once."""
    others = [definition.model_copy(update={"measure": m, "rule": "top_share"}) for m in MEASURES]  # fmt: skip
    if "category" in dataset.columns("orders") and not definition.category:
        others.append(definition.model_copy(update={"rule": "top_of_category"}))
    return tuple(dict.fromkeys([definition, *others]))


def findings(groups: pl.DataFrame, others: pl.DataFrame, definition: Definition) -> tuple[Finding, ...]:  # fmt: skip
    """What the high-ticket customers are worth, and which other definition means other people."""
    base = int(groups["n_customers"].sum())
    high = groups.row(0, named=True)
    if not high["n_customers"]:
        text = f"按现在的定义（{definition.in_words}），{count(base)} 位客户里没有人算高客单（{count(0)} 人）。"
        return (Finding(text, base, (Cell("groups", 0, "n_customers"),)),)
    columns = ("n_customers", "share_of_customers", "spend", "share_of_spend", "average_order_value")  # fmt: skip
    caution = "（人数不足，仅作方向性参考）" if high["n_customers"] < settings().small_base else ""
    text = (
        f"按现在的定义（{definition.in_words}），{count(high['n_customers'])} 人是高客单，占客户的 {percent(high['share_of_customers'])}，"
        f"贡献 {money(high['spend'])}，占消费金额的 {percent(high['share_of_spend'])}，客单价 {money(high['average_order_value'])}{caution}。"
    )
    told = [Finding(text, base, tuple(Cell("groups", 0, c) for c in columns))]
    if others.height > 1:
        told.append(_overlap(others, base))
    return tuple(told)


def _overlap(others: pl.DataFrame, base: int) -> Finding:
    row = int(others["share_of_chosen"][1:].arg_min() or 0) + 1
    other = others.row(row, named=True)
    text = (
        f"换一种定义（{other['definition']}），会得到 {count(other['n_customers'])} 人，"
        f"其中 {count(other['n_shared'])} 人与现在的定义相同，是现在的 {percent(other['share_of_chosen'])}。"
    )
    columns = ("n_customers", "n_shared", "share_of_chosen")
    return Finding(text, base, tuple(Cell("definitions", row, c) for c in columns))


def run(dataset: Dataset, params: Definition) -> Result:
    """Split the customers by the definition, and lay other definitions beside it."""
    assert dataset.orders is not None
    split = tickets(dataset.orders, params)
    groups, lines = sides(split.customers), curve(split, params)
    others = alternatives(dataset, params)
    customers = split.customers.select(
        "customer_id", segment="group", average_order_value="average_order_value",
        largest_order_amount="largest_order_amount", n_orders="n_orders", spend="spend",
    )  # fmt: skip
    tables = {"groups": groups, "curve": lines, "definitions": others, "customers": customers}
    pictures = {}
    if not lines.is_empty():
        title = f"按{MEASURES[params.measure]}划在不同位置时的人数与金额占比"
        values = ("share_of_customers", "share_of_spend")
        pictures["curve"] = charts.paired_bars(lines, label="cut", values=values, title=title)
    return Result(tables, pictures, findings(groups, others, params), _notes(split, params))


def members(_dataset: Dataset, _params: Definition, result: Result) -> Mapping[str, Members]:
    """The customers on either side of the line, and every customer."""
    customers = result.tables["customers"].lazy()
    unit = ("customer_id",)
    return {
        "groups": Members(customers.select("segment", "customer_id"), unit, "n_customers"),
        "customers": Members(customers.select("customer_id"), unit),
    }


def _notes(split: Tickets, params: Definition) -> tuple[str, ...]:
    only = f"没有买过“{params.category}”的客户算其他客单。" if params.category else ""
    flat = (f"{flat_words(params)}。",) if split.is_flat else ()
    return (
        f"高客单：{params.in_words}；各页的“高客单客户”分组、“只看”高客单、报告和命令行都用研究里记录的定义。",
        *flat,
        f"基数：{params.period}里有付款订单且能识别的客户 {count(split.customers.height)} 人；金额为全部品类的实付减退款。{only}",
        "客单价：消费金额 ÷ 付款订单数；最高单笔：一个订单减去本单退款后的最高金额。",
        "数值相同的客户同进同出，因此实际人数可能多于所选比例。",
        "按品类比较时，每位客户只在消费最多的品类里与同品类客户比较。",
        f"不足 {settings().small_base} 人时只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="high_ticket",
    title="高客单人群",
    question="谁是高客单客户，贡献了多少金额？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Definition,
    run=run,
    members=members,
    theme="分层",
)
