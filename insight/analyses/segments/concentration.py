"""How much of the money few customers bring: deciles, ABC, Lorenz curve and Gini, and whether that changes."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.parameters import Seed
from insight.segmentation.concentration import (
    CLASSES,
    MOST_SHARE,
    TREND,
    parts,
    quarter_words,
    ranked,
    summary,
    trend,
)
from insight.settings import settings
from insight.stats.concentration import lorenz
from insight.wording import count, decimal, money, percent

LEAST_CUSTOMERS = 10


class Params(BaseModel):
    """Which customers are the top."""

    top: float = Field(
        default=0.2, ge=0.01, le=0.5, title="头部是前多少", description="0.2 即前 20%"
    )
    seed: Seed = Field(default=0, description="用于自助抽样的区间")


def findings(
    total: pl.DataFrame, classes: pl.DataFrame, quarters: pl.DataFrame, params: Params
) -> tuple[Finding, ...]:
    """What the top brings, how few bring most, and what changed within a year."""
    row = total.row(0, named=True)
    base, top = row["n_customers"], f"前 {params.top:.0%}"
    caution = "（客户太少，仅作方向性参考）" if base < settings().small_base else ""
    told = [
        Finding(
            f"{top} 的客户（{count(row['n_top'])} 人）贡献了 {percent(row['top_share'])} 的消费金额"
            f"（95% 区间 {percent(row['low_top_share'])}–{percent(row['high_top_share'])}）{caution}。",
            base,
            _cells("summary", 0, "n_top", "top_share", "low_top_share", "high_top_share"),
        ),
        Finding(
            f"{percent(MOST_SHARE, digits=0)} 的消费金额来自 {count(row['n_for_most'])} 人，占客户的 {percent(row['share_for_most'])}；"
            f"基尼系数 {decimal(row['gini'], digits=2)}（95% 区间 {decimal(row['low_gini'], digits=2)}–{decimal(row['high_gini'], digits=2)}）。",
            base,
            _cells("summary", 0, "n_for_most", "share_for_most", "gini", "low_gini", "high_gini"),
        ),
    ]  # fmt: skip
    last = classes.row(classes.height - 1, named=True)
    if last["abc"] == CLASSES[-1][0]:
        text = f"C 类客户 {count(last['n_customers'])} 人，占客户的 {percent(last['share_of_customers'])}，只贡献 {money(last['spend'])}，占 {percent(last['share_of_spend'])}。"
        columns = ("n_customers", "share_of_customers", "spend", "share_of_spend")
        told.append(Finding(text, base, _cells("classes", classes.height - 1, *columns)))
    return (*told, *_change(quarters, top))


def _change(quarters: pl.DataFrame, top: str) -> tuple[Finding, ...]:
    """The last whole quarter beside the same quarter a year before."""
    whole = quarters.with_row_index("at").filter(~pl.col("is_partial")).drop_nulls("top_share")
    known = {row["quarter"]: row for row in whole.iter_rows(named=True)}
    if not known:
        return ()
    now = known[max(known)]
    year, rest = now["quarter"].split(" ", 1)
    before = known.get(f"{int(year) - 1} {rest}")
    if before is None:
        return ()
    text = (
        f"{now['quarter']}，{top} 的买家贡献 {percent(now['top_share'])}，"
        f"一年前的同一季度为 {percent(before['top_share'])}（未作检验）。"
    )
    cells = (Cell("trend", now["at"], "top_share"), Cell("trend", before["at"], "top_share"))
    return (Finding(text, now["n_customers"], cells),)


def _cells(table: str, row: int, *columns: str) -> tuple[Cell, ...]:
    return tuple(Cell(table, row, column) for column in columns)


def run(dataset: Dataset, params: Params) -> Result:
    """Rank the customers by what they spent."""
    people = _people(dataset)
    total, deciles, classes = (
        summary(people, top=params.top, seed=params.seed),
        parts(people, "decile"),
        parts(people, "abc"),
    )
    tables = {"deciles": deciles, "summary": total, "classes": classes}
    quarters = pl.DataFrame(schema=TREND)
    assert dataset.orders is not None
    if "ordered_month" in dataset.columns("orders"):
        span = ledger.span(dataset.orders)
        quarters = trend(ledger.spend_by_quarter(dataset.orders), top=params.top, span=span)
        tables["trend"] = quarters
    tables["lorenz"] = _curve(people)
    told = findings(total, classes, quarters, params)
    return Result(tables, _pictures(tables, params), told, _notes(dataset, people, params))


def _people(dataset: Dataset) -> pl.DataFrame:
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    n_paying = customers.filter(pl.col("spend") > 0).height
    if n_paying < LEAST_CUSTOMERS:
        raise TooFewRows("消费金额大于 0 的客户", n_paying, LEAST_CUSTOMERS)
    return ranked(customers)


def _curve(people: pl.DataFrame) -> pl.DataFrame:
    """The Lorenz curve at every hundredth of the customers: share_of_customers, share_of_spend."""
    share, held = lorenz(people["spend"].to_numpy())
    return pl.DataFrame({"share_of_customers": share, "share_of_spend": held})


def _pictures(tables: Mapping[str, pl.DataFrame], params: Params) -> dict[str, alt.TopLevelMixin]:
    names = [
        f"前 {10 * d}%" if d == 1 else f"{10 * d - 10}%–{10 * d}%"
        for d in tables["deciles"]["decile"]
    ]
    drawn = tables["deciles"].select(
        "share_of_spend", "n_customers", "spend", decile=pl.Series(names)
    )  # fmt: skip
    found: dict[str, alt.TopLevelMixin] = {
        "deciles": charts.bars(
            drawn.with_row_index("at"), label="decile", value="share_of_spend", order=names,
            title="客户按消费金额从高到低分十组，各组的金额占比",
        ),
        "lorenz": charts.lorenz(tables["lorenz"], title="洛伦兹曲线：从消费最少的客户累计"),
    }  # fmt: skip
    if "trend" in tables:
        whole = tables["trend"].filter(~pl.col("is_partial")).drop_nulls("top_share")
        if whole.height > 1:
            dated = whole.with_columns(month=_first_month())
            title = f"每季度前 {params.top:.0%} 买家的金额占比"
            found["trend"] = charts.lines(dated, x="month", value="top_share", title=title)
    return found


def _first_month() -> pl.Expr:
    numbers = pl.col("quarter").str.extract_all(r"\d+").list
    return pl.date(numbers.get(0).cast(pl.Int32), numbers.get(1).cast(pl.Int32) * 3 - 2, 1)


def members(dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of every decile, every class and every quarter."""
    unit = ("customer_id",)
    people = _people(dataset).lazy()
    found = {
        "deciles": Members(people.select("decile", "customer_id"), unit, "n_customers"),
        "classes": Members(people.select("abc", "customer_id"), unit, "n_customers"),
    }
    if "trend" in result.tables:
        pairs = later(lambda: _buyers(dataset), "quarter", "customer_id")
        found["trend"] = Members(pairs, unit, "n_customers")
    return found


def _buyers(dataset: Dataset) -> pl.DataFrame:
    assert dataset.orders is not None
    bought = ledger.spend_by_quarter(dataset.orders).filter(pl.col("n_orders") > 0)
    words = {q: quarter_words(q) for q in bought["quarter"].unique()}
    quarter = pl.col("quarter").replace_strict(words, return_dtype=pl.String)
    return bought.select(quarter, "customer_id")


def _notes(dataset: Dataset, people: pl.DataFrame, params: Params) -> tuple[str, ...]:
    n_none = people.filter(pl.col("spend") <= 0).height
    none = f"；其中 {count(n_none)} 人退款后不剩金额，按 0 计" if n_none else ""
    assert dataset.orders is not None
    return (
        f"基数：全部订单里有付款订单且能识别的客户 {count(people.height)} 人，金额为实付减退款{none}。",
        f"头部：消费金额最高的 {params.top:.0%} 客户；正好在线上的客户按比例计入。",
        "基尼系数：0 表示人人一样多，越接近 1 越集中在少数人；Σ(2i−n−1)x÷(nΣx)，x 从小到大。",
        f"区间：1,000 次自助抽样（随机种子 {params.seed}）的 95% 百分位区间。",
        "ABC：按消费金额从高到低累计，到 80% 为 A 类，到 95% 为 B 类，其余为 C 类；金额相同时按客户编号排列。",
        f"各季度只看当季付过款的客户；首尾不完整的季度、不足 {settings().small_base} 人的季度不画，也不写入结论。",
    )


ANALYSIS = Analysis(
    key="concentration",
    title="金额集中度",
    question="金额集中在多少客户手里？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=60,
    theme="价值",
)
