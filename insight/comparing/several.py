"""What is told of a question of several answers by groups: each option, all of them, and where they stand out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from insight.analysis import Cell, Finding
from insight.comparing.options import Optioned
from insight.stats.association import association
from insight.stats.banner import flagged
from insight.stats.independence import NAMES, Tested
from insight.stats.multiple import adjusted
from insight.stats.proportions import Rule
from insight.stats.several_answers import Together
from insight.wording import count, decimal

LEVEL, MARKED, MOST_TOLD = 0.05, 1.96, 4
_HIDDEN = ("share", "expected", "adjusted_residual", "p_value")


def tables_of(asked: Optioned, told: Together, rule: Rule) -> dict[str, pl.DataFrame]:
    """The cells of all options, one line on the whole, every option, and the tests of the whole."""
    return {"cells": _cells(asked, rule), "summary": _summary(asked, told), "options": _options(asked, told), "tests": _tests(told.tests)}  # fmt: skip


def _cells(asked: Optioned, rule: Rule) -> pl.DataFrame:
    """(n_options x c) who ticked it in each group, with what would be expected."""
    found = [association(t.scaled) for t in asked.options]
    names, k = asked.answers.columns, len(asked.columns)
    ticked = [(t.counts[0], t.counts.sum(axis=0), t.weights[0] / np.maximum(t.weights.sum(axis=0), 1e-300)) for t in asked.options]  # fmt: skip
    n, base, share = (np.concatenate(part) for part in zip(*ticked, strict=True))
    figures = {
        "share": share, "expected": np.concatenate([f.expected[0] for f in found]),
        "adjusted_residual": np.concatenate([f.residual[0] for f in found]), "p_value": np.concatenate([f.p_cell[0] for f in found]),
    }  # fmt: skip
    high, low = pl.col("adjusted_residual") > MARKED, pl.col("adjusted_residual") < -MARKED
    return pl.DataFrame({
        "row": np.repeat(names, k).tolist(), "column": list(asked.columns) * len(names), "n": n.astype(np.int64), "base": base.astype(np.int64), **figures,
    }).with_columns(pl.col(*figures).fill_nan(None)).pipe(flagged, rule=rule, hidden=_HIDDEN).with_columns(
        reading=pl.when(high).then(pl.lit("偏高")).when(low).then(pl.lit("偏低")).otherwise(pl.lit(""))
    )  # fmt: skip


def _options(asked: Optioned, told: Together) -> pl.DataFrame:
    """(n_options) what the test of each says."""
    tests = [one.tested for one in told.options]
    return pl.DataFrame({
        "row": asked.answers.columns, "n": [int(t.counts[0].sum()) for t in asked.options], "base": [int(t.counts.sum()) for t in asked.options],
        "method": [NAMES[t.kind] for t in tests], "statistic": [t.statistic for t in tests], "df": [t.df for t in tests],
        "p_value": [t.p_value for t in tests], "p_adjusted": [one.p_adjusted for one in told.options], "corrected_v": [one.v for one in told.options],
    }).with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip


def _summary(asked: Optioned, told: Together) -> pl.DataFrame:
    chosen, p = told.tests[0], np.array([one.tested.p_value for one in told.options])
    return pl.DataFrame({
        "question": [asked.question.id], "wording": [asked.question.wording], "break": [asked.banner.label], "base": [asked.base],
        "effective_base": [asked.effective_base], "method": [NAMES[chosen.kind]], "p_value": [chosen.p_value],
        "n_options_tested": [int((~np.isnan(p)).sum())], "n_options_sure": [int((adjusted(p, "holm") <= LEVEL).sum())],
    })  # fmt: skip


def _tests(tests: tuple[Tested, ...]) -> pl.DataFrame:
    return pl.DataFrame({
        "method": [NAMES[t.kind] for t in tests], "statistic": [t.statistic for t in tests], "df": [t.df for t in tests],
        "p_value": [t.p_value for t in tests], "is_chosen": [at == 0 for at in range(len(tests))],
    }).fill_nan(None)  # fmt: skip


def findings_of(asked: Optioned, tables: Mapping[str, pl.DataFrame], rule: Rule) -> tuple[Finding, ...]:  # fmt: skip
    """The whole, and the options that differ surest."""
    one = tables["summary"].row(0, named=True)
    p = "p<0.001" if one["p_value"] < 0.001 else f"p={decimal(one['p_value'], digits=3)}"
    differs = one["p_value"] <= LEVEL
    text = (
        f"{one['question']}“{one['wording']}”（多选）的勾选{'因' if differs else '没有查到因'}“{one['break']}”而不同（{p}）："
        f"{count(one['n_options_tested'])} 个选项逐个检验，{count(one['n_options_sure'])} 个显著，{count(one['base'])} 人{rule.caution(one['base'])}。"
    )
    cells = tuple(
        Cell("summary", 0, c) for c in ("p_value", "n_options_tested", "n_options_sure", "base")
    )
    sure = tables["options"].with_row_index("at").filter(pl.col("p_adjusted") <= LEVEL)
    best = sure.sort("p_adjusted", "at").head(MOST_TOLD) if differs else sure.clear()
    return (Finding(text, one["base"], cells, one["method"]), *(_option(row, asked, tables) for row in best.to_dicts()))  # fmt: skip


def _option(row: Mapping[str, object], asked: Optioned, tables: Mapping[str, pl.DataFrame]) -> Finding:  # fmt: skip
    """Where an option is ticked most and least."""
    own = tables["cells"].with_row_index("at").filter(pl.col("row") == row["row"], pl.col("share").is_not_null())  # fmt: skip
    ranked = own.sort("share", "at", descending=[True, False])
    high, low = ranked.row(0, named=True), ranked.row(-1, named=True)
    text = (
        f"“{row['row']}”在“{high['column']}”中勾选最多：{count(high['n'])} 人（{asked.people.percent(high['share'])}，n={count(high['base'])}），"
        f"在“{low['column']}”中最少：{count(low['n'])} 人（{asked.people.percent(low['share'])}，n={count(low['base'])}）。"
    )
    cells = tuple(Cell("cells", r["at"], c) for r in (high, low) for c in ("n", "share", "base"))
    return Finding(text, high["base"], cells, f"{row['method']}（Holm 校正）")


def notes_of(asked: Optioned, told: Together, *, rule: Rule) -> tuple[str, ...]:
    """Base, test, and why."""
    outside = asked.people.responses.height - asked.base
    leads = "按期望人数不足 5 的格超过 20% 的选项改用精确检验，整题以 Bonferroni 界为准" if told.tests[0].kind == "bonferroni" else "整题以各选项 χ² 之和为准"  # fmt: skip
    weighted = "数据带权重，各选项用 Rao–Scott 一阶校正 χ²；" if asked.people.is_weighted else ""
    return (
        f"基数：看到 {asked.question.id} 并能归入“{asked.banner.label}”{asked.banner.note}的 {count(asked.base)} 份答卷；{count(outside)} 份没有看到或没有人群归属，不计入。",
        "筛选：全部未被排除的答卷。",
        f"检验：多选题各选项不互斥，不能当作一张列联表；每个选项按“选／没选”列成 2×c 表分别检验，p 值按 Holm 校正；{weighted}水平 {LEVEL:g}，双侧。",
        f"整题：J 个选项的 χ² 相加，自由度 J×(c−1)，即 Rao–Scott 一阶校正（Decady 与 Thomas，2000）；旁列最小 p 值 ×J 的 Bonferroni 界，不依赖选项间的相关（Bilder 与 Loughin，2004）；{leads}。",
        f"残差：各选项 2×c 表的 Haberman 调整残差，|z|>{MARKED} 着色，未校正；人人都选或没有人选的选项不检验。",
        f"小样本：基数小于 {rule.small_base} 的列标 *，小于 {rule.tiny_base} 的列标 —，不给占比和残差，但计入检验。",
        asked.people.note,
    )  # fmt: skip
