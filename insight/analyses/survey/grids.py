"""How every row of a matrix is rated: shares around the neutral answer, boxes, means, and the gaps between two matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import QuestionsMissing, TooFewRows
from insight.members import Members, ticked
from insight.parameters import Correcting, Significance, rule_of
from insight.ratings.grids import Grid, grids, twins
from insight.stats.banner import count_choices, flagged
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked, Breaks, Saved, Weighing
from insight.tabulation.behind import answered
from insight.tabulation.everybody import EVERYBODY, asked_with_all, lettered, told_breaks
from insight.tabulation.gaps import gaps
from insight.tabulation.matrices import grid_lines
from insight.wording import count, decimal, percent

TITLE = "矩阵量表"
MOST_CHARTS, MOST_TOLD, MOST_GAPS = 6, 2, 4
Order = Literal["最高两分", "均值", "问卷顺序"]


class Params(BaseModel):
    """Which matrices, in which order, by which groups."""

    questions: list[str] = Field(default_factory=list, title="矩阵题", description="不选时用全部选项有高低顺序的矩阵题", json_schema_extra={"one_of": "matrix_questions"})  # fmt: skip
    order: Order = Field(
        default="最高两分", title="各行的顺序", description="三点以下的量表没有最高两分，按均值排"
    )
    breaks: Breaks = []
    banner: Saved = ""
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"


@dataclass(frozen=True, slots=True)
class Plan:
    """The matrices, who is asked, and in which columns."""

    book: Asked
    grids: tuple[Grid, ...]


def run(dataset: Dataset, params: Params) -> Result:
    """Tell every row of every matrix."""
    rule = rule_of(params.correction, params.level)
    plan = _plan(dataset, params, rule)
    rows = _rows(plan, rule)
    if not rows["base"].sum():
        raise TooFewRows("矩阵题的回答", 0, 1)
    rows = _ordered(rows, params.order)
    table = _points(plan, rows, rule)
    pairs = twins(plan.grids)
    tables = {"table": table, "rows": rows}
    if pairs:
        tables["differences"] = _differences(plan, pairs, rule)
    findings = (*_about_rows(plan, rows, rule), *_about_gaps(tables, rule))
    return Result(tables, _pictures(plan, table, rows), findings, _notes(plan, pairs, params=params, rule=rule))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave which answer, and who is in which column."""
    plan = _plan(dataset, params, rule_of(params.correction, params.level))
    responses, unit = plan.book.people.responses, ("respondent_id",)
    items = [item for grid in plan.grids for item in grid.items]
    each = [
        ticked(grid.answers(responses, at), responses["respondent_id"], name="option").with_columns(question=pl.lit(item.id))
        for grid in plan.grids for at, item in enumerate(grid.items)
    ]  # fmt: skip
    return {"table": Members(pl.concat(each), unit, "n"), "rows": Members(answered(plan.book, items), unit, "base")}  # fmt: skip


def _plan(dataset: Dataset, params: Params, rule: Rule) -> Plan:
    assert dataset.responses is not None
    _, found = grids(dataset.questionnaire, dataset.responses, ids=params.questions)
    if not found:
        raise QuestionsMissing(TITLE, "选项有高低顺序的矩阵题", "您对以下各方面有多满意？（行：价格、包装、物流……；列：很不满意到很满意）")  # fmt: skip
    book = asked_with_all(
        dataset, [g.question for g in found], breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base
    )  # fmt: skip
    responses, found = grids(dataset.questionnaire, book.people.responses, ids=[g.question.id for g in found])  # fmt: skip
    return Plan(replace(book, people=replace(book.people, responses=responses)), found)


def _rows(plan: Plan, rule: Rule) -> pl.DataFrame:
    """Boxes and means of every row of every matrix in every column."""
    cells = lettered(grid_lines(plan.grids, plan.book, rule=rule), plan.book.families)
    return cells.select(pl.col("row").alias("item"), "question", pl.exclude("row", "question"))


def _ordered(rows: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The rows of each matrix in the order that everybody's answers give them, best first; columns stay."""
    everybody = rows.filter(**{"break": EVERYBODY}).with_row_index("at_row")
    first = pl.int_range(pl.len()).over("grid")
    keys = {"最高两分": ["top2_share", "mean"], "均值": ["mean", "top2_share"], "问卷顺序": []}[
        order
    ]
    at_grid = pl.col("at_row").min().over("grid")
    ranked = everybody.with_columns(at_grid=at_grid, asked=first).sort(
        ["at_grid", *keys, "asked"], descending=[False, *[True] * len(keys), False], nulls_last=True
    )  # fmt: skip
    places = ranked.with_row_index("place").select("question", "place")
    return rows.join(places, on="question", how="left", maintain_order="left").sort("place", maintain_order=True).drop("place")  # fmt: skip


def _points(plan: Plan, rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """How often every point of the scale was chosen by everybody, rows in the order of ``rows``."""
    people = plan.book.people
    known = {i.id: (g, at) for g in plan.grids for at, i in enumerate(g.items)}
    found = []
    for question in rows["question"].unique(maintain_order=True):
        grid, at = known[question]
        counted = count_choices(grid.answers(people.responses, at), weight=people.weight)
        item, asked, title = (pl.lit(text).alias(name) for name, text in (("item", grid.labels[at]), ("question", question), ("grid", grid.title)))  # fmt: skip
        found.append(counted.rename({"row": "option"}).select(item, asked, "option", "n", "base", "effective_base", "share", title))  # fmt: skip
    return pl.concat(found).pipe(flagged, rule=rule)


def _differences(plan: Plan, pairs: Sequence[tuple[Grid, Grid]], rule: Rule) -> pl.DataFrame:
    """The gaps between the rows of every two matrices that ask of the same rows, row by row."""
    found = []
    for first, second in pairs:
        there = dict(zip(second.labels, second.items, strict=True))
        both = [(item, there[name]) for item, name in zip(first.items, first.labels, strict=True)]
        names = {item.id: name for item, name in zip(first.items, first.labels, strict=True)}
        told = gaps(both, plan.book.families, people=plan.book.people, rule=rule)
        item = pl.col("question").replace_strict(names, return_dtype=pl.String)
        heads = (pl.lit(first.title).alias("grid"), pl.lit(second.title).alias("other_grid"), item.alias("item"))  # fmt: skip
        found.append(told.select(*heads, pl.all()))
    return pl.concat(found)


def _pictures(plan: Plan, table: pl.DataFrame, rows: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """A diverging chart of every matrix; the first is called as its table is."""
    means = {r["question"]: r["mean"] for r in rows.filter(**{"break": EVERYBODY}).iter_rows(named=True)}  # fmt: skip
    placed = table.with_row_index("at").filter(pl.col("share").is_not_null())
    drawn: dict[str, alt.TopLevelMixin] = {}
    for grid in plan.grids[:MOST_CHARTS]:
        own = placed.filter(grid=grid.title)
        if own.is_empty():
            continue
        written = [f"均值 {decimal(means[q], digits=2)}{flag}" for q, flag in own.select("question", "flag").rows()]  # fmt: skip
        option = own["option"].cast(pl.Enum([label for _, label in grid.points]))
        data = own.select("at", "item", option, "share", "n", "base", pl.Series("written", written, dtype=pl.String))  # fmt: skip
        name = "table" if not drawn else grid.question.id
        drawn[name] = charts.diverging(data, label="item", part="option", value="share", beside="written", title=grid.title)  # fmt: skip
    return drawn


def _about_rows(plan: Plan, rows: pl.DataFrame, rule: Rule) -> list[Finding]:
    """The best and the worst row of every matrix."""
    everybody = rows.with_row_index("at").filter(pl.col("mean").is_not_null(), **{"break": EVERYBODY})  # fmt: skip
    found = []
    for grid in plan.grids:
        own = everybody.filter(grid=grid.title).sort("mean", descending=True, maintain_order=True)
        picked = [(own.row(0, named=True), "最高")] if own.height else []
        if own.height > 1:
            picked.append((own.row(-1, named=True), "最低"))
        found += [_row(grid, row, place, rule) for row, place in picked[:MOST_TOLD]]
    return found


def _row(grid: Grid, row: Mapping[str, Any], place: str, rule: Rule) -> Finding:
    cells, boxes = ["mean", "base"], ""
    if row["top2_share"] is not None:
        cells += ["top2_share", "bottom2_share"]
        boxes = (
            f"，最高两分占 {percent(row['top2_share'])}，最低两分占 {percent(row['bottom2_share'])}"
        )
    text = (
        f"{grid.question.id}“{grid.question.wording}”中均值{place}的是“{row['item']}”：{decimal(row['mean'], digits=2)} 分{boxes}，"
        f"{count(row['base'])} 人作答{rule.caution(row['base'])}。"
    )
    return Finding(text, row["base"], tuple(Cell("rows", row["at"], c) for c in cells))


def _about_gaps(tables: Mapping[str, pl.DataFrame], rule: Rule) -> list[Finding]:
    """The widest significant gaps between two matrices."""
    if "differences" not in tables:
        return []
    placed = tables["differences"].with_row_index("at").filter(**{"break": EVERYBODY})
    sure = placed.filter(pl.col("p_adjusted") <= max(rule.levels))
    widest = sure.sort(pl.col("gap").abs(), descending=True, maintain_order=True)
    return [_gap(row, rule) for row in widest.head(MOST_GAPS).iter_rows(named=True)]


def _gap(row: Mapping[str, Any], rule: Rule) -> Finding:
    lower = "低" if row["gap"] < 0 else "高"
    text = (
        f"“{row['item']}”：{row['grid'].split(' ', 1)[0]} 平均 {decimal(row['mean'], digits=2)} 分，比 {row['other_grid'].split(' ', 1)[0]} 的 "
        f"{decimal(row['other_mean'], digits=2)} 分{lower} {decimal(abs(row['gap']), digits=2)} 分，{count(row['base'])} 人两题都作答{rule.caution(row['base'])}。"
    )
    cells = ("mean", "other_mean", "gap", "base")
    return Finding(text, row["base"], tuple(Cell("differences", row["at"], c) for c in cells), _test(rule))  # fmt: skip


def _test(rule: Rule) -> str:
    return f"配对 t 检验（双侧，p≤{rule.levels[0]:g}，校正：{CORRECTION_LABELS[rule.correction]}）"


def _notes(
    plan: Plan, pairs: Sequence[tuple[Grid, Grid]], *, params: Params, rule: Rule
) -> tuple[str, ...]:
    book, lefts = plan.book, [g for g in plan.grids if len(g.points) % 2 == 0]
    even = "、".join(g.question.id for g in lefts)
    compared = "；".join(f"{a.question.id} 与 {b.question.id}" for a, b in pairs)
    return (
        f"基数：各行给出有高低之分的回答的答卷数，“不知道”“不适用”一类不计入；{told_breaks(book)}。",
        *book.notes,
        "筛选：全部未被排除的答卷。",
        "分数：数字题用原分数，文字选项按高低换成 1、2、3……（见“各点占比”里的选项）；图上中间一档左右各半，左侧偏低、右侧偏高。",
        *((f"{even} 的量表没有中间一档，左右各一半。",) if even else ()),
        f"各行按全部答卷的{params.order}排列；最高两分、最低两分只对四点以上的量表。",
        *((f"两张矩阵的行和最高分相同，逐人相减（前者 − 后者）：{compared}；{_test(rule)}，同一列的各行为一族，d 为差值的 Cohen’s d。",) if pairs else ()),
        "检验：最高两分占比用列比例 z 检验（合并方差），均值用 Welch t 检验，同一行内各列两两比较，各有一列字母。",
        *rule.footnotes[1:3],
        book.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="grids",
    title=TITLE,
    question="矩阵里各项打分怎么样，谁高谁低？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=110,
    theme="量表",
)
