"""Where and how is a word said: every place of it with the words around, and who says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NothingToTell
from insight.members import Members, later
from insight.settings import settings
from insight.speakers import SPEND, about, with_speakers
from insight.text.concordance import concordance, neighbours_first, phrase_pattern
from insight.text.labels import can_name
from insight.text.tokenize import cutter
from insight.text.words import word_counts
from insight.voices import voices, with_words
from insight.wording import count, percent

TITLE = "上下文检索"
MOST_LINES = 2_000
EVERYBODY = "全体"
Sort = Literal["右侧", "左侧", "人群", "消费"]


class Params(BaseModel):
    """What is looked for, and in which order it is listed."""

    phrase: str = Field(
        default="",
        max_length=200,
        title="词或短语",
        description="“|”表示任选其一，“*”代表任意几个字，如“太*了”；留空看最多人提到的词",
    )
    whole: bool = Field(default=False, title="只找完整的词", description="找“快”时不要“快递”")
    sort: Sort = Field(
        default="右侧", title="排序", description="右侧、左侧：相同的搭配排在一起，最常见的在前"
    )
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


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was looked for, and where it was found.

    Attributes
    ----------
    said : (n_texts) text_id, text, person, segment [null: in no group], value_tier
    places : (n_places) at, left, phrase, right and the columns of ``said``
    label : what the groups are called; "" where nothing divides people
    """

    phrase: str
    said: pl.DataFrame
    places: pl.DataFrame
    label: str


def spoken(dataset: Dataset, params: Params) -> Spoken:
    """Look for the phrase in what participants said.

    Raises
    ------
    NothingToTell : there is nothing to look for, or nobody said it.
    """
    said = voices(dataset, question=params.question)
    phrase = params.phrase.strip() or _most_said(said, dataset)
    wanted = phrase_pattern(phrase)
    if wanted is None:
        raise NothingToTell(TITLE, "没有写要找的字", "请写一个词或短语，“*”之外至少一个字。")
    cut = cutter(dataset.lexicon) if params.whole else None
    found = concordance(said["text"].to_list(), wanted, cut=cut)
    if found.is_empty():
        raise NothingToTell(
            TITLE, f"没有人说过“{phrase}”", "请换一个词，或写成几个词任选其一，如“快递|物流”。"
        )
    said, label = with_speakers(said, dataset, by=params.by)
    numbered = said.with_columns(at=pl.int_range(pl.len(), dtype=pl.Int64))
    return Spoken(phrase, said, found.join(numbered, on="at", maintain_order="left"), label)


def run(dataset: Dataset, params: Params) -> Result:
    """Every place of the phrase with its surroundings, its speaker's segment and spend."""
    told = spoken(dataset, params)
    segments = _segments(told)
    tables = {"lines": _lines(dataset, _ordered(told.places, params.sort)), "segments": segments}
    return Result(tables, {}, (_finding(segments, told.phrase),), _notes(told, params))


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The text of each line, and who of each segment says it."""

    def said() -> pl.DataFrame:
        places = spoken(dataset, params).places
        everybody = places.with_columns(segment=pl.lit(EVERYBODY))
        both = pl.concat([everybody, places.with_columns(pl.col("segment").cast(pl.String))])
        return both.drop_nulls("segment").select("segment", "text_id", "person")

    lines = result.tables["lines"].lazy().select("text_id").unique()
    people = Members(later(said, "segment", "text_id", "person"), ("person",), "n_people")
    return {"lines": Members(lines, ("text_id",)), "segments": people}


def _most_said(said: pl.DataFrame, dataset: Dataset) -> str:
    counted = word_counts(with_words(said, dataset)["words"].to_list(), said["person"].to_list())
    named = (word for word in counted["word"] if can_name(word))
    phrase = next(named, "")
    if not phrase:
        raise NothingToTell(TITLE, "文本里没有可以列出的词", "请写一个要找的词或短语。")
    return phrase


def _ordered(lines: pl.DataFrame, sort: Sort) -> pl.DataFrame:
    """Lines by what stands beside the phrase, or by who says it."""
    ranked = neighbours_first(lines, side="left" if sort == "左侧" else "right")
    by = {"人群": "segment", "消费": SPEND}.get(sort)
    return ranked.sort(by, nulls_last=True, maintain_order=True) if by else ranked


def _lines(dataset: Dataset, places: pl.DataFrame) -> pl.DataFrame:
    """(<= 2,000) left, phrase, right, segment, value_tier, and what is known of the text; text_id."""
    words = pl.col("segment", SPEND).cast(pl.String)
    told = about(dataset, places.head(MOST_LINES)).with_columns(words)
    return told.select(
        "left", "phrase", "right", "segment", SPEND, *told.columns[len(places.columns) :], "text_id"
    )


def _segments(told: Spoken) -> pl.DataFrame:
    """(1 + n_groups) segment [everybody first], n_mentions, n_people, base [people], share [null: too few]."""
    n_people = pl.col("person").n_unique().cast(pl.Int64)
    n_mentions = pl.len().cast(pl.Int64)
    parts = []
    for name in (pl.lit(EVERYBODY), pl.col("segment")):
        segment = name.alias("segment")
        base = told.said.group_by(segment).agg(base=n_people)
        found = told.places.group_by(segment).agg(n_mentions=n_mentions, n_people=n_people)
        joined = base.join(found, on="segment", how="left").drop_nulls("segment").sort("segment")
        parts.append(joined.with_columns(pl.col("segment").cast(pl.String)))
    counted = pl.concat(parts).with_columns(pl.col("n_mentions", "n_people").fill_null(0))
    is_told = (pl.col("base") >= settings().tiny_base) | (pl.col("segment") == EVERYBODY)
    share = pl.when(is_told).then(pl.col("n_people") / pl.col("base"))
    return counted.select("segment", "n_mentions", "n_people", "base", share=share)


def _finding(segments: pl.DataFrame, phrase: str) -> Finding:
    told = segments.row(0, named=True)
    sentence = (
        f"“{phrase}”出现 {count(told['n_mentions'])} 处，来自 {count(told['n_people'])} 人，"
        f"占说过话的 {count(told['base'])} 人的 {percent(told['share'])}。"
    )
    cells = tuple(Cell("segments", 0, c) for c in ("n_mentions", "n_people", "base", "share"))
    return Finding(sentence, told["base"], cells)


def _notes(told: Spoken, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    n = told.places.height
    left = f"，只列出前 {count(MOST_LINES)} 处" if n > MOST_LINES else ""
    how = "只找分词后完整的词" if params.whole else "按字查找，不分词"
    return (
        f"范围：{asked}，共 {count(told.said.height)} 条；访谈里主持人的话不计入，个人信息已遮盖。",
        f"共 {count(n)} 处{left}；左右各 15 个字，“…”表示原文未完。",
        f"{how}；不区分全角半角、大小写和繁简；“|”任选其一，“*”代表同一小句里的至多 8 个字。",
        "右侧、左侧排序：紧邻的两个字相同的排在一起，出现最多的在前；左侧从离词最近的字往前比。",
        f"人群：{told.label}。" if told.label else "没有能把人分组的变量，不列人群。",
        "人数按客户、答卷、说话人依次识别，同一人说多少次都只算 1 人；消费层级按全部订单，没有订单的人留空。",
    )


ANALYSIS = Analysis(
    key="kwic",
    title=TITLE,
    question="这个词是怎么说的，谁在说？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=60,
    theme="原话",
)
