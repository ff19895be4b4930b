"""Who recommends us: net promoter scores with their margins by any groups, satisfaction and effort beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows
from insight.members import Members
from insight.parameters import Correcting, Significance, rule_of
from insight.ratings import named
from insight.ratings.experience import CES, CSAT, experience
from insight.ratings.laid import laid
from insight.schema import Question, QuestionKind
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.tabulation import paired
from insight.tabulation.asking import Asked, Breaks, Saved, Weighing
from insight.tabulation.behind import answered
from insight.tabulation.boxes import boxed
from insight.tabulation.everybody import EVERYBODY, asked_with_all, lettered, told_breaks
from insight.tabulation.pictures import heads
from insight.tabulation.promoting import promoted
from insight.wording import count, decimal, percent

TITLE = "NPS 与满意度"
HIGHEST = 10
MOST_DIFFERENCES, MOST_SCORES, MOST_ROWS = 4, 4, 24
PARTS = {"detractor_share": "贬损者（0–6）", "passive_share": "中立者（7–8）", "promoter_share": "推荐者（9–10）"}  # fmt: skip


class Params(BaseModel):
    """Which questions, by which groups, tested how."""

    questions: list[str] = Field(
        default_factory=list,
        title="推荐意愿题",
        description="不选时用全部 NPS 题；也可以指定其他 0–10 分的题",
        json_schema_extra={"one_of": "scored_questions"},
    )
    breaks: Breaks = []
    banner: Saved = ""
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Score every question in every column."""
    rule = rule_of(params.correction, params.level)
    book = _book(dataset, params, rule)
    cells, pairs = promoted(book.questions, book.families, people=book.people, rule=rule)
    cells = lettered(cells, book.families)
    if cells["nps"].is_null().all():
        raise TooFewRows("有 NPS 打分的答卷", int(cells["n"].max() or 0), rule.tiny_base)  # type: ignore[arg-type]
    tables = {"table": cells, "comparisons": pairs} | _experience(dataset, book, rule)
    findings = (*_overall(cells, rule), *_differences(cells, pairs, rule), *_beside(tables, rule))
    return Result(tables, {"table": _picture(cells)}, findings, _notes(book, tables, rule=rule))


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who scored in which column."""
    rule = rule_of(params.correction, params.level)
    book = _book(dataset, params, rule)
    known = {"table": Members(answered(book, book.questions), ("respondent_id",), "n")}
    if "scores" in result.tables:
        there, items = _laid(dataset, book)
        rated = answered(there, [item for _, item in items])
        known["scores"] = Members(rated, ("respondent_id",), "base")
    return known


def _book(dataset: Dataset, params: Params, rule: Rule) -> Asked:
    """Who is asked what; answers outside of 0 to 10 count as none."""
    questions = _questions(dataset, params.questions)
    book = asked_with_all(
        dataset, questions, breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base
    )  # fmt: skip
    columns = [q.columns[0] for q in book.questions]
    responses = book.people.responses.with_columns(
        pl.when(pl.col(c).is_between(0, HIGHEST)).then(c) for c in columns
    )
    return replace(book, people=replace(book.people, responses=responses))


def _questions(dataset: Dataset, wanted: Sequence[str]) -> tuple[Question, ...]:
    assert dataset.responses is not None
    there = set(dataset.responses.columns)
    if not wanted:
        found = tuple(
            q for q in dataset.questionnaire.of_kind(QuestionKind.NPS) if q.columns[0] in there
        )
        if not found:
            raise QuestionsMissing(
                TITLE, "0–10 分的推荐意愿题", "您有多大可能向朋友或同事推荐我们？（0–10 分）"
            )
        return found
    chosen = named(wanted, dataset.questionnaire, dataset.responses)
    for question in chosen:
        answers = dataset.responses[question.columns[0]]
        if not answers.dtype.is_numeric():
            raise BadParameter("推荐意愿题", f"{question.id} 的答案不是分数")
        highest = answers.max()
        if isinstance(highest, int | float) and not 7 <= highest <= HIGHEST:
            raise BadParameter("推荐意愿题", f"{question.id} 的最高分是 {highest:g}，不是 0–10 分的题")  # fmt: skip
    return chosen


def _laid(dataset: Dataset, book: Asked) -> tuple[Asked, list[tuple[str, Question]]]:
    """The same people with the satisfaction and effort questions as numbers, and these with their measure."""
    told = {q.id for q in book.questions}
    found = [(m, q) for m, q in experience(dataset.questionnaire, book.people.responses) if q.id not in told]  # fmt: skip
    responses, items = laid(book.people.responses, [q for _, q in found])
    people = replace(book.people, responses=responses)
    return replace(book, people=people), list(zip((m for m, _ in found), items, strict=True))


def _experience(dataset: Dataset, book: Asked, rule: Rule) -> dict[str, pl.DataFrame]:
    """CSAT and CES of every question that asks for one; nothing where none does."""
    there, items = _laid(dataset, book)
    if not items:
        return {}
    cells = boxed([q for _, q in items], there.families, people=there.people, rule=rule)
    measures = {q.id: measure for measure, q in items}
    measure = pl.col("question").replace_strict(measures, return_dtype=pl.String)
    return {"scores": lettered(cells, book.families).select(measure.alias("measure"), pl.all())}


def _picture(cells: pl.DataFrame) -> alt.LayerChart:
    """The three groups of every column, with the score at the end."""
    shown = cells.with_row_index("at").filter(pl.col("nps").is_not_null()).head(MOST_ROWS)
    told = [f"NPS {decimal(r['nps'])}（±{decimal(r['margin'])}）{r['flag']} {r['letters']}".strip() for r in shown.iter_rows(named=True)]  # fmt: skip
    rows = shown.with_columns(heads(shown), written=pl.Series(told, dtype=pl.String))
    kept = ["at", "column", "nps", "margin", "n", "flag", "written"]
    long = rows.unpivot(list(PARTS), index=kept, variable_name="group", value_name="share")
    group = pl.col("group").replace_strict(PARTS, return_dtype=pl.Enum(list(PARTS.values())))
    data = long.with_columns(group).drop("flag")
    return charts.diverging(data, label="column", part="group", value="share", beside="written")


def _overall(cells: pl.DataFrame, rule: Rule) -> list[Finding]:
    """The score of everybody, question by question."""
    totals = cells.with_row_index("at").filter(pl.col("nps").is_not_null(), **{"break": EVERYBODY})
    return [_about(row, rule) for row in totals.iter_rows(named=True)]


def _about(row: Mapping[str, Any], rule: Rule) -> Finding:
    text = (
        f"“{row['row']}”：NPS 为 {decimal(row['nps'])}（误差 ±{decimal(row['margin'])}），推荐者 {percent(row['promoter_share'])}，"
        f"贬损者 {percent(row['detractor_share'])}，{count(row['n'])} 人打分{rule.caution(row['n'])}。"
    )
    names = ("nps", "margin", "promoter_share", "detractor_share", "n")
    return Finding(text, row["n"], tuple(Cell("table", row["at"], c) for c in names))


def _differences(cells: pl.DataFrame, pairs: pl.DataFrame, rule: Rule) -> list[Finding]:
    """The widest significant gap of each question and break, solid bases first; else that there is none."""
    n, nps = cells["n"].to_list(), cells["nps"].to_list()
    rows = cells.select("question", "break").rows()
    best: dict[tuple[str, ...], tuple[int, int]] = {}
    for high, low in sorted(
        paired(cells, pairs, level=max(rule.levels)),
        key=lambda p: (min(n[p[0]], n[p[1]]) < rule.small_base, nps[p[1]] - nps[p[0]], p),
    ):
        best.setdefault(rows[high], (high, low))
    return [_difference(cells, p, rule) for p in list(best.values())[:MOST_DIFFERENCES]]


def _difference(cells: pl.DataFrame, pair: tuple[int, int], rule: Rule) -> Finding:
    high, low = (cells.row(at, named=True) for at in pair)
    text = (
        f"{high['question']} 的 NPS：“{high['column']}”为 {decimal(high['nps'])}（n={count(high['n'])}），高于“{low['column']}”的 "
        f"{decimal(low['nps'])}（n={count(low['n'])}）{rule.caution(min(high['n'], low['n']))}。"
    )
    evidence = [Cell("table", at, c) for at in pair for c in ("nps", "n")]
    return Finding(text, high["n"], tuple(evidence), _test(rule))


def _beside(tables: Mapping[str, pl.DataFrame], rule: Rule) -> list[Finding]:
    """Satisfaction and effort of everybody."""
    if "scores" not in tables:
        return []
    cells = tables["scores"].with_row_index("at")
    totals = cells.filter(pl.col("mean").is_not_null(), **{"break": EVERYBODY})
    return [_scored(row, rule) for row in totals.head(MOST_SCORES).iter_rows(named=True)]


def _scored(row: Mapping[str, Any], rule: Rule) -> Finding:
    cells, top = ["mean", "base"], ""
    if row["top2_share"] is not None:
        cells.append("top2_share")
        top = f"最高两分占 {percent(row['top2_share'])}，"
    text = f"“{row['row']}”（{row['measure']}）：{top}平均 {decimal(row['mean'], digits=2)} 分，{count(row['base'])} 人打分{rule.caution(row['base'])}。"
    return Finding(text, row["base"], tuple(Cell("scores", row["at"], c) for c in cells))


def _test(rule: Rule) -> str:
    return f"两个 NPS 之差的 z 检验（双侧，p≤{rule.levels[0]:g}，校正：{CORRECTION_LABELS[rule.correction]}）"


def _notes(book: Asked, tables: Mapping[str, pl.DataFrame], *, rule: Rule) -> tuple[str, ...]:
    silent = [row for row, n in tables["table"].group_by("row", maintain_order=True).agg(pl.col("n").max()).rows() if not n]  # fmt: skip
    return (
        f"基数：给出 0–10 分的答卷数；{told_breaks(book)}；0–10 分以外的数字不计。",
        *book.notes,
        *(f"“{row}”没有人打分，列出空行。" for row in silent),
        "筛选：全部未被排除的答卷。",
        "NPS = 推荐者（9–10 分）占比 − 贬损者（0–6 分）占比，在 −100 到 100 之间；误差 = 1.96×√[(P+D−(P−D)²)÷n]×100（95%）。",
        "小样本请看 NPS 下限和上限：调整 Wald 区间（加 3 例，其中推荐者、贬损者各 ¾ 例）（Rocks 2016）。",
        f"检验：{_test(rule)}，z = 两个 NPS 之差 ÷ √(两个方差之和)，同一题内各列两两比较，总计列不参与；校正：{rule.corrected}。",
        f"字母：较低列的字母印在较高的一行里；小写 p≤{rule.levels[0]:g}，大写 p≤{rule.levels[1]:g}；箭头：与同一人群变量里不在该列的所有人比较。",
        rule.small_bases,
        _experience_note(tables),
        book.people.note,
    )  # fmt: skip


def _experience_note(tables: Mapping[str, pl.DataFrame]) -> str:
    known = set(tables["scores"]["measure"]) if "scores" in tables else set()
    absent = "、".join(f"{name}（{words}）" for name, words in ((CSAT, "满意度题"), (CES, "费力或轻松程度题")) if name not in known)  # fmt: skip
    told = f"问卷里没有找到 {absent}。" if absent else ""
    if not known:
        return told
    return f"CSAT、CES：最高两分占比（T2B，95% Wilson 区间，列比例 z 检验）和均值；分数越高是否越好以题目选项为准；“不知道”一类的回答不计入基数。{told}"


ANALYSIS = Analysis(
    key="nps",
    title=TITLE,
    question="谁会推荐我们，谁在劝退别人？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=140,
    theme="口碑",
)
