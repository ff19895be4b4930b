"""What customers buy next: from one purchase to the following one, and what becomes of each first purchase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.narrowing import among_customers
from insight.offers import next_purchase as made
from insight.offers.items import NAMES, Of, column_of
from insight.parameters import Seed, picked
from insight.settings import settings
from insight.stats.means import MOST_DRAWN
from insight.wording import NOTHING, count, decimal, money, percent

SHOWN, TOLD_STEPS, DRAWN_FIRSTS = 7, 3, 12
_STEP_TEST = f"按客户聚类的稳健得分检验（双侧，校正后 p≤{made.LEVEL:g}，Benjamini–Hochberg 校正，以全部可检验的先后对为一族）"
_FIRST_TEST = f"与其余客户比的 Welch t 检验（双侧，校正后 p≤{made.LEVEL:g}，Benjamini–Hochberg 校正，以整张表为一族）"
_INKS = {
    "高于平时": charts.ACCENT, "低于平时": charts.DIVERGING[0], "与平时差不多": charts.PALETTE[3], "仍买同样的": charts.NEUTRAL
}  # fmt: skip


class Params(BaseModel):
    """What follows what, and how long a first purchase is watched."""

    of: Of = picked("category", NAMES, title="看什么")
    most: int = Field(default=30, ge=5, le=200, title="看前多少种", description="按金额从高到低取；商品很多时可以调大")  # fmt: skip
    days: int = Field(default=180, ge=30, le=730, title="首购后观察（天）", description="只看第一次购买距今已满这么多天的客户")  # fmt: skip
    lead_days: int = Field(default=0, ge=0, le=365, title="开头不算（天）", description="数据开头的“第一次购买”可能是老客户的，填 90 就不看头 90 天里出现的客户")  # fmt: skip
    seed: Seed = 0


def run(dataset: Dataset, params: Params) -> Result:
    """Test every step from one purchase to the next, then follow the first purchases."""
    assert dataset.orders is not None
    column = column_of(dataset, params.of, title=ANALYSIS.title)
    values = ledger.values_of(dataset.orders, column, most=params.most)
    if not values:
        raise TooFewRows(f"知道{NAMES[column]}和客户的订单", 0, 1)
    pairs = ledger.transitions(dataset.orders, column, values=values)
    people = made.watched(dataset.orders, days=params.days, lead_days=params.lead_days)
    if pairs.is_empty() and people.is_empty():
        raise TooFewRows(f"在两天以上购买、或第一次购买已满 {params.days} 天的客户", 0, 1)
    steps = made.tested_steps(pairs)
    is_same = pl.col("bought") == pl.col("bought_next")
    openers = made.opened_by(dataset.orders, people, most=params.most)
    tables = {
        "transitions": steps.filter(~is_same),
        "repeats": steps.filter(is_same).sort("share", "bought", descending=[True, False], nulls_last=True),
        "first": made.firsts(openers, people, seed=params.seed),
        "totals": made.totals(pairs, steps, people),
    }  # fmt: skip
    pictures = _pictures(tables, made.strongest(steps, values, most=SHOWN), NAMES[column])
    words = _notes(tables["totals"].row(0, named=True), params, NAMES[column])
    return Result(tables, pictures, findings(tables, params, NAMES[column]), words)


def _pictures(tables: Mapping[str, pl.DataFrame], names: Sequence[str], name: str) -> dict[str, alt.TopLevelMixin]:  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {}
    among = pl.col("bought").is_in(names) & pl.col("bought_next").is_in(names)
    steps = pl.concat([tables["transitions"], tables["repeats"]]).filter(among, pl.col("n_both") > 0)  # fmt: skip
    if len(names) > 1 and steps.height:
        is_same, (above, below, usual, same) = pl.col("bought") == pl.col("bought_next"), _INKS
        kind = pl.col("reading").replace_strict({"高于": above, "低于": below, "": usual})
        order = [pl.col(c).cast(pl.Enum(names)) for c in ("bought", "bought_next")]
        wide = steps.sort(order).with_columns(kind=pl.when(is_same).then(pl.lit(same)).otherwise(kind))  # fmt: skip
        title = "这次买了 → 下一次买了（次数）"
        drawn["flows"] = charts.flows(wide.select("bought", "bought_next", "n_both", "kind"), sides=("bought", "bought_next"), value="n_both", kind="kind", inks=_INKS, title=title)  # fmt: skip
        drawn["transitions"] = _heat(tables["transitions"], names)
    if tables["repeats"]["share"].count():
        bars = _bars(tables["repeats"].with_row_index("at"), "bought", "share", small="base")
        drawn["repeats"] = charts.bars(bars.head(DRAWN_FIRSTS), label="bought", value="share", order=bars["bought"].to_list(), title="买过之后，下一次仍买同样的比例")  # fmt: skip
    if (later_ := _later(tables["first"], name)) is not None:
        drawn["first"] = later_
    return drawn


def _heat(steps: pl.DataFrame, names: Sequence[str]) -> alt.LayerChart:
    """How many times as often as usual; the same twice is left empty, it would outshine the others."""
    arrow = pl.col("reading").replace_strict({"高于": " ↑", "低于": " ↓", "": ""})
    number = (
        pl.col("lift")
        .map_elements(lambda v: decimal(v, digits=1), return_dtype=pl.String)
        .fill_null(NOTHING)
    )
    order = pl.Enum(names)
    cells = (
        steps.with_row_index("at")
        .filter(pl.col("bought").is_in(names), pl.col("bought_next").is_in(names))
        .with_columns(pl.col("bought", "bought_next").cast(order), is_small=pl.col("base") < settings().small_base)
        .with_columns(words=number + arrow)
        .select("at", "bought", "bought_next", "lift", "words", "is_small")
    )  # fmt: skip
    heat = charts.heat(cells, row="bought", column="bought_next", value="lift", text="words", centre=1)  # fmt: skip
    return heat.properties(title="这次买了左边的，下次买上方的次数是平时的几倍（↑↓ 为显著）")


def _bars(table: pl.DataFrame, label: str, value: str, *, small: str) -> pl.DataFrame:
    shown = table.filter(pl.col(value).is_not_null())
    is_small = pl.col(small) < settings().small_base
    return shown.select(
        "at", label, value, small, pl.selectors.ends_with("_later_spend"), is_small=is_small
    )


def _later(table: pl.DataFrame, kind: str) -> alt.LayerChart | None:
    """The first purchases of one kind beside everybody's; None where there is nothing to compare."""
    rows = table.with_row_index("at").filter(pl.col("dimension").is_in([made.ALL, kind]))
    bars = _bars(rows, "subject", "later_spend", small="n_customers").head(DRAWN_FIRSTS + 1)
    if bars.height < 3:
        return None
    drawn = bars.rename({"low_later_spend": "ci_low", "high_later_spend": "ci_high"})
    drawn = drawn.drop("median_later_spend", "rest_later_spend")
    title = f"第一次买的{kind}不同，其后人均消费（线为 95% 区间）"
    return charts.bars(drawn, label="subject", value="later_spend", order=bars["subject"].to_list(), title=title)  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame], params: Params, name: str) -> tuple[Finding, ...]:
    """What follows what more often than usual, what is bought again, and which first purchase leads further."""
    totals = tables["totals"].row(0, named=True)
    told = [_step(row) for row in made.clearest_steps(tables["transitions"], most=TOLD_STEPS)] or [
        _none(totals, name)
    ]
    again = (
        tables["repeats"]
        .with_row_index("at")
        .filter(pl.col("base") >= settings().small_base)
        .head(1)
    )
    told += [_again(row) for row in again.iter_rows(named=True)]
    if not totals["n_watched"]:
        text = f"没有客户的第一次购买距今已满 {params.days} 天（{count(0)} 位），看不出首购之后的消费。"
        return (*told, Finding(text, totals["n_steps"], (Cell("totals", 0, "n_watched"),)))
    opened = tables["first"].with_row_index("at").rows(named=True)
    everybody, others = opened[0], opened[1:]
    best = [_first(row, params) for row in made.clearest_firsts(others)]
    return (*told, _all_firsts(everybody, params), *best)


def _step(row: Mapping[str, Any]) -> Finding:
    text = (
        f"买了“{row['bought']}”之后，下一次有 {percent(row['share'])} 买“{row['bought_next']}”，是平时（{percent(row['share_all'])}）的 "
        f"{decimal(row['lift'], digits=2)} 倍；通常隔 {decimal(row['median_days'], digits=0 if row['median_days'] % 1 == 0 else 1)} 天"
        f"（{count(row['n_customers'])} 位客户，{count(row['n_both'])} 次；反过来 {count(row['n_reverse'])} 次）。"
    )
    told = ("share", "share_all", "lift", "median_days", "n_customers", "n_both", "n_reverse")
    return Finding(
        text, row["base"], tuple(Cell("transitions", row["at"], c) for c in told), _STEP_TEST
    )


def _none(totals: Mapping[str, int], name: str) -> Finding:
    if not totals["n_steps"]:
        text = f"没有客户在两个不同的日子购买（{count(0)} 次接着的购买），看不出下一次买什么。"
    elif not totals["n_tests"]:
        text = f"{count(totals['n_steps'])} 次接着的购买里，没有一对先后（{count(0)} 对）多到可以检验。"
    else:
        text = f"{count(totals['n_steps'])} 次接着的购买里，检验了 {count(totals['n_tests'])} 对先后，没有一种{name}之后显著更常改买另一种。"
    used = ("n_steps", "n_tests") if totals["n_steps"] else ("n_steps",)
    return Finding(text, totals["n_steps"] or totals["n_watched"], tuple(Cell("totals", 0, c) for c in used), _STEP_TEST)  # fmt: skip


def _again(row: Mapping[str, Any]) -> Finding:
    text = (
        f"最常接着买同样的是“{row['bought']}”：{percent(row['share'])} 的下一次购买仍有它（{count(row['n_both'])} 次），"
        f"平时为 {percent(row['share_all'])}。"
    )
    told = ("share", "n_both", "share_all")
    return Finding(text, row["base"], tuple(Cell("repeats", row["at"], c) for c in told))


def _all_firsts(row: Mapping[str, Any], params: Params) -> Finding:
    n = row["n_customers"]
    if row["returned_share"] is None:
        text = f"第一次购买距今已满 {params.days} 天的客户只有 {count(n)} 位，太少，不显示他们其后的消费。"
        return Finding(text, n, (Cell("first", 0, "n_customers"),))
    text = (
        f"第一次购买后 {params.days} 天内，{percent(row['returned_share'])} 的客户再次购买，人均再消费 {money(row['later_spend'])}"
        f"（95% 区间 {money(row['low_later_spend'])} 至 {money(row['high_later_spend'])}，{count(n)} 位客户）。"
    )
    told = ("returned_share", "later_spend", "low_later_spend", "high_later_spend", "n_customers")
    return Finding(text, n, tuple(Cell("first", 0, c) for c in told))


def _first(row: Mapping[str, Any], params: Params) -> Finding:
    text = (
        f"第一次{_VERBS[row['dimension']]}“{row['subject']}”的客户其后 {params.days} 天人均再消费 {money(row['later_spend'])}，显著{row['reading']}其余客户的 "
        f"{money(row['rest_later_spend'])}；{percent(row['returned_share'])} 再次购买（{count(row['n_customers'])} 位客户）。"
    )
    told = ("later_spend", "rest_later_spend", "returned_share", "n_customers")
    return Finding(
        text, row["n_customers"], tuple(Cell("first", row["at"], c) for c in told), _FIRST_TEST
    )


_VERBS = {"品类": "买的是品类", "商品": "买的是商品", "渠道": "购买在渠道"}


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers who made each step, and those of each first purchase."""
    assert dataset.orders is not None
    orders, column, unit = (
        dataset.orders,
        column_of(dataset, params.of, title=ANALYSIS.title),
        ("customer_id",),
    )
    values = ledger.values_of(orders, column, most=params.most)
    buyers = later(lambda: ledger.transition_buyers(orders, column, values=values), "bought", "bought_next", "customer_id")  # fmt: skip
    openers = later(lambda: made.opened_by(orders, made.watched(orders, days=params.days, lead_days=params.lead_days).select("customer_id"), most=params.most), "dimension", "subject", "customer_id")  # fmt: skip
    steps = Members(buyers, unit, "n_customers")
    return {"transitions": steps, "repeats": steps, "first": Members(openers, unit, "n_customers")}


def _notes(totals: Mapping[str, int], params: Params, name: str) -> tuple[str, ...]:
    lead = f"；数据头 {params.lead_days} 天里出现的客户不算" if params.lead_days else "；数据开始前就买过的老客户会被当成新客户，可以设“开头不算”"  # fmt: skip
    small = settings()
    return (
        f"先后：同一客户的一个购买日到下一个购买日，同一天的几单算一次；基数 {count(totals['n_steps'])} 次；一次买了几种{name}时，每种都算；付款后退款的订单也算购买。",
        f"提升度：买了前者之后下一次买后者的比例 ÷ 全部“下一次”里买后者的比例；只看金额最高的 {params.most} 种{name}；接着买同样的另列。",
        f"检验：{_STEP_TEST}，共 {count(totals['n_tests'])} 对；同一位客户的多次购买不当作互相独立；前者的客户不足 {small.tiny_base} 位、或两者无关时期望不足 5 次的不检验。",
        f"首购：第一个购买日及其后 {params.days} 天（不含首购当天），只看已满 {params.days} 天的 {count(totals['n_watched'])} 位客户{lead}。",
        f"其后消费为实付减退款，退款计入所在订单的日子；人均消费的 95% 区间用自助法（超过 {count(MOST_DRAWN)} 人时用 t 区间），比例用 Wilson 区间，随机种子 {params.seed}。",
        f"检验：{_FIRST_TEST}；首购几种东西的客户在每种里都算。相关不等于因果。",
        f"基数不足 {small.tiny_base} 的不显示比例和均值，不足 {small.small_base} 的标灰、不写入结论。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="next_purchase",
        title="下次买什么",
        question="买过这个的客户，下一次会买什么？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=31,
        theme="连带",
    )
)
