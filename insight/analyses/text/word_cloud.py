"""Which words do most people use: a table of words, and a cloud that prints Chinese everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from random import Random
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl
from PIL import ImageFont
from pydantic import BaseModel, Field
from wordcloud.wordcloud import IntegralOccupancyMap

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.parameters import Seed
from insight.text.labels import can_name
from insight.text.words import word_counts
from insight.voices import voices, with_words
from insight.wording import count, percent

WIDTH, HEIGHT = 800, 460  # pixels
LEAST_PEOPLE = 2
MOST_FINDINGS = 3
_SMALLEST = 12  # font size
_LARGEST = (96, 80, 66, 55, 46, 38, 31, 24)  # font sizes of the first word, tried in turn
_GAP = 3  # pixels around a word
_MIDDLE = 0.3  # of the font size: how far Vega puts the baseline under the middle


Kind = Literal["全部", "名词", "动词", "形容词"]
_TAGS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"全部": ("",), "名词": ("n", "vn", "an"), "动词": ("v",), "形容词": ("a",)}
)


class Params(BaseModel):
    """Which answers, and how many words are drawn."""

    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    kind: Kind = Field(default="全部", title="词性")
    n_words: int = Field(default=80, ge=10, le=200, title="词云里最多画多少个词")
    seed: Seed = Field(default=0, description="只影响词的位置")


def word_table(said: pl.DataFrame, dataset: Dataset, *, kind: Kind = "全部") -> pl.DataFrame:
    """Count words by people and by mentions.

    Parameters
    ----------
    said : (n_texts) text, person
    kind : part of speech

    Returns
    -------
    (n_words) word, document_frequency [people, >= 2], share [of all people who said anything],
        term_frequency [mentions], tf_idf [mentions · ln(people / people who say it)], base [people]
    """
    tokens = with_words(said, dataset, tags=_TAGS[kind])["words"].to_list()
    base = said["person"].n_unique()
    counted = word_counts(tokens, said["person"].to_list())
    said_by, rarity = pl.col("document_frequency"), (base / pl.col("document_frequency")).log()
    return counted.filter(said_by >= LEAST_PEOPLE).select(
        "word", "document_frequency", share=said_by / base, term_frequency="term_frequency",
        tf_idf=(pl.col("term_frequency") * rarity).round(4), base=pl.lit(base, dtype=pl.Int64),
    )  # fmt: skip


def layout(words: Sequence[str], people: Sequence[int], *, seed: int = 0) -> pl.DataFrame:
    """Place words, the most used first; none overlap and none is cut off.

    Parameters
    ----------
    words : (n) different, drawable with the bundled font
    people : (n) descending; the area of a word grows with it

    Returns
    -------
    (<= n) word, x, y [px, centre of the line as Vega draws it], font_size [px]; all words where a
        largest font of 24 px or more lets them in, else those that find room at 24 px
    """
    for largest in _LARGEST:
        sizes = [max(round(largest * sqrt(n / people[0])), _SMALLEST) for n in people]
        placed = _placed(words, sizes, Random(seed))
        if len(placed) == len(words):
            break
    schema = {"word": pl.String, "x": pl.Float64, "y": pl.Float64, "font_size": pl.Int64}
    return pl.DataFrame(placed, schema=schema, orient="row")


def _placed(
    words: Sequence[str], sizes: Sequence[int], rng: Random
) -> list[tuple[str, float, float, int]]:
    """Put each word where the library's occupancy map has room for the box of its ink."""
    occupied = IntegralOccupancyMap(HEIGHT, WIDTH, None)
    ink = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
    placed = []
    for word, size in zip(words, sizes, strict=True):
        font = ImageFont.truetype(str(charts.FONT_FILE), size)
        left, top, right, bottom = (
            round(v) for v in font.getbbox(word, anchor="ls")
        )  # from the baseline's start
        height, width = bottom - top + 2 * _GAP, right - left + 2 * _GAP
        spot = occupied.sample_position(height, width, rng)
        if spot is None:
            continue
        down, across = spot
        ink[down : down + height, across : across + width] = 1
        occupied.update(ink, down, across)
        start, baseline = across + _GAP - left, down + _GAP - top
        placed.append((word, start + font.getlength(word) / 2, baseline - _MIDDLE * size, size))
    return placed


def run(dataset: Dataset, params: Params) -> Result:
    """Words of what participants said."""
    said = voices(dataset, question=params.question)
    words = word_table(said, dataset, kind=params.kind)
    drawn = (
        words.with_row_index("at")
        .filter(pl.col("word").map_elements(_drawable, return_dtype=pl.Boolean, skip_nulls=False))
        .head(params.n_words)
    )
    if drawn.is_empty():
        raise TooFewRows(f"至少 {LEAST_PEOPLE} 人提到的词", 0, 1)
    placed = layout(
        drawn["word"].to_list(), drawn["document_frequency"].to_list(), seed=params.seed
    )
    cloud = placed.join(drawn, on="word", maintain_order="left").drop(
        "term_frequency", "tf_idf", "base"
    )
    chart = charts.words(cloud, width=WIDTH, height=HEIGHT)
    return Result(
        {"words": words}, {"words": chart}, tuple(_findings(words)), _notes(said, cloud, params)
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who says each word, and the texts they say it in."""

    def said() -> pl.DataFrame:
        texts = with_words(
            voices(dataset, question=params.question), dataset, tags=_TAGS[params.kind]
        )
        told = texts.explode("words").select(pl.col("words").alias("word"), "text_id", "person")
        return told.drop_nulls("word")

    frame = later(said, "word", "text_id", "person")
    return {"words": Members(frame, ("person",), "document_frequency")}


def _drawable(word: str) -> bool:
    """Praise, single characters and words the font lacks stay in the table only."""
    return can_name(word) and not charts.missing_glyphs(word)


def _findings(words: pl.DataFrame) -> Iterator[Finding]:
    named = [(row, w) for row, w in enumerate(words.iter_rows(named=True)) if _drawable(w["word"])]
    for row, word in named[:MOST_FINDINGS]:
        sentence = (
            f"{count(word['document_frequency'])} 人提到“{word['word']}”，占 {percent(word['share'])}"
            f"（共 {count(word['base'])} 人说过话）。"
        )
        cells = tuple(Cell("words", row, c) for c in ("document_frequency", "share", "base"))
        yield Finding(sentence, word["base"], cells)


def _notes(said: pl.DataFrame, cloud: pl.DataFrame, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    return (
        f"范围：{asked}，共 {count(len(said))} 条；访谈里主持人的话不计入。",
        "字的面积表示提到的人数：同一人说多少次都只算 1 人；提到次数见表格。",
        f"表格列出至少 {LEAST_PEOPLE} 人提到的实义词，去掉停用词；词性：{params.kind}，来自词典，不看上下文。",
        f"词云画了 {cloud.height} 个词；单字和“不错”“满意”这类泛泛的评价只列在表里。",
    )


ANALYSIS = Analysis(
    key="word_cloud",
    title="词云与词频",
    question="多少人提到了哪些词？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=20,
    theme="词",
)
