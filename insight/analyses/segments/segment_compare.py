"""How two segments differ, and how each differs from everybody else: money, orders, categories, places, people."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows, UnknownName
from insight.members import Members
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.contrast import (
    LEVEL,
    corrected,
    number_differences,
    share_differences,
)
from insight.segmentation.profile import profile
from insight.segmentation.traits import numbers, traits
from insight.settings import settings
from insight.wording import count, decimal, money, percent, points

REST = "其余客户"
MOST_TOLD, MOST_DRAWN = 3, 12
_BY_ORDER_COUNT = ("rfm", "rfm11", "frequency")  # these groups are made from what 购买次数 says
_TEST = f"两比例 z 检验（双侧，合并方差，q≤{LEVEL:g}，Benjamini–Hochberg 校正）"
_RANK_TEST = f"Mann–Whitney U 检验（双侧，q≤{LEVEL:g}，Benjamini–Hochberg 校正）"


class Params(BaseModel):
    """Which two groups of which break."""

    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})
    first: str = Field(
        default="", title="甲组", description="人群的名称；留空表示消费金额最高的一组"
    )
    second: str = Field(default="", title="乙组", description="人群的名称；留空表示其余客户")


def pair(members: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    """Who is in the first and who in the second group.

    Returns
    -------
    (n) customer_id, is_first; ``second`` "" = everybody who is not in the first
    """
    inside = pl.col("group") == first
    kept = inside | (pl.col("group") == second if second else pl.lit(value=True))
    return members.filter(kept).select("customer_id", is_first=inside)


def _chosen(segments: Break, overview: pl.DataFrame, params: Params) -> tuple[str, str]:
    """The names of both groups (UnknownName, BadParameter)."""
    for name in (params.first, params.second):
        if name and name not in segments.groups:
            raise UnknownName("人群", name, segments.groups)
    first = params.first or next(s for s in overview["segment"] if s != params.second)
    if first == params.second:
        raise BadParameter("乙组（segment_compare.second）", "甲组和乙组不能是同一个人群")
    return first, params.second


def run(dataset: Dataset, params: Params) -> Result:
    """Compare two groups of ``by``, then every group with everybody else."""
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    segments = break_of(dataset, params.by, unit="customer_id")
    buyers = segments.members.join(customers, on="customer_id", how="semi", maintain_order="left")
    n_groups = buyers["group"].n_unique()
    if n_groups < 2:
        raise TooFewRows(f"“{segments.label}”里有客户的组", n_groups, 2)
    last_at = ledger.span(dataset.orders)[1]
    overview = profile(customers, buyers, last_at=last_at)
    first, second = _chosen(segments, overview, params)
    own, values = traits(dataset), numbers(dataset)
    made_from = (segments.label, "购买次数" if params.by in _BY_ORDER_COUNT else "")
    own = own.filter(~pl.col("measure").is_in(made_from))
    sides = pair(buyers, first, second)
    shares, middles = corrected(share_differences(own, sides), number_differences(values, sides))
    shares = shares.sort(
        pl.col("pair_difference").abs(), "pair_difference", "measure", "feature",
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    side = pl.when("is_first").then(pl.lit(first)).otherwise(pl.lit(second or REST))
    both = profile(customers, sides.select("customer_id", group=side), last_at=last_at)
    both = both.sort(pl.col("segment") != first).drop("share_of_customers", "share_of_spend")
    rest_shares, rest_numbers = _each_and_rest(
        own, values, buyers, order=tuple(overview["segment"])
    )
    tables = {
        "groups": both, "shares": shares, "numbers": middles, "rest_shares": rest_shares, "rest_numbers": rest_numbers,
    }  # fmt: skip
    told = findings(tables)
    return Result(tables, _picture(shares, first, second or REST), told, _notes(segments, both))


def _each_and_rest(
    own: pl.DataFrame, values: pl.DataFrame, buyers: pl.DataFrame, *, order: tuple[str, ...]
) -> tuple[pl.DataFrame, ...]:
    """Every group beside everybody else: shares and numbers, corrected together."""
    shares, middles = [], []
    for name in order:
        sides = pair(buyers, name, "")
        label = pl.lit(name).alias("segment")
        found = share_differences(own, sides).select(label, pl.all()).rename(_OWN)
        shares.append(found.sort(pl.col("share_difference").abs(), "measure", "feature", descending=[True, False, False], nulls_last=True))  # fmt: skip
        middles.append(number_differences(values, sides).select(label, pl.all()))
    return corrected(pl.concat(shares), pl.concat(middles))


_OWN = {
    "pair_difference": "share_difference","first_share": "share", "second_share": "rest_share", "n_first": "base", "n_second": "base_rest"}  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """What the two groups are worth, what parts them most, and what is special in each group."""
    both = tables["groups"]
    base = int(both["n_customers"].sum())
    names = tuple(both["segment"])
    told = [_worth(both, base)]
    is_real = pl.col("q_value") <= LEVEL
    large = tables["shares"].with_row_index("at").filter(is_real).head(MOST_TOLD)
    told += [_share(row, names) for row in large.iter_rows(named=True)]
    ranked = tables["numbers"].with_row_index("at").filter(pl.col("q_value") <= LEVEL)
    told += [_number(row, names) for row in ranked.sort(pl.col("effect").abs(), "at", descending=[True, False]).head(1).iter_rows(named=True)]  # fmt: skip
    solid = is_real & (pl.col("base") >= settings().small_base)
    special = (
        tables["rest_shares"].with_row_index("at").filter(solid, pl.col("segment") != names[0])
    )
    special = special.sort(pl.col("share_difference").abs(), "at", descending=[True, False])
    most = special.unique("segment", keep="first", maintain_order=True)
    return (*told, *(_special(row) for row in most.iter_rows(named=True)))


def _worth(both: pl.DataFrame, base: int) -> Finding:
    parts = [
        f"“{s['segment']}”{count(s['n_customers'])} 人，人均消费 {money(s['spend_per_customer'])}，"
        f"客单价 {money(s['average_order_value'])}，复购率 {percent(s['repurchase_rate'])}"
        for s in both.iter_rows(named=True)
    ]
    columns = ("n_customers", "spend_per_customer", "average_order_value", "repurchase_rate")
    cells = tuple(Cell("groups", row, c) for row in range(both.height) for c in columns)
    few = (both["n_customers"] < settings().small_base).any()
    caution = f"（有一组不足 {settings().small_base} 人，仅作方向性参考）" if few else ""
    return Finding(f"{'；'.join(parts)}{caution}。", base, cells)


def _more(difference: float) -> str:
    return f"{'高' if difference > 0 else '低'} {points(abs(difference))}"


def _share(row: Mapping[str, object], names: tuple[str, ...]) -> Finding:
    first, second, difference = (float(str(row[c])) for c in ("first_share", "second_share", "pair_difference"))  # fmt: skip
    text = (
        f"{row['measure']}：“{names[0]}”里“{row['feature']}”占 {percent(first)}，"
        f"比“{names[1]}”的 {percent(second)} {_more(difference)}，差异{row['effect_size']}。"
    )
    cells = tuple(Cell("shares", int(str(row["at"])), c) for c in ("first_share", "second_share", "pair_difference"))  # fmt: skip
    return Finding(text, int(str(row["n_first"])) + int(str(row["n_second"])), cells, _TEST)


def _number(row: Mapping[str, object], names: tuple[str, ...]) -> Finding:
    first, second = (float(str(row[c])) for c in ("first_median", "second_median"))
    text = (
        f"{row['feature']}的中位数：“{names[0]}”为 {decimal(first)}，“{names[1]}”为 {decimal(second)}，"
        f"差异{row['effect_size']}。"
    )
    cells = tuple(Cell("numbers", int(str(row["at"])), c) for c in ("first_median", "second_median"))  # fmt: skip
    return Finding(text, int(str(row["n_first"])) + int(str(row["n_second"])), cells, _RANK_TEST)


def _special(row: Mapping[str, object]) -> Finding:
    share, rest, difference = (float(str(row[c])) for c in ("share", "rest_share", "share_difference"))  # fmt: skip
    text = (
        f"“{row['segment']}”最不同于其余客户的是{row['measure']}：“{row['feature']}”占 {percent(share)}，"
        f"比其余客户的 {percent(rest)} {_more(difference)}。"
    )
    cells = tuple(Cell("rest_shares", int(str(row["at"])), c) for c in ("share", "rest_share", "share_difference"))  # fmt: skip
    return Finding(text, int(str(row["base"])) + int(str(row["base_rest"])), cells, _TEST)


def _picture(shares: pl.DataFrame, first: str, second: str) -> dict[str, alt.LayerChart]:
    """The traits that differ most, side by side."""
    top = shares.with_row_index("at").drop_nulls("pair_difference").head(MOST_DRAWN)
    if top.is_empty():
        return {}
    parts = [
        top.select("at", row=pl.format("{}：{}", "measure", "feature"), column=pl.lit(name), share=c, base=n)
        for name, c, n in ((first, "first_share", "n_first"), (second, "second_share", "n_second"))
    ]  # fmt: skip
    drawn = pl.concat(parts).with_columns(is_small=pl.col("base") < settings().small_base)
    return {"shares": charts.heat(drawn, row="row", column="column", value="share")}


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of both groups."""
    first, second = result.tables["groups"]["segment"]
    assert dataset.orders is not None
    buyers = ledger.customer_table(dataset.orders).select("customer_id")
    found = break_of(dataset, params.by, unit="customer_id").members
    sides = pair(found.join(buyers, on="customer_id", how="semi"), first, params.second)
    side = pl.when("is_first").then(pl.lit(first)).otherwise(pl.lit(second))
    frame = sides.lazy().select("customer_id", segment=side)
    return {"groups": Members(frame, ("customer_id",), "n_customers")}


def _notes(segments: Break, both: pl.DataFrame) -> tuple[str, ...]:
    first, second = both["segment"]
    bases = "，".join(f"“{s}”{count(n)} 人" for s, n in both.select("segment", "n_customers").iter_rows())  # fmt: skip
    return (
        f"甲组为“{first}”，乙组为“{second}”；分层方式：{segments.label}{segments.note}；{bases}。",
        f"{_TEST}；差异的区间为 Newcombe 95%，效应量为 Cohen's h（0.2 小、0.5 中、0.8 大）。",
        f"{_RANK_TEST}；效应量为 Cliff's δ（0.147 小、0.33 中、0.474 大）。",
        "校正：两组比较的全部检验为一族，各组与其余客户的全部检验为另一族。",
        "买过的品类以全组客户为基数，一人可以买过几类；地区、渠道和客户属性以有该项信息的客户为基数。",
        f"不足 {settings().tiny_base} 人的组不显示占比，也不检验；不足 {settings().small_base} 人的只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="segment_compare",
    title="分层对比",
    question="两群客户差在哪里，每一群又特别在哪里？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    theme="对比",
)
