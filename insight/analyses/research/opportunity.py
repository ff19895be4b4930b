"""Which needs matter and are not met: importance and satisfaction of the same things, for everybody and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.members import Members, ticked
from insight.ratings import (
    Rated,
    each_group,
    groups_if_any,
    importance_and_satisfaction,
    points,
    scored,
)
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.banner import SUPPRESSED
from insight.stats.opportunity import LEVELS, level_of, opportunity
from insight.stats.proportions import Rule
from insight.wording import count, decimal, listed

TITLE = "机会得分"
MOST_TOLD = 5


class Params(BaseModel):
    """Which ratings belong to importance, which to satisfaction, and by which groups."""

    importance: list[str] = Field(
        default_factory=list,
        title="重要性题",
        description="不选时按题干里的“重要”“看重”识别；选矩阵题表示它的每一行",
        json_schema_extra={"one_of": "items"},
    )
    satisfaction: list[str] = Field(
        default_factory=list,
        title="满意度题",
        description="不选时按题干里的“满意”识别；行名相同的成对，都不同而项数相同的按顺序成对",
        json_schema_extra={"one_of": "items"},
    )
    by: str = Field(
        default="",
        title="人群",
        description="各人群分别计算；不选时用 RFM 八类，没有订单时用第一个能分组的变量",
        json_schema_extra={"one_of": "breaks"},
    )
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Score every need for everybody, then in each group."""
    people, rated = _asked(dataset, params)
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    banner = groups_if_any(dataset, params.by)
    tops = _tops(people, rated)
    table = need_table(people, rated, tops=tops, rule=rule).sort("opportunity", descending=True, nulls_last=True, maintain_order=True)  # fmt: skip
    tables = {"needs": table}
    if banner:
        parts = [
            need_table(part, rated, tops=tops, rule=rule)
            .insert_column(0, pl.repeat(name, len(rated), eager=True).alias("segment"))
            for name, part in each_group(people, banner)
        ]  # fmt: skip
        tables |= {"by_segment": pl.concat(parts)} if parts else {}
    return Result(tables, {"needs": _picture(table)}, _findings(tables, rule), _notes(people, rated, rule=rule, banner=banner, tops=tops))  # fmt: skip


def _asked(dataset: Dataset, params: Params) -> tuple[Sample, tuple[Rated, ...]]:
    assert dataset.responses is not None
    people = sample(dataset.responses, use_weight=params.use_weight)
    rated = importance_and_satisfaction(
        dataset.questionnaire, people.responses, title=TITLE,
        importance=params.importance, satisfaction=params.satisfaction,
    )  # fmt: skip
    return people, rated


def _tops(people: Sample, rated: Sequence[Rated]) -> tuple[float, float]:
    """The lowest rating that counts as one of the top two, of importance and of satisfaction."""
    sides = ([r.importance for r in rated], [r.satisfaction for r in rated])
    first, second = (points(people.responses, side) for side in sides)
    return first[-2:][0], second[-2:][0]


def need_table(
    people: Sample, rated: Sequence[Rated], *, tops: tuple[float, float], rule: Rule
) -> pl.DataFrame:
    """Score every need among those who rated both sides.

    Returns
    -------
    (n_needs) need, base, importance, satisfaction [0..10], opportunity [0..20], opportunity_low,
        opportunity_high [95 %], opportunity_level, flag; scores are null where the base is tiny
    """
    rows = [_row(people, one, tops=tops, rule=rule) for one in rated]
    return pl.DataFrame(rows, schema=_SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))


_SCHEMA = {
    "need": pl.String, "base": pl.Int64,
    **dict.fromkeys(("importance", "satisfaction", "opportunity", "opportunity_low", "opportunity_high"), pl.Float64),
    "opportunity_level": pl.String, "flag": pl.String,
}  # fmt: skip


def _row(people: Sample, one: Rated, *, tops: tuple[float, float], rule: Rule) -> dict[str, object]:
    important, satisfied = _both(people, one)
    known = (important.is_not_null() & satisfied.is_not_null()).to_numpy()
    base = int(known.sum())
    flag = SUPPRESSED if base < rule.tiny_base else "*" if base < rule.small_base else ""
    row: dict[str, object] = {"need": one.label, "base": base, "flag": flag}
    if base < max(rule.tiny_base, 1):
        return row
    first, second = (
        (side.to_numpy()[known] >= top).astype(np.float64)
        for side, top in zip((important, satisfied), tops, strict=True)
    )
    found = opportunity(first, second, people.weight.to_numpy()[known])
    return row | {
        "importance": found.importance, "satisfaction": found.satisfaction, "opportunity": found.score,
        "opportunity_low": found.low, "opportunity_high": found.high, "opportunity_level": level_of(found),
    }  # fmt: skip


def _both(people: Sample, one: Rated) -> tuple[pl.Series, pl.Series]:
    return scored(people.responses, one.importance), scored(people.responses, one.satisfaction)


def _picture(table: pl.DataFrame) -> alt.LayerChart:
    """The landscape: importance across, satisfaction up, a line for every threshold."""
    lines = {f"机会 {least:g}": ((least / 2, 0.0), (10.0, 20.0 - least)) for least, _ in LEVELS}
    ground = charts.Ground(across=(0.0, 10.0), up=(0.0, 10.0), slants={**lines, "重要＝满意": ((0.0, 0.0), (10.0, 10.0))})  # fmt: skip
    shown = table.with_row_index("at").select("at", "need", "importance", "satisfaction", "opportunity", "opportunity_level", is_small=pl.col("flag") != "")  # fmt: skip
    return charts.quadrants(shown, label="need", x="importance", y="satisfaction", ground=ground, title="机会图")  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame], rule: Rule) -> tuple[Finding, ...]:
    rows = [r for r in tables["needs"].with_row_index("at").iter_rows(named=True) if r["opportunity"] is not None]  # fmt: skip
    told = [_about(row, at, rule) for at, row in enumerate(rows[:MOST_TOLD])]
    return (*told, *_differing(tables))


def _about(row: Mapping[str, Any], place: int, rule: Rule) -> Finding:
    lead = "机会最大的需求是" if place == 0 else "其次是" if place == 1 else "还有"
    text = (
        f"{lead}“{row['need']}”：重要性 {decimal(row['importance'], digits=2)}，满意度 {decimal(row['satisfaction'], digits=2)}，"
        f"机会得分 {decimal(row['opportunity'], digits=2)}（{row['opportunity_level']}），{count(row['base'])} 人作答{rule.caution(row['base'])}。"
    )
    cells = ("importance", "satisfaction", "opportunity", "base")
    return Finding(text, row["base"], tuple(Cell("needs", row["at"], c) for c in cells))


def _differing(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """The largest opportunity of each group with enough people, where it is one."""
    if "by_segment" not in tables:
        return []
    least = LEVELS[-1][0]
    sure = tables["by_segment"].with_row_index("at").filter(pl.col("flag") == "", pl.col("opportunity") > least)  # fmt: skip
    best = sure.sort(["opportunity", "at"], descending=[True, False]).unique("segment", keep="first", maintain_order=True)  # fmt: skip
    return [
        Finding(
            f"“{r['segment']}”最大的机会是“{r['need']}”：机会得分 {decimal(r['opportunity'], digits=2)}（{r['opportunity_level']}，{count(r['base'])} 人作答）。",
            r["base"],
            (Cell("by_segment", r["at"], "opportunity"), Cell("by_segment", r["at"], "base")),
        )
        for r in best.head(MOST_TOLD).iter_rows(named=True)
    ]


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who rated both sides of each need, altogether and by group."""
    people, rated = _asked(dataset, params)
    answered = pl.DataFrame(
        [(a.is_not_null() & b.is_not_null()).alias(one.label) for one in rated for a, b in (_both(people, one),)]
    )  # fmt: skip
    told = ticked(answered, people.responses["respondent_id"], name="need")
    found = {"needs": Members(told, ("respondent_id",), "base")}
    banner = groups_if_any(dataset, params.by)
    if banner and "by_segment" in result.tables:
        groups = banner.members.lazy().select("respondent_id", segment="group")
        found["by_segment"] = Members(told.join(groups, on="respondent_id"), ("respondent_id",), "base")  # fmt: skip
    return found


def _notes(
    people: Sample, rated: Sequence[Rated], *, rule: Rule, banner: Break | None, tops: tuple[float, float]
) -> tuple[str, ...]:  # fmt: skip
    split = f"人群按“{banner.label}”{banner.note}划分。" if banner else "数据里没有能分组的变量，只给总体。"  # fmt: skip
    asked = listed([f"{r.importance.id}×{r.satisfaction.id}" for r in rated], most=8)
    return (
        f"基数：同一项的重要性和满意度都打了分的答卷；没有筛选；{split}",
        f"配对：{asked}。",
        f"重要性和满意度 = 打最高两分的人的占比 ×10（重要性 {tops[0]:g} 分以上，满意度 {tops[1]:g} 分以上），取值 0–10。",
        "机会得分 = 重要性 + max(重要性 − 满意度, 0)；大于 10 有机会，大于 12 高机会，大于 15 极高机会（Ulwick，2005）；满意度高于重要性为过度满足。",
        "区间：每个人的得分的 95% 正态区间；没有做检验，不作多重比较校正。",
        people.note,
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不显示（—）。",
    )


ANALYSIS = Analysis(
    key="opportunity",
    title=TITLE,
    question="哪些需求重要却没有满足？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=12,
    theme="需求",
)
