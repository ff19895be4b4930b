"""Whom do the respondents stand for: the weights, what the margins were and become, and what weighting costs."""

from __future__ import annotations

from collections.abc import Iterator

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NobodyWeighted, NothingToTell
from insight.parameters import picked
from insight.schema import WEIGHTING_METHODS, Weighting, WeightingMethod
from insight.stats.proportions import Floats
from insight.stats.raking import Raked
from insight.weighting import Weighted, margins_known, read_targets, suggested, weights_of
from insight.wording import count, decimal, percent, points

TITLE = "加权"
NO_CAPS, FROM_FILE = "不设上下限", "文件里的权重列"
WASTEFUL = 0.6  # below this efficiency the weights cost too much
MOST_ROWS = 24  # of the chart


class Params(BaseModel):
    """To whom the respondents are weighted; nothing: as the study does, else to all customers."""

    margins: list[str] = Field(
        default_factory=list,
        title="按全部客户的哪些特征",
        description="对应得上订单的答卷加权到全部客户；都不填时用研究现在的权重，没有时建议一种",
        json_schema_extra={"one_of": "margins"},
    )
    targets: str = Field(
        default="",
        title="填写的目标占比",
        description="写成 Q2：男=48，女=52；Q3 × Q2：… ，百分数，每题合计 100",
    )
    method: WeightingMethod = picked("rake", WEIGHTING_METHODS, title="方法", description="单元格加权只有一组交叉格，每格的占比都达到；迭代只让每个边际达到")  # fmt: skip
    smallest: float = Field(
        default=0.2, gt=0, le=1, title="权重下限", description="均值的倍数，均值为 1"
    )
    largest: float = Field(
        default=5.0, ge=1, le=100, title="权重上限", description="均值的倍数，均值为 1"
    )


def run(dataset: Dataset, params: Params) -> Result:
    """Work out the weights that are asked for, or tell those of the study."""
    wanted = _wanted(dataset, params)
    if wanted is None:
        return _of_file(dataset)
    made, own = weights_of(dataset, wanted), dataset.definitions.weighting
    base = made.weights.height
    table = pl.concat(
        [
            trimming(made.raked, f"{wanted.smallest:g}–{wanted.largest:g}", caps=(wanted.smallest, wanted.largest)),
            trimming(made.uncapped, NO_CAPS, caps=(0.0, np.inf)),
        ]
    )  # fmt: skip
    tables = {"margins": made.margins, "trimming": table, "respondents": _capped(made.weights, wanted)}  # fmt: skip
    findings = (_cost(table, base), *_gaps(made), *_correction(made))
    return Result(tables, {"margins": _picture(made.margins)}, findings, tuple(_notes(made, wanted, in_force=wanted == own)))  # fmt: skip


def _wanted(dataset: Dataset, params: Params) -> Weighting | None:
    """What is asked for, else what the study does; None where the weights of the file are in force."""
    assert dataset.responses is not None
    asked = Weighting(
        margins=tuple(params.margins), targets=read_targets(params.targets), method=params.method,
        smallest=params.smallest, largest=params.largest,
    )  # fmt: skip
    own = dataset.definitions.weighting
    if asked.is_on or own.is_on:
        return asked if asked.is_on else own
    if "weight" in dataset.responses.columns:
        return None
    best = suggested(margins_known(dataset))
    if not best.is_on:
        raise NothingToTell(TITLE, "没有可以对照的客户，也没有填写目标占比", "请填写目标占比，如 Q2：男=48，女=52，或导入能与问卷对应的订单。")  # fmt: skip
    return asked.model_copy(update={"margins": best.margins})


def trimming(raked: Raked, name: str, *, caps: tuple[float, float]) -> pl.DataFrame:
    """One row: caps, n_respondents, effective_base, efficiency_share, design_effect, smallest_weight,
    largest_weight, n_at_smallest, n_at_largest, largest_difference [of a margin], n_rounds.
    """  # fmt: skip
    largest = max(raked.gaps.values())
    return _described(raked.weights, name, caps=caps).with_columns(
        largest_difference=pl.lit(largest), n_rounds=pl.lit(raked.n_rounds, pl.Int64)
    )


def _described(weights: Floats, name: str, *, caps: tuple[float, float]) -> pl.DataFrame:
    n, squares = len(weights), float((weights**2).sum())
    effective = float(weights.sum()) ** 2 / squares
    low, high = (int(np.isclose(weights, cap).sum()) if 0 < cap < np.inf else 0 for cap in caps)
    told = {
        "caps": name, "n_respondents": n, "effective_base": effective, "efficiency_share": effective / n,
        "design_effect": n / effective, "smallest_weight": float(weights.min()),
        "largest_weight": float(weights.max()), "n_at_smallest": low, "n_at_largest": high,
    }  # fmt: skip
    return pl.DataFrame([told])


def _capped(weights: pl.DataFrame, wanted: Weighting) -> pl.DataFrame:
    """(n_respondents) respondent_id, weight, is_capped."""
    at_cap = np.isclose(weights["weight"], wanted.smallest) | np.isclose(weights["weight"], wanted.largest)  # fmt: skip
    return weights.with_columns(is_capped=pl.Series(at_cap))


def _of_file(dataset: Dataset) -> Result:
    """The weights that came with the answers."""
    assert dataset.responses is not None
    known = dataset.responses.select("respondent_id", pl.col("weight").cast(pl.Float64)).filter(pl.col("weight") > 0)  # fmt: skip
    if known.is_empty():
        raise NobodyWeighted(dataset.responses.height)
    weights = known.sort("respondent_id").with_columns(pl.col("weight") / pl.col("weight").sum() * known.height, is_capped=pl.lit(value=False))  # fmt: skip
    table = _described(weights["weight"].to_numpy(), FROM_FILE, caps=(0.0, np.inf))
    lost = dataset.responses.height - known.height
    notes = (
        "权重来自文件的“权重”列，这里换算成均值 1；各页的占比按它加权。要改为按全部客户或填写的目标加权，在“加权”页设定。",
        *([f"{count(lost)} 份答卷权重缺失、为 0 或为负，加权的表不计入。"] if lost else []),
        *_KISH,
    )
    margins = pl.DataFrame(schema=_MARGINS)
    return Result({"margins": margins, "trimming": table, "respondents": weights}, {}, (_cost(table, known.height),), notes)  # fmt: skip


_MARGINS = {
    "weighed_by": pl.String, "group": pl.String, "n_respondents": pl.Int64, "share_of_respondents": pl.Float64,
    "share_of_target": pl.Float64, "share_of_weights": pl.Float64, "target_difference": pl.Float64,
}  # fmt: skip
_KISH = ("有效基数 = (Σw)² ÷ Σw²（Kish 1965），加权效率 = 有效基数 ÷ 答卷数；各表的区间和检验用有效基数。",)  # fmt: skip


def _cost(table: pl.DataFrame, base: int) -> Finding:
    row = table.row(0, named=True)
    dear = "，偏低：宜合并人群、少用几个边际，或收紧上下限" if row["efficiency_share"] < WASTEFUL else ""  # fmt: skip
    text = (
        f"{count(row['n_respondents'])} 份答卷加权后相当于 {count(row['effective_base'])} 份的精度，加权效率 {percent(row['efficiency_share'])}{dear}；"
        f"权重在 {decimal(row['smallest_weight'], digits=2)} 与 {decimal(row['largest_weight'], digits=2)} 之间。"
    )
    columns = ("n_respondents", "effective_base", "efficiency_share", "smallest_weight", "largest_weight")  # fmt: skip
    return Finding(text, base, tuple(Cell("trimming", 0, c) for c in columns))


def _gaps(made: Weighted) -> Iterator[Finding]:
    """Who falls short of the target most."""
    if made.raked.is_close:
        return
    at = int(made.margins["target_difference"].arg_min() or 0)
    row = made.margins.row(at, named=True)
    text = (
        f"目标没有全部达到：“{row['weighed_by']}”的“{row['group']}”应占 {percent(row['share_of_target'])}，加权后占 {percent(row['share_of_weights'])}，"
        "请放宽上下限、合并人群，或少用几个边际。"
    )
    cells = tuple(Cell("margins", at, c) for c in ("share_of_target", "share_of_weights"))
    yield Finding(text, made.weights.height, cells)


def _correction(made: Weighted) -> Iterator[Finding]:
    """The group that the weights move most."""
    moved = made.margins["share_of_weights"] - made.margins["share_of_respondents"]
    at = int(moved.abs().arg_max() or 0)
    row = made.margins.row(at, named=True)
    side = "偏少" if moved[at] > 0 else "偏多"
    text = (
        f"答卷里“{row['group']}”（{row['weighed_by']}）{side}：{count(row['n_respondents'])} 份，占 {percent(row['share_of_respondents'])}，"
        f"加权后占 {percent(row['share_of_weights'])}。"
    )
    cells = tuple(Cell("margins", at, c) for c in ("n_respondents", "share_of_respondents", "share_of_weights"))  # fmt: skip
    yield Finding(text, made.weights.height, cells)


def _picture(margins: pl.DataFrame) -> alt.TopLevelMixin:
    several = margins["weighed_by"].n_unique() > 1
    name = pl.format("{}｜{}", "weighed_by", "group") if several else pl.col("group")
    shown = margins.head(MOST_ROWS).with_columns(group=name)
    return charts.paired_bars(shown, label="group", values=("share_of_respondents", "share_of_weights"), title="加权前后的占比")  # fmt: skip


def _notes(made: Weighted, wanted: Weighting, *, in_force: bool) -> Iterator[str]:
    yield "各页的表和检验现在就用这些权重。" if in_force else "这是试算，各页还没有用这些权重；在“加权”页点“用这些权重”，或运行 weight 命令。"  # fmt: skip
    outside = f"；另有 {count(made.n_outside)} 份答卷没有对应上这些客户，不在目标总体之内，没有权重，不计入加权的表" if made.n_outside else ""  # fmt: skip
    yield f"基数：{count(made.weights.height)} 份答卷{outside}。筛选不改变权重。"
    if made.n_partly:
        yield f"{count(made.n_partly)} 份答卷没有回答填写了目标的某道题：那道题的边际不调整它们（权重由其他边际决定，一道都没答的相当于 1），各边际的占比只算答了的人（DeBell 与 Krosnick，2009）。"
    how = "单元格加权：每个交叉格的权重 = 目标占比 ÷ 答卷占比" if wanted.method == "cell" else "逐个边际迭代（Deming & Stephan 1940），至每个边际相差不到 0.01 个百分点或满 50 轮"  # fmt: skip
    yield f"{how}；权重限制在均值的 {wanted.smallest:g} 到 {wanted.largest:g} 倍，截断后再迭代。"
    gaps = "、".join(f"“{key}” {points(gap, digits=2)}" for key, gap in made.raked.gaps.items())
    yield f"收敛后与目标的最大差距：{gaps}（没有答卷的组除外）。"
    if wanted.margins:
        yield "目标来自订单的全部客户；没有对应上客户的答卷没有权重。"
    if wanted.targets:
        yield "其余目标占比由使用者填写。" if wanted.margins else "目标占比由使用者填写。"
    yield from made.notes
    yield from _KISH


ANALYSIS = Analysis(
    key="weights",
    title=TITLE,
    question="怎样让答卷代表全部客户？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=50,
)
