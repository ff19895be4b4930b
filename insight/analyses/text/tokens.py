"""Which words do people use, of which kind, and which group how much: by people first, then by mentions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.parameters import picked
from insight.segmentation.breaks import break_of
from insight.tokens import tokens_of
from insight.voices import voices
from insight.wording import count, percent

MOST_FINDINGS, PER_GROUP = 3, 50
KINDS: Mapping[str, str] = MappingProxyType({
    "n": "名词", "v": "动词", "a": "形容词", "i": "成语", "l": "习用语", "j": "简称", "b": "区别词",
    "z": "状态词", "eng": "英文",
})  # fmt: skip


class Params(BaseModel):
    """Which answers, which kind of words, and by which groups."""

    question: str = Field(
        default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"}
    )  # fmt: skip
    kind: str = picked("", {"": "全部", **KINDS}, title="词性")
    by: str = Field(
        default="", title="人群", description="留空表示不分人群", json_schema_extra={"one_of": "breaks"}
    )  # fmt: skip
    min_people: int = Field(default=2, ge=1, le=1_000, title="至少多少人提到的词")


def mentions(said: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Every content word each time it is said.

    Parameters
    ----------
    said : (n_texts) text_id, text, person

    Returns
    -------
    (n_mentions) text_id, person, word, pos [Chinese name of the part of speech]
    """
    cut = tokens_of(said["text"], dataset.lexicon, dataset.memo)
    told = said.select("text_id", "person").with_columns(cut["words"].alias("word"), cut["tags"])
    each = told.explode("word", "tags").drop_nulls("word")
    first = (
        pl.col("tags").str.slice(0, 1).replace(KINDS)
    )  # tags of which only the first letter is known
    return each.select("text_id", "person", "word", pos=pl.col("tags").replace_strict(KINDS, default=first))  # fmt: skip


def counted(told: pl.DataFrame, *, base: int) -> pl.DataFrame:
    """Count words by people and by mentions.

    Parameters
    ----------
    told : columns of ``mentions``
    base : people who said anything

    Returns
    -------
    (n_words) word, pos [that it has most often], n_people, share [of base], n_mentions, tf_idf
        [mentions · ln(base / people)], base; most people first
    """
    usual = (
        told.group_by("word", "pos").len().sort(["len", "pos"], descending=[True, False])
        .unique("word", keep="first", maintain_order=True).select("word", "pos")
    )  # fmt: skip
    found = told.group_by("word").agg(
        n_people=pl.col("person").n_unique().cast(pl.Int64), n_mentions=pl.len().cast(pl.Int64)
    )
    rarity = (base / pl.col("n_people")).log()
    table = found.join(usual, on="word").select(
        "word", "pos", "n_people", share=pl.col("n_people") / base, n_mentions="n_mentions",
        tf_idf=(pl.col("n_mentions") * rarity).round(4), base=pl.lit(base, dtype=pl.Int64),
    )  # fmt: skip
    return table.sort(["n_people", "n_mentions", "word"], descending=[True, True, False])


def run(dataset: Dataset, params: Params) -> Result:
    """Words of what participants said."""
    said = voices(dataset, question=params.question)
    told = _of_kind(mentions(said, dataset), params)
    enough = pl.col("n_people") >= params.min_people
    words = counted(told, base=said["person"].n_unique()).filter(enough)
    if words.is_empty():
        raise TooFewRows(f"至少 {params.min_people} 人提到的词", 0, 1)
    tables = {"words": words}
    if params.by:
        tables["by_group"] = _by_group(dataset, said, told, params).filter(enough)
    return Result(tables, {}, tuple(_findings(words)), _notes(said, params))


def _of_kind(told: pl.DataFrame, params: Params) -> pl.DataFrame:
    return told.filter(pl.col("pos") == KINDS[params.kind]) if params.kind else told


def _by_group(
    dataset: Dataset, said: pl.DataFrame, told: pl.DataFrame, params: Params
) -> pl.DataFrame:
    """The words of each group, in the order of the groups, at most 50 each."""
    groups = break_of(dataset, params.by, unit="text_id")
    sizes = dict(said.join(groups.members, on="text_id").group_by("group").agg(pl.col("person").n_unique()).rows())  # fmt: skip
    grouped = told.join(groups.members, on="text_id")
    parts = [
        counted(grouped.filter(group=name), base=sizes[name]).head(PER_GROUP).select(pl.lit(name).alias("segment"), pl.all())
        for name in groups.groups if name in sizes
    ]  # fmt: skip
    if not parts:
        raise TooFewRows(f"“{groups.label}”里说过话的人群", 0, 1)
    return pl.concat(parts)


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who says each word, and the texts they say it in."""

    def said() -> pl.DataFrame:
        texts = voices(dataset, question=params.question)
        return _of_kind(mentions(texts, dataset), params).select("word", "text_id", "person")  # fmt: skip

    def grouped() -> pl.DataFrame:
        groups = break_of(dataset, params.by, unit="text_id").members
        return said().join(groups, on="text_id").select(pl.col("group").cast(pl.String).alias("segment"), "word", "text_id", "person")  # fmt: skip

    found = {"words": Members(later(said, "word", "text_id", "person"), ("person",), "n_people")}
    if "by_group" in result.tables:
        frame = later(grouped, "segment", "word", "text_id", "person")
        found["by_group"] = Members(frame, ("person",), "n_people")
    return found


def _findings(words: pl.DataFrame) -> Iterator[Finding]:
    for row, word in enumerate(words.head(MOST_FINDINGS).iter_rows(named=True)):
        sentence = (
            f"{count(word['n_people'])} 人提到“{word['word']}”（{word['pos']}），占 {count(word['base'])} 位说过话的人的 "
            f"{percent(word['share'])}，一共提到 {count(word['n_mentions'])} 次。"
        )
        cells = tuple(Cell("words", row, c) for c in ("n_people", "share", "n_mentions", "base"))
        yield Finding(sentence, word["base"], cells)


def _notes(said: pl.DataFrame, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    notes = (
        f"范围：{asked}，共 {count(len(said))} 条；访谈里主持人的话不计入。",
        "按人数排序：同一人说多少次都只算 1 人；提到次数另列。",
        f"只列至少 {params.min_people} 人提到的实义词；停用词、同义词和用户词按本研究的词库。",
        "切词与 jieba 的精确模式一致；词性来自词典，不看上下文，一个词有几种词性时取最常见的。",
        "TF-IDF：提到次数 × ln（说过话的人数 ÷ 提到它的人数）。",
    )
    by = f"分人群的表每组列出提到人数最多的 {PER_GROUP} 个词，占比以该组说过话的人为基数。"
    return (*notes, by) if params.by else notes


ANALYSIS = Analysis(
    key="tokens",
    title="词频表",
    question="多少人用了哪些词？各人群分别怎样？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    theme="词",
)
