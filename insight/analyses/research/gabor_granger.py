"""How many would buy at each price, and which price brings in most: Gabor and Granger's ladder."""

from __future__ import annotations

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.currency import used
from insight.dataset import Dataset
from insight.errors import NothingToTell, TooFewRows
from insight.parameters import Seed
from insight.ratings import each_group
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.demand import Demand, demand
from insight.stats.proportions import Rule, wilson
from insight.tasks import Ladder, groups_of, ladder
from insight.wording import count, decimal, money, percent

TITLE = "价格阶梯"
DRAWS = 1_000


class Params(BaseModel):
    """Which questions are the ladder, and what counts as a purchase."""

    questions: list[str] = Field(
        default_factory=list,
        title="题目",
        description="每个价格一道题，或一道勾选可接受价格的多选题；留空时找题干只差价格的一组题",
        json_schema_extra={"one_of": "questions"},
    )
    prices: str = Field(
        default="", title="价格", description="如 19、29、39，按题目的顺序；留空时按题干里的价格"
    )
    top: int = Field(default=2, ge=1, le=5, title="购买意愿量表里最高几分算会买")
    cost: float = Field(
        default=0,
        ge=0,
        title="单位成本（元）",
        description="大于 0 时找毛利最高的价格，而不是收入最高的",
    )
    by: str = Field(
        default="",
        title="人群",
        description="各人群分别计算；不选时用 RFM 八类，没有订单时用客户属性，都没有时不分",
        json_schema_extra={"one_of": "breaks"},
    )
    use_weight: bool = Field(default=True, title="使用权重")
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """The demand curve, the revenue of every price, and the best price with its interval."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    steps = _ladder(dataset, people, params)
    asked = ~np.isnan(steps.accepts).all(axis=1)
    base = int(asked.sum())
    if base < rule.tiny_base:
        raise TooFewRows("回答了价格题的人", base, rule.tiny_base)
    weight = people.weight.to_numpy()[asked]
    found = _demand(steps.accepts[asked], steps, weight, params)
    if not found.share.any():
        raise NothingToTell(TITLE, "没有人愿意按其中任何一个价格购买", "请检查哪些回答算会买，或换更低的价格。")  # fmt: skip
    table = _table(found, weight, params)
    tables = {"demand": table, "optimum": _optimum(found, table, base=base)}
    banner = groups_of(dataset, params.by)
    if banner and (parts := _by_group(dataset, people, params, banner=banner, rule=rule)):
        tables["by_segment"] = pl.concat(parts)
    return Result(
        tables,
        {"demand": _picture(table, "share"), "revenue": _picture(table, _value(params))},
        _findings(tables, params, rule=rule),
        _notes(steps, found, people, params=params, banner=banner, rule=rule),
    )


def _ladder(dataset: Dataset, people: Sample, params: Params) -> Ladder:
    return ladder(
        dataset, people.responses, questions=params.questions, prices=params.prices, top=params.top
    )


def _demand(accepts: np.ndarray, steps: Ladder, weight: np.ndarray, params: Params) -> Demand:
    return demand(accepts, steps.prices, weight=weight, cost=params.cost, draws=DRAWS, seed=params.seed)  # fmt: skip


def _value(params: Params) -> str:
    return "profit_per_100" if params.cost else "revenue_per_100"


def _table(found: Demand, weight: np.ndarray, params: Params) -> pl.DataFrame:
    """(n_prices) price, share, ci_low, ci_high, revenue_per_100 [people], profit_per_100 with a cost, base."""
    bases = np.full(len(found.price), weight.sum() ** 2 / (weight**2).sum())
    low, high = wilson(found.share, bases)
    table = pl.DataFrame({
        "price": found.price, "share": found.share, "ci_low": low, "ci_high": high,
        "revenue_per_100": 100 * found.price * found.share,
    })  # fmt: skip
    if params.cost:
        table = table.with_columns(profit_per_100=100 * found.gain)
    return table.with_columns(base=pl.lit(len(weight), pl.Int64))


def _optimum(found: Demand, table: pl.DataFrame, *, base: int) -> pl.DataFrame:
    """(1) price, low_price, high_price [95 %], share, revenue_per_100 and profit_per_100 of the best price."""
    best = table.row(found.best, named=True)
    kept = {c: best[c] for c in ("share", "revenue_per_100", "profit_per_100") if c in best}
    return pl.DataFrame([
        {"price": best["price"], "low_price": found.low, "high_price": found.high, **kept, "base": base}
    ])  # fmt: skip


def _by_group(
    dataset: Dataset, people: Sample, params: Params, *, banner: Break, rule: Rule
) -> list[pl.DataFrame]:
    """The best price of each group that is large enough and buys at any price."""
    found = []
    for name, part in each_group(people, banner):
        steps = _ladder(dataset, part, params)
        asked = ~np.isnan(steps.accepts).all(axis=1)
        if (base := int(asked.sum())) < rule.tiny_base:
            continue
        weight = part.weight.to_numpy()[asked]
        own = _demand(steps.accepts[asked], steps, weight, params)
        if own.share.any():
            mark = "*" if base < rule.small_base else ""
            row = _optimum(own, _table(own, weight, params), base=base)
            found.append(row.select(pl.lit(name).alias("segment"), pl.all(), pl.lit(mark).alias("flag")))  # fmt: skip
    return found


def _picture(table: pl.DataFrame, value: str) -> alt.TopLevelMixin:
    named = table.select("price", value, curve=pl.lit({"share": "会购买"}.get(value, "每百人")))
    return charts.slopes(named, x="price", value=value, series="curve")


def _findings(
    tables: dict[str, pl.DataFrame], params: Params, *, rule: Rule
) -> tuple[Finding, ...]:
    best, value = tables["optimum"].row(0, named=True), _value(params)
    aim = "毛利" if params.cost else "收入"
    text = (
        f"{count(best['base'])} 人里，定价 {decimal(best['price'], digits=2)} {used().name}{aim}最高：{percent(best['share'])} 会购买，"
        f"每百人带来{aim} {money(best[value])}（最优价格的 95% 区间 {decimal(best['low_price'], digits=2)}–{decimal(best['high_price'], digits=2)} {used().name}）"
        f"{rule.caution(best['base'])}。"
    )
    names = ("base", "price", "share", value, "low_price", "high_price")
    return (Finding(text, best["base"], tuple(Cell("optimum", 0, c) for c in names), "自助法区间（95%）"),)  # fmt: skip


def _notes(
    steps: Ladder, found: Demand, people: Sample, *, params: Params, banner: Break | None, rule: Rule
) -> tuple[str, ...]:  # fmt: skip
    turned = f"；{count(found.n_reversed)} 人接受高价却拒绝低价，按他们接受的最高价计" if found.n_reversed else ""  # fmt: skip
    cost = f"，每件扣除成本 {decimal(params.cost, digits=2)} {used().name}" if params.cost else ""
    return (
        f"题目：{'、'.join(dict.fromkeys(q.id for q in steps.questions))}；基数：至少回答了一个价格的人。",
        f"会购买 = 接受的最高价不低于该价格的人（接受高价的人也接受低价）{turned}；量表题最高 {params.top} 分算会买，是/否题“会”“愿意”算会买。",
        f"每百人收入 = 100 × 价格 × 会购买的占比{cost}；占比的区间是 Wilson 区间（95%，有效基数）。",
        f"最优价格的区间：对人重新抽样 {DRAWS:,} 次，每次的最优价格的 2.5% 和 97.5% 分位数；只在问过的价格里选。",
        "回答的购买意愿通常高于实际购买，请看各价格之间的比较，不要当作销量预测。",
        *((f"人群按“{banner.label}”{banner.note}划分，各自单独计算。",) if banner else ()),
        rule.small_bases,
        people.note,
    )


ANALYSIS = Analysis(
    key="gabor_granger",
    title=TITLE,
    question="各个价格有多少人会买，哪个价格收入最高？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=320,
    theme="定价",
)
