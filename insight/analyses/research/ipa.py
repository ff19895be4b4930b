"""Where to do more and where less: importance against performance, with the cross-hair that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import QuestionsMissing
from insight.members import Members, ticked
from insight.parameters import Correcting
from insight.ratings import (
    importance_and_satisfaction,
    label_of,
    outcome_and_predictors,
    points,
)
from insight.ratings.complete import ratings_of
from insight.ratings.performance import Plan, answered, item_table
from insight.settings import settings
from insight.stats import drivers
from insight.stats.correlations import correlations
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.wording import count, decimal, percent

TITLE = "重要性—表现"
STATED, DERIVED = "打分", "推导"
QUARTERS = (
    "重点改进",
    "继续保持",
    "次要改进",
    "可能过度",
)  # upper left, upper right, lower left, lower right
LEVEL = 0.05
MOST_TOLD = 6


class Params(BaseModel):
    """Whence the importance, and where the quarters meet."""

    source: Literal["自动", "打分", "推导"] = Field(
        default="自动",
        title="重要性的来源",
        description="“打分”用直接问的重要性，“推导”用各方面对总体评价的驱动力（LMG）；自动：问了重要性就用打分",
    )
    cross: Literal["均值", "量表中点"] = Field(
        default="均值", title="十字线", description="推导的重要性没有量表中点，重要性总以均值为界"
    )
    importance: list[str] = Field(default_factory=list, title="重要性题", description="不选时按题干里的“重要”识别", json_schema_extra={"one_of": "items"})  # fmt: skip
    performance: list[str] = Field(default_factory=list, title="表现题", description="不选时按题干里的“满意”“表现”识别", json_schema_extra={"one_of": "items"})  # fmt: skip
    outcome: str = Field(default="", title="总体评价", description="推导重要性时用；不选时自动识别", json_schema_extra={"one_of": "items"})  # fmt: skip
    correction: Correcting = "holm"
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Place every item in one of the four quarters."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    plan = _plan(dataset, people, params)
    table = item_table(people, plan, correction=params.correction, rule=rule)
    cross = _cross(people, plan, table, params)
    table = _quartered(table, cross)
    lines = pl.DataFrame({"axis": ["表现", "重要性"], "position": list(cross), "method": _methods(plan, params)})  # fmt: skip
    return Result({"items": table, "cross_hair": lines}, {"items": _picture(table, cross)}, _findings(table, rule), _notes(people, plan, lines, params=params, rule=rule))  # fmt: skip


def _plan(dataset: Dataset, people: Sample, params: Params) -> Plan:
    asked = (dataset.questionnaire, people.responses)
    if params.source != DERIVED:
        try:
            rated = importance_and_satisfaction(*asked, title=TITLE, importance=params.importance, satisfaction=params.performance)  # fmt: skip
            stated = tuple(r.importance for r in rated)
            return Plan(tuple(r.label for r in rated), tuple(r.satisfaction for r in rated), stated, (), "重要性：直接打分的均值。")  # fmt: skip
        except QuestionsMissing:
            if params.source == STATED:
                raise
    outcome, single = outcome_and_predictors(*asked, title=TITLE, outcome=params.outcome, predictors=params.performance)  # fmt: skip
    ratings = ratings_of(people, outcome, single, missing="整份剔除")
    correlation = correlations(ratings.data, ratings.weight)[None]
    is_exact = len(ratings.labels) <= drivers.MOST_EXACT
    shares = (drivers.lmg if is_exact else drivers.johnson)(correlation)[0]
    total = shares.sum() or 1.0
    name = "LMG" if is_exact else "Johnson 相对权重"
    note = f"重要性：从“{label_of(outcome)}”推导，各方面占已解释差异的比例 ×100（{name}，{count(ratings.base)} 份答卷）。{''.join(ratings.notes)}"  # fmt: skip
    return Plan(ratings.labels, ratings.asked, (), tuple(100 * shares / total), note)


def _cross(
    people: Sample, plan: Plan, table: pl.DataFrame, params: Params
) -> tuple[float | None, float | None]:
    """Where performance and importance are cut."""
    found: list[float | None] = []
    for name, asked in (("performance", plan.performance), ("importance", plan.stated)):
        if params.cross == "量表中点" and asked:
            scale = points(people.responses, asked)
            found.append((scale[0] + scale[-1]) / 2)
        else:
            mean = table[name].mean()
            found.append(mean if isinstance(mean, float) else None)
    return found[0], found[1]


def _methods(plan: Plan, params: Params) -> list[str]:
    return [params.cross, params.cross if plan.stated else "均值"]


def _quartered(table: pl.DataFrame, cross: tuple[float | None, float | None]) -> pl.DataFrame:
    better, heavier = pl.col("performance") >= cross[0], pl.col("importance") >= cross[1]
    left, right = (pl.when(heavier).then(pl.lit(up)).otherwise(pl.lit(down)) for up, down in ((QUARTERS[0], QUARTERS[2]), (QUARTERS[1], QUARTERS[3])))  # fmt: skip
    known = pl.col("performance").is_not_null() & pl.col("importance").is_not_null()
    quarter = pl.when(known).then(pl.when(better).then(right).otherwise(left))
    return table.insert_column(4, table.select(quarter.alias("quadrant")).to_series())


def _picture(table: pl.DataFrame, cross: tuple[float | None, float | None]) -> alt.LayerChart:
    ends = [charts.around(pl.concat([table[c], pl.Series([at], dtype=pl.Float64)])) for c, at in zip(("performance", "importance"), cross, strict=True)]  # fmt: skip
    at = (cross[0], cross[1]) if cross[0] is not None and cross[1] is not None else None
    ground = charts.Ground(across=ends[0], up=ends[1], cross=at, corners=QUARTERS)
    shown = table.with_row_index("at").select("at", "item", "performance", "importance", "quadrant", "base", is_small=pl.col("flag") != "")  # fmt: skip
    return charts.quadrants(shown, label="item", x="performance", y="importance", ground=ground, title="重要性—表现图")  # fmt: skip


def _findings(table: pl.DataFrame, rule: Rule) -> tuple[Finding, ...]:
    order = {name: at for at, name in enumerate((QUARTERS[0], QUARTERS[1], QUARTERS[3], QUARTERS[2]))}  # fmt: skip
    rows = [r for r in table.with_row_index("at").iter_rows(named=True) if r["quadrant"]]
    rows.sort(key=lambda r: (order[r["quadrant"]], -r["importance"], r["item"]))
    return tuple(_about(row, rule) for row in rows[:MOST_TOLD])


def _about(row: Mapping[str, Any], rule: Rule) -> Finding:
    cells = ["importance", "performance", "base"]
    gap, test = "", ""
    if row.get("p_adjusted") is not None:
        sure = "差距显著" if row["p_adjusted"] <= LEVEL else "差距不显著"
        gap, test = f"，表现比重要性{'低' if row['gap'] < 0 else '高'} {decimal(abs(row['gap']), digits=2)} 分（{sure}）", _TEST  # fmt: skip
        cells.append("gap")
    text = (
        f"“{row['item']}”在“{row['quadrant']}”区：重要性 {decimal(row['importance'], digits=2)}，表现 {decimal(row['performance'], digits=2)}"
        f"{gap}，{count(row['base'])} 人作答{rule.caution(row['base'])}。"
    )
    return Finding(text, row["base"], tuple(Cell("items", row["at"], c) for c in cells), test)


_TEST = f"配对 t 检验（双侧，校正后 p≤{LEVEL:g}）"


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who rated each item."""
    assert dataset.responses is not None
    people = sample(dataset.responses, use_weight=params.use_weight)
    plan = _plan(dataset, people, params)
    rated = pl.DataFrame([answered(people, plan, at).alias(name) for at, name in enumerate(plan.labels)])  # fmt: skip
    told = ticked(rated, people.responses["respondent_id"], name="item")
    return {"items": Members(told, ("respondent_id",), "base")}


def _notes(
    people: Sample, plan: Plan, lines: pl.DataFrame, *, params: Params, rule: Rule
) -> tuple[str, ...]:
    told: Sequence[str] = [f"{r['axis']}以{r['method']} {decimal(r['position'], digits=2)} 为界" for r in lines.iter_rows(named=True)]  # fmt: skip
    tested = (
        f"差距 = 表现 − 重要性，{_TEST}，校正：{CORRECTION_LABELS[params.correction]}，全部项目为一族。"
        if plan.stated
        else f"推导的重要性与表现单位不同，不计算差距，也不作检验；所占比例合计 {percent(1)}。"
    )
    return (
        f"基数：{'重要性和表现都' if plan.stated else '表现'}打了分的答卷；没有筛选。",
        plan.note,
        f"十字线：{'，'.join(told)}。",
        tested,
        people.note,
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不显示（—）。",
        "方法：Martilla 与 James（1977）。",
    )


ANALYSIS = Analysis(
    key="ipa",
    title=TITLE,
    question="哪里该加强，哪里可以少做？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=22,
    theme="满意度",
)
