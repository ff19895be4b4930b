"""How many people must be touched and left alone to see an effect of a given size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.narrowing import group_of
from insight.stats.sample_size import detectable, held_out, per_arm
from insight.strategy.usual import usual
from insight.wording import count, decimal, percent

GRID = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0)  # percentage points
_FORMULA = (
    "每组人数 n =（z_{α/2}√(2p̄q̄) + z_β√(p₁q₁ + p₂q₂)）² ÷（p₁ − p₂）²，两组人数不等时按比例推广"
    "（Fleiss、Levin 与 Paik 2003，第 4 章，不作连续性校正），双侧检验。"
)


class Params(BaseModel):
    """The usual share, the effect, and how sure one wants to be."""

    group: str = Field(default="", title="对谁", description="基准比例和可用人数按这些客户计", json_schema_extra={"one_of": "customer_groups"})  # fmt: skip
    days: int = Field(default=90, ge=7, le=365, title="看多少天的下单比例")
    base: float = Field(default=0.0, ge=0, lt=100, title="不触达时的下单比例（%）", description="0 表示用数据里最近这么多天的比例")  # fmt: skip
    effect: float = Field(default=3.0, gt=0, le=50, title="想检出的提升（百分点）")
    hold_out: int = Field(default=50, ge=1, le=50, title="对照组（%）", description="50 表示两组一样多，最省人；留得越少，总人数要越多")  # fmt: skip
    level: float = Field(default=5.0, gt=0, le=20, title="显著性水平（%）")
    power: float = Field(default=80.0, ge=50, le=99, title="检出的机会（%）")


def run(dataset: Dataset, params: Params) -> Result:
    """Work out the sizes for the effect asked for, and for a range of effects."""
    assert dataset.orders is not None
    ids = group_of(dataset, params.group).ids if params.group else None
    known = usual(dataset.orders, days=params.days, ids=ids)
    if not known.n_customers and not params.base:
        raise TooFewRows(f"{params.days} 天以前就买过的客户", 0, 1)
    base = params.base / 100 or known.share
    if not 0 < base < 1 or base + params.effect / 100 >= 1:
        raise BadParameter("不触达时的下单比例（base）", f"基准 {percent(base)} 加上提升要在 0 和 100% 之间，请自己填写基准")  # fmt: skip
    effects = sorted({*(e for e in GRID if base + e / 100 < 1), params.effect})
    sizes = pl.DataFrame([_size(effect, base, params, n=known.n_customers) for effect in effects])
    plan = _plan(base, params, known.n_customers)
    shown = sizes.select(effect=pl.format("提升 {} 个百分点", pl.col("effect").cast(pl.String).str.strip_suffix(".0")), n_needed="n_needed")  # fmt: skip
    order = shown["effect"].to_list()
    drawn = {"sizes": charts.bars(shown, label="effect", value="n_needed", order=order, title="想检出的提升越小，要的人越多")}  # fmt: skip
    return Result({"plan": plan, "sizes": sizes}, drawn, findings(plan), _notes(params, known.n_customers))  # fmt: skip


def _size(effect: float, base: float, params: Params, *, n: int) -> dict[str, Any]:
    """One row: the effect [points], people left alone and touched, all of them, whether there are as many."""
    share, sure = params.hold_out / 100, {"alpha": params.level / 100, "power": params.power / 100}
    rise = base + effect / 100
    if params.hold_out == 50:
        alone = touched = per_arm(rise, base, **sure)
    else:
        ratio = (1 - share) / share
        alone = held_out(rise, base, ratio=ratio, **sure)
        touched = round(alone * ratio)
    return {"effect": effect, "n_held_out": alone, "n_touched": touched, "n_needed": alone + touched, "is_enough": alone + touched <= n}  # fmt: skip


def _plan(base: float, params: Params, n: int) -> pl.DataFrame:
    """(1) the effect asked for, and the smallest that all available customers can show."""
    own = _size(params.effect, base, params, n=n)
    share = params.hold_out / 100
    least = detectable(base, n_alone=round(n * share), ratio=(1 - share) / share, alpha=params.level / 100, power=params.power / 100)  # fmt: skip
    row = {"base_share": base, **own, "n_available": n, "detectable_difference": least}
    return pl.DataFrame([row], schema_overrides={"detectable_difference": pl.Float64})


def findings(plan: pl.DataFrame) -> tuple[Finding, ...]:
    """The size for the effect asked for, and what the customers there are can show."""
    row: Mapping[str, Any] = plan.row(0, named=True)
    enough = "够用" if row["is_enough"] else "不够"
    text = (
        f"不触达时 {percent(row['base_share'])} 的人会下单；要看出 {decimal(row['effect'], digits=2)} 个百分点的提升，"
        f"需要触达 {count(row['n_touched'])} 人、对照 {count(row['n_held_out'])} 人，合计 {count(row['n_needed'])} 人；现有 {count(row['n_available'])} 人，{enough}。"
    )
    told = ("base_share", "effect", "n_touched", "n_held_out", "n_needed", "n_available")
    first = Finding(text, row["n_available"] or row["n_needed"], tuple(Cell("plan", 0, c) for c in told))  # fmt: skip
    if row["detectable_difference"] is None:
        return (first,)
    points = decimal(100 * row["detectable_difference"], digits=1)
    least = f"现有的人全部参加，能看出的最小提升是 {points} 个百分点。"
    return first, Finding(least, row["n_available"], (Cell("plan", 0, "detectable_difference"),))


def _notes(params: Params, n: int) -> tuple[str, ...]:
    source = "自己填写" if params.base else f"最近 {params.days} 天以前就买过的客户里，这 {params.days} 天又下过单的占比"  # fmt: skip
    return (
        _FORMULA,
        f"不触达时的下单比例：{source}；基数 {count(n)} 人。",
        f"显著性水平 {params.level:g}%，检出的机会（功效）{params.power:g}%，对照组占 {params.hold_out}%。",
        "读数时要用同样长的期间；期间越短，下单比例越低，要的人越多。",
    )


ANALYSIS = Analysis(
    key="sample_size",
    title="样本量",
    question="要触达和留下多少人，才看得出效果？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    place=50,
    theme="效果",
)
