"""Which themes go with a higher or lower NPS, satisfaction and repurchase, alone and beside all other themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.members import Members, later
from insight.needs import FEW, Need, Raised, heard, labels_of, weights_of
from insight.needs.outcomes import AGAIN, NPS, SATISFACTION, Outcome, everybody, outcomes
from insight.needs.themes import Comparing, compared, counted
from insight.parameters import Correcting, NumberOfTopics, Seed
from insight.settings import settings
from insight.stats.multiple import CORRECTION_LABELS
from insight.wording import count, decimal

TITLE = "主题与口碑"
LEVEL, MOST_DRAWN, MOST_TOLD = 0.05, 20, 3
UNITS: Mapping[str, str] = {NPS: "分", SATISFACTION: "分", AGAIN: "个百分点"}
NAMES: Mapping[str, str] = {NPS: "NPS", SATISFACTION: "满意度", AGAIN: "再次购买的占比"}


class Params(BaseModel):
    """Where themes come from, and how they are compared."""

    questions: list[str] = Field(
        default_factory=list,
        title="需求题（多选）",
        description="留空时自动选题干谈到需要、看重、不满等的多选题；没有这样的题就用全部多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    use_topics: bool = Field(
        default=True, title="使用开放文本", description="把开放题、评论和访谈里的话也归入主题"
    )
    n_topics: NumberOfTopics = 0
    within_days: int = Field(
        default=90, ge=7, le=730, title="多少天内再买算再次购买", description="从第一次说话或答卷算起"
    )  # fmt: skip
    n_draws: int = Field(
        default=1000, ge=200, le=5000, title="自助抽样次数", description="区间来自对人的重复抽样"
    )
    seed: Seed = 0
    correction: Correcting = "bh"
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Compare every theme on every outcome."""
    voices = everybody(dataset)
    raised, notes = _heard(voices, params)
    found = outcomes(voices, within_days=params.within_days)
    if not found:
        raise MissingColumns(
            TITLE, ("问卷：推荐意愿（0–10 分）或总体满意度", "文本：评分", "订单：客户编号"),
            "三者有其一即可，并且要能对应到说话的人。",
        )  # fmt: skip
    weights = weights_of(voices) if params.use_weight else None
    how = Comparing(params.n_draws, params.seed, params.correction)
    each = {name: counted(one.values, weights) for name, one in found.items()}
    themes = pl.concat(
        [compared(raised, people, name=name, how=how) for name, people in each.items()]
    )
    if not themes["leave_out_gap"].count():
        raise _nothing_to_compare(themes)
    pictures = {key: _picture(themes, name) for key, name in _KEYS.items() if name in found}
    told = (*(one.note for one in found.values()), *_notes(params, weighted=weights is not None))
    return Result({"themes": themes}, pictures, tuple(_findings(themes, params)), (*told, *notes))


def _nothing_to_compare(themes: pl.DataFrame) -> TooFewRows:
    """Too few who raise a theme or, where enough do, too few who do not."""
    n, rest = pl.col("n"), pl.col("base") - pl.col("n")
    nearest = themes.select(n, rest=rest).sort(pl.min_horizontal(n, "rest")).tail(1)
    n_with, n_without = nearest.row(0) if nearest.height else (0, 0)
    who = "提到" if n_with <= n_without else "没有提到"
    return TooFewRows(f"{who}同一主题、又有口碑数据的人", min(n_with, n_without), settings().tiny_base)  # fmt: skip


_KEYS: Mapping[str, str] = {"nps": NPS, "satisfaction": SATISFACTION, "again": AGAIN}


def _heard(voices: Dataset, params: Params) -> tuple[Raised, tuple[str, ...]]:
    return heard(
        voices,
        title=TITLE,
        questions=params.questions,
        use_topics=params.use_topics,
        n_topics=params.n_topics,
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The people who raise each theme and whose outcome is known."""
    names = result.tables["themes"]["outcome"].unique(maintain_order=True).to_list()

    def behind() -> pl.DataFrame:
        voices = everybody(dataset)
        told = _heard(voices, params)[0].mentions()
        weighted = _weighted(outcomes(voices, within_days=params.within_days), voices, params)
        who = [weighted[name].select("customer_id", outcome=pl.lit(name)) for name in names]
        found = told.join(pl.concat(who), on="customer_id")
        return found.select("outcome", theme="need", source="source", person="customer_id").unique()

    frame = later(behind, "outcome", "theme", "source", "person")
    return {"themes": Members(frame, ("person",), "n")}


def _weighted(
    found: Mapping[str, Outcome], voices: Dataset, params: Params
) -> Mapping[str, pl.DataFrame]:
    """Outcome -> customer_id, value, weight of those who count."""
    weights = weights_of(voices) if params.use_weight else None
    return {name: counted(one.values, weights) for name, one in found.items()}


def _picture(themes: pl.DataFrame, name: str) -> alt.LayerChart:
    """The adjusted differences of one outcome, both ends of the list."""
    own = themes.filter(pl.col("outcome") == name, pl.col("beside_gap").is_not_null())
    half = MOST_DRAWN // 2
    shown = own if own.height <= MOST_DRAWN else pl.concat([own.head(half), own.tail(half)])
    named = shown.with_columns(theme=pl.Series(labels_of(_needs(shown)), dtype=pl.String))
    title = f"提到各主题的人，{NAMES[name]}相差多少（{UNITS[name]}，已控制其他主题）"
    return charts.changes(
        named.select("theme", "beside_gap", "beside_low", "beside_high", "n", "base"),
        label="theme", value="beside_gap", title=title,
    )  # fmt: skip


def _needs(table: pl.DataFrame) -> list[Need]:
    return [Need(theme, source) for theme, source in table.select("theme", "source").iter_rows()]


def _findings(themes: pl.DataFrame, params: Params) -> Iterator[Finding]:
    """Of each outcome the themes whose adjusted difference stands out, lowest first; else that none does."""
    for name in themes["outcome"].unique(maintain_order=True):
        own = themes.with_row_index("at").filter(pl.col("outcome") == name)
        known = own.filter(pl.col("beside_gap").is_not_null())
        clear = known.filter(pl.col("p_adjusted") < LEVEL, pl.col("flag") == "")
        far = clear.sort(pl.col("beside_gap").abs(), "at", descending=[True, False])
        for row in far.head(MOST_TOLD).to_dicts():
            yield _clear(row, params)
        if clear.is_empty() and known.height:
            yield _nothing(known.sort("p_adjusted", "at", nulls_last=True).row(0, named=True))


def _clear(row: Mapping[str, Any], params: Params) -> Finding:
    name, unit = NAMES[row["outcome"]], UNITS[row["outcome"]]
    gap, gone = row["beside_gap"], row["leave_out_gap"]
    side, without = "低" if gap < 0 else "高", "高" if gone < 0 else "低"
    text = (
        f"提到“{row['theme']}”的 {count(row['n'])} 人（基数 {count(row['base'])}），{name}比没提到的显著{side} {_size(gap)} {unit}"
        f"（已控制其他主题，95% 区间 {_signed(row['beside_low'])} 至 {_signed(row['beside_high'])}）；"
        f"不计他们时，其余人的{name}比整体{without} {_size(gone)} {unit}；两者同时出现，不说明谁影响谁。"
    )
    cells = ("n", "base", "beside_gap", "beside_low", "beside_high", "leave_out_gap")
    how = f"自助法标准误的 Wald 检验，{CORRECTION_LABELS[params.correction]}，p<{LEVEL:g}"
    return Finding(text, row["base"], tuple(Cell("themes", row["at"], c) for c in cells), how)


def _nothing(row: Mapping[str, Any]) -> Finding:
    name, unit = NAMES[row["outcome"]], UNITS[row["outcome"]]
    text = (
        f"没有查到哪个主题与{name}明显有关：相差最清楚的是“{row['theme']}”（{count(row['n'])} 人提到），"
        f"{_signed(row['beside_gap'])} {unit}，95% 区间 {_signed(row['beside_low'])} 至 {_signed(row['beside_high'])}。"
    )
    cells = ("n", "beside_gap", "beside_low", "beside_high")
    return Finding(text, row["base"], tuple(Cell("themes", row["at"], c) for c in cells))


def _size(value: float) -> str:
    return decimal(abs(value), digits=2)


def _signed(value: float) -> str:
    return decimal(value, digits=2)


def _notes(params: Params, *, weighted: bool) -> tuple[str, ...]:
    return (
        "去掉该主题后的差 = 全部被问到的人的平均 − 去掉提到该主题的人之后的平均；负数表示算上他们整体更低。",
        "控制其他主题后的差：以同一来源（一道多选题、开放文本或编码本）的全部主题为自变量的最小二乘回归的系数，即其他主题相同时，提到与没提到的人相差多少；同一件事在两个来源里各说一遍，不会互相抵消。一个人对得上客户就按客户算，否则按答卷、说话人或单条文本算。",
        f"区间：对人重复抽样 {count(params.n_draws)} 次（种子 {params.seed}）的 2.5%–97.5% 分位；检验用自助法标准误的 Wald 检验，同一指标的各主题一起按 {CORRECTION_LABELS[params.correction]} 校正。",
        f"提到或没提到的人不足 {settings().tiny_base} 人的主题只列人数（{FEW}）；不足 {settings().small_base} 人的标“小样本”，不写成结论。横截面数据，不能说明谁影响谁。",
        "权重：平均和回归按研究的权重加权，人数和基数不加权。" if weighted else "权重：未加权。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="theme_impact",
    title=TITLE,
    question="提到哪些主题的人，口碑和复购不一样？",
    needs={"responses|texts": ("respondent_id|text_id",)},
    params=Params,
    run=run,
    members=members,
    place=30,
    reads_words=True,
)
