"""What drives the overall rating: the share of its variance that each single rating explains."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.parameters import Seed
from insight.ratings import label_of, outcome_and_predictors
from insight.ratings.complete import Missing, Ratings, ratings_of
from insight.schema import Question
from insight.settings import settings
from insight.stats import drivers
from insight.stats.correlations import correlations
from insight.stats.proportions import Floats, Rule
from insight.wording import count, decimal, listed, percent

TITLE = "关键驱动因素"
HIGH_VIF = 10.0  # above this a coefficient says little
LEVELS = {"complete": "完全优势", "conditional": "条件优势", "general": "一般优势"}
MOST_TOLD = 3


class Params(BaseModel):
    """What is driven, by what, and how sure that is."""

    outcome: str = Field(
        default="",
        title="总体评价",
        description="不选时用题干里写“总体……满意”的量表题，没有时用 NPS 题",
        json_schema_extra={"one_of": "items"},
    )
    predictors: list[str] = Field(
        default_factory=list,
        title="各方面评分",
        description="不选时用题干里写“满意”的全部评分；选矩阵题表示它的每一行",
        json_schema_extra={"one_of": "items"},
    )
    missing: Missing = Field(default="整份剔除", title="缺失的处理", description="缺总体评价的答卷总是不计入")  # fmt: skip
    n_samples: int = Field(default=1000, ge=100, le=5000, title="自助抽样次数", description="区间来自重复抽样答卷")  # fmt: skip
    seed: Seed = 1
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Share out R² among the predictors."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    outcome, predictors = outcome_and_predictors(
        dataset.questionnaire, people.responses, title=TITLE, outcome=params.outcome, predictors=params.predictors
    )  # fmt: skip
    ratings = ratings_of(people, outcome, predictors, missing=params.missing)
    correlation = correlations(ratings.data, ratings.weight)
    is_exact = len(ratings.labels) <= drivers.MOST_EXACT
    bounds = drivers.interval(ratings.data, ratings.weight, n_samples=params.n_samples, seed=params.seed, is_exact=is_exact)  # fmt: skip
    table = importance_table(ratings, correlation, bounds=bounds)
    tables = {"importance": table, "model": _model(ratings, outcome, table)}
    if is_exact:
        tables["dominance"] = _dominance(ratings.labels, correlation)
    return Result(
        tables,
        {"importance": _picture(table, label_of(outcome))},
        _findings(tables, label_of(outcome), rule),
        _notes(people, ratings, outcome, params=params, table=table),
    )


def importance_table(
    ratings: Ratings, correlation: Floats, *, bounds: tuple[Floats, Floats]
) -> pl.DataFrame:
    """One row per predictor, the most important first.

    Returns
    -------
    (p) predictor, lmg [share of the outcome's variance; null beyond 15 predictors], johnson [the same],
        ci_low, ci_high [of lmg, else of johnson; 95 %], explained_share [of all that is explained],
        sign ["+" | "−" of the regression coefficient], beta [standardised], correlation, vif, mean
    """
    every = correlation[None]
    is_exact = len(ratings.labels) <= drivers.MOST_EXACT
    relative = drivers.johnson(every)[0]
    main = drivers.lmg(every)[0] if is_exact else relative
    beta = drivers.coefficients(correlation)
    total = main.sum()
    table = pl.DataFrame({
        "predictor": ratings.labels, "lmg": main if is_exact else [None] * len(main), "johnson": relative,
        "ci_low": bounds[0], "ci_high": bounds[1], "explained_share": main / total if total > 0 else np.nan * main,
        "sign": ["−" if b < 0 else "+" for b in beta], "beta": beta, "correlation": correlation[:-1, -1],
        "vif": drivers.inflations(correlation), "mean": np.average(ratings.data[:, :-1], axis=0, weights=ratings.weight),
    }, schema_overrides={"lmg": pl.Float64})  # fmt: skip
    order = pl.Series("main", main)
    return table.with_columns(order, pl.col("explained_share").fill_nan(None)).sort(["main", "predictor"], descending=[True, False]).drop("main")  # fmt: skip


def _model(ratings: Ratings, outcome: Question, table: pl.DataFrame) -> pl.DataFrame:
    main = table["johnson"] if table["lmg"].null_count() else table["lmg"]
    total, n, p = float(main.sum()), ratings.effective_base, table.height
    corrected = 1 - (1 - total) * (n - 1) / (n - p - 1) if n > p + 1 else None
    return pl.DataFrame({
        "question": [outcome.id], "wording": [outcome.wording], "base": [ratings.base], "effective_base": [n],
        "r_squared_share": [total], "adjusted_r_squared_share": [corrected], "n_predictors": [p],
    })  # fmt: skip


def _dominance(labels: Sequence[str], correlation: Floats) -> pl.DataFrame:
    """Every pair of predictors, the one that is ahead first."""
    found = drivers.dominance(np.asarray(drivers.explained(correlation[None])[:, 0], dtype=np.float64))  # fmt: skip
    rows = [
        {"predictor": labels[i], "other_predictor": labels[j], "dominance": LEVELS[found[i, j]]}
        for i in range(len(labels))
        for j in range(len(labels))
        if found[i, j]
    ]
    schema = dict.fromkeys(("predictor", "other_predictor", "dominance"), pl.String)
    return pl.DataFrame(rows, schema=schema)


def _picture(table: pl.DataFrame, outcome: str) -> alt.LayerChart:
    value = "johnson" if table["lmg"].null_count() else "lmg"
    shown = table.select("predictor", value, "ci_low", "ci_high", "sign", "beta")
    return charts.bars(shown, label="predictor", value=value, title=f"各方面解释了“{outcome}”多少差异", order=table["predictor"].to_list())  # fmt: skip


def _findings(tables: dict[str, pl.DataFrame], outcome: str, rule: Rule) -> tuple[Finding, ...]:
    table, model = tables["importance"], tables["model"].row(0, named=True)
    value = "johnson" if table["lmg"].null_count() else "lmg"
    base = model["base"]
    told = []
    for at, row in enumerate(table.head(MOST_TOLD).iter_rows(named=True)):
        place = f"对“{outcome}”影响最大的是" if at == 0 else f"影响第 {at + 1} 的是"
        whole = f"，全部 {count(model['n_predictors'])} 项合计 {percent(model['r_squared_share'])}（基数 {count(base)}）" if at == 0 else ""  # fmt: skip
        text = f"{place}“{row['predictor']}”：解释了 {percent(row[value])} 的差异（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}）{whole}{rule.caution(base)}。"  # fmt: skip
        cells = [Cell("importance", at, c) for c in (value, "ci_low", "ci_high")]
        cells += [Cell("model", 0, c) for c in ("n_predictors", "r_squared_share", "base")] if at == 0 else []  # fmt: skip
        told.append(Finding(text, base, tuple(cells)))
    for at, row in enumerate(table.iter_rows(named=True)):
        if row["sign"] == "−":
            why = "单独看却是正相关，多半与其他方面重叠" if row["correlation"] > 0 else "单独看也是负相关"  # fmt: skip
            text = f"“{row['predictor']}”的回归系数为负（标准化 {decimal(row['beta'], digits=2)}）：其他方面相同时，它评分越高总体评价越低；{why}（相关 {decimal(row['correlation'], digits=2)}）。"  # fmt: skip
            told.append(Finding(text, base, (Cell("importance", at, "beta"), Cell("importance", at, "correlation"))))  # fmt: skip
    return tuple(told)


def _notes(
    people: Sample, ratings: Ratings, outcome: Question, *, params: Params, table: pl.DataFrame
) -> tuple[str, ...]:
    p = len(ratings.labels)
    if p <= drivers.MOST_EXACT:
        method = f"重要性：LMG（Shapley，全部 {2**p:,} 个模型逐一计算，合计等于 R²）；旁列 Johnson 相对权重作对照。"
    else:
        method = f"重要性：因素多于 {drivers.MOST_EXACT} 个，用 Johnson 相对权重（合计等于 R²），不计算 LMG。"  # fmt: skip
    high = table.filter(pl.col("vif") > HIGH_VIF)
    whole = high.filter(pl.col("vif").is_infinite())["predictor"].to_list()
    near = high.filter(pl.col("vif").is_finite())["predictor"].to_list()
    return (
        f"基数：{outcome.id}“{outcome.wording}”和各方面评分，共 {count(ratings.base)} 份答卷；没有筛选。",
        method,
        f"区间：按答卷有放回抽样 {count(params.n_samples)} 次的 2.5%–97.5% 百分位（种子 {params.seed}）；不作多重比较校正。",
        "符号来自全部因素一起的线性回归（标准化系数），负号照列；优势分析见“两两优势”：完全优势最强，一般优势最弱。",
        *ratings.notes,
        *([f"{listed(whole)}可由其他因素完全推出（VIF 无穷大）：重要性在它们之间平分，系数不唯一。"] if whole else []),
        *([f"{listed(near)}与其他因素高度重叠（VIF 大于 {HIGH_VIF:g}）：系数和符号不稳定，以重要性为准。"] if near else []),
        people.note.replace("占比按", "相关、均值和重要性按"),
        f"小样本：基数小于 {settings().small_base} 只作方向性参考。相关不等于因果。",
        "方法：Lindeman 等（1980）、Grömping（2006）、Johnson（2000）、Azen 与 Budescu（2003）。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="drivers",
    title=TITLE,
    question="什么最影响总体满意度？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=20,
    theme="满意度",
)
