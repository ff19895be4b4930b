"""What each attribute of a product is worth: part-worths and importance from choices or ratings, and a small market."""

from __future__ import annotations

from typing import Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import NothingToTell, TooFewRows
from insight.parameters import Seed
from insight.ratings import each_group
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.part_worths import Coding
from insight.stats.proportions import Rule
from insight.tasks import (
    ChoiceTasks,
    Ratings,
    Worths,
    choice_tasks,
    coding_of,
    groups_of,
    is_rated,
    market,
    ratings,
    worths,
)
from insight.wording import count, decimal, percent

TITLE = "联合分析"
TESTS = {"选择": "条件 Logit，区间按答卷聚类（95%）", "打分": "逐人最小二乘，均值的 t 区间（95%）"}


class Params(BaseModel):
    """Which questions answer the design, and which products to compare."""

    questions: list[str] = Field(
        default_factory=list,
        title="题目",
        description="按任务（或产品）的顺序；留空时找和设计一样多的一组题",
        json_schema_extra={"one_of": "questions"},
    )
    design: str = Field(
        default="",
        title="设计",
        description="写明每个任务（或每个打分的产品）各属性取值的文件",
        json_schema_extra={"one_of": "designs"},
    )
    kind: Literal["自动", "选择", "打分"] = Field(default="自动", title="答题方式")
    products: str = Field(
        default="",
        title="比较的产品",
        description="写成“价格=9 元，口味=原味；价格=12 元，口味=辣味”；没写的属性按平均计，留空不模拟",
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
    """Part-worths and importance of everybody, importance by group, and shares of the products asked for."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    rated = params.kind == "打分" or (params.kind == "自动" and is_rated(dataset, params.design))
    read = ratings if rated else choice_tasks
    told: Ratings | ChoiceTasks = read(
        dataset, people.responses, questions=params.questions, design=params.design
    )
    coding, weight = coding_of(told), people.weight.to_numpy()
    rows = np.arange(len(weight))
    known = worths(told, coding, weight=weight, rows=rows, seed=params.seed)
    if known.base < rule.tiny_base:
        raise TooFewRows("答完联合分析题的人", known.base, rule.tiny_base)
    tables = {"partworths": _levels(known, coding), "importance": _attributes(known, coding)}
    banner = groups_of(dataset, params.by)
    if banner:
        parts = _by_group(told, people, banner, coding=coding, rule=rule, seed=params.seed)
        tables |= {"by_segment": pl.concat(parts)} if parts else {}
    if params.products.strip():
        tables["simulation"] = market(params.products, known, coding)
    tables["model"] = pl.DataFrame(list(known.measures), schema={"parameter": pl.String, "value": pl.Float64}, orient="row")  # fmt: skip
    kind = "打分" if rated else "选择"
    return Result(
        tables,
        _pictures(tables),
        _findings(tables, known.base, kind=kind, rule=rule),
        _notes(told, people, banner=banner, rule=rule),
    )


def _levels(known: Worths, coding: Coding) -> pl.DataFrame:
    """(n_levels) attribute, level, utility [adds up to 0 within an attribute], ci_low, ci_high, base."""
    return pl.DataFrame({
        "attribute": [a for a, _ in coding.named], "level": [level for _, level in coding.named],
        "utility": known.levels.value, "ci_low": known.levels.low, "ci_high": known.levels.high,
    }).with_columns(pl.col(pl.Float64).fill_nan(None), base=pl.lit(known.base, pl.Int64))  # fmt: skip


def _attributes(known: Worths, coding: Coding) -> pl.DataFrame:
    """(n_attributes) attribute, importance_share [adds up to 1], ci_low, ci_high, base."""
    return pl.DataFrame({
        "attribute": [a for a, _ in coding.levels], "importance_share": known.attributes.value,
        "ci_low": known.attributes.low, "ci_high": known.attributes.high,
    }).with_columns(pl.col(pl.Float64).fill_nan(None), base=pl.lit(known.base, pl.Int64))  # fmt: skip


def _by_group(
    told: Ratings | ChoiceTasks, people: Sample, banner: Break, *, coding: Coding, rule: Rule, seed: int
) -> list[pl.DataFrame]:  # fmt: skip
    """Importance in each group that is large enough and whose answers determine it."""
    ids = people.responses.select("respondent_id").with_row_index("row")
    found = []
    for name, part in each_group(people, banner):
        rows = ids.join(part.responses, on="respondent_id", how="semi")["row"].cast(pl.Int64).to_numpy()  # fmt: skip
        try:
            known = worths(told, coding, weight=people.weight.to_numpy(), rows=rows, seed=seed)
        except NothingToTell:
            continue
        if known.base >= rule.tiny_base:
            mark = "*" if known.base < rule.small_base else ""
            table = _attributes(known, coding).with_columns(flag=pl.lit(mark))
            found.append(table.insert_column(0, pl.repeat(name, len(table), eager=True).alias("segment")))  # fmt: skip
    return found


def _pictures(tables: dict[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    shown = tables["importance"].with_row_index("at").select("at", "attribute", "importance_share", "ci_low", "ci_high")  # fmt: skip
    worth = tables["partworths"].with_row_index("at").select("at", "utility", level=pl.format("{}：{}", "attribute", "level"))  # fmt: skip
    return {
        "importance": charts.bars(shown, label="attribute", value="importance_share"),
        "partworths": charts.bars(worth, label="level", value="utility", order=worth["level"].to_list()),
    }  # fmt: skip


def _findings(
    tables: dict[str, pl.DataFrame], base: int, *, kind: str, rule: Rule
) -> tuple[Finding, ...]:
    ranked = tables["importance"].with_row_index("at").sort("importance_share", descending=True, maintain_order=True)  # fmt: skip
    top = ranked.row(0, named=True)
    levels = tables["partworths"].with_row_index("at").filter(attribute=top["attribute"])
    levels = levels.sort("utility", descending=True, maintain_order=True)
    best, worst = levels.row(0, named=True), levels.row(-1, named=True)
    text = (
        f"{count(base)} 人的{kind}里，“{top['attribute']}”最左右决定，重要性 {percent(top['importance_share'])}"
        f"（95% 区间 {percent(top['ci_low'])}–{percent(top['ci_high'])}）；其中“{best['level']}”最受欢迎（效用 {decimal(best['utility'], digits=2)}），"
        f"“{worst['level']}”最不受欢迎（效用 {decimal(worst['utility'], digits=2)}）{rule.caution(base)}。"
    )
    cells = [
        Cell("importance", top["at"], c) for c in ("base", "importance_share", "ci_low", "ci_high")
    ]
    cells += [Cell("partworths", one["at"], "utility") for one in (best, worst)]
    return (Finding(text, base, tuple(cells), TESTS[kind]), *_winner(tables, base))


def _winner(tables: dict[str, pl.DataFrame], base: int) -> tuple[Finding, ...]:
    if "simulation" not in tables:
        return ()
    at = int(tables["simulation"]["share"].arg_max() or 0)
    best = tables["simulation"].row(at, named=True)
    text = f"假如市场上只有比较的这几个产品，“{best['product']}”得到 {percent(best['share'])} 的选择，最多。"
    return (Finding(text, base, (Cell("simulation", at, "share"),)),)


def _notes(
    told: Ratings | ChoiceTasks, people: Sample, *, banner: Break | None, rule: Rule
) -> tuple[str, ...]:
    if isinstance(told, Ratings):
        how = "逐人对各产品的分数作最小二乘（效应编码，同一属性的效用合计为 0），再按人平均；重要性 = 每人各属性效用的极差 ÷ 极差合计，再平均；给所有产品同样分数的人没有重要性。"
        base = f"基数：给全部或足够多的产品（共 {len(told.cards)} 个）打了分的人。"
    else:
        left = (
            f"；{count(told.n_unusable)} 个任务的回答和设计对不上，未计入"
            if told.n_unusable
            else ""
        )
        none = "；“都不选”作为一个备选项" if told.has_none else ""
        how = "条件 Logit（效应编码，同一属性的效用合计为 0）；重要性 = 各属性效用的极差 ÷ 极差合计，区间由效用的 2,000 次抽样给出；区间按答卷聚类（答卷数不到参数的两倍时用模型方差）。"
        base = f"基数：至少答了一个任务的人，共 {count(_n_tasks(told))} 个任务{left}{none}。"
    constant = f"“{'、'.join(told.constant)}”在每次比较里都相同，估不出价值，没有列入。" if told.constant else ""  # fmt: skip
    return tuple(filter(None, (
        base, how, constant,
        f"人群按“{banner.label}”{banner.note}划分，各自单独计算。" if banner else "",
        "模拟的占比是偏好占比，不含渠道、知晓度和铺货，不能当作销量预测。",
        rule.small_bases, people.note,
    )))  # fmt: skip


def _n_tasks(told: ChoiceTasks) -> int:
    return int(told.rows["is_chosen"].sum())


ANALYSIS = Analysis(
    key="conjoint",
    title=TITLE,
    question="产品的哪个属性最左右选择，每个取值值多少？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=230,
    theme="取舍",
)
