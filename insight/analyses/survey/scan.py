"""Where do groups differ at all: every question against every break, corrected for all tests that were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import CLOSED, SCORED
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows, UnknownName
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import available
from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.tabulation import people_of
from insight.tabulation.asking import Weighing
from insight.tabulation.screening import Screened, screened
from insight.units import in_words
from insight.wording import count, decimal

TITLE = "差异扫描"
SLOW = "clusters"  # found anew in all customers, from what the other breaks say already
MOST_FINDINGS, MOST_BARS, MOST_ROWS = 8, 20, 2_000
FINDING = (
    "question", "wording", "break", "group", "option", "value", "rest_value", "unit", "effect", "p_adjusted", "p_value", "is_notable",
    "test", "statistic", "df", "base", "by",
)  # fmt: skip


class Params(BaseModel):
    """Which pairs are tested, and what counts as a find."""

    questions: list[str] = Field(default_factory=list, title="题目", description="留空表示全部题目", json_schema_extra={"one_of": "questions"})  # fmt: skip
    breaks: list[str] = Field(default_factory=list, title="人群", description="留空表示全部：消费分层、客户属性、已存人群和其他题目，只有行为分群要自己选上", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    rate: float = Field(default=0.05, gt=0, le=0.2, title="允许的误报率（FDR）", description="列为发现的差异里，平均有多大比例其实是偶然")  # fmt: skip
    least_effect: float = Field(default=0.1, ge=0, le=1, title="最小效应量", description="0.1 小、0.3 中、0.5 大（Cohen）；更小的差异即使显著也不列为发现")  # fmt: skip
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Test all pairs, correct all p values together, rank what is left."""
    people = people_of(dataset, weight=params.weight)
    made = screened(dataset, _questions(dataset, params.questions), by=_breaks(dataset, params.breaks), people=people, least=settings().tiny_base)  # fmt: skip
    if made.tests.is_empty():
        raise TooFewRows("能检验的题目和人群", 0, 1)
    ranked = _ranked(made.tests, params)
    counts = _counts(ranked, made, params)
    shown = ranked.head(MOST_ROWS).select(FINDING)
    notes = (*_notes(made, counts, params), people.note)
    return Result({"findings": shown, "counts": counts}, _picture(shown), tuple(_findings(shown, counts, [q.id for q in dataset.questionnaire.questions])), notes)  # fmt: skip


def _questions(dataset: Dataset, wanted: Sequence[str]) -> tuple[Question, ...]:
    columns = dataset.columns("responses")
    kinds = tuple(dict.fromkeys((*CLOSED, *SCORED)))
    known = {q.id: q for q in dataset.questionnaire.of_kind(*kinds) if q.kind is not QuestionKind.DATE and columns & set(q.columns)}  # fmt: skip
    if not known:
        raise MissingColumns(TITLE, ("问卷：可以计数或打分的题目",))
    for name in wanted:
        if name not in known:
            raise UnknownName("题目", name, list(known))
    return tuple(q for name, q in known.items() if not wanted or name in wanted)


def _breaks(dataset: Dataset, wanted: Sequence[str]) -> list[str]:
    known = list(available(dataset))
    for name in wanted:
        if name not in known:
            raise UnknownName("分组变量", name, known)
    return [key for key in known if key in (wanted or set(known) - {SLOW})]


def _ranked(tests: pl.DataFrame, params: Params) -> pl.DataFrame:
    """All tests: what counts as a find first, by its effect; then the others by p."""
    p = pl.Series("p_adjusted", adjusted(tests["p_value"].to_numpy(), "bh"))
    found = (pl.col("p_adjusted") <= params.rate) & (pl.col("effect") >= params.least_effect)
    weight = pl.when("is_notable").then("effect").otherwise(0.0).round(12)
    return (
        tests.with_columns(p)
        .with_columns(is_notable=found)
        .sort(pl.col("is_notable"), weight, pl.col("p_adjusted"), "wording", "by", descending=[True, True, False, False, False])
    )  # fmt: skip


def _counts(ranked: pl.DataFrame, made: Screened, params: Params) -> pl.DataFrame:
    """One row: n_made, n_by_chance [expected below the rate without correction], n_uncorrected, n_significant
    [after it], n_notable, n_untested, n_circular.
    """  # fmt: skip
    n = ranked.height
    told = {
        "n_made": n, "n_by_chance": n * params.rate, "n_uncorrected": (ranked["p_value"] <= params.rate).sum(),
        "n_significant": (ranked["p_adjusted"] <= params.rate).sum(), "n_notable": ranked["is_notable"].sum(),
        "n_untested": made.n_untested, "n_circular": made.n_circular,
    }  # fmt: skip
    return pl.DataFrame([told])


def _findings(shown: pl.DataFrame, counts: pl.DataFrame, asked: Sequence[str]) -> Iterator[Finding]:
    """How many of how many, then the largest differences, each question and break once.

    Groups of customers speak before those made of answers to another question (``asked``).
    """
    row = counts.row(0, named=True)
    most = int(shown["base"].max())  # type: ignore[arg-type]
    text = (
        f"共做了 {count(row['n_made'])} 次检验，校正后有 {count(row['n_significant'])} 次显著，其中 {count(row['n_notable'])} 处差异够大、列为发现；"
        f"不校正会有 {count(row['n_uncorrected'])} 次，单凭偶然就会有约 {count(row['n_by_chance'])} 次。"
    )  # fmt: skip
    cells = tuple(Cell("counts", 0, c) for c in ("n_made", "n_significant", "n_notable", "n_uncorrected", "n_by_chance"))  # fmt: skip
    yield Finding(text, most, cells, "Benjamini–Hochberg 校正（FDR）")
    known = shown.with_row_index("at").filter("is_notable")
    first = known.unique(["question", "break"], keep="first", maintain_order=True)
    first = first.sort(pl.col("by").is_in(asked), maintain_order=True)
    for one in first.head(MOST_FINDINGS).to_dicts():
        yield _difference(one)


def _difference(one: dict[str, object]) -> Finding:
    value, rest = (in_words(one[c], column=c, beside=one) for c in ("value", "rest_value"))
    effect, base = decimal(float(str(one["effect"])), digits=2), int(str(one["base"]))
    what = "均值" if one["option"] == "均值" else f"选“{one['option']}”的占"
    text = (
        f"“{one['wording']}”按“{one['break']}”看：“{one['group']}”{what} {value}，其余人 {rest}"
        f"（效应量 {effect}，n={count(base)}）。"
    )
    cells = tuple(Cell("findings", int(str(one["at"])), c) for c in ("value", "rest_value", "effect", "base"))  # fmt: skip
    return Finding(text, base, cells, f"{one['test']}，Benjamini–Hochberg 校正")


def _picture(shown: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """The largest differences by their effect."""
    found = shown.with_row_index("at").filter("is_notable").head(MOST_BARS)
    if found.is_empty():
        return {}
    last = pl.col("wording").str.split("｜").list.last()
    groups = pl.when(pl.col("break").str.starts_with(pl.col("by"))).then("by").otherwise("break")
    label = pl.format("{} × {}｜{}", groups, "question", last)
    data = found.select("at", "effect", "base", label=label).unique("label", keep="first", maintain_order=True)  # fmt: skip
    return {"findings": charts.bars(data, label="label", value="effect", title="效应量最大的差异", order=data["label"].to_list())}  # fmt: skip


def _notes(made: Screened, counts: pl.DataFrame, params: Params) -> Iterator[str]:
    row = counts.row(0, named=True)
    yield f"检验次数：{count(row['n_made'])} 次，全部在一起做 Benjamini–Hochberg 校正，误报率 {params.rate:g}；先看结果再挑着报告，就失去了这个保证。"  # fmt: skip
    yield f"检验：单选和多选（每个选项一次）用 χ² 独立性检验（少见的选项合并到满足 Cochran 规则），量表、NPS、数值和名次用 Kruskal–Wallis；基数不足 {settings().tiny_base} 的人群不参加。"  # fmt: skip
    yield "效应量：χ² 用 Cramér V（Bergsma 校正），Kruskal–Wallis 用 √ε²；两者都在 0 到 1 之间，与相关系数同一尺度。"  # fmt: skip
    yield f"列为发现：校正后 p≤{params.rate:g} 且效应量≥{params.least_effect:g}；“选项”和“人群”是差得最多的一格，占比和均值与该人群变量里的其余人比较。"  # fmt: skip
    yield "基数：回答本题、并属于参加检验的人群的答卷数（未加权）。"
    if row["n_untested"]:
        yield f"{count(row['n_untested'])} 对没有检验：人群或选项太少，χ² 近似不成立。"
    if row["n_circular"]:
        yield f"{count(row['n_circular'])} 对没有检验：人群就是由这道题划分的。两道题之间只检验一次；多选题不作人群。"
    if row["n_made"] > MOST_ROWS:
        yield f"表里列出前 {count(MOST_ROWS)} 行，其余同样计入校正。"
    yield from made.notes


ANALYSIS = Analysis(
    key="scan",
    title=TITLE,
    question="哪些人群的回答真的不一样？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=105,
    theme="表格",
)
