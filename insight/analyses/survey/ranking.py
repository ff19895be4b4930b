"""What people put first: mean places, first choices, points, and how far they agree, by any groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.members import Members
from insight.parameters import Correcting, Significance, rule_of
from insight.schema import Question, QuestionKind
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked, Breaks, Saved, Weighing
from insight.tabulation.behind import answered
from insight.tabulation.everybody import EVERYBODY, asked_with_all, lettered, told_breaks
from insight.tabulation.preferring import Ranked, agreed, preferred, ranked
from insight.wording import count, decimal, percent

TITLE = "排序题"
MOST_CHARTS, MOST_DIFFERENCES = 6, 4
Unranked = Literal["并列末位", "缺失"]


class Params(BaseModel):
    """Which rankings, what an item that was left out counts for, by which groups."""

    questions: list[str] = Field(default_factory=list, title="排序题", description="不选时用全部排序题", json_schema_extra={"one_of": "rank_questions"})  # fmt: skip
    unranked: Unranked = Field(
        default="并列末位",
        title="没有排的选项",
        description="“并列末位”：没有排的各项平分剩下的名次；“缺失”：没有名次，综合得分记 0 分",
    )
    top: int = Field(default=3, ge=2, le=10, title="前几位")
    breaks: Breaks = []
    banner: Saved = ""
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Rank the items of every question in every column."""
    rule = rule_of(params.correction, params.level)
    book, asked = _asked(dataset, params, rule)
    items = preferred(asked, book.families, people=book.people, rule=rule, top=params.top)
    items = lettered(items, book.families)
    if not items["base"].sum():
        raise TooFewRows("排序题的回答", 0, 1)
    order = pl.col("borda").filter(pl.col("break") == EVERYBODY).first().over("question", "item")
    at = {q.id: place for place, q in enumerate(book.questions)}
    items = items.sort(pl.col("question").replace_strict(at, return_dtype=pl.Int64), order, descending=[False, True], nulls_last=True, maintain_order=True)  # fmt: skip
    agreement = agreed(asked, book.families, people=book.people, rule=rule)
    findings = (*_first(book, items, params, rule), *_agreement(agreement, rule), *_differences(items, rule))  # fmt: skip
    return Result({"items": items, "agreement": agreement}, _pictures(book, items), findings, _notes(book, asked, params=params, rule=rule))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave an item a place, in which column."""
    book, asked = _asked(dataset, params, rule_of(params.correction, params.level))
    each = [
        answered(book, one.items).with_columns(
            item=pl.col("question").replace_strict({i.id: i.wording for i in one.items}, return_dtype=pl.String),
            question=pl.lit(one.question.id),
        )
        for one in asked
    ]  # fmt: skip
    told = pl.concat(each).select("question", "item", "column", "break", "respondent_id")
    return {"items": Members(told, ("respondent_id",), "n")}


def _asked(dataset: Dataset, params: Params, rule: Rule) -> tuple[Asked, list[Ranked]]:
    questions = _questions(dataset, params.questions)
    book = asked_with_all(
        dataset, questions, breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base
    )  # fmt: skip
    fill = params.unranked == "并列末位"
    return book, [ranked(book.people.responses, q, fill=fill) for q in questions]


def _questions(dataset: Dataset, wanted: Sequence[str]) -> tuple[Question, ...]:
    assert dataset.responses is not None
    there = set(dataset.responses.columns)
    known = {q.id: q for q in dataset.questionnaire.of_kind(QuestionKind.RANK) if sum(o.column in there for o in q.options) > 1}  # fmt: skip
    for name in wanted:
        if dataset.questionnaire.find(name) is None:
            raise UnknownName("题目", name, tuple(known))
        if name not in known:
            raise BadParameter("排序题", f"{name} 不是有两项以上的排序题，可以在“题目”页改题型")
    if not known:
        raise QuestionsMissing(
            TITLE, "排序题", "请把下列因素按重要程度排序（每个选项一列名次，1 表示第一位）"
        )
    return tuple(known[name] for name in dict.fromkeys(wanted or known))


def _pictures(book: Asked, items: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """The points of everybody, one picture a question; the first is called as the table is."""
    drawn: dict[str, alt.TopLevelMixin] = {}
    everybody = items.with_row_index("at").filter(pl.col("borda").is_not_null(), **{"break": EVERYBODY})  # fmt: skip
    for question in book.questions[:MOST_CHARTS]:
        own = everybody.filter(question=question.id)
        if own.height:
            data = own.select("at", "item", "borda", "mean_rank", "share_first", "n", "base", is_small=pl.col("flag") != "")  # fmt: skip
            name = "items" if not drawn else question.id
            drawn[name] = charts.bars(data, label="item", value="borda", title=f"{question.id} {question.wording}")  # fmt: skip
    return drawn


def _first(book: Asked, items: pl.DataFrame, params: Params, rule: Rule) -> list[Finding]:
    """What stands first in every question."""
    everybody = items.with_row_index("at").filter(pl.col("borda").is_not_null(), **{"break": EVERYBODY})  # fmt: skip
    found = []
    for question in book.questions:
        own = everybody.filter(question=question.id)
        if own.height:
            found.append(_top(question, own.row(0, named=True), params, rule))
    return found


def _top(question: Question, row: Mapping[str, Any], params: Params, rule: Rule) -> Finding:
    text = (
        f"{question.id}“{question.wording}”：综合得分最高的是“{row['item']}”（{decimal(row['borda'], digits=2)} 分，平均名次 {decimal(row['mean_rank'], digits=2)}），"
        f"{percent(row['share_first'])} 排在第一位，{percent(row['share_top'])} 排进前 {params.top} 位，{count(row['base'])} 人作答{rule.caution(row['base'])}。"
    )
    cells = ("borda", "mean_rank", "share_first", "share_top", "base")
    return Finding(text, row["base"], tuple(Cell("items", row["at"], c) for c in cells))


def _agreement(table: pl.DataFrame, rule: Rule) -> list[Finding]:
    """How far everybody agrees."""
    rows = table.with_row_index("at").filter(pl.col("kendall_w").is_not_null(), **{"break": EVERYBODY})  # fmt: skip
    return [_agreeing(row, rule) for row in rows.iter_rows(named=True)]


def _agreeing(row: Mapping[str, Any], rule: Rule) -> Finding:
    is_sure = row["p_value"] <= max(rule.levels)
    sure = "大家确有共同的偏好顺序" if is_sure else "看不出共同的偏好顺序"
    text = f"{row['question']} 的一致程度{row['agreement']}：Kendall W = {decimal(row['kendall_w'], digits=2)}（{count(row['n_complete'])} 份答卷），{sure}。"
    test = f"Friedman 检验（χ²={decimal(row['chi2'], digits=2)}，双侧，p≤{rule.levels[0]:g}）"
    return Finding(text, row["n_complete"], tuple(Cell("agreement", row["at"], c) for c in ("kendall_w", "n_complete", "chi2")), test)  # fmt: skip


def _differences(items: pl.DataFrame, rule: Rule) -> list[Finding]:
    """The items whose points differ most between the groups of a break, solid bases first."""
    known = items.with_row_index("at").filter(pl.col("p_adjusted") <= max(rule.levels))
    keys = ("question", "item", "break")
    spread = pl.col("borda").max().over(keys) - pl.col("borda").min().over(keys)
    solid = known.filter(pl.col("base") >= rule.small_base, pl.len().over(keys) > 1)
    widest = solid.with_columns(spread=spread).sort("spread", "at", descending=[True, False])
    groups = widest.partition_by(keys, maintain_order=True)[:MOST_DIFFERENCES]
    return [_difference(group.sort("borda", descending=True), rule) for group in groups if _parted(group)]  # fmt: skip


def _parted(group: pl.DataFrame) -> bool:
    """Whether the best of the columns lies significantly above another."""
    return bool(group.sort("borda", descending=True)["letters"][0])


def _difference(group: pl.DataFrame, rule: Rule) -> Finding:
    high, low = group.row(0, named=True), group.row(-1, named=True)
    text = (
        f"{high['question']} 的“{high['item']}”：“{high['column']}”的综合得分 {decimal(high['borda'], digits=2)}（n={count(high['base'])}），"
        f"“{low['column']}”为 {decimal(low['borda'], digits=2)}（n={count(low['base'])}），两者在各人群中相差最大。"
    )
    evidence = tuple(Cell("items", row["at"], c) for row in (high, low) for c in ("borda", "base"))
    return Finding(text, high["base"], evidence, _test(rule))


def _test(rule: Rule) -> str:
    return f"综合得分的 Welch t 检验（双侧，p≤{rule.levels[0]:g}，校正：{CORRECTION_LABELS[rule.correction]}）"


def _notes(book: Asked, asked: Sequence[Ranked], *, params: Params, rule: Rule) -> tuple[str, ...]:
    partial = [f"{one.question.id} 有 {count(n)} 份" for one in asked if (n := one.n_partial)]
    told = f"没有排完的：{'、'.join(partial)}。" if partial else "全部答卷都排完了。"
    left_out = {
        "并列末位": "没有排的各项平分剩下的名次（如 6 项只排 3 项，其余各记第 5 位），平均名次和得分都按它算。",
        "缺失": "没有排的项没有名次，平均名次只算排了它的人；综合得分记 0 分；Kendall W 只用排完全部选项的答卷。",
    }[params.unranked]
    return (
        f"基数：至少排了一项的答卷数；人数是排了这一项的人；{told_breaks(book)}。",
        *book.notes,
        "筛选：全部未被排除的答卷。",
        f"没有排的选项按“{params.unranked}”处理：{left_out}{told}",
        "综合得分（Borda）：第一位记选项数那么多分，往后每位少一分，取平均；与问卷星的“平均综合得分”同一口径（“缺失”时）。",
        "一致程度：Kendall W（同名次已修正），检验为 Friedman χ² = m(n−1)W；0.3、0.5、0.7、0.9 以上依次为弱、中等、强、非常强（Schmidt 1997）。",
        f"检验：{_test(rule)}，第一位和前 {params.top} 位占比用列比例 z 检验，同一项内各列两两比较，各有一列字母。",
        *rule.footnotes[1:3],
        book.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="ranking",
    title=TITLE,
    question="大家把什么排在前面，意见一致吗？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=120,
    theme="量表",
)
