"""Which groups score higher: the mean of any rating or number against any breaks, with t letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import SCORED
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, UnknownName
from insight.members import Members
from insight.parameters import Correcting, Significance, picked, rule_of
from insight.schema import Question, QuestionKind
from insight.stats.banner import SUPPRESSED
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.tabulation import averaged, columns_of, paired, scored
from insight.tabulation.asking import Asked, Breaks, Moded, Saved, ScoredRows, Weighing, asked
from insight.tabulation.behind import answered
from insight.wording import count, decimal

TITLE = "均值比较"
MOST_FINDINGS, MOST_CELLS = 6, 600
Tests = Literal["welch", "pooled"]
TESTS: Mapping[Tests, str] = MappingProxyType({"welch": "Welch t（方差可以不等）", "pooled": "t（方差相等）"})  # fmt: skip


class Params(BaseModel):
    """Which scores, by which groups, tested how."""

    rows: ScoredRows = []
    breaks: Breaks = []
    banner: Saved = ""
    test: Annotated[Tests, picked("welch", TESTS, title="均值检验")] = "welch"
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"
    mode: Moded = "default"


def run(dataset: Dataset, params: Params) -> Result:
    """The mean of every wanted question in every column."""
    rule = rule_of(params.correction, params.level, mode=params.mode)
    book = _book(dataset, params, rule)
    cells, pairs = averaged(book.questions, book.families, people=book.people, rule=rule, assume=params.test)  # fmt: skip
    columns = columns_of(cells, book.families)
    return Result(
        {"table": cells, "columns": columns, "comparisons": pairs},
        _charts(cells, columns),
        _findings(cells, pairs, rule=rule, params=params),
        _notes(book, rule=rule, params=params),
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave a score in which group."""
    book = _book(dataset, params, rule_of(params.correction, params.level, mode=params.mode))
    return {"table": Members(answered(book, book.questions), ("respondent_id",), "base")}


def _book(dataset: Dataset, params: Params, rule: Rule) -> Asked:
    questions = _questions(dataset, params.rows)
    return asked(dataset, questions, breaks=params.breaks, banner=params.banner, weight=params.weight, least=rule.tiny_base)  # fmt: skip


def _questions(dataset: Dataset, wanted: Sequence[str]) -> tuple[Question, ...]:
    assert dataset.responses is not None
    kinds = dataset.questionnaire.of_kind(*SCORED, QuestionKind.MATRIX)
    known = {q.id: scored([q], dataset.responses) for q in kinds}
    each = {part.id: (part,) for parts in known.values() for part in parts}
    if not each:
        raise MissingColumns(TITLE, ("问卷：评分、NPS 或数值题",))
    for name in wanted:
        if dataset.questionnaire.find(name) is None and name not in each:
            raise UnknownName("题目", name, list(each))
        if not known.get(name) and name not in each:
            raise BadParameter("题目", f"{name} 的答案不是分数或数值，没有均值")
    named = {**each, **{name: parts for name, parts in known.items() if parts}}
    chosen = [part for name in wanted or known for part in named.get(name, ())]
    return tuple({part.id: part for part in chosen}.values())


def _charts(cells: pl.DataFrame, columns: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """A heat map of the means in the columns of the first break."""
    first = cells.with_row_index("at").filter(pl.col("break") == columns["break"][0])
    if first.height > MOST_CELLS or first.is_empty():
        return {}
    heads = dict(columns.filter(pl.col("break") == columns["break"][0]).select("column", "letter").rows())  # fmt: skip
    named = {name: f"{name}（{letter}）" for name, letter in heads.items() if letter}
    words = [_word(cell) for cell in first.select("mean", "letters", "arrow").iter_rows(named=True)]
    drawn = first.select(
        "at", "row", pl.col("column").replace(named), "mean", "base", pl.Series("words", words, dtype=pl.String), is_small=pl.col("flag") != ""
    )  # fmt: skip
    return {"table": charts.heat(drawn, row="row", column="column", value="mean", text="words")}


def _word(cell: Mapping[str, object]) -> str:
    mean = cell["mean"]
    if not isinstance(mean, float):
        return SUPPRESSED
    return " ".join(filter(None, (decimal(mean, digits=2), str(cell["letters"]), str(cell["arrow"]))))  # fmt: skip


def _findings(
    cells: pl.DataFrame, pairs: pl.DataFrame, *, rule: Rule, params: Params
) -> tuple[Finding, ...]:
    """The largest significant difference of each question in its own standard deviations; else that there is none."""
    mean, base, sd = (cells[name].to_list() for name in ("mean", "base", "sd"))
    rows = cells.select("question", "break").rows()

    def order(pair: tuple[int, int]) -> tuple[bool, float, tuple[int, int]]:
        high, low = pair
        small = min(base[high], base[low]) < rule.small_base
        return small, -(mean[high] - mean[low]) / (sd[high] or 1.0), pair

    best: dict[tuple[str, str], tuple[int, int]] = {}
    for pair in sorted(paired(cells, pairs, level=max(rule.levels)), key=order):
        best.setdefault(rows[pair[0]], pair)
    test = _test(rule, params)
    found = [
        _difference(cells, p, rule=rule, test=test) for p in list(best.values())[:MOST_FINDINGS]
    ]
    return tuple(found) or _no_difference(cells, pairs, rule=rule, test=test)


def _difference(cells: pl.DataFrame, pair: tuple[int, int], *, rule: Rule, test: str) -> Finding:
    high, low = (cells.row(at, named=True) for at in pair)
    text = (
        f"{high['row']}：“{high['column']}”人群平均 {decimal(high['mean'], digits=2)}（n={count(high['base'])}），"
        f"高于“{low['column']}”的 {decimal(low['mean'], digits=2)}（n={count(low['base'])}）"
        f"{rule.caution(min(high['base'], low['base']))}。"
    )
    evidence = [Cell("table", at, c) for at in pair for c in ("mean", "base")]
    return Finding(text, high["base"], tuple(evidence), test)


def _no_difference(
    cells: pl.DataFrame, pairs: pl.DataFrame, *, rule: Rule, test: str
) -> tuple[Finding, ...]:
    known = cells.with_row_index("at").filter(pl.col("mean").is_not_null())
    if known.is_empty():
        return ()
    first = known.row(0, named=True)
    verdict = "没有查到显著差异" if pairs.height else "人数太少或分数完全相同，未能检验"
    text = (
        f"{first['row']}：在“{first['break']}”各人群之间均值{verdict}；总计 {count(first['base'])} 人平均 "
        f"{decimal(first['mean'], digits=2)}{rule.caution(first['base'])}。"
    )
    evidence = tuple(Cell("table", first["at"], c) for c in ("base", "mean"))
    return (Finding(text, first["base"], evidence, test if pairs.height else ""),)


def _test(rule: Rule, params: Params) -> str:
    assumed = "t（方差由全部列合并估计）" if rule.mode == "spss" else TESTS[params.test]
    return (
        f"{assumed} 检验（双侧，p≤{rule.levels[0]:g}，校正：{CORRECTION_LABELS[rule.correction]}）"
    )


def _notes(book: Asked, *, rule: Rule, params: Params) -> tuple[str, ...]:
    shared = any(f.shares_people for f in book.families)
    return (
        f"基数：各人群中给出分数或数值的答卷数；人群按{'、'.join(book.breaks)}划分；每个人群变量有自己的总计列。",
        *book.notes,
        "筛选：全部未被排除的答卷。",
        f"检验：{_test(rule, params)}，同一题内各列两两比较，总计列不参与；方差按{'加权人数' if rule.mode == 'spss' else '有效基数'}作 Bessel 修正。",
        f"字母：较低列的字母印在较高的单元格里；小写 p≤{rule.levels[0]:g}，大写 p≤{rule.levels[1]:g}；多重比较校正以同一题的列对为一族。",
        rule.small_bases,
        *rule.footnotes[3:],
        *(("重叠：多选题作人群时同一人可以在几列里，两列均值之差的方差减去共同的人带来的协方差。",) if shared and rule.mode == "default" else ()),
        "箭头：与同一人群变量里不在该列的所有人比较；中位数按权重累计到一半取值；最高两分占比（T2B）只对四分以上的量表。",
        book.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="means",
    title=TITLE,
    question="哪些人群打分更高？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    theme="表格",
)
