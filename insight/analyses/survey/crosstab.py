"""Which groups answer a question differently: one stub against one banner, with column letters."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import BOXES, Sample, closed_questions, nets, sample
from insight.bases import Base, told, why_missing
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.members import Members, ticked
from insight.parameters import Correcting, Significance, rule_of
from insight.schema import MISSING_LABELS, Question
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first
from insight.stats.banner import TOTAL, cell_words, column_table, headings, higher_pairs, tabulate
from insight.stats.proportions import Rule
from insight.stubs import stub_on
from insight.wording import count, percent

TITLE = "交叉表"
MOST_FINDINGS, MOST_ROWS = 6, 40
TABLE = ("row", "column", "n", "base", "share", "letters")
REST = ("row", "column", "n", "base", "share", "rest_share", "share_difference", "p_value")


class Params(BaseModel):
    """Which question, by which groups, tested how."""

    question: str = Field(
        default="",
        title="题目",
        description="留空表示第一道可以计数的题",
        json_schema_extra={"one_of": "questions"},
    )
    by: str = Field(
        default="",
        title="人群",
        description="不选时用 RFM 八类；没有订单时用第一个能分组的客户属性或另一道题",
        json_schema_extra={"one_of": "breaks"},
    )
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    use_weight: bool = Field(default=True, title="使用权重")
    base: Base = Field(
        default="回答本题的人",
        title="基数",
        description="“看到本题的人”把未答和拒答也算进占比的基数，并各列一行",
    )


def run(dataset: Dataset, params: Params) -> Result:
    """Cross one question with one break."""
    assert dataset.responses is not None
    rule = rule_of(params.correction, params.level)
    question = _question(dataset, params)
    banner = break_or_first(dataset, params.by, unit="respondent_id", besides=question.id)
    people = sample(dataset.responses, use_weight=params.use_weight)
    column = _column(people, banner)
    if (inside := len(column) - column.null_count()) < rule.tiny_base:
        raise TooFewRows(f"能归入“{banner.label}”的答卷", inside, rule.tiny_base)
    cells = tabulate(
        stub_on(people.responses, question, params.base), column=column, columns=banner.groups, weight=people.weight, rule=rule
    )  # fmt: skip
    table = cells.select(TABLE)
    rest = cells.filter(pl.col("p_value").is_not_null()).select(REST)
    return Result(
        {"table": table, "columns": column_table(cells, banner.groups), "rest": rest},
        {"table": _heat(cells, banner)},
        _findings(table, question=question, banner=banner, people=people, rule=rule),
        _notes(
            question,
            banner,
            rule=rule,
            outside=column.null_count(),
            people=people,
            base=params.base,
        ),
    )


def _column(people: Sample, banner: Break) -> pl.Series:
    """(n) the group of every respondent; null outside of all."""
    ids = people.responses.select("respondent_id")
    return ids.join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave which answer in which group."""
    assert dataset.responses is not None
    question = _question(dataset, params)
    banner = break_or_first(dataset, params.by, unit="respondent_id", besides=question.id)
    people = sample(dataset.responses, use_weight=params.use_weight)
    ids = people.responses["respondent_id"]
    told = ticked(stub_on(people.responses, question, params.base), ids, name="row")
    groups = pl.DataFrame([ids, _column(people, banner).alias("column")]).lazy().drop_nulls()
    inside = told.join(groups, on="respondent_id").select("row", "column", "respondent_id")
    cells = pl.concat([inside, inside.with_columns(column=pl.lit(TOTAL))])
    return {name: Members(cells, ("respondent_id",), "n") for name in ("table", "rest")}


def _question(dataset: Dataset, params: Params) -> Question:
    assert dataset.responses is not None
    closed = closed_questions(dataset.questionnaire, dataset.responses)
    if not closed:
        raise MissingColumns(TITLE, ("问卷：可以计数的题目",))
    question = closed[0] if not params.question else dataset.questionnaire.find(params.question)
    if question is None:
        raise UnknownName("题目", params.question, [q.id for q in closed])
    if question not in closed:
        raise BadParameter(
            "题目",
            f"{question.id} 不是可以计数的题（开放题、数值、填空、编号等），或者答卷里没有它的列",
        )
    if question.id == params.by:
        raise BadParameter("人群", f"{question.id} 不能和自己交叉")
    return question


def _heat(cells: pl.DataFrame, banner: Break) -> alt.TopLevelMixin:
    shown = cells["row"].unique(maintain_order=True).head(MOST_ROWS)
    drawn = (
        cells.with_row_index("at")
        .select(
            "at",
            "row",
            pl.col("column").replace(headings(banner.groups)),
            *("share", "n", "base"),
            cell_words(cells),
            is_small=pl.col("flag") != "",
        )
        .filter(pl.col("row").is_in(shown.implode()))
    )
    return charts.heat(drawn, row="row", column="column", value="share", text="words")


def _findings(
    table: pl.DataFrame, *, question: Question, banner: Break, people: Sample, rule: Rule
) -> tuple[Finding, ...]:
    """The largest significant difference of each row, solid bases first; else that there is none."""
    share, rows, base = (table[name].to_list() for name in ("share", "row", "base"))
    grouped = set(nets(people.responses, question).columns)  # top and bottom boxes speak first
    answered = [row not in MISSING_LABELS.values() for row in rows]
    best: dict[str, tuple[int, int]] = {}
    for high, low in sorted(
        higher_pairs(table["letters"], n_columns=len(banner.groups)),
        key=lambda p: (min(base[p[0]], base[p[1]]) < rule.small_base, share[p[1]] - share[p[0]], p),
    ):
        if answered[high]:
            best.setdefault(rows[high], (high, low))
    pairs = [pair for row, pair in best.items() if row in grouped] or list(best.values())
    found = [_difference(table, p, people=people, rule=rule) for p in pairs[:MOST_FINDINGS]]
    return tuple(found) or _no_difference(table, question, label=banner.label, people=people, rule=rule)  # fmt: skip


def _difference(
    table: pl.DataFrame, pair: tuple[int, int], *, people: Sample, rule: Rule
) -> Finding:
    high, low = (table.row(at, named=True) for at in pair)
    text = (
        f"“{high['column']}”人群中有 {count(high['n'])} 人（{people.percent(high['share'])}，n={count(high['base'])}）"
        f"选择“{high['row']}”，高于“{low['column']}”的 {percent(low['share'])}（n={count(low['base'])}）"
        f"{rule.caution(min(high['base'], low['base']))}。"
    )
    cells = [Cell("table", pair[0], c) for c in ("n", "share", "base", "letters")]
    cells += [Cell("table", pair[1], c) for c in ("share", "base")]
    return Finding(text, high["base"], tuple(cells), rule.test)


def _no_difference(
    table: pl.DataFrame, question: Question, *, label: str, people: Sample, rule: Rule
) -> tuple[Finding, ...]:
    is_option = ~pl.col("row").str.split("｜").list.last().is_in([*BOXES, *MISSING_LABELS.values()])
    totals = table.with_row_index("at").filter(is_option, pl.col("column") == TOTAL, pl.col("share").is_not_null())  # fmt: skip
    if totals.is_empty():
        return ()
    tested, verdict = _verdict(table, rule)
    ranked = totals.sort("share", descending=True, maintain_order=True)
    top = ranked.row(0, named=True)
    most = "并列最多" if (ranked["share"] == top["share"]).sum() > 1 else "最多"
    text = (
        f"{question.id}“{question.wording}”在“{label}”各人群之间{verdict}；"
        f"总计 {count(top['base'])} 人里有 {count(top['n'])} 人（{people.percent(top['share'])}）选择“{top['row']}”，{most}"
        f"{rule.caution(top['base'])}。"
    )
    cells = tuple(Cell("table", top["at"], c) for c in ("base", "n", "share"))
    return (Finding(text, top["base"], cells, rule.test if tested else ""),)


def _verdict(table: pl.DataFrame, rule: Rule) -> tuple[bool, str]:
    """Whether any two columns of a row without letters were compared, and what to say of it."""
    groups = table.filter(pl.col("column") != TOTAL)
    known = pl.col("share").is_not_null()
    varies = (pl.col("share") > 0) & (pl.col("share") < 1)
    counts = groups.group_by("row").agg(shown=known.sum(), comparable=varies.sum())
    if counts.filter(pl.col("shown") >= 2).is_empty():
        return False, "人数太少，未能检验"
    if counts.filter(pl.col("comparable") >= 2).is_empty():
        return False, "未能检验（占比不是 0% 就是 100%，或人数太少）"
    if groups.select((~varies).fill_null(value=True).any()).item():
        return (
            True,
            f"没有查到显著差异（占比为 0%、100% 或基数不足 {rule.tiny_base} 的列没有参与检验）",
        )
    return True, "没有查到显著差异"


def _notes(
    question: Question, banner: Break, *, rule: Rule, outside: int, people: Sample, base: Base
) -> tuple[str, ...]:
    left = f"；另有 {count(outside)} 份答卷没有人群归属，不在表中" if outside else ""
    silent = told(why_missing(people.responses, question))
    absent = f"全部答卷中{silent}。" if silent else "没有未答、拒答或未被问到的答卷。"
    counted = "看到并回答" if base == "回答本题的人" else "看到"
    return (
        f"基数：各人群中{counted}“{question.id} {question.wording}”的答卷数；人群按“{banner.label}”{banner.note}划分{left}。",
        f"本题按“{question.base}”计；{absent}",
        *rule.footnotes,
        "与其余人群比较：每个单元格与不在该列的所有人比较（合并方差 z 检验，未校正），见“与其余人群比较”表。",
        people.note,
    )


ANALYSIS = Analysis(
    key="crosstab",
    title=TITLE,
    question="不同人群的回答有什么不同？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
)
