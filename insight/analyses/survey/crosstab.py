"""Which groups answer a question differently: any questions against any breaks, with column letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.bases import Base, told, why_missing
from insight.dataset import Dataset
from insight.members import Members
from insight.parameters import Correcting, Significance, rule_of
from insight.stats.proportions import Rule
from insight.stubs import exclusive_clashes
from insight.tabulation import CELL, Family, Stub, columns_of, crossed, paired, stubs_of
from insight.tabulation.asking import Asked, Breaks, Moded, Rows, Saved, Weighing, asked
from insight.tabulation.behind import cells_of
from insight.tabulation.beneath import mean_lines
from insight.tabulation.comparisons import tests_of
from insight.tabulation.matrices import at_a_glance
from insight.tabulation.pictures import heats
from insight.tabulation.tabled import tabled
from insight.wording import count, p_value, percent

TITLE = "交叉表"
MOST_FINDINGS = 6
REST = (
    "row", "column", "n", "base", "share", "rest_share", "share_difference", "p_value", "rest_p_adjusted",
    "tgi", "arrow", "question", "break",
)  # fmt: skip


class Params(BaseModel):
    """Which questions, by which groups, tested how."""

    formerly: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"question": "rows", "by": "breaks", "use_weight": "weight"}
    )

    rows: Rows = []
    breaks: Breaks = []
    banner: Saved = ""
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"
    mode: Moded = "default"
    base: Base = Field(
        default="回答本题的人",
        title="基数",
        description="“看到本题的人”把未答和拒答也算进占比的基数，并各列一行",
    )


def run(dataset: Dataset, params: Params) -> Result:
    """Cross every wanted question with every wanted break."""
    rule = rule_of(params.correction, params.level, mode=params.mode)
    book, stubs = _book(dataset, params, rule)
    cells, pairs = crossed(stubs, book.families, people=book.people, rule=rule)
    rest = cells.filter(pl.col("p_value").is_not_null()).select(REST)
    columns, means = columns_of(cells, book.families), mean_lines(book, rule)
    glance = at_a_glance(dataset, book, rule=rule)
    told = {name: one for name, one in (("means", means), ("grids", glance)) if one.height}
    return Result(
        {
            "table": cells.select(CELL),
            **told,
            "columns": columns,
            "rest": rest,
            "comparisons": pairs,
            "tests": tests_of(pairs, rule),
        },
        heats(cells, columns),
        _findings(cells, pairs, book=book, rule=rule),
        _notes(book, stubs, rule=rule, base=params.base, has_means="means" in told),
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave which answer in which group."""
    book, _ = _book(dataset, params, rule_of(params.correction, params.level, mode=params.mode), coded=False)  # fmt: skip
    cells = cells_of(book, base=params.base)
    return {name: Members(cells, ("respondent_id",), "n") for name in ("table", "rest")}


def _book(
    dataset: Dataset, params: Params, rule: Rule, *, coded: bool = True
) -> tuple[Asked, list[Stub]]:
    """Who is asked what, and the rows of the questions as codes if they are to be counted."""
    book = asked(
        dataset, tabled(dataset, params.rows, title=TITLE), breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base
    )  # fmt: skip
    told = book.questions if coded else ()
    return book, stubs_of(book.people.responses, told, base=params.base)


def _findings(
    cells: pl.DataFrame, pairs: pl.DataFrame, *, book: Asked, rule: Rule
) -> tuple[Finding, ...]:
    """The largest significant difference of each row, solid bases first; else that there is none."""
    share, base, silent = (cells[name].to_list() for name in ("share", "base", "is_silent"))
    rows = cells.select("question", "row", "break").rows()
    boxes = set(cells.filter("is_box")["row"])
    best: dict[tuple[str, ...], tuple[int, int]] = {}
    for high, low in sorted(
        paired(cells, pairs, level=max(rule.levels)),
        key=lambda p: (min(base[p[0]], base[p[1]]) < rule.small_base, share[p[1]] - share[p[0]], p),
    ):
        if not silent[high]:
            best.setdefault(rows[high], (high, low))
    boxed = {
        row[0] for row in best if row[1] in boxes
    }  # of scales the top and bottom boxes speak first
    nets = set(cells.filter(pl.col("is_net") & ~pl.col("is_box"))["row"])
    told_of = [pair for row, pair in best.items() if row[1] in boxes or row[0] not in boxed]
    told_of = [pair for pair in told_of if rows[pair[0]][1] not in nets] or told_of
    found = [_difference(cells, p, pairs, book=book, rule=rule) for p in told_of[:MOST_FINDINGS]]
    return tuple(found) or _no_difference(cells, pairs, book=book, rule=rule)


def _which(book: Asked, question: str) -> str:
    """The question at the start of a sentence, where there are several."""
    if len(book.questions) == 1:
        return ""
    one = next(q for q in book.questions if q.id == question)
    return f"{one.id}“{one.wording}”："


def _difference(
    cells: pl.DataFrame, pair: tuple[int, int], pairs: pl.DataFrame, *, book: Asked, rule: Rule
) -> Finding:
    """The widest difference of a row, and of how many comparisons of its table it is one."""
    high, low = (cells.row(at, named=True) for at in pair)
    named, sides = (
        {k: high[k] for k in ("question", "row", "break")},
        [high["column"], low["column"]],
    )
    own = pairs.with_row_index("at").filter(pl.col("column").is_in(sides), pl.col("other").is_in(sides), **named).row(0, named=True)  # fmt: skip
    told = tests_of(pairs, rule).with_row_index("at").filter(**{k: high[k] for k in ("question", "break")}).row(0, named=True)  # fmt: skip
    p = f"{'未校正' if rule.correction == 'none' else '校正后'} {p_value(own['p_adjusted'])}"
    text = (
        f"{_which(book, high['question'])}“{high['column']}”人群中有 {count(high['n'])} 人（{book.people.percent(high['share'])}，n={count(high['base'])}）"
        f"选择“{high['row']}”，高于“{low['column']}”的 {percent(low['share'])}（n={count(low['base'])}；{p}，这张表作了 {count(told['n_tests'])} 次两两比较，{count(told['n_significant'])} 次显著）"
        f"{rule.caution(min(high['base'], low['base']))}。"
    )
    evidence = [Cell("table", pair[0], c) for c in ("n", "share", "base", "letters")]
    evidence += [Cell("table", pair[1], c) for c in ("share", "base")]
    evidence += [Cell("comparisons", own["at"], "p_adjusted"), *(Cell("tests", told["at"], c) for c in ("n_tests", "n_significant"))]  # fmt: skip
    return Finding(text, high["base"], tuple(evidence), rule.test)


def _no_difference(
    cells: pl.DataFrame, pairs: pl.DataFrame, *, book: Asked, rule: Rule
) -> tuple[Finding, ...]:
    totals = cells.with_row_index("at").filter(
        "is_total", ~pl.col("is_net"), ~pl.col("is_silent"), pl.col("share").is_not_null()
    )
    if totals.is_empty():
        return ()
    first = totals.filter(question=totals["question"][0], **{"break": totals["break"][0]})
    question = next(q for q in book.questions if q.id == first["question"][0])
    verdict = _verdict(cells, pairs, rule)
    ranked = first.sort("share", descending=True, maintain_order=True)
    top = ranked.row(0, named=True)
    most = "并列最多" if (ranked["share"] == top["share"]).sum() > 1 else "最多"
    text = (
        f"{question.id}“{question.wording}”在“{top['break']}”各人群之间{verdict}；"
        f"总计 {count(top['base'])} 人里有 {count(top['n'])} 人（{book.people.percent(top['share'])}）选择“{top['row']}”，{most}"
        f"{rule.caution(top['base'])}。"
    )
    evidence = tuple(Cell("table", top["at"], c) for c in ("base", "n", "share"))
    return (Finding(text, top["base"], evidence, "" if pairs.is_empty() else rule.test),)


def _verdict(cells: pl.DataFrame, pairs: pl.DataFrame, rule: Rule) -> str:
    """What to say of a table without letters: that nothing differs, or that nothing was tested."""
    groups = cells.filter(~pl.col("is_total"))
    known, share = pl.col("share").is_not_null(), pl.col("share")
    shown = groups.group_by("question", "row", "break").agg(n=known.sum())
    if shown.filter(pl.col("n") >= 2).is_empty():
        return "人数太少，未能检验"
    if pairs.is_empty():
        return "未能检验（占比不是 0% 就是 100%，或人数太少）"
    if groups.select(((share <= 0) | (share >= 1)).fill_null(value=True).any()).item():
        return f"没有查到显著差异（占比为 0%、100% 或基数不足 {rule.tiny_base} 的列没有参与检验）"
    return "没有查到显著差异"


def _notes(
    book: Asked, stubs: Sequence[Stub], *, rule: Rule, base: Base, has_means: bool
) -> tuple[str, ...]:
    counted = "看到并回答" if base == "回答本题的人" else "看到"
    responses = book.people.responses
    one = (
        f"“{book.questions[0].id} {book.questions[0].wording}”"
        if len(book.questions) == 1
        else "各题"
    )
    of = "本题按" if len(book.questions) == 1 else f"{len(book.questions)} 道题各按"
    silent = {q.id: said for q in book.questions if (said := told(why_missing(responses, q)))}
    absent = "；".join(
        said if len(book.questions) == 1 else f"{q}：{said}" for q, said in silent.items()
    )
    clashes = (exclusive_clashes(s.question, responses) for s in stubs)
    return (
        f"基数：各人群中{counted}{one}的答卷数；人群按{'、'.join(book.breaks)}划分；每个人群变量有自己的总计列。",
        *book.notes,
        f"{of}“{base}”计；{f'全部答卷中{absent}。' if absent else '没有未答、拒答或未被问到的答卷。'}",
        "筛选：全部未被排除的答卷。",
        *rule.footnotes,
        *_overlapping(book.families, rule),
        f"箭头：每个单元格与同一人群变量里不在该列的所有人比较（合并方差 z 检验，校正：{rule.corrected.replace('列对', '列')}），↑ 高于、↓ 低于，一个 p≤{rule.levels[0]:g}，两个 p≤{rule.levels[1]:g}；“与其余人群比较”表里的 p 值未校正，另列校正后的值。",
        "TGI = 100 × 该列占比 ÷ 该人群变量总计占比；与其余人没有显著差异的（没有箭头）不宜解读，图上为灰色。",
        *(("多选题：占比以人为基数，可以超过 100%；“占全部勾选的比例”以勾选次数为基数；“至少选一项”不计“以上都没有”一类的选项。",) if any(any(s.ticks) for s in stubs) else ()),
        *(("均值：评分、NPS 和有分数的矩阵行另有均值和标准差，各列用 Welch t 检验（SPSS 模式合并全部列的方差），字母、显著水平和校正同上；未打分的人不计入它的基数。",) if has_means else ()),
        "行百分比：该列选这一项的（加权）人数 ÷ 总计列选这一项的（加权）人数，不作检验。",
        book.people.note,
        *filter(None, clashes),
    )  # fmt: skip


def _overlapping(families: Sequence[Family], rule: Rule) -> tuple[str, ...]:
    if not any(f.shares_people for f in families) or rule.mode == "spss":
        return ()
    return (
        "重叠：多选题作人群时，同一人可以在几列里；两列比较的方差按共同的人数修正（1/b₁+1/b₂−2n₀/(b₁b₂)）。",
    )


ANALYSIS = Analysis(
    key="crosstab",
    title=TITLE,
    question="不同人群的回答有什么不同？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    theme="表格",
)
