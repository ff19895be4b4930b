"""Whether a score differs between groups, or between two questions: the test that fits, and why it does."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Annotated, Any, Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.comparing.groups import TITLE, Posed
from insight.comparing.groups import posed as posed_of
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.members import Members
from insight.parameters import picked
from insight.ratings import scored
from insight.settings import settings
from insight.stats import post_hoc
from insight.stats.choosing import LEVEL, Facts, choose
from insight.stats.effects import size_of
from insight.stats.group_tests import NAMES, ON_RANKS, Method
from insight.stats.proportions import Floats, Rule
from insight.tabulation.asking import Weighing
from insight.wording import count, decimal

MOST_TOLD = 3
Wanted = Literal["auto", Method]
LABELS: Mapping[str, str] = {"auto": "自动选择", **{str(key): name for key, name in NAMES.items()}}


class Params(BaseModel):
    """What is compared: one score between groups, or two scores of the same people."""

    question: str = Field(default="", title="题目", description="评分、NPS、数值题，或矩阵题的一行；不选时用第一道", json_schema_extra={"one_of": "items"})  # fmt: skip
    by: str = Field(default="", title="人群", description="不选时用 RFM 八类，没有订单时用第一个能分组的变量", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    paired_with: str = Field(default="", title="与哪道题比", description="选了它就比较同一批人的两个答案（配对），“人群”不再起作用", json_schema_extra={"one_of": "items"})  # fmt: skip
    method: Annotated[Wanted, picked("auto", LABELS, title="检验方法", description="默认按数据自动选择并说明理由；也可以指定")] = "auto"  # fmt: skip
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Choose the test, make it and those that could have been chosen, and compare pairs of groups."""
    rule = _rule()
    posed = _asked(dataset, params)
    method, why = _chosen(posed, params.method)
    tables = {"groups": _groups(posed, rule), "tests": _tests(posed, method), "checks": _checks(posed.facts)}  # fmt: skip
    if pairs := post_hoc.comparisons(posed.groups, method):
        tables["comparisons"] = _pairs(posed, pairs, method)
    return Result(tables, _charts(tables["groups"], posed), _findings(posed, tables, why=why, rule=rule), _notes(posed, method, why=why, rule=rule))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who gave a score in which group."""
    if params.paired_with:
        return {}
    posed = _asked(dataset, params)
    assert posed.banner is not None
    known = posed.people.responses.filter(scored(posed.people.responses, posed.questions[0]).is_not_null())  # fmt: skip
    told = known.select("respondent_id").join(posed.banner.members, on="respondent_id")
    return {"groups": Members(told.lazy().rename({"group": "column"}), ("respondent_id",), "base")}


def _rule() -> Rule:
    return Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)


def _asked(dataset: Dataset, params: Params) -> Posed:
    return posed_of(dataset, params.question, by=params.by, paired_with=params.paired_with, weight=params.weight, rule=_rule())  # fmt: skip


def _chosen(posed: Posed, wanted: Wanted) -> tuple[Method, str]:
    """The test to be made, and the reason."""
    best, why = choose(posed.facts)
    if wanted == "auto":
        return best, why
    if wanted not in posed.facts.fitting:
        fitting = "、".join(NAMES[m] for m in posed.facts.fitting)
        raise BadParameter("检验方法", f"{NAMES[wanted]}不适用于这里的比较（{len(posed.names)} 组{'，配对' if posed.facts.is_paired else ''}），可用：{fitting}")  # fmt: skip
    if wanted in ("welch", "welch_anova") and posed.facts.has_constant:
        raise BadParameter("检验方法", f"有一组所有人答案相同、方差为 0，不能用 {NAMES[wanted]}")
    said = "与自动选择相同" if wanted == best else f"自动选择会是 {NAMES[best]}"
    return wanted, f"按指定用 {NAMES[wanted]}，{said}：{why}"


def _groups(posed: Posed, rule: Rule) -> pl.DataFrame:
    """One row per group: how many, the mean, the spread, and the mean place among all."""
    groups, pairs = posed.groups, posed.facts.is_paired
    half = [_half(sd, base) for sd, base in zip(np.sqrt(groups.variances), groups.bases, strict=True)]  # fmt: skip
    places = [np.average(r, weights=w) for r, w in zip(groups.ranks, groups.weights, strict=True)]
    medians = [_median(v, w) for v, w in zip(groups.values, groups.weights, strict=True)]
    return pl.DataFrame({
        "column": posed.names, "base": groups.sizes.astype(np.int64), "effective_base": groups.bases,
        "mean": groups.means, "ci_low": groups.means - half, "ci_high": groups.means + half, "sd": np.sqrt(groups.variances),
        "median": medians, "mean_place": None if pairs else places,
    }, schema_overrides={"mean_place": pl.Float64}).with_columns(flag=pl.when(pl.col("base") < rule.small_base).then(pl.lit("*")).otherwise(pl.lit("")))  # fmt: skip


def _half(sd: float, base: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, base - 1)) * sd / float(np.sqrt(base))


def _median(values: Floats, weights: Floats) -> float:
    reached = np.cumsum(weights)
    at = int(np.searchsorted(reached, reached[-1] / 2 * (1 - 1e-12)))
    exact = at + 1 < len(values) and abs(reached[at] - reached[-1] / 2) <= 1e-9 * reached[-1]
    return float((values[at] + values[at + 1]) / 2 if exact else values[at])


def _tests(posed: Posed, method: Method) -> pl.DataFrame:
    """The chosen test, then the others that could have been."""
    fitting = [m for m in posed.facts.fitting if not (m in ("welch", "welch_anova") and posed.facts.has_constant)]  # fmt: skip
    made = [posed.by(m) for m in (method, *(m for m in fitting if m != method))]
    return pl.DataFrame({
        "method": [NAMES[one.method] for one in made], "statistic_name": [one.sign for one in made],
        "statistic": [one.statistic for one in made], "df": [one.df for one in made], "df2": [one.df2 for one in made],
        "p_value": [one.p_value for one in made], "effect_name": [one.effect.name for one in made],
        "effect": [one.effect.value for one in made], "ci_low": [one.effect.low for one in made], "ci_high": [one.effect.high for one in made],
        "effect_size": [size_of(one.effect) for one in made],
"omega_squared": [one.omega for one in made],
        "is_chosen": [one.method == method for one in made],
    }).fill_nan(None)  # fmt: skip


def _checks(facts: Facts) -> pl.DataFrame:
    """What the choice rests on."""
    normal = (
        "无法判断"
        if isnan(facts.normal_p)
        else "偏离正态"
        if facts.normal_p < LEVEL
        else "没有显著偏离正态"
    )
    equal = (
        "不适用"
        if isnan(facts.equal_p)
        else "方差不等"
        if facts.equal_p < LEVEL
        else "没有显著差别"
    )
    rows = [
        ("是否同一批人", None, "配对" if facts.is_paired else "独立"),
        ("组数", float(facts.n_groups), "两组" if facts.n_groups == 2 else "多组"),
        ("配对数" if facts.is_paired else "最小一组的人数", float(facts.smallest), "够大" if facts.smallest >= 30 else "不足 30"),
        ("量表的等级数", float(facts.n_points) or None, "有序等级" if facts.is_ordinal else "按数值看待"),
        ("正态性（Shapiro–Wilk；多于 5,000 个数用 D'Agostino）p 值", facts.normal_p, normal),
        ("方差齐性（Brown–Forsythe）p 值", facts.equal_p, equal),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"fact": pl.String, "value": pl.Float64, "verdict": pl.String}, orient="row").fill_nan(None)  # fmt: skip


def _pairs(posed: Posed, pairs: tuple[post_hoc.Comparison, ...], method: Method) -> pl.DataFrame:
    ranks = method in ON_RANKS
    means = posed.groups.means
    return pl.DataFrame({
        "column": [posed.names[p.first] for p in pairs], "other": [posed.names[p.second] for p in pairs],
        "mean": [means[p.first] for p in pairs], "other_mean": [means[p.second] for p in pairs],
        "place_difference" if ranks else "mean_difference": [p.difference for p in pairs],
        **({} if ranks else {"ci_low": [p.low for p in pairs], "ci_high": [p.high for p in pairs]}),
        "statistic": [p.statistic for p in pairs], "p_adjusted": [p.p_adjusted for p in pairs],
        "is_significant": [p.p_adjusted <= LEVEL for p in pairs],
    })  # fmt: skip


def _charts(groups: pl.DataFrame, posed: Posed) -> dict[str, alt.TopLevelMixin]:
    shown = groups.with_row_index("at").select("at", "column", "mean", "ci_low", "ci_high", "base", is_small=pl.col("flag") != "")  # fmt: skip
    return {"groups": charts.bars(shown, label="column", value="mean", order=posed.names)}


def _findings(posed: Posed, tables: Mapping[str, pl.DataFrame], *, why: str, rule: Rule) -> tuple[Finding, ...]:  # fmt: skip
    one = tables["tests"].row(0, named=True)
    p = "p<0.001" if one["p_value"] < 0.001 else f"p={decimal(one['p_value'], digits=3)}"
    what = "两个答案" if posed.facts.is_paired else f"在“{posed.banner.label if posed.banner else ''}”各组之间"  # fmt: skip
    verdict = "有显著差异" if one["p_value"] <= LEVEL else "没有查到显著差异"
    shown = [c for c in ("ci_low", "ci_high") if one[c] is not None]
    span = f"（95% 区间 {decimal(one['ci_low'], digits=2)} 至 {decimal(one['ci_high'], digits=2)}，{one['effect_size']}）" if len(shown) == 2 else f"（{one['effect_size']}）"  # fmt: skip
    text = f"{posed.about}{what}{verdict}（{p}），{one['effect_name']} 为 {decimal(one['effect'], digits=2)}{span}。{why}{rule.caution(posed.facts.smallest)}。"  # fmt: skip
    cells = tuple(Cell("tests", 0, c) for c in ("p_value", "effect", *(shown if len(shown) == 2 else ())))  # fmt: skip
    whole = Finding(text, posed.base, cells, f"{one['method']}（双侧，p≤{LEVEL:g}）")
    return (whole, *_highest(tables["groups"]), *_apart(posed, tables))


def _highest(groups: pl.DataFrame) -> list[Finding]:
    order = groups.with_row_index("at").sort(["mean", "column"], descending=[True, False])
    top, last = order.row(0, named=True), order.row(-1, named=True)
    text = f"均值最高的是“{top['column']}”（{decimal(top['mean'], digits=2)}，n={count(top['base'])}），最低的是“{last['column']}”（{decimal(last['mean'], digits=2)}，n={count(last['base'])}）。"  # fmt: skip
    cells = tuple(Cell("groups", row["at"], c) for row in (top, last) for c in ("mean", "base"))
    return [Finding(text, top["base"] + last["base"], cells)]


def _apart(posed: Posed, tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """The pairs of groups that differ most surely."""
    if "comparisons" not in tables or tables["tests"]["p_value"][0] > LEVEL:
        return []
    sure = tables["comparisons"].with_row_index("at").filter("is_significant").sort("p_adjusted", "at").head(MOST_TOLD)  # fmt: skip
    sizes = dict(zip(posed.names, posed.groups.sizes.astype(int).tolist(), strict=True))
    return [_differs(row, sizes[row["column"]] + sizes[row["other"]], tables) for row in sure.iter_rows(named=True)]  # fmt: skip


def _differs(row: Mapping[str, Any], base: int, tables: Mapping[str, pl.DataFrame]) -> Finding:
    p, mean, other = row["p_adjusted"], row["mean"], row["other_mean"]
    said = "p<0.001" if p < 0.001 else f"p={decimal(p, digits=3)}"
    text = f"“{row['column']}”（均值 {decimal(mean, digits=2)}）与“{row['other']}”（{decimal(other, digits=2)}）两两比较差异显著（校正后 {said}）。"  # fmt: skip
    cells = tuple(Cell("comparisons", row["at"], c) for c in ("mean", "other_mean", "p_adjusted"))
    return Finding(text, base, cells, f"{tables['tests']['method'][0]}的事后比较")


def _notes(posed: Posed, method: Method, *, why: str, rule: Rule) -> tuple[str, ...]:
    paired_up = posed.facts.is_paired
    inside = "同时回答两题的" if paired_up else f"回答了 {posed.questions[0].id} 并能归入“{posed.banner.label if posed.banner else ''}”的"  # fmt: skip
    after = post_hoc.WEIGHTED if method == "kruskal" and posed.people.is_weighted else post_hoc.NAMES.get(method, "")  # fmt: skip
    return (
        f"基数：{inside} {count(posed.base)} 份答卷；其余 {count(posed.people.responses.height - posed.base)} 份未答、不知道或不在比较的组里，不计入。",
        "筛选：全部未被排除的答卷。",
        f"检验：{NAMES[method]}，双侧，显著性水平 {LEVEL:g}。选择的理由：{why}。表中列出其余可用的检验，供对照。",
        *([f"事后比较：{after}，控制全部组对合起来的误报率，不再另作校正。"] if after else []),
        *([f"人数少于 {rule.tiny_base}、没有参与检验的组：{'、'.join(posed.left_out)}。"] if posed.left_out else []),
        *(["权重：均值、方差按权重算，检验用有效基数（Kish）；秩检验用 Lumley 与 Scott（2013）的加权秩检验，符号秩检验不加权；正态性和方差齐性的检查不加权。"] if posed.people.is_weighted else []),
        "效应量：t 检验为 Hedges g（Welch 用两组方差的平均作单位），方差分析为 η²（旁列 ω²），秩检验为秩二列相关（Cliff δ）或 ε²；区间由非中心分布反推，秩二列相关用 Cliff（1993）的区间。",
        "大小：g 0.2 小、0.5 中、0.8 大；η²、ε² 0.01、0.06、0.14（Cohen，1988）；秩二列相关 0.147、0.33、0.474（Romano 等，2006）。",
        "平均位置：在全部人里排序的相对名次，0.5 表示正好居中，越大答案越高。",
        rule.small_bases.replace("列", "组"),
        posed.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="group_test",
    title=TITLE,
    question="各组的分数有没有真的差别，该用哪种检验？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=104,
    theme="检验",
)
