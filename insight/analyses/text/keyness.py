"""Which words does one segment use more than the others: by people, tested and corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first
from insight.settings import settings
from insight.text.keyness import keyness
from insight.voices import voices, with_words
from insight.wording import count, decimal, percent, points

LEVEL = 0.05  # of the false discovery rate
MOST_WORDS, MOST_DRAWN, MOST_FINDINGS, PER_SEGMENT = 50, 4, 10, 2
VISIBLE_BASE = 150  # below it, twice as many mentions can stay unnoticed
_COLUMNS = (
    "segment", "word", "n", "base", "share", "share_rest", "z", "log_odds", "p_adjusted",
    "share_difference", "p_value", "base_rest", "g2", "log_ratio",
)  # fmt: skip


class Params(BaseModel):
    """Which groups are compared, on which answers."""

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
    min_people: int = Field(default=5, ge=2, le=100, title="至少多少人提到的词")


def people_words(said: pl.DataFrame, members: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The different words of each person.

    Parameters
    ----------
    said : (n_texts) text_id, text, person
    members : (n_texts) text_id, group; texts without a group are left out

    Returns
    -------
    (n_people) person, group, words [list]; sorted
    """
    return (
        with_words(said.join(members, on="text_id"), dataset)
        .group_by("person", "group")
        .agg(pl.col("words").list.explode().unique().sort())
        .sort("group", "person")
    )


def leading(table: pl.DataFrame) -> pl.DataFrame:
    """The words a segment uses more than the rest, at most 50 of each segment."""
    more = table.filter(pl.col("share") > pl.col("share_rest"))
    return more.filter(pl.int_range(pl.len()).over("segment") < MOST_WORDS)


def flagged(table: pl.DataFrame, *, least: int) -> pl.DataFrame:
    """Rows with an adjusted p < .05 whose segment and rest both have at least ``least`` people."""
    enough = pl.min_horizontal("base", "base_rest") >= least
    return table.with_row_index("row").filter(enough & (pl.col("p_adjusted") < LEVEL))


def run(dataset: Dataset, params: Params) -> Result:
    """Words of each segment against all others."""
    said = voices(dataset, question=params.question)
    banner = break_or_first(dataset, params.by, unit="text_id")
    people = people_words(said, banner.members, dataset)
    segments = _segments(people, banner)
    compared = keyness(
        people["words"].to_list(), people["group"].to_list(), segments=segments, min_people=params.min_people
    )  # fmt: skip
    difference = pl.col("share") - pl.col("share_rest")
    table = leading(compared).with_columns(share_difference=difference).select(_COLUMNS)
    if table.is_empty():
        raise TooFewRows(f"至少 {params.min_people} 人提到、并且各人群有差别的词", 0, 1)
    marked = flagged(table, least=settings().small_base)
    drawn = {"words": _chart(marked)} if len(marked) else {}
    notes = _notes(people, segments, banner, params)
    return Result({"words": table}, drawn, tuple(_findings(table, marked)), notes)


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who of each segment says each word, and the texts they say it in."""

    def said() -> pl.DataFrame:
        groups = break_or_first(dataset, params.by, unit="text_id").members
        texts = with_words(
            voices(dataset, question=params.question).join(groups, on="text_id"), dataset
        )
        return texts.explode("words").select(
            pl.col("group").alias("segment"), pl.col("words").alias("word"), "text_id", "person"
        )

    frame = later(said, "segment", "word", "text_id", "person")
    return {"words": Members(frame, ("person",), "n")}


def _segments(people: pl.DataFrame, banner: Break) -> list[str]:
    """The groups with enough people to be looked at, in display order."""
    sizes = dict(people.group_by("group").len().iter_rows())
    kept = [group for group in banner.groups if sizes.get(group, 0) >= settings().tiny_base]
    if not kept or len(sizes) < 2:
        raise TooFewRows(f"“{banner.label}”里说过话的人群", len(sizes) if kept else 0, 2)
    return kept


def _chart(marked: pl.DataFrame) -> alt.TopLevelMixin:
    best = marked.filter(pl.int_range(pl.len()).over("segment") < MOST_DRAWN)
    named = best.with_columns(at="row", word=pl.format("{}：{}", "segment", "word"))
    values = ("share_rest", "share")
    return charts.paired_bars(named, label="word", values=values, title="各人群显著更常提到的词")


def _findings(table: pl.DataFrame, marked: pl.DataFrame) -> Iterator[Finding]:
    if marked.is_empty():
        row = int(table["z"].arg_max() or 0)
        yield _undecided(row, table.row(row, named=True))
    best = marked.filter(pl.int_range(pl.len()).over("segment") < PER_SEGMENT)
    ranked = best.sort("z", descending=True, maintain_order=True).head(MOST_FINDINGS)
    for word in ranked.iter_rows(named=True):
        sentence = (
            f"“{word['segment']}”更常提到“{word['word']}”：{percent(word['share'])}"
            f"（{count(word['n'])}/{count(word['base'])} 人），"
            f"比其他人高 {points(word['share_difference'])}，差异显著。"
        )
        test = f"Fisher 精确检验（双侧），Benjamini–Hochberg 校正 {_level(word['p_adjusted'])}"
        yield Finding(sentence, word["base"], _cells(word["row"]), test)


def _undecided(row: int, word: dict[str, Any]) -> Finding:
    sentence = (
        f"没有哪个词在各人群之间的差异通过检验；差得最多的是“{word['segment']}”提到“{word['word']}”："
        f"{percent(word['share'])}（{count(word['n'])}/{count(word['base'])} 人），"
        f"比其他人高 {points(word['share_difference'])}，可能只是偶然。"
    )
    return Finding(sentence, word["base"], _cells(row), "Fisher 精确检验，未通过 5% 的错误发现率")


def _cells(row: int) -> tuple[Cell, ...]:
    columns = ("share", "n", "base", "share_difference", "p_adjusted")
    return tuple(Cell("words", row, column) for column in columns)


def _level(q: float) -> str:
    return "校正后 p<0.001" if q < 0.001 else f"校正后 p={decimal(q, digits=3)}"


def _notes(
    people: pl.DataFrame, segments: Sequence[str], banner: Break, params: Params
) -> tuple[str, ...]:
    sizes = dict(people.group_by("group").len().iter_rows())
    small = [s for s in segments if sizes[s] < VISIBLE_BASE]
    tiny = [g for g in banner.groups if g in sizes and g not in segments]
    listed = [f"“{name}”（{count(sizes[name])} 人）" for name in small]
    lost = [f"“{name}”（{count(sizes[name])} 人）" for name in tiny]
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    notes = [
        f"范围：{asked}，按“{banner.label}”{banner.note}分组，{count(len(people))} 人；访谈里主持人的话不计入。",
        "按人数比较：同一人说多少次都只算 1 人；“其他人”是同一分组变量里其余的人。",
        f"只看至少 {params.min_people} 人提到的词，每个人群列出提到率高于其他人的前 {MOST_WORDS} 个。",
        f"排序：带先验的对数优势比（α₀=50 人）的 z 值；G² 和对数比（log₂，0 人按 0.5 人计）只供与其他工具对照；检验：Fisher 精确检验（双侧），整张表一起做 Benjamini–Hochberg 校正，校正后 p<0.05 且两边都不少于 {settings().small_base} 人才称为显著。",
    ]
    if listed:
        notes.append(
            f"{'、'.join(listed)}不足 {VISIBLE_BASE} 人：提到率相差一倍也可能检验不出来，没有标出不等于没有差异。"
        )
    if lost:
        notes.append(f"{'、'.join(lost)}人数太少，不单独列出，只计入“其他人”。")
    return tuple(notes)


ANALYSIS = Analysis(
    key="keyness",
    title="各人群的特征词",
    question="每个人群比其他人更常提到什么？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=30,
    theme="词",
)
