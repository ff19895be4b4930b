"""What to recommend to whom next: five products for each customer, shown only if they beat popularity in a check over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.offers.items import NAMES, Of, column_of
from insight.offers.recommending import CUSTOMERS, K, evaluated, recommended
from insight.parameters import picked
from insight.wording import count, decimal, percent, points

METHODS = NEIGHBOURS, POPULAR = ("相似商品", "最热门")
_TEST = "两种推荐在同一批客户上的差，配对 t 区间（95%），下限须高于 0"
MOST_WORKS, TOLD = 3, 3


class Params(BaseModel):
    """What is recommended, and how it is checked."""

    of: Of = picked("product", NAMES, title="推荐什么")
    most: int = Field(default=500, ge=10, le=3000, title="只在前多少种里推荐", description="按金额从高到低取，其余的不推荐也不计入检验")  # fmt: skip
    only_new: bool = Field(default=False, title="只推荐没买过的", description="买过的不推荐，检验里再次购买也不算命中")  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Check on the last fifth of the time; recommend only if the check is passed."""
    assert dataset.orders is not None
    column = column_of(dataset, params.of, title=ANALYSIS.title)
    items = ledger.values_of(dataset.orders, column, most=params.most)
    if len(items) <= K:
        raise TooFewRows(f"有客户购买的{NAMES[column]}", len(items), K + 1)
    check = evaluated(dataset.orders, column, items, only_new=params.only_new)
    customers = pl.DataFrame(schema=CUSTOMERS)
    if check["is_better"].item():
        customers = recommended(dataset.orders, column, items, only_new=params.only_new)
    top = summed(customers)
    tables = {"evaluation": check, "customers": customers, "products": top}
    drawn = {"evaluation": _picture(check)} if check["hit_rate_5"].item() is not None else {}
    return Result(
        tables, drawn, findings(tables, NAMES[column]), _notes(params, NAMES[column], check)
    )


def summed(customers: pl.DataFrame) -> pl.DataFrame:
    """(n_products) recommended, n_customers to whom it comes first; most first."""
    first = customers.filter(pl.col("rank") == 1)
    counted = first.group_by("recommended").agg(n_customers=pl.len().cast(pl.Int64))
    return counted.sort("n_customers", "recommended", descending=[True, False])


def _picture(check: pl.DataFrame) -> Any:  # noqa: ANN401 (any Altair chart)
    row = check.row(0, named=True)
    shown = pl.DataFrame({"method": METHODS, "hit_share": [row["hit_rate_5"], row["popularity_hit_rate_5"]]})  # fmt: skip
    return charts.bars(shown, label="method", value="hit_share", order=METHODS, title="五件推荐里有一件出现在下一单的客户比例")  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame], name: str) -> tuple[Finding, ...]:
    """Whether the neighbours beat popularity, and what they recommend most."""
    row, n = tables["evaluation"].row(0, named=True), tables["evaluation"]["n_customers"].item()
    if row["hit_rate_5"] is None:
        text = f"没有推荐名单：最后一段时间里只有 {count(n)} 位老客户可以用来检验，判断不了推荐是否优于最热门。"
        told = tables["evaluation"].row(0, named=True)
        return (Finding(text, max(1, told["n_products"]), (Cell("evaluation", 0, "n_customers"),)),)
    first = _verdict(row)
    best = tables["products"].head(TOLD).rows(named=True)
    return (first, *(_product(at, one, name) for at, one in enumerate(best)))


def _verdict(row: Mapping[str, Any]) -> Finding:
    refused = "" if row["is_better"] else "没有推荐名单：相似商品的推荐没有明显优于只推最热门的。"
    text = (
        f"{refused}检验：{count(row['n_customers'])} 位客户的最近一次购买里，按相似商品推荐的 {K} 件命中 {percent(row['hit_rate_5'])}，"
        f"只推最热门的命中 {percent(row['popularity_hit_rate_5'])}，相差 {points(row['hit_difference'])}"
        f"（95% 区间 {points(row['low_hit_difference'])} 至 {points(row['high_hit_difference'])}）；"
        f"排序得分 NDCG 为 {decimal(row['ndcg_5'], digits=2)} 对 {decimal(row['popularity_ndcg_5'], digits=2)}。"
    )
    told = (
        "n_customers", "hit_rate_5", "popularity_hit_rate_5", "hit_difference", "low_hit_difference", "high_hit_difference",
        "ndcg_5", "popularity_ndcg_5",
    )  # fmt: skip
    return Finding(text, row["n_customers"], tuple(Cell("evaluation", 0, c) for c in told), _TEST)


def _product(at: int, row: Mapping[str, Any], name: str) -> Finding:
    text = f"最先推荐“{row['recommended']}”的客户有 {count(row['n_customers'])} 位（每位客户最多 {K} 件{name}，各有一件排在最前）。"
    return Finding(text, row["n_customers"], (Cell("products", at, "n_customers"),))


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers to whom a product is recommended first."""
    customers, unit = result.tables["customers"].lazy(), ("customer_id",)
    first = customers.filter(pl.col("rank") == 1).select("recommended", "customer_id")
    each = customers.select("customer_id").unique()
    return {"products": Members(first, unit, "n_customers"), "customers": Members(each, unit)}


def _notes(params: Params, name: str, check: pl.DataFrame) -> tuple[str, ...]:
    day = check["split_day"].item()
    kept = "买过的不再推荐" if params.only_new else "买过的也可以再推荐"
    return (
        f"推荐：客户买过的{name}与其他{name}的余弦相似度（买过两者的人数 ÷ 各自人数之积的平方根）相加，取最高的 {K} 件；{kept}（Sarwar 等 2001）。",
        f"检验：只用 {day} 以前的订单学习，用每位老客户在此之后最近一个购买日的{name}判断；命中指 {K} 件里至少有一件买了，NDCG 按 Järvelin 与 Kekäläinen（2002）。",
        f"基线：对所有人都推荐买的人最多的 {K} 件；{_TEST}，命中率和 NDCG 都通过才给出名单。",
        f"范围：按金额取前 {params.most} 种{name}；基数为检验期前后都买过的客户。“依据”是他买过的里面最相似的一件。",
    )


ANALYSIS = Analysis(
    key="recommendations",
    title="下一件推荐",
    question="该向每位客户推荐什么？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=40,
    theme="名单",
)
