"""Which prices are too low, too high and just right: the price sensitivity meter of Van Westendorp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.currency import used
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.parameters import Seed
from insight.ratings import each_group
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.price_points import (
    PriceCurves,
    bounds,
    price_curves,
    price_points,
    usable,
)
from insight.stats.proportions import Rule
from insight.tasks import MeterAnswers, groups_of, meter_answers
from insight.wording import count, decimal, percent

TITLE = "价格敏感度"
POINTS: Mapping[str, str] = {
    "pmc": "PMC 边际便宜点", "opp": "OPP 最优价格点", "idp": "IDP 无差异价格点", "pme": "PME 边际昂贵点",
}  # fmt: skip
_OVERVIEW = {**dict.fromkeys(POINTS, pl.Float64), "base": pl.Int64}
CURVES = ("太便宜", "便宜", "贵", "太贵")
MOST_DRAWN = 300  # prices of a curve
DRAWS = 500


class Params(BaseModel):
    """The four questions, and how the bounds are drawn."""

    too_cheap: str = Field(default="", title="太便宜", description="四道题都留空时按题干识别", json_schema_extra={"one_of": "questions"})  # fmt: skip
    cheap: str = Field(default="", title="便宜", json_schema_extra={"one_of": "questions"})
    expensive: str = Field(default="", title="贵", json_schema_extra={"one_of": "questions"})
    too_expensive: str = Field(default="", title="太贵", json_schema_extra={"one_of": "questions"})
    limits: Literal["便宜/贵", "不便宜/不贵"] = Field(
        default="便宜/贵",
        title="可接受范围的画法",
        description="“便宜/贵”取“太便宜×贵”“太贵×便宜”的交点；“不便宜/不贵”是 1976 年原文的画法，范围更宽",
    )
    by: str = Field(
        default="",
        title="人群",
        description="各人群分别计算；不选时用 RFM 八类，没有订单时用客户属性，都没有时不分",
        json_schema_extra={"one_of": "breaks"},
    )
    use_weight: bool = Field(default=True, title="使用权重")
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """Four curves, their four crossings with intervals, and the crossings of every group."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    asked = _asked(dataset, people, params)
    whole, kept = usable(asked.prices)
    base = int(kept.sum())
    if base < rule.tiny_base:
        raise TooFewRows("四个价格都回答了、并且从低到高不矛盾的人", base, rule.tiny_base)
    answers, weight = asked.prices[kept], people.weight.to_numpy()[kept]
    curves = price_curves(answers, weight=weight)
    table = _points(answers, weight, curves, params=params)
    found = dict(zip(POINTS, table["price"], strict=True))
    overview = pl.DataFrame([{**found, "base": base}], schema=_OVERVIEW)
    tables = {"points": table, "overview": overview, "price_curves": _curve_table(curves)}
    banner = groups_of(dataset, params.by)
    if banner and (parts := _by_group(dataset, people, params, banner=banner, rule=rule)):
        tables["by_segment"] = pl.DataFrame(parts)
    tables["answers"] = _answer_table(whole, kept)
    return Result(
        tables,
        {"price_curves": _picture(tables["price_curves"], table)},
        _findings(table, tables["answers"], rule=rule),
        _notes(asked, people, params, banner=banner, rule=rule),
    )


def _asked(dataset: Dataset, people: Sample, params: Params) -> MeterAnswers:
    ids = (params.too_cheap, params.cheap, params.expensive, params.too_expensive)
    return meter_answers(dataset, people.responses, ids=ids)


def _points(
    answers: np.ndarray, weight: np.ndarray, curves: PriceCurves, *, params: Params
) -> pl.DataFrame:
    """(4) point, price, ci_low, ci_high [95 %, bootstrap], base; price is null where curves do not cross."""
    narrow = params.limits == "便宜/贵"
    found = price_points(curves, narrow=narrow)
    between = bounds(answers, weight=weight, narrow=narrow, draws=DRAWS, seed=params.seed)
    rows = [(POINTS[key], found[key], *between[key], len(answers)) for key in POINTS]
    schema = {"point": pl.String, **dict.fromkeys(("price", "ci_low", "ci_high"), pl.Float64), "base": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _curve_table(curves: PriceCurves) -> pl.DataFrame:
    """(4 x n_prices) curve, price, share."""
    return pl.concat(
        pl.DataFrame({"curve": [name] * len(curves.price), "price": curves.price, "share": share})
        for name, share in zip(CURVES, curves.share, strict=True)
    )


def _by_group(
    dataset: Dataset, people: Sample, params: Params, *, banner: Break, rule: Rule
) -> list[dict[str, str | float | None]]:
    """The four points of each group that is large enough."""
    found = []
    for name, part in each_group(people, banner):
        prices = _asked(dataset, part, params).prices
        _, kept = usable(prices)
        base = int(kept.sum())
        if base >= rule.tiny_base:
            curves = price_curves(prices[kept], weight=part.weight.to_numpy()[kept])
            points = price_points(curves, narrow=params.limits == "便宜/贵")
            mark = "*" if base < rule.small_base else ""
            found.append({"segment": name, **points, "base": base, "flag": mark})
    return found


def _answer_table(whole: np.ndarray, kept: np.ndarray) -> pl.DataFrame:
    """What became of the answers: how many are used, illogical, or incomplete."""
    parts = {
        "采用": int(kept.sum()),
        "顺序矛盾，未计入": int((whole & ~kept).sum()),
        "四个价格没有答全，未计入": int((~whole).sum()),
    }
    total = len(whole)
    return pl.DataFrame({
        "outcome": list(parts), "n_respondents": list(parts.values()),
        "share_of_respondents": [n / total for n in parts.values()],
    })  # fmt: skip


def _picture(curves: pl.DataFrame, points: pl.DataFrame) -> alt.TopLevelMixin:
    prices = curves["price"].unique().sort()
    step = max(1, len(prices) // MOST_DRAWN + 1)
    drawn = curves.filter(pl.col("price").is_in(prices.gather_every(step).implode()))
    marks = points.drop_nulls("price").select(
        "price",
        name=pl.col("point").str.head(3),
        height=1.0 - 0.07 * pl.int_range(pl.len()),
    )
    return charts.slopes(drawn, x="price", value="share", series="curve", marks=marks)


def _findings(points: pl.DataFrame, answers: pl.DataFrame, *, rule: Rule) -> tuple[Finding, ...]:
    price = dict(zip(POINTS, points["price"], strict=True))
    at = {key: row for row, key in enumerate(POINTS)}
    base = int(points["base"][0])
    told = []
    if price["pmc"] is not None and price["pme"] is not None:
        cells = [Cell("overview", 0, c) for c in ("pmc", "pme", "base")]  # fmt: skip
        text = f"{count(base)} 人能接受的价格在 {decimal(price['pmc'], digits=2)} 到 {decimal(price['pme'], digits=2)} {used().name}之间"
        if price["opp"] is not None:
            row = points.row(at["opp"], named=True)
            cells.insert(2, Cell("overview", 0, "opp"))
            cells += [Cell("points", at["opp"], c) for c in ("ci_low", "ci_high")]
            text += f"；觉得太贵和太便宜的人一样多的价格是 {decimal(row['price'], digits=2)} {used().name}（95% 区间 {decimal(row['ci_low'], digits=2)}–{decimal(row['ci_high'], digits=2)}）"  # fmt: skip
        told.append(
            Finding(f"{text}{rule.caution(base)}。", base, tuple(cells), "自助法区间（95%）")
        )
    elif price["idp"] is not None:
        text = f"{count(base)} 人里觉得贵和便宜的人一样多的价格是 {decimal(price['idp'], digits=2)} {used().name}{rule.caution(base)}。"  # fmt: skip
        told.append(Finding(text, base, (Cell("points", 0, "base"), Cell("points", at["idp"], "price"))))  # fmt: skip
    wrong = answers.row(1, named=True)
    if wrong["n_respondents"] or not told:
        text = f"{count(wrong['n_respondents'])} 人（{percent(wrong['share_of_respondents'])}）的四个价格顺序矛盾（例如“便宜”高于“贵”），没有计入。"  # fmt: skip
        cells = [Cell("answers", 1, c) for c in ("n_respondents", "share_of_respondents")]
        told.append(Finding(text, base, tuple(cells)))
    return tuple(told)


def _notes(
    asked: MeterAnswers, people: Sample, params: Params, *, banner: Break | None, rule: Rule
) -> tuple[str, ...]:
    used = "、".join(f"{name}（{q.id}）" for name, q in zip(CURVES, asked.questions, strict=True))
    limits = (
        "PMC 是“太便宜”与“贵”的交点，PME 是“太贵”与“便宜”的交点"
        if params.limits == "便宜/贵"
        else "PMC 是“太便宜”与“不便宜”的交点，PME 是“太贵”与“不贵”的交点（Van Westendorp 1976）"
    )
    return (
        f"题目：{used}。",
        "基数：四个价格都答了、且 太便宜 ≤ 便宜 ≤ 贵 ≤ 太贵 的人；其余见“回答情况”表。",
        f"OPP 是“太便宜”与“太贵”的交点，IDP 是“便宜”与“贵”的交点；{limits}；交点在相邻两个价格之间线性插值，曲线不相交时为空。",
        f"区间：对人重新抽样 {DRAWS} 次的 2.5% 和 97.5% 分位数。",
        "价格敏感度只问价格印象，不问会不会买；OPP 不等于收入最高的价格。",
        *((f"人群按“{banner.label}”{banner.note}划分，各自单独计算。",) if banner else ()),
        rule.small_bases,
        people.note,
    )


ANALYSIS = Analysis(
    key="price_sensitivity",
    title=TITLE,
    question="什么价格会被嫌太贵，什么价格会被怀疑质量？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=310,
    theme="定价",
)
