"""Which parts must not fail and which delight: low and high ratings against the overall rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.ratings import label_of, outcome_and_predictors, points
from insight.ratings.complete import Missing, Ratings, ratings_of
from insight.schema import Question
from insight.settings import settings
from insight.stats.penalty_reward import (
    BASIC,
    EXCITEMENT,
    NEITHER,
    PERFORMANCE,
    Contrast,
    contrasts,
    factor_of,
)
from insight.stats.proportions import Rule
from insight.wording import count, decimal, listed

TITLE = "惩罚—奖励分析"
LEVEL = 0.05
TEST = f"回归系数 t 检验（双侧，HC3 稳健标准误，p≤{LEVEL:g}，不校正）"
MOST_TOLD = 8


class Params(BaseModel):
    """What is driven, by what, and which ratings are low and high."""

    outcome: str = Field(default="", title="总体评价", description="不选时用题干里写“总体……满意”的量表题，没有时用 NPS 题", json_schema_extra={"one_of": "items"})  # fmt: skip
    predictors: list[str] = Field(default_factory=list, title="各方面评分", description="不选时用题干里写“满意”的全部评分；选矩阵题表示它的每一行", json_schema_extra={"one_of": "items"})  # fmt: skip
    n_low: int = Field(default=2, ge=1, le=5, title="最低几分算低", description="5 分量表默认 1–2 分算低")  # fmt: skip
    n_high: int = Field(default=2, ge=1, le=5, title="最高几分算高", description="5 分量表默认 4–5 分算高；其余为参照")  # fmt: skip
    missing: Missing = Field(default="整份剔除", title="缺失的处理", description="缺总体评价的答卷总是不计入")  # fmt: skip
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Contrast low and high ratings of every part with those in between."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    outcome, predictors = outcome_and_predictors(
        dataset.questionnaire, people.responses, title=TITLE, outcome=params.outcome, predictors=params.predictors
    )  # fmt: skip
    ratings = ratings_of(people, outcome, predictors, missing=params.missing)
    bounds = [_bounds(people, question, params) for question in ratings.asked]
    table = factor_table(ratings, bounds, rule=rule)
    return Result({"factors": table}, {"factors": _picture(table)}, _findings(table, label_of(outcome), ratings.base, rule), _notes(people, ratings, outcome, bounds=bounds, table=table))  # fmt: skip


def _bounds(people: Sample, question: Question, params: Params) -> tuple[float, float]:
    """The highest low and the lowest high rating of a question."""
    scale = points(people.responses, [question])
    if len(scale) <= params.n_low + params.n_high:
        raise BadParameter(
            "最低几分算低",
            f"“{label_of(question)}”只有 {len(scale)} 个分值，低 {params.n_low} 个、高 {params.n_high} 个之后没有中间分作参照",
        )
    return scale[params.n_low - 1], scale[-params.n_high]


def factor_table(
    ratings: Ratings, bounds: Sequence[tuple[float, float]], *, rule: Rule
) -> pl.DataFrame:
    """One row per part, the most asymmetric first penalty to reward.

    Returns
    -------
    (p) item, n_rated_low, n_rated_high, penalty, penalty_low, penalty_high, reward, reward_low,
        reward_high [points of the whole against a rating in between, 95 %], asymmetry [-1 penalty .. 1
        reward], p_value [of penalty + reward = 0], factor_type
    """
    parts = ratings.data[:, :-1]
    low = (parts <= np.array([b[0] for b in bounds])).astype(np.float64)
    high = (parts >= np.array([b[1] for b in bounds])).astype(np.float64)
    found = contrasts(ratings.data[:, -1], low, high, weight=ratings.weight, least=rule.tiny_base)
    rows = [
        {"item": label, "n_rated_low": int(low[:, at].sum()), "n_rated_high": int(high[:, at].sum())} | _told(one)
        for at, (label, one) in enumerate(zip(ratings.labels, found, strict=True))
    ]  # fmt: skip
    table = pl.DataFrame(rows).with_columns(pl.col(pl.Float64).fill_nan(None))
    return table.sort("asymmetry", "item", nulls_last=True)


def _told(found: Contrast) -> dict[str, object]:
    return {
        "penalty": found.penalty.size, "penalty_low": found.penalty.low, "penalty_high": found.penalty.high,
        "reward": found.reward.size, "reward_low": found.reward.low, "reward_high": found.reward.high,
        "asymmetry": found.asymmetry, "p_value": found.sum.p_value, "factor_type": factor_of(found, level=LEVEL),
    }  # fmt: skip


def _picture(table: pl.DataFrame) -> alt.LayerChart:
    told = table.select("item", "factor_type", pl.col("penalty").fill_null(0.0), pl.col("reward").fill_null(0.0))  # fmt: skip
    return charts.compared(told, label="item", values=("penalty", "reward"), title="低分和高分各让总体评价变多少（与中间分相比）")  # fmt: skip


_ORDER = {BASIC: 0, EXCITEMENT: 1, PERFORMANCE: 2, NEITHER: 3}
_SAID = {
    BASIC: "做不好扣的分明显多于做好加的分",
    EXCITEMENT: "做好加的分明显多于做不好扣的分",
    PERFORMANCE: "做得越好总体评价越高，越差越低",
    NEITHER: "高低都没有明显影响总体评价",
}


def _findings(table: pl.DataFrame, outcome: str, base: int, rule: Rule) -> tuple[Finding, ...]:
    known = table.with_row_index("at").drop_nulls("asymmetry").rows(named=True)
    known.sort(key=lambda r: (_ORDER[r["factor_type"]], -abs(r["asymmetry"]), r["item"]))
    return tuple(_about(row, outcome, base, rule) for row in known[:MOST_TOLD])


def _about(row: Mapping[str, Any], outcome: str, base: int, rule: Rule) -> Finding:
    sides = [("低分", "penalty", "n_rated_low"), ("高分", "reward", "n_rated_high")]
    told = [(f"打{side}的 {count(row[n])} 人总体评价{_moved(row[c])}", (c, n)) for side, c, n in sides if row[c] is not None]  # fmt: skip
    is_idle = row["factor_type"] == NEITHER
    kind = f"对“{outcome}”{NEITHER}" if is_idle else f"是“{outcome}”的{row['factor_type']}"
    text = f"“{row['item']}”{kind}：{_SAID[row['factor_type']]}；与打中间分的人相比，{'，'.join(words for words, _ in told)}{rule.caution(base)}。"  # fmt: skip
    return Finding(text, base, tuple(Cell("factors", row["at"], c) for _, both in told for c in both), TEST)  # fmt: skip


def _moved(by: float) -> str:
    size = decimal(abs(by), digits=2)
    return f"相差无几（{size} 分）" if abs(by) < 0.005 else f"{'低' if by < 0 else '高'} {size} 分"


def _notes(
    people: Sample, ratings: Ratings, outcome: Question, *, bounds: Sequence[tuple[float, float]], table: pl.DataFrame
) -> tuple[str, ...]:  # fmt: skip
    cuts = "、".join(dict.fromkeys(f"≤{low:g} 分为低、≥{high:g} 分为高" for low, high in bounds))
    lost = table.filter(pl.col("penalty").is_null() | pl.col("reward").is_null())["item"].to_list()
    return (
        f"基数：{outcome.id}“{outcome.wording}”和各方面评分，共 {count(ratings.base)} 份答卷；没有筛选。",
        f"方法：每一项的低分和高分各作一个虚拟变量（{cuts}，中间为参照），一起对总体评价作线性回归（Brandt，1987；Matzler 与 Sauerwein，2002）。",
        f"检验：{TEST}；基本/魅力 = 一侧显著，并且“惩罚＋奖励＝0”被拒绝；绩效 = 至少一侧显著，两侧大小没有显著差别。",
        "不对称 =（奖励 − 惩罚幅度）÷（奖励 + 惩罚幅度），−1 只有惩罚，1 只有奖励。",
        *ratings.notes,
        *([f"{listed(lost)}的低分或高分不足 {settings().tiny_base} 人，或与其他项完全重合，该侧不计算。"] if lost else []),
        people.note.replace("占比按", "回归按"),
        f"小样本：基数小于 {settings().small_base} 只作方向性参考。相关不等于因果；问过 KANO 正反两问时以 KANO 为准。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="penalty_reward",
    title=TITLE,
    question="哪些做不好会扣分，哪些做得好会加分？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=24,
    theme="满意度",
)
