"""Who speaks of which topic: topics by segment, answer or month with letters, and what those who mention them spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.parameters import Correcting, NumberOfTopics, Seed, Significance, rule_of
from insight.stats.proportions import Rule
from insight.tabulation import CELL, averaged, banner_of, columns_of, crossed, paired, stub_of
from insight.tabulation.asking import Asked, Moded, Saved, Weighing
from insight.tabulation.behind import cells_of
from insight.tabulation.pictures import heats
from insight.tabulation.speaking import BASE, SAID_AT, SPEND, TOPICS, asked_of_speakers, speaking
from insight.text.topics import about
from insight.voices import topics_of, voices
from insight.wording import count, money, percent

MOST_FINDINGS, MOST_LINES = 6, 8
_TABLE = [c for c in CELL if c not in ("question", "share_of_ticks")]
_REST = ["row", "column", "n", "base", "share", "rest_share", "share_difference", "p_value", "rest_p_adjusted", "tgi", "arrow", "break"]  # fmt: skip
_SPEND = ["label", "base", "mean_spend", "median_spend", "letters", "rest_spend", "more_spend", "p_value", "rest_p_adjusted", "arrow", "flag"]  # fmt: skip
_CALLED = {"column": "label", "mean": "mean_spend", "median": "median_spend", "rest_mean": "rest_spend", "difference": "more_spend"}  # fmt: skip


class Params(BaseModel):
    """Which topics, by which groups, tested how."""

    breaks: list[str] = Field(
        default_factory=list,
        title="人群",
        description="可以并列几个，也可以用 × 嵌套；选“发言时间”看各月的变化；不选时用第一个能分组的变量",
        json_schema_extra={"one_of": "speaking"},
    )
    banner: Saved = ""
    question: str = Field(default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"})  # fmt: skip
    n_topics: NumberOfTopics = 0
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"
    mode: Moded = "default"
    seed: Seed = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """The people who speak, their book, and how topics are compared."""

    dataset: Dataset
    book: Asked
    rule: Rule


def _planned(dataset: Dataset, params: Params) -> _Plan:
    rule = rule_of(params.correction, params.level, mode=params.mode)
    said = voices(dataset, question=params.question)
    model = topics_of(dataset, said, **params.model_dump(include={"question", "n_topics", "seed"}))
    told = pl.DataFrame(about(model), schema=[str(at) for at in range(len(model.labels))])
    says = pl.Series(model.says_something, dtype=pl.Boolean)
    spoken = told.select(pl.when(says).then(pl.all()))
    people = speaking(dataset, said, spoken, names=model.labels)
    book = asked_of_speakers(people, breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base)  # fmt: skip
    return _Plan(people, book, rule)


def run(dataset: Dataset, params: Params) -> Result:
    """Topics of everybody who speaks against every wanted break."""
    plan = _planned(dataset, params)
    book, rule = plan.book, plan.rule
    stubs = [stub_of(book.people.responses, q) for q in book.questions]
    cells, pairs = crossed(stubs, book.families, people=book.people, rule=rule)
    cells, nets = cells.filter(~pl.col("is_net")), cells.filter("is_net")["row"].unique()
    pairs = pairs.filter(~pl.col("row").is_in(nets.implode()))
    columns, spend = columns_of(cells, book.families), _spend(plan)
    tables = {
        "table": cells.select(_TABLE), "columns": columns,
        "rest": cells.filter(pl.col("p_value").is_not_null()).select(_REST), "comparisons": pairs.drop("question"),
        **({} if spend is None else {"spend": spend}),
    }  # fmt: skip
    drawn = {name: chart for name, chart in heats(cells, columns).items() if name != TOPICS}
    findings = (*_differences(cells, pairs, plan), *_richest(spend, plan))
    return Result(tables, drawn | _lines(cells, plan), findings or _most(cells, plan), _notes(plan, params))  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who speaks of each topic in each group."""
    plan = _planned(dataset, params)
    told = cells_of(plan.book, base="回答本题的人").rename({"respondent_id": "person"}).drop("question")  # fmt: skip
    told = told.filter(pl.col("row").is_in(result.tables["table"]["row"].unique().implode()))
    return {name: Members(told, ("person",), "n") for name in ("table", "rest")}


def _spend(plan: _Plan) -> pl.DataFrame | None:
    """What the customers who mention each topic spend, compared with each other and with the rest."""
    question = plan.dataset.questionnaire.find(SPEND)
    if question is None or not plan.book.people.responses[SPEND].count():
        return None
    people = plan.book.people
    family = banner_of(plan.dataset, people.responses, [TOPICS])
    cells, _ = averaged([question], family, people=people, rule=plan.rule)
    return cells.rename(_CALLED).select(_SPEND)


def _lines(cells: pl.DataFrame, plan: _Plan) -> dict[str, alt.TopLevelMixin]:
    """The share of the largest topics month by month, where the table is divided by time."""
    labels = [f.label for f in plan.book.families if f.key == SAID_AT]
    own = cells.filter(pl.col("break").is_in(labels))
    if own.is_empty():
        return {}
    largest = own.filter("is_total").sort("n", "row", descending=[True, False])["row"].head(MOST_LINES)  # fmt: skip
    told = own.filter(~pl.col("is_total"), pl.col("row").is_in(largest.implode()), pl.col("share").is_not_null())  # fmt: skip
    drawn = told.select("column", "share", "row", "n", "base")
    title = "各主题的提及率随时间的变化"
    return {"trend": charts.lines(drawn, x="column", value="share", series="row", title=title)}


def _differences(cells: pl.DataFrame, pairs: pl.DataFrame, plan: _Plan) -> Iterator[Finding]:
    """The largest significant difference of each topic in each break, solid bases first."""
    share, base = cells["share"].to_list(), cells["base"].to_list()
    rows = cells.select("row", "break").rows()
    told = paired(cells, pairs, level=max(plan.rule.levels))
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for high, low in sorted(told, key=lambda p: (min(base[p[0]], base[p[1]]) < plan.rule.small_base, share[p[1]] - share[p[0]], p)):  # fmt: skip
        best.setdefault(rows[high], (high, low))
    for high, low in list(best.values())[:MOST_FINDINGS]:
        yield _difference(cells, high=high, low=low, plan=plan)


def _difference(cells: pl.DataFrame, *, high: int, low: int, plan: _Plan) -> Finding:
    one, other = cells.row(high, named=True), cells.row(low, named=True)
    text = (
        f"“{one['column']}”里有 {count(one['n'])} 人（{plan.book.people.percent(one['share'])}，n={count(one['base'])}）谈到“{one['row']}”，"
        f"高于“{other['column']}”的 {percent(other['share'])}（n={count(other['base'])}）{plan.rule.caution(min(one['base'], other['base']))}。"
    )
    evidence = [Cell("table", high, c) for c in ("n", "share", "base", "letters")]
    evidence += [Cell("table", low, c) for c in ("share", "base")]
    return Finding(text, one["base"], tuple(evidence), plan.rule.test)


def _richest(spend: pl.DataFrame | None, plan: _Plan) -> Iterator[Finding]:
    """The topic whose speakers spend most beside the rest, where that is no chance."""
    if spend is None:
        return
    sure = spend.with_row_index("at").filter(pl.col("arrow").str.starts_with("↑"))
    for row in sure.sort("more_spend", "at", descending=[True, False]).head(1).iter_rows(named=True):  # fmt: skip
        text = (
            f"谈到“{row['label']}”的 {count(row['base'])} 位客户平均消费 {money(row['mean_spend'])}，"
            f"没有谈到它的客户是 {money(row['rest_spend'])}{plan.rule.caution(row['base'])}。"
        )
        cells = tuple(Cell("spend", row["at"], c) for c in ("base", "mean_spend", "rest_spend"))
        yield Finding(text, row["base"], cells, f"Welch t 检验（与其余客户比较，双侧，校正后 p≤{plan.rule.levels[0]:g}）")  # fmt: skip


def _most(cells: pl.DataFrame, plan: _Plan) -> tuple[Finding, ...]:
    """The topic most people speak of, where no group differs."""
    totals = cells.with_row_index("at").filter("is_total", pl.col("share").is_not_null())
    for row in totals.sort("share", "at", descending=[True, False]).head(1).iter_rows(named=True):
        text = (
            f"各人群谈到的主题没有查到显著差异；{count(row['base'])} 人里有 {count(row['n'])} 人（{plan.book.people.percent(row['share'])}）"
            f"谈到“{row['row']}”，最多{plan.rule.caution(row['base'])}。"
        )
        return (Finding(text, row["base"], tuple(Cell("table", row["at"], c) for c in ("base", "n", "share"))),)  # fmt: skip
    return ()


def _notes(plan: _Plan, params: Params) -> tuple[str, ...]:
    book, rule = plan.book, plan.rule
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    shared = any(f.shares_people for f in book.families) and rule.mode == "default"
    return (
        f"范围：{asked}；主题与“文本主题”相同，人工编辑也算在内（主题数相同时）。",
        f"单位是人（客户、答卷、说话人依次识别），同一人谈到一个主题多少次都只算一次；基数：{BASE}，按{'、'.join(book.breaks)}划分，每个人群变量有自己的总计列。",
        *book.notes,
        *rule.footnotes,
        f"箭头：每个单元格与同一人群变量里不在该列的所有人比较（合并方差 z 检验，校正：{rule.corrected.replace('列对', '列')}）。TGI = 100 × 该列占比 ÷ 总计占比。",
        *(("重叠：同一人可以在几个月里发言，或选几个答案；两列比较的方差按共同的人数修正。",) if shared else ()),
        "消费：谈到各主题的客户的消费净额（实付减退款），不是由主题带来的；一位客户可以谈几个主题，字母和箭头都按 Welch t 检验。没有订单的人不在消费的基数里。",
        book.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="topic_table",
    title="主题交叉表",
    question="哪些人群、什么时候多谈哪些主题？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=11,
)
