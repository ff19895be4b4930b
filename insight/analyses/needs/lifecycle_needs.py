"""What do new customers ask for, and what those about to leave: needs along the stages of the lifecycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.needs import (
    Known,
    Need,
    Raised,
    heard,
    labels_of,
    placed,
    weights_of,
    worth_of,
)
from insight.needs.asking import tested_how
from insight.needs.staging import FALLS, RISES, need_trends, staged_needs
from insight.parameters import Correcting, NumberOfTopics, Significance, rule_of
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.lifecycle_definition import DECLINING, LOST, NEW
from insight.stats.banner import TOTAL, cell_words, column_table, headings
from insight.stats.proportions import Rule
from insight.wording import count, money, percent, points

TITLE = "各阶段的需求"
MOST_DRAWN, MOST_TOLD = 30, 3


class Params(BaseModel):
    """Where needs come from, and how the stages are compared."""

    questions: list[str] = Field(
        default_factory=list,
        title="需求题（多选）",
        description="留空时自动选题干谈到需要、看重、不满等的多选题；没有这样的题就用全部多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    use_topics: bool = Field(
        default=True, title="使用开放文本", description="把开放题、评论和访谈里的话也归入需求"
    )
    n_topics: NumberOfTopics = 0
    use_weight: bool = Field(default=True, title="使用权重")
    correction: Correcting = "bh"
    level: Significance = "5% / 1%"


@dataclass(frozen=True, slots=True)
class _Ends:
    """The stages that are set against each other, and the rule of the tests."""

    early: str
    late: str
    rule: Rule


def run(dataset: Dataset, params: Params) -> Result:
    """Needs of all sources against the stages, and their trend."""
    assert dataset.orders is not None
    rule = rule_of(params.correction, params.level)
    raised, notes = _heard(dataset, params)
    stages = break_of(dataset, "lifecycle", unit="customer_id")
    weights = weights_of(dataset) if params.use_weight else None
    known = Known(worth_of(dataset.orders, "lately"), weights, *_NOT_ASKED)
    people = placed(raised, known, banner=stages, vote="person")
    if people.height < rule.tiny_base or len(stages.groups) < 2:
        raise TooFewRows("说过需求并且生命周期阶段可知的客户", people.height, rule.tiny_base)
    if not raised.needs:
        raise TooFewRows("有人提到的需求", 0, 1)
    ends = _ends(stages.groups, rule)
    table = staged_needs(raised, people, stages=stages.groups, rule=rule)
    trends = need_trends(table, stages=stages.groups, first=ends.early, second=ends.late, rule=rule)
    tables = {"stages": table, "trends": trends, "columns": _columns(table, stages)}
    pictures = {"stages": _picture(table, raised, stages), "trends": _apart(trends, ends)}
    told = (*_notes(stages, ends, weighted=weights is not None), *tested_how(rule), *notes)
    return Result(tables, pictures, tuple(_findings(trends, ends)), told)


_NOT_ASKED = (pl.DataFrame(), pl.DataFrame())  # satisfaction and absences: 各人群的需求 tells them


def _heard(dataset: Dataset, params: Params) -> tuple[Raised, tuple[str, ...]]:
    return heard(
        dataset, title=TITLE, questions=params.questions, use_topics=params.use_topics, n_topics=params.n_topics
    )  # fmt: skip


def _ends(stages: Sequence[str], rule: Rule) -> _Ends:
    """New customers against those about to leave; where a stage is empty, the nearest one that is not."""
    early = NEW if NEW in stages else stages[0]
    late = next((one for one in (DECLINING, LOST) if one in stages), stages[-1])
    return _Ends(early, late if late != early else stages[-1], rule)


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers who raise each need in each stage, and the texts they say it in."""

    def behind() -> pl.DataFrame:
        groups = break_of(dataset, "lifecycle", unit="customer_id").members
        told = _heard(dataset, params)[0].mentions().join(groups, on="customer_id")
        return told.rename({"group": "stage"}).select(known)

    known = ("need", "source", "stage", "customer_id", "text_id")
    inner = later(behind, *known)
    everybody = inner.drop("stage")
    both = pl.concat([inner, inner.with_columns(stage=pl.lit(TOTAL))])
    unit = ("customer_id",)
    return {"stages": Members(both, unit, "n"), "trends": Members(everybody, unit, "n")}


def _columns(table: pl.DataFrame, stages: Break) -> pl.DataFrame:
    """(n_sources x (1 + n_stages)) source, stage, letter, base, flag."""
    parts = [
        column_table(part.rename({"stage": "column"}), stages.groups).select(
            pl.lit(source).alias("source"), stage="column", letter="letter", base="base", flag="flag"
        )
        for (source,), part in table.group_by("source", maintain_order=True)
    ]  # fmt: skip
    return pl.concat(parts)


def _picture(table: pl.DataFrame, raised: Raised, stages: Break) -> alt.TopLevelMixin:
    wide = len(stages.groups) + 1
    names = [name for name in labels_of(raised.needs) for _ in range(wide)]
    told = table.with_row_index("at").select(
        "at", pl.Series("need", names), pl.col("stage").replace(headings(stages.groups)), "share", "n", "base",
        "revenue", cell_words(table), is_small=pl.col("flag") != "",
    )  # fmt: skip
    return charts.heat(told.head(MOST_DRAWN * wide), row="need", column="stage", value="share", text="words")  # fmt: skip


def _apart(trends: pl.DataFrame, ends: _Ends) -> alt.TopLevelMixin:
    """By how much those about to leave raise each need more or less often than new customers."""
    known = trends.with_row_index("at").drop_nulls("pair_difference")
    far = known.sort(pl.col("pair_difference").abs(), "at", descending=[True, False]).head(MOST_DRAWN)  # fmt: skip
    shown = far.sort("pair_difference", "at", descending=[True, False])
    names = labels_of(Need(*row) for row in shown.select("need", "source").rows())
    named = shown.with_columns(pl.Series("need", names, dtype=pl.String))
    columns = ("at", "need", "pair_difference", "low_difference", "high_difference", "early_share", "late_share", "n", "base")  # fmt: skip
    title = f"提到各项需求的占比：“{ends.late}”比“{ends.early}”高多少"
    return charts.changes(named.select(columns), label="need", value="pair_difference", title=title)  # fmt: skip


def _findings(trends: pl.DataFrame, ends: _Ends) -> Iterator[Finding]:
    """What leads at the end, what leads at the beginning, and what rises or falls on the way."""
    rows = trends.with_row_index("at")
    level = max(ends.rule.levels)
    clear = rows.filter(pl.col("q_value") <= level)
    for sign in (1, -1):
        own = clear.filter(pl.col("pair_difference") * sign > 0)
        far = own.sort(pl.col("pair_difference").abs(), "at", descending=[True, False])
        yield from (_contrast(row, ends) for row in far.head(MOST_TOLD).to_dicts())
    yield from (_rising(row, ends) for row in rows.filter(pl.col("stage_trend").is_in([RISES, FALLS])).head(MOST_TOLD).to_dicts())  # fmt: skip
    known = rows.drop_nulls("pair_difference")
    if clear.is_empty() and known.height:
        row = known.sort("q_value", "at", nulls_last=True).row(0, named=True)
        text = (
            f"“{ends.late}”与“{ends.early}”客户的需求没有查出差别；最接近的是“{row['need']}”：{percent(row['late_share'])} 对 {percent(row['early_share'])}，"
            "在随机波动之内。"
        )
        yield Finding(text, row["base"], _cells(row, "late_share", "early_share"), ends.rule.test)


def _contrast(row: Mapping[str, Any], ends: _Ends) -> Finding:
    more, first, second = ("late", ends.late, ends.early) if row["pair_difference"] > 0 else ("early", ends.early, ends.late)  # fmt: skip
    less = "early" if more == "late" else "late"
    text = (
        f"“{first}”客户更常提到“{row['need']}”：{percent(row[f'{more}_share'])}，“{second}”客户 {percent(row[f'{less}_share'])}，"
        f"相差 {points(abs(row['pair_difference']))}；提到它的客户共 {count(row['n'])} 人，消费 {money(row['revenue'])}。"
    )
    cells = ("early_share", "late_share", "pair_difference", "n", "revenue")
    return Finding(text, row["base"], _cells(row, *cells), ends.rule.test)


def _rising(row: Mapping[str, Any], ends: _Ends) -> Finding:
    way = "上升" if row["stage_trend"] == RISES else "下降"
    text = f"“{row['need']}”的提及率沿生命周期{way}：每往后一个阶段平均{'多' if row['z'] > 0 else '少'} {points(abs(row['step_difference']))}。"
    test = f"Cochran–Armitage 趋势检验（双侧，p≤{max(ends.rule.levels):g}，各需求一并校正）"
    return Finding(text, row["base"], _cells(row, "step_difference"), test)


def _cells(row: Mapping[str, Any], *columns: str) -> tuple[Cell, ...]:
    return tuple(Cell("trends", row["at"], column) for column in columns)


def _notes(stages: Break, ends: _Ends, *, weighted: bool) -> Sequence[str]:
    order = "、".join(stages.groups)
    return (
        f"阶段：按“{stages.label}”{stages.note}划分，是统计日那天的阶段，不是说话那天的；顺序：{order}。",
        f"趋势：占比随阶段顺序变化的 Cochran–Armitage 检验（阶段等距），各需求一并校正；“{order}”不是一条时间线，升降只说明排在后面的阶段提得更多或更少。",
        f"两端：“{ends.late}”减“{ends.early}”，合并方差 z 检验，各需求一并校正；区间为 Newcombe（1998）。",
        f"权重：{'占比按研究的权重加权，检验用有效基数' if weighted else '未加权'}；人数、基数和金额不加权。",
        "金额：提到该需求的客户的全部消费净额，一位客户可有几项需求，不能相加；可能流失的金额见“各人群的需求”，人群选“生命周期阶段”。",
    )


ANALYSIS = Analysis(
    key="lifecycle_needs",
    title=TITLE,
    question="新客要什么，快要离开的客户要什么？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("customer_id",),
    },
    params=Params,
    run=run,
    members=members,
    place=50,
)
