"""Which words belong to which people: words and groups on one map, only the words that shape it drawn."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.contingency import Counts, of_words
from insight.dataset import Dataset
from insight.errors import NothingToTell, TooFewRows
from insight.mapping import attractions, axes, filled, points
from insight.members import Members, later
from insight.segmentation.fitting import break_or_first
from insight.settings import settings
from insight.stats.correspondence import Map, correspondence
from insight.voices import voices, with_words
from insight.wording import count, percent

TITLE = "词与人群的对应图"
WORDS, GROUPS = "词", "人群"
ENOUGH = 0.6  # of the inertia on two axes; below it distances on the map mislead
MOST_FINDINGS = 3
_SIDES = ("first_contribution_share", "second_contribution_share")


class Params(BaseModel):
    """Whose words are mapped, and which of them are drawn."""

    by: str = Field(
        default="",
        title="人群",
        description="不选时用 RFM 八类；没有订单时用第一个能分组的客户属性或题目",
        json_schema_extra={"one_of": "breaks"},
    )
    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    n_words: int = Field(
        default=100, ge=5, le=400, title="看多少个词", description="最多人提到的词，决定图的形状"
    )
    n_drawn: int = Field(
        default=30, ge=5, le=80, title="最多画多少个词", description="只画贡献高于平均的，贡献最大的在前"
    )  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Place words and groups on two axes."""
    told = of_words(dataset, by=params.by, question=params.question, most=params.n_words)
    tiny = settings().tiny_base
    if told.base < tiny:
        raise TooFewRows("说过有实质内容的话的人", told.base, tiny)
    told, left = filled(told, least=tiny)
    if min(told.counts.shape) < 2:
        raise NothingToTell(TITLE, "够人数的人群或词不足两个", "请换一种人群，或不限题目。")
    found = correspondence(told.counts)
    if found.total < 1e-12:
        raise NothingToTell(TITLE, "各人群说的词完全一样，没有可以画的差别", "请换一种人群。")
    placed = with_contributions(told, found, most=params.n_drawn)
    tables = {"points": placed, "axes": axes(found), "attractions": attractions(told)}
    return Result(
        tables,
        {"points": _picture(tables)},
        (_finding(tables, told),),
        _notes(told, tables, params, left=left),
    )


def with_contributions(told: Counts, found: Map, *, most: int) -> pl.DataFrame:
    """Every word and group, and whether it is drawn.

    Parameters
    ----------
    most : words to draw: those whose part of the inertia of an axis is above average, by their part
        of both

    Returns
    -------
    (n_points) groups, then words, those that shape the map most first: kind ["词" | "人群"], point, n_people, first, second [principal coordinates],
        mass_share, the two contributions, contribution_share [of the inertia of both axes],
        quality_share, is_drawn
    """
    both = found.inertia[:2] / found.inertia[:2].sum()
    share = pl.sum_horizontal(pl.col(side) * part for side, part in zip(_SIDES, both, strict=False))
    placed = points(told, found).with_columns(
        share.alias("contribution_share"),
        kind=pl.Series([WORDS] * len(told.rows) + [GROUPS] * len(told.columns)),
        n_people=pl.Series([*told.counts.sum(axis=1).astype(int).tolist(), *told.column_bases]),
    )
    above = pl.any_horizontal(pl.col(side) > 1 / len(told.rows) for side in _SIDES)
    shaping = placed.filter(above & (pl.col("kind") == WORDS)).sort(
        ["contribution_share", "point"], descending=[True, False]
    )
    named = shaping["point"].head(most).implode()
    is_drawn = (pl.col("kind") == GROUPS) | pl.col("point").is_in(named)
    ranked = placed.with_columns(is_drawn=is_drawn).sort(
        ["kind", "contribution_share", "point"], descending=[False, True, False]
    )
    return ranked.select(
        "kind", "point", "n_people", "first", "second", "mass_share", *_SIDES, "contribution_share", "quality_share", "is_drawn"
    )  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who says each word, and who of each group says any; and the texts they say it in."""

    def said() -> pl.DataFrame:
        banner = break_or_first(dataset, params.by, unit="text_id")
        grouped = voices(dataset, question=params.question).join(banner.members, on="text_id")
        told = with_words(grouped, dataset).explode("words").drop_nulls("words")
        known = told.filter(pl.col("group").is_in(_names(result, GROUPS)))
        ids = ("text_id", "person")
        words = known.filter(pl.col("words").is_in(_names(result, WORDS))).select(pl.lit(WORDS).alias("kind"), pl.col("words").alias("point"), *ids)  # fmt: skip
        groups = known.select(pl.lit(GROUPS).alias("kind"), pl.col("group").alias("point"), *ids)
        return pl.concat([words, groups]).unique()

    frame = later(said, "kind", "point", "text_id", "person")
    return {"points": Members(frame, ("person",), "n_people")}


def _names(result: Result, kind: str) -> pl.Series:
    placed = result.tables["points"]
    return placed.filter(pl.col("kind") == kind)["point"].implode()


def _picture(tables: Mapping[str, pl.DataFrame]) -> alt.TopLevelMixin:
    shares = tables["axes"]["inertia_share"].head(2)
    named = [f"维度 {i}（{percent(share)}）" for i, share in enumerate(shares, 1)]
    first, second = [*named, "（只有一个维度）"][:2]
    drawn = tables["points"].with_row_index("at").filter("is_drawn")
    shown = drawn.select("at", "kind", "point", "n_people", "first", "second", "contribution_share", "quality_share")  # fmt: skip
    return charts.biplot(shown, label="point", x="first", y="second", side="kind", titles=(first, second))  # fmt: skip


def _finding(tables: Mapping[str, pl.DataFrame], told: Counts) -> Finding:
    at = min(1, tables["axes"].height - 1)
    shown = tables["axes"]["cumulative_inertia_share"][at]
    caution = (
        "图上的远近可以代表差别" if shown >= ENOUGH else "图上的远近只能参考，请以表中数字为准"
    )
    best = tables["attractions"].filter(pl.col("residual") > 0).head(MOST_FINDINGS)
    words = [
        f"“{one['column_group']}”更突出的是“{one['row_group']}”"
        f"（占提到人次的 {percent(one['share'])}，全体 {percent(one['share_all'])}）"
        for one in best.iter_rows(named=True)
    ]
    text = f"{'；'.join(words)}。前两个维度解释各人群用词差别的 {percent(shown)}，{caution}。"
    cells = [Cell("attractions", i, c) for i in range(best.height) for c in ("share", "share_all")]
    return Finding(text, told.base, (*cells, Cell("axes", at, "cumulative_inertia_share")))


def _notes(
    told: Counts, tables: Mapping[str, pl.DataFrame], params: Params, *, left: tuple[str, ...]
) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    banner = told.banner
    n_drawn = tables["points"].filter(pl.col("is_drawn") & (pl.col("kind") == WORDS)).height
    tiny = settings().tiny_base
    return tuple(filter(None, (
        f"范围：{asked}，{count(told.base)} 人；按“{told.column_side}”{banner.note if banner else ''}分组，每格是某人群里说到某词的人数，同一人只算 1 人；访谈里主持人的话不计入。",
        f"对应分析：最多人提到的 {count(len(told.rows))} 个词 × {count(len(told.columns))} 个人群，标准化残差的奇异值分解（Greenacre 2017），行和列都用主坐标。",
        f"只画对任一维度的贡献高于平均（1/{len(told.rows)}）的词，最多 {params.n_drawn} 个，画了 {n_drawn} 个；其余的词照样参与计算，见表。",
        "词与词、人群与人群之间的距离是卡方距离；词与人群之间只看方向，不看距离。靠近中心的没有特色。",
        "贡献：一个点占维度惯量的比例；质量（cos²）：一个点的差别有多少画在前两个维度上，低的点位置不可靠。",
        f"不足 {tiny} 人的人群、没有人说的词不在图上：{'、'.join(left)}。" if left else "",
        "这张图只描述，不检验；差别是否显著见“各人群的特征词”。",
    )))  # fmt: skip


ANALYSIS = Analysis(
    key="word_map",
    title=TITLE,
    question="哪些词属于哪些人群？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=50,
    theme="词",
)
