"""What goes with whom on one map: correspondence analysis of answers or words by groups, or of brands by attributes."""

from __future__ import annotations

from typing import Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.contingency import Counts, of_groups, of_questions, of_words
from insight.dataset import Dataset
from insight.errors import MissingColumns, NothingToTell, TooFewRows
from insight.mapping import attractions, axes, filled, points
from insight.settings import settings
from insight.stats.correspondence import Map, correspondence
from insight.stats.proportions import Rule
from insight.wording import count, percent

TITLE = "对应图"
ENOUGH = 0.6  # of the inertia on two axes; below it distances on the map mislead
MOST_NAMED, MOST_FINDINGS = 80, 3


class Params(BaseModel):
    """What is mapped: a question or words by groups, or several questions by their options."""

    source: Literal["题目", "用词"] = Field(default="题目", title="看什么")
    questions: list[str] = Field(
        default_factory=list,
        title="题目",
        description="一道题：选项 × 人群；几道选项相同的题（一个品牌一道），或一个矩阵：题目 × 选项。留空用选项最多的多选题",
        json_schema_extra={"one_of": "questions"},
    )
    by: str = Field(
        default="",
        title="人群",
        description="不选时用 RFM 八类；没有订单时用第一个能分组的变量",
        json_schema_extra={"one_of": "breaks"},
    )
    further: str = Field(
        default="",
        title="补充的人群",
        description="标在图上，但不影响图的形状",
        json_schema_extra={"one_of": "breaks"},
    )
    n_words: int = Field(default=30, ge=5, le=60, title="最多多少个词")
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Place both sides of the table on two axes."""
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people, told = _counts(dataset, params)
    if told.base < rule.tiny_base:
        raise TooFewRows("能放进对应图的人", told.base, rule.tiny_base)
    told, left = filled(told, least=rule.tiny_base)
    if min(told.counts.shape) < 2:
        raise NothingToTell(
            TITLE, "有人选的行或列不足两个", "请换一道选项更多的题，或分组更多的人群。"
        )
    found = correspondence(told.counts)
    if found.total < 1e-12:
        raise NothingToTell(
            TITLE, "各人群的回答完全一样，没有可以画的差别", "请换一道题或换一种人群。"
        )
    tables = {"points": points(told, found), "axes": axes(found), "attractions": attractions(told)}  # fmt: skip
    return Result(
        tables,
        {"points": _picture(tables["points"], tables["axes"])},
        _findings(tables, told, rule=rule),
        _notes(told, found, people, left=left, rule=rule),
    )


def _counts(dataset: Dataset, params: Params) -> tuple[Sample | None, Counts]:
    if params.source == "用词":
        if dataset.texts is None:
            raise MissingColumns(TITLE, ("文本：内容",))
        return None, of_words(dataset, by=params.by, question="", most=params.n_words)
    if dataset.responses is None:
        raise MissingColumns(TITLE, ("问卷：题目",))
    people = sample(dataset.responses, use_weight=params.use_weight)
    first = dataset.questionnaire.find(params.questions[0]) if params.questions else None
    is_matrix = first is not None and first.kind == "matrix"
    if len(params.questions) > 1 or (is_matrix and not params.by):
        return people, of_questions(dataset, people, params.questions)
    one = params.questions[0] if params.questions else ""
    return people, of_groups(dataset, people, one, by=params.by, further=params.further)


def _picture(placed: pl.DataFrame, shown: pl.DataFrame) -> alt.TopLevelMixin:
    named = [f"维度 {i + 1}（{percent(s)}）" for i, s in enumerate(shown["inertia_share"].head(2))]
    named += ["（只有一个维度）"] * (2 - len(named))
    strong = placed.sort("mass_share", descending=True, nulls_last=False, maintain_order=True)
    drawn = strong.head(MOST_NAMED).select("kind", "point", "first", "second", "quality_share")
    return charts.biplot(drawn, label="point", x="first", y="second", side="kind", titles=(named[0], named[1]))  # fmt: skip


def _findings(tables: dict[str, pl.DataFrame], told: Counts, *, rule: Rule) -> tuple[Finding, ...]:
    at = min(1, len(tables["axes"]) - 1)
    shown = tables["axes"]["cumulative_inertia_share"][at]
    caution = (
        f"不足 {percent(ENOUGH, digits=0)}，图上的远近只能参考，请以表中数字为准"
        if shown < ENOUGH
        else "图上的远近可以代表差别"
    )
    words = [
        f"“{row['column_group']}”更突出的是“{row['row_group']}”（占 {percent(row['share'])}，全体 {percent(row['share_all'])}）"
        for row in tables["attractions"].head(MOST_FINDINGS).iter_rows(named=True)
        if row["residual"] > 0
    ]
    text = f"前两个维度解释 {percent(shown)} 的差别，{caution}；{'；'.join(words)}{rule.caution(told.base)}。"
    cells = [Cell("axes", at, "cumulative_inertia_share")]
    cells += [Cell("attractions", i, c) for i in range(len(words)) for c in ("share", "share_all")]
    return (Finding(text, told.base, tuple(cells)),)


def _notes(
    told: Counts, found: Map, people: Sample | None, *, left: tuple[str, ...], rule: Rule
) -> tuple[str, ...]:
    empty = (
        f"没有人选的行、不足 {rule.tiny_base} 人的列不在图上：{'、'.join(left)}。" if left else ""
    )
    return tuple(filter(None, (
        f"基数：{count(told.base)} 人；行是“{told.row_side}”，列是“{told.column_side}”{told.banner.note if told.banner else ''}。",
        f"对应分析：标准化残差的奇异值分解（Greenacre 2017），行和列都用主坐标；总惯量 {found.total:.4f}。",
        "行与行、列与列之间的距离是卡方距离；行与列之间只看方向，不看距离。靠近中心的点没有特色。",
        "贡献：一个点占一个维度惯量的比例；质量（cos²）：一个点的差别有多少画在前两个维度上，低的点位置不可靠。",
        "“补充的人群”按已有的维度投影上去，不影响图的形状。" if told.further is not None else "",
        empty, rule.small_bases, people.note if people else "权重：用词按人数计，不加权。",
    )))  # fmt: skip


ANALYSIS = Analysis(
    key="correspondence",
    title=TITLE,
    question="哪些回答、用词或形象属于哪些人群（品牌）？",
    needs={"responses|texts": ("respondent_id|text",)},
    params=Params,
    run=run,
    place=410,
    theme="定位",
    reads_words=True,
)
