"""Do those who could be matched stand for all customers: differences in what they buy, in standard deviations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.stats.balance import NOTABLE, mean_difference, share_difference
from insight.wording import count, decimal

LEAST = 2  # customers on either side
MOST_REGIONS = 8
_MEASURES = {
    "days_since_last": "距上次购买天数", "n_orders": "订单数", "spend": "消费金额", "average_order_value": "平均客单价",
}  # fmt: skip


class Params(BaseModel):
    """Whose match is looked at."""

    voice: Literal["答卷", "文本"] = Field(default="答卷", title="谁对得上")


def bias(customers: pl.DataFrame, reached: pl.Series) -> pl.DataFrame:
    """Compare the customers who were matched with all others.

    Parameters
    ----------
    customers : (n_customers) customer_id, days_since_last [days], n_orders, spend [CNY],
        average_order_value [CNY] and, where known, region
    reached : ids of the matched ones

    Returns
    -------
    (n_measures + n_regions) variable, matched [mean, or share of the region], others, smd
        [standard deviations], is_notable [abs > 0.1], n_matched, n_others

    Notes
    -----
    Austin (2009), Statistics in Medicine 28, 3083-3107.
    """
    is_in = pl.col("customer_id").is_in(reached.implode())
    matched, others = customers.filter(is_in), customers.filter(~is_in)
    rows = [*_means(matched, others), *_regions(matched, others)]
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    n = {"n_matched": pl.lit(matched.height), "n_others": pl.lit(others.height)}
    return table.with_columns(is_notable=pl.col("smd").abs() > NOTABLE, **n)


_SCHEMA = {"variable": pl.String, "matched": pl.Float64, "others": pl.Float64, "smd": pl.Float64}
_Row = tuple[str, float, float, float | None]


def _means(matched: pl.DataFrame, others: pl.DataFrame) -> Iterator[_Row]:
    for column, label in _MEASURES.items():
        one, two = (
            f[column].drop_nulls().cast(pl.Float64).sort().to_numpy() for f in (matched, others)
        )
        yield label, float(one.mean()), float(two.mean()), _finite(mean_difference(one, two))


def _regions(matched: pl.DataFrame, others: pl.DataFrame) -> Iterator[_Row]:
    """The shares of the largest regions."""
    if "region" not in matched.columns:
        return
    known = [f["region"].drop_nulls() for f in (matched, others)]
    if not all(len(k) for k in known):
        return
    largest = pl.concat(known).value_counts(name="n").sort("n", "region", descending=[True, False])
    for region in largest["region"].head(MOST_REGIONS):
        one, two = (float((k == region).mean() or 0) for k in known)
        yield f"地区：{region}", one, two, _finite(share_difference(one, two))


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def described(dataset: Dataset) -> pl.DataFrame:
    """(n_customers) customer_id, days_since_last [days], n_orders, spend, average_order_value [CNY], region."""
    assert dataset.orders is not None
    table = ledger.customer_table(dataset.orders)
    told = table.with_columns(
        days_since_last=(pl.col("last_at").max() - pl.col("last_at")) / 86_400,
        average_order_value=pl.col("spend") / pl.col("n_orders"),
    )
    if dataset.customers is not None and "region" in dataset.customers.columns:
        places = dataset.customers.select("customer_id", "region").drop_nulls("customer_id")
        return told.join(places, on="customer_id", how="left")
    if "region" in dataset.columns("orders"):
        return told.join(_usual_region(dataset), on="customer_id", how="left")
    return told


def _usual_region(dataset: Dataset) -> pl.DataFrame:
    """(n_customers) customer_id, region: where most was spent."""
    assert dataset.orders is not None
    spent = ledger.spend_by(dataset.orders, "region").drop_nulls("region")
    best = spent.sort("customer_id", "spend", "region", descending=[False, True, False])
    return best.unique("customer_id", keep="first", maintain_order=True).select(
        "customer_id", "region"
    )


def finding(table: pl.DataFrame) -> tuple[Finding, ...]:
    """The largest difference, or that none is notable."""
    known = table.with_row_index("at").drop_nulls("smd").sort(pl.col("smd").abs(), descending=True, maintain_order=True)  # fmt: skip
    if known.is_empty():
        return ()
    first, n = known.row(0, named=True), int(table["is_notable"].sum())
    side = "高" if first["smd"] > 0 else "低"
    size = decimal(abs(first["smd"]), digits=2)
    text = (
        f"匹配上的 {count(first['n_matched'])} 位客户与其余 {count(first['n_others'])} 位相比，差别最大的是“{first['variable']}”，"
        f"{side} {size} 个标准差{'，超过 0.1 的界线，推及全部客户前宜加权' if n else '，没有一项超过 0.1，在这些方面与全部客户相近'}。"
    )  # fmt: skip
    cells = tuple(Cell("bias", int(first["at"]), c) for c in ("n_matched", "n_others", "smd"))
    test = "标准化均值差（Austin 2009），不是显著性检验"
    return (Finding(text, first["n_matched"] + first["n_others"], cells, test),)


def run(dataset: Dataset, params: Params) -> Result:
    """Compare matched and unmatched customers of the ledger."""
    customers = described(dataset)
    voice = dataset.responses if params.voice == "答卷" else dataset.texts
    reached = pl.Series([], dtype=pl.String)
    if voice is not None and "match_status" in voice.columns:
        reached = voice.filter(match_status="matched")["customer_id"].unique()
    n = customers.filter(pl.col("customer_id").is_in(reached.implode())).height
    if n < LEAST or customers.height - n < LEAST:
        raise TooFewRows("匹配与未匹配的客户各", min(n, customers.height - n), LEAST)
    table = bias(customers, reached)
    shown = table.drop_nulls("smd").select("variable", "smd", "matched", "others")
    picture = charts.gaps(shown.with_row_index("at"), label="variable", value="smd", bound=NOTABLE, title="匹配上的客户高出其余客户多少个标准差")  # fmt: skip
    notes = (
        "标准化均值差 = 两组均值之差 ÷ 两组方差平均的平方根；占比用 (p₁−p₂)/√((p₁q₁+p₂q₂)/2)。绝对值超过 0.1 视为有差别（Austin 2009）。",
        "其余客户：有付款订单、但没有对应上的客户；只有零金额订单的人不算客户。地区取客户表，没有时取最常用的收货地区，列出人数最多的几个。",
    )
    return Result({"bias": table}, {"bias": picture}, finding(table), notes)


ANALYSIS = Analysis(
    key="match_bias",
    title="匹配偏差",
    question="对得上的人，能代表全部客户吗？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("match_status",),
    },
    params=Params,
    run=run,
    place=40,
)
