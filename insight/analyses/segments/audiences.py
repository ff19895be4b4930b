"""How many people each named audience holds, what they spend, and how far the audiences overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.audiences import labels_of, told
from insight.customers import RULE
from insight.dataset import Dataset
from insight.errors import NoAudiences, TooFewRows
from insight.members import Members
from insight.parameters import picked
from insight.segmentation.audience_sizes import (
    COUNTED,
    Sized,
    bought_by,
    counted_unit,
    overlaps,
    sized,
)
from insight.segmentation.breaks import Unit, available
from insight.settings import settings
from insight.wording import count, money, percent

MOST_TOLD = 3
_UNITS = {"auto": "自动", "customer_id": "客户", "respondent_id": "答卷"}
_COUNTED = {"customer_id": "位客户", "respondent_id": "份答卷", "text_id": "段话"}


class Params(BaseModel):
    """What is counted."""

    unit: Literal["auto", "customer_id", "respondent_id"] = picked(
        "auto", _UNITS, title="数什么", description="自动：有客户编号时数客户，匿名问卷数答卷"
    )


def run(dataset: Dataset, params: Params) -> Result:
    """Size every audience of the study."""
    unit, made = _sized(dataset, params)
    counted = COUNTED[unit]
    tables = {"audiences": _sizes(dataset, made, counted), "conditions": _conditions(made)}
    if len(made) > 1:
        tables["overlap"] = overlaps([(name, one.made.ids) for name, one in made.items()])
    told_ = _findings(tables, counted, unit)
    return Result(tables, _pictures(tables, counted), told_, _notes(made, unit))


def _sized(dataset: Dataset, params: Params) -> tuple[Unit, dict[str, Sized]]:
    """Every audience by name, in the order they were saved."""
    known = dataset.definitions.audiences
    if not known:
        raise NoAudiences
    unit: Unit = counted_unit(dataset) if params.unit == "auto" else params.unit
    names = labels_of(dataset, breaks=available(dataset))
    bought = bought_by(dataset)
    made = {
        one.name: sized(dataset, one.rule, unit=unit, names=names, bought=bought) for one in known
    }
    if all(one.n_unclear == one.base for one in made.values()):
        raise TooFewRows(f"能判断的{_UNITS.get(unit, '文本')}", 0, 1)
    return unit, made


def _sizes(dataset: Dataset, made: Mapping[str, Sized], counted: str) -> pl.DataFrame:
    names = labels_of(dataset, breaks=available(dataset))
    rules = {one.name: told(one.rule, names) for one in dataset.definitions.audiences}
    rows = [
        {
            "audience": name,
            counted: one.n,
            "base": one.base,
            "share": one.n / one.base if one.base else None,
            "n_unclear": one.n_unclear,
            "spend": one.spend,
            "share_of_spend": one.share_of_spend,
            "spend_per_customer": _per_head(one, counted),
            "rule": rules[name],
        }
        for name, one in made.items()
    ]
    shares = ("share", "spend", "share_of_spend", "spend_per_customer")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(shares, pl.Float64))


def _per_head(one: Sized, counted: str) -> float | None:
    if counted != "n_customers" or one.spend is None or one.n < settings().tiny_base:
        return None
    return round(one.spend / one.n, 2)


def _conditions(made: Mapping[str, Sized]) -> pl.DataFrame:
    """What every condition says by itself, and together with those before it."""
    parts = [
        one.steps.select(pl.lit(name).alias("audience"), pl.all()) for name, one in made.items()
    ]
    return pl.concat(parts).with_columns(condition=_numbered())


def _numbered() -> pl.Expr:
    """ "1. 消费≥5,000 元": two equal conditions of one audience stay two rows."""
    at = pl.int_range(1, pl.len() + 1).over("audience")
    return pl.format("{}. {}", at, "condition")


def _findings(tables: Mapping[str, pl.DataFrame], counted: str, unit: Unit) -> tuple[Finding, ...]:
    """The largest audiences by money or people, then the closest pair."""
    ranked = tables["audiences"].with_row_index("at")
    ranked = ranked.sort(pl.col("spend").fill_null(0.0), counted, "at", descending=[True, True, False])  # fmt: skip
    found = [_size(row, counted, unit) for row in ranked.head(MOST_TOLD).iter_rows(named=True)]
    if "overlap" in tables:
        pairs = tables["overlap"].with_row_index("at").filter(pl.col("n") > 0)
        closest = pairs.sort("share", "n", "at", descending=[True, True, False]).head(1)
        found += [_overlap(row, unit) for row in closest.iter_rows(named=True)]
    return tuple(found)


def _size(row: Mapping[str, Any], counted: str, unit: Unit) -> Finding:
    n, base = row[counted], row["base"]
    text = f"“{row['audience']}”有 {count(n)} {_COUNTED[unit]}，占 {count(base)} {_COUNTED[unit]}的 {percent(row['share'])}"
    cells = [counted, "base", "share"]
    if row["share_of_spend"] is not None:
        text += f"，消费 {money(row['spend'])}，占全部客户的 {percent(row['share_of_spend'])}"
        cells += ["spend", "share_of_spend"]
    if row["n_unclear"]:
        text += f"；另有 {count(row['n_unclear'])} {_COUNTED[unit]}因缺少答卷、文本或订单无法判断，未计入"
        cells.append("n_unclear")
    caution = "（人数不足，仅作方向性参考）" if n < settings().small_base else ""
    return Finding(f"{text}{caution}。", base, tuple(Cell("audiences", row["at"], c) for c in cells))  # fmt: skip


def _overlap(row: Mapping[str, Any], unit: Unit) -> Finding:
    text = (
        f"“{row['audience']}”的 {count(row['base'])} {_COUNTED[unit]}里有 {count(row['n'])} {_COUNTED[unit]}"
        f"（{percent(row['share'])}）同时在“{row['other_audience']}”。"
    )
    cells = tuple(Cell("overlap", row["at"], c) for c in ("base", "n", "share"))
    return Finding(text, row["base"], cells)


def _pictures(tables: Mapping[str, pl.DataFrame], counted: str) -> dict[str, alt.TopLevelMixin]:
    sizes = tables["audiences"].with_row_index("at")
    small = sizes.with_columns(is_small=pl.col(counted) < settings().small_base)
    is_paid = sizes["share_of_spend"].null_count() == 0
    drawn: dict[str, alt.TopLevelMixin] = {
        "audiences": charts.paired_bars(sizes, label="audience", values=("share", "share_of_spend"), title="各人群的人数占比与金额占比")
        if is_paid
        else charts.bars(small, label="audience", value=counted, title="各人群的人数")
    }  # fmt: skip
    if "overlap" in tables:
        shown = tables["overlap"].with_row_index("at").with_columns(is_small=pl.col("base") < settings().tiny_base)  # fmt: skip
        drawn["overlap"] = charts.heat(shown, row="audience", column="other_audience", value="share").properties(title="行里的人群有多少也在列里的人群")  # fmt: skip
    return drawn


def _notes(made: Mapping[str, Sized], unit: Unit) -> tuple[str, ...]:
    broken = tuple(
        f"“{name}”：{sentence}，请修改这个人群。"
        for name, one in made.items()
        for sentence in one.made.unclear
    )
    base = RULE if unit == "customer_id" else "基数：全部没有排除的答卷。"
    return (
        *broken,
        base,
        "每个条件有三种结果：符合、不符合、无法判断（如没有答卷的人看不出 NPS）；“且”里有一条不符合就不在其中，其余缺资料的算无法判断，不计入人群，另列人数。",
        "一位客户有几份答卷或几段话时，有一份（一段）符合就算符合；“没有提到”“没有选”要求全部都没有。",
        "提到：按字面查找词语（不分大小写和全半角），英文和数字按整词，并且只在个人信息打码后的文字里找。",
        "每条条件的人数是单看这一条；“前面各条都符合”是从第一条累计到这一条。人均消费在不足 "
        f"{settings().tiny_base} 人时不显示；不足 {settings().small_base} 人的仅作方向性参考。",
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who is in each audience, meets each condition, and is in two of them."""
    unit, made = _sized(dataset, params)
    inside = [_named(unit, one.made.ids, audience=name) for name, one in made.items()]
    frames = {"audiences": pl.concat(inside), "conditions": _meeting(made, unit)}
    if len(made) > 1:
        both = frames["audiences"].join(frames["audiences"].rename({"audience": "other_audience"}), on=unit)  # fmt: skip
        frames["overlap"] = both.filter(pl.col("audience") != pl.col("other_audience"))
    counted = {"audiences": COUNTED[unit], "conditions": "n", "overlap": "n"}
    return {t: Members(frame.lazy(), (unit,), counted[t]) for t, frame in frames.items()}


def _named(unit: Unit, ids: pl.Series, **names: str) -> pl.DataFrame:
    return pl.DataFrame({unit: ids}).with_columns(pl.lit(v).alias(k) for k, v in names.items())


def _meeting(made: Mapping[str, Sized], unit: Unit) -> pl.DataFrame:
    return pl.concat(
        _named(unit, one.made.members.filter(one.made.parts[str(at)])[unit], audience=name, condition=condition)
        for name, one in made.items()
        for at, condition in enumerate(_conditions({name: one})["condition"])
    )  # fmt: skip


ANALYSIS = Analysis(
    key="audiences",
    title="人群规则",
    question="按规则划出的人群有多大，值多少钱？",
    needs={"orders|responses": ("customer_id",)},
    params=Params,
    run=run,
    members=members,
    place=75,
    theme="人群",
)
