"""Whether an answer depends on the group: chi-square, exact where it has to be, and which cells stand out."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.comparing import several
from insight.comparing.cells import TITLE, Crossed, crossed
from insight.comparing.options import Optioned, is_several, optioned
from insight.dataset import Dataset
from insight.members import Members, ticked
from insight.parameters import Seed
from insight.settings import settings
from insight.stats import independence
from insight.stats.association import LEAST_EXPECTED, association
from insight.stats.banner import flagged
from insight.stats.effects import Effect, size_of
from insight.stats.proportions import Floats, Rule
from insight.stats.several_answers import options_together
from insight.tabulation.asking import Weighing
from insight.wording import count, decimal, percent

MARKED = 1.96  # adjusted residuals beyond it are told of
LEVEL = 0.05
MOST_TOLD, MOST_CELLS = 4, 600
_HIDDEN = ("share", "expected", "adjusted_residual", "p_value")


class Params(BaseModel):
    """Which question, by which groups."""

    question: str = Field(default="", title="题目", description="单选、多选、量表、NPS 或矩阵题的一行；不选时用第一道。多选题逐个选项检验，再合起来", json_schema_extra={"one_of": "tested_questions"})  # fmt: skip
    by: str = Field(default="", title="人群", description="不选时用 RFM 八类，没有订单时用第一个能分组的变量", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    n_samples: int = Field(default=9_999, ge=999, le=99_999, title="Monte Carlo 次数", description="大于 2×2 的表期望频数太小时，用随机表估计精确检验的 p 值")  # fmt: skip
    seed: Seed = 1
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Test the whole table, then look into its cells."""
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    if is_several(dataset, params.question):
        return _several(_options(dataset, params), params, rule)
    table = _asked(dataset, params)
    tests, design = _tests(table, params)
    scaled = table.weights * (table.effective_base / table.weights.sum())
    tables = {"cells": _cells(table, scaled, rule), "summary": _summary(table, tests, scaled), "tests": _listed(tests)}  # fmt: skip
    return Result(tables, _charts(tables["cells"]), _findings(table, tables, rule), _notes(table, tests, params, rule=rule, design=design))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave which answer in which group."""
    is_multi = is_several(dataset, params.question)
    table = _options(dataset, params) if is_multi else _asked(dataset, params)
    told = ticked(table.answers, table.people.responses["respondent_id"], name="row")
    inside = table.banner.members.lazy().select("respondent_id", column="group")
    return {"cells": Members(told.join(inside, on="respondent_id"), ("respondent_id",), "n")}


def _asked(dataset: Dataset, params: Params) -> Crossed:
    return crossed(dataset, params.question, by=params.by, weight=params.weight, least=settings().tiny_base)  # fmt: skip


def _options(dataset: Dataset, params: Params) -> Optioned:
    return optioned(dataset, params.question, by=params.by, weight=params.weight, least=settings().tiny_base)  # fmt: skip


def _several(asked: Optioned, params: Params, rule: Rule) -> Result:
    """The same of a question of several answers, option by option."""
    told = options_together(asked.options, is_weighted=asked.people.is_weighted, n_samples=params.n_samples, seed=params.seed)  # fmt: skip
    tables = several.tables_of(asked, told, rule)
    return Result(tables, _charts(tables["cells"]), several.findings_of(asked, tables, rule), several.notes_of(asked, told, rule=rule))  # fmt: skip


def _tests(table: Crossed, params: Params) -> tuple[tuple[independence.Tested, ...], float]:
    if not table.people.is_weighted:
        return independence.tests_of(
            table.counts, n_samples=params.n_samples, seed=params.seed
        ), 1.0
    weighted, design = independence.rao_scott(table.weights, table.squares, table.base)
    return (
        weighted,
        *independence.tests_of(table.counts, n_samples=params.n_samples, seed=params.seed),
    ), design


def _listed(tests: tuple[independence.Tested, ...]) -> pl.DataFrame:
    return pl.DataFrame({
        "method": [independence.NAMES[t.kind] for t in tests], "statistic": [t.statistic for t in tests],
        "df": [t.df for t in tests], "p_value": [t.p_value for t in tests], "standard_error": [t.error for t in tests],
        "is_chosen": [at == 0 for at in range(len(tests))],
    }).fill_nan(None)  # fmt: skip


def _summary(
    table: Crossed, tests: tuple[independence.Tested, ...], scaled: Floats
) -> pl.DataFrame:
    """One row: what the chosen test says, and how strong the relation is."""
    found = association(scaled)
    v, low, high = independence.v_interval(found.chi2, found.df, n=scaled.sum(), shape=scaled.shape)
    w = Effect("V", found.v * sqrt(min(scaled.shape) - 1))
    return pl.DataFrame({
        "question": [table.question.id], "wording": [table.question.wording], "break": [table.banner.label],
        "base": [table.base], "effective_base": [table.effective_base], "n_low": [found.n_low], "n_cells": [scaled.size],
        "method": [independence.NAMES[tests[0].kind]], "p_value": [tests[0].p_value], "cramers_v": [v],
        "ci_low": [low], "ci_high": [high], "corrected_v": [found.v], "effect_size": [size_of(w)],
    })  # fmt: skip


def _cells(table: Crossed, scaled: Floats, rule: Rule) -> pl.DataFrame:
    """(r x c) every cell, with what would be expected; figures of tiny columns are null."""
    found, names = association(scaled), table.answers.columns
    share = table.weights / table.weights.sum(axis=0)
    made = pl.DataFrame({
        "row": np.repeat(names, len(table.columns)).tolist(), "column": list(table.columns) * len(names),
        "n": table.counts.astype(np.int64).ravel(), "base": np.tile(table.counts.sum(axis=0).astype(np.int64), len(names)),
        "share": share.ravel(), "expected": found.expected.ravel(), "adjusted_residual": found.residual.ravel(), "p_value": found.p_cell.ravel(),
    }).with_columns(pl.col("adjusted_residual", "p_value").fill_nan(None)).pipe(flagged, rule=rule, hidden=_HIDDEN)  # fmt: skip
    high, low = pl.col("adjusted_residual") > MARKED, pl.col("adjusted_residual") < -MARKED
    told = pl.when(high).then(pl.lit("偏高")).when(low).then(pl.lit("偏低")).otherwise(pl.lit(""))
    return made.with_columns(told.alias("reading"))


def _charts(cells: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """Residuals in colour, faint within what chance gives."""
    if cells.height > MOST_CELLS:
        return {}
    drawn = cells.with_row_index("at").with_columns(is_small=pl.col("adjusted_residual").abs().fill_null(0) <= MARKED)  # fmt: skip
    shown = drawn.select("at", "row", "column", "adjusted_residual", "n", "share", "is_small")
    return {
        "cells": charts.heat(
            shown, row="row", column="column", value="adjusted_residual", centre=0.0
        )
    }


def _findings(table: Crossed, tables: Mapping[str, pl.DataFrame], rule: Rule) -> tuple[Finding, ...]:  # fmt: skip
    one = tables["summary"].row(0, named=True)
    p = "p<0.001" if one["p_value"] < 0.001 else f"p={decimal(one['p_value'], digits=3)}"
    differs = one["p_value"] <= LEVEL
    strength = f"Cramér V {decimal(one['cramers_v'], digits=2)}（95% 区间 {decimal(one['ci_low'], digits=2)}–{decimal(one['ci_high'], digits=2)}，{one['effect_size']}）"  # fmt: skip
    text = f"{one['question']}“{one['wording']}”的回答{'因' if differs else '没有查到因'}“{one['break']}”而不同（{p}）：{strength}，{count(one['base'])} 人{rule.caution(one['base'])}。"  # fmt: skip
    cells = tuple(Cell("summary", 0, c) for c in ("p_value", "cramers_v", "ci_low", "ci_high", "base"))  # fmt: skip
    whole = Finding(text, one["base"], cells, one["method"])
    return (whole, *(_standing_out(row, table) for row in _marked(tables["cells"]))) if differs else (whole,)  # fmt: skip


def _marked(cells: pl.DataFrame) -> list[dict[str, Any]]:
    marked = cells.with_row_index("at").filter(pl.col("reading") == "偏高")
    return marked.sort("adjusted_residual", "at", descending=[True, False]).head(MOST_TOLD).rows(named=True)  # fmt: skip


def _standing_out(row: Mapping[str, Any], table: Crossed) -> Finding:
    text = (
        f"“{row['column']}”选“{row['row']}”的人多于预期：{count(row['n'])} 人（{table.people.percent(row['share'])}，"
        f"n={count(row['base'])}），调整残差 {decimal(row['adjusted_residual'], digits=2)}。"
    )
    cells = tuple(Cell("cells", row["at"], c) for c in ("n", "share", "base", "adjusted_residual"))
    return Finding(text, row["base"], cells, f"调整残差 |z|>{MARKED}（未校正）")


def _notes(
    table: Crossed, tests: tuple[independence.Tested, ...], params: Params, *, rule: Rule, design: float
) -> tuple[str, ...]:  # fmt: skip
    outside = table.people.responses.height - table.base
    thin = independence.too_thin(table.counts)
    low = int((independence.expected_of(table.counts) < LEAST_EXPECTED).sum())
    share = percent(low / table.counts.size)
    exact = {"fisher": "所以采用 Fisher 精确检验", "monte_carlo": f"所以采用 Fisher–Freeman–Halton 精确检验，p 值由 {count(params.n_samples)} 张边际相同的随机表估计（种子 {params.seed}，列出标准误）"}  # fmt: skip
    why = f"{count(low)} 格（{share}）期望人数不足 5，" + (
        "超过 20%，" if thin else "不到或等于 20%，"
    )
    kinds = [t.kind for t in tests]
    reason = next((exact[k] for k in kinds if thin and k in exact), "所以采用 χ² 检验")
    weighted = (
        f"检验：数据带权重，采用 Rao–Scott 一阶校正 χ²（平均设计效应 {decimal(design, digits=2)}）；表中其余检验是未加权的结果，供对照。",
        "期望人数、残差和 Cramér V 按有效基数（Kish）计；人数未加权。",
    )  # fmt: skip
    return (
        f"基数：回答了 {table.question.id} 并能归入“{table.banner.label}”{table.banner.note}的 {count(table.base)} 份答卷；{count(outside)} 份未答或没有人群归属，不计入。",
        "筛选：全部未被排除的答卷。",
        *(weighted if table.people.is_weighted else (f"检验：{why}{reason}；显著性水平 {LEVEL:g}，双侧，不作多重比较校正。",)),
        "2×2 表另列连续性校正（Yates）和 Fisher 精确检验，与 SPSS 的输出一致；没有人选的选项和没有人的组不参与检验。",
        f"残差：Haberman 调整残差，|z|>{MARKED} 着色，其余灰色；期望人数不足 5 的格不给残差。",
        "Cramér V 的区间由非中心 χ² 反推（Smithson，2003），旁列 Bergsma（2013）偏差校正值；大小按校正值换算的 Cohen w = V×√(min(行,列)−1)：0.1 小、0.3 中、0.5 大。",
        f"小样本：基数小于 {rule.small_base} 的列标 *，只作方向性参考；小于 {rule.tiny_base} 的列标 —，不给占比和残差，但计入整张表的检验；总共少于 {rule.tiny_base} 份不检验。",
        table.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="independence",
    title=TITLE,
    question="回答和人群有没有关系，关系多强？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=102,
    theme="检验",
)
