"""Who says the same in other words: the comments most like a given one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NothingToTell, UnknownName
from insight.members import Members, later
from insight.speakers import SPEND, about, with_speakers
from insight.text.normalize import normalise
from insight.text.similar import likeness
from insight.text.telling import Said, telling
from insight.voices import voices, with_words
from insight.wording import count, decimal

TITLE = "相似原话"
LONGEST = 60  # characters of the given comment that the sentence repeats
_BANDS = (("几乎相同（0.8 以上）", 0.8), ("很像（0.5–0.8）", 0.5), ("有些像（0.2–0.5）", 0.2))


class Params(BaseModel):
    """Which comment is given, and how many are listed."""

    text: str = Field(
        default="",
        max_length=2_000,
        title="一句话",
        description="写一句话，或从别处的原话点“找相似的话”；留空看最有代表性的一条",
    )
    text_id: str = Field(
        default="", title="文本编号", description="找与这条文本相似的；填了就不看上面那句话"
    )
    most: int = Field(default=50, ge=5, le=2_000, title="最多列多少条")
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
class Alike:
    """The given comment, and the texts that share something with it.

    Attributes
    ----------
    n_texts, n_people : what was searched
    texts : (n) text_id, text, person, similarity [0..1, > 0], likeness [the band; null: little];
        the most alike first
    """

    given: str
    n_texts: int
    n_people: int
    texts: pl.DataFrame


def alike(dataset: Dataset, params: Params) -> Alike:
    """Compare every text with the given one, but for itself.

    Raises
    ------
    NothingToTell : no text shares a character with it.
    UnknownName : no text has the given number.
    """
    said = voices(dataset, question=params.question)
    given, itself = _given(dataset, said, params)
    others = said.filter(pl.col("text_id") != itself)
    similarity = likeness([normalise(text) for text in others["text"]], normalise(given)).round(4)
    named = [pl.when(pl.col("similarity") >= low).then(pl.lit(name)) for name, low in _BANDS]
    found = others.with_columns(pl.Series("similarity", similarity)).with_columns(likeness=pl.coalesce(named))  # fmt: skip
    ranked = found.filter(pl.col("similarity") > 0).sort(["similarity", "text_id"], descending=[True, False])  # fmt: skip
    if ranked.is_empty():
        raise NothingToTell(TITLE, "没有一条文本与它有相同的字", "请换一句话。")
    return Alike(given, others.height, said["person"].n_unique(), ranked)


def run(dataset: Dataset, params: Params) -> Result:
    """The texts most like the given one, and how many people say about the same."""
    found = alike(dataset, params)
    spoken, label = with_speakers(found.texts.head(params.most), dataset, by=params.by)
    words = pl.col("segment", SPEND).cast(pl.String)
    told = about(dataset, spoken).rename({"text": "quote"}).with_columns(words)
    lines = told.select("quote", "similarity", "segment", SPEND, *told.columns[len(spoken.columns) :], "text_id")  # fmt: skip
    tables = {"similar": lines, "bands": _counted(found)}
    return Result(tables, {}, (_finding(tables, found.given),), _notes(found, label, params))


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The text of each line, and who says about the same."""

    def said() -> pl.DataFrame:
        told = alike(dataset, params).texts.select("likeness", "text_id", "person")
        return told.drop_nulls("likeness")

    people = Members(later(said, "likeness", "text_id", "person"), ("person",), "n_people")
    lines = result.tables["similar"].lazy().select("text_id")
    return {"similar": Members(lines, ("text_id",)), "bands": people}


def _given(dataset: Dataset, said: pl.DataFrame, params: Params) -> tuple[str, str]:
    """The comment to compare with, and its number; "" where it was typed."""
    if params.text_id:
        found = voices(dataset).filter(pl.col("text_id") == params.text_id)
        if found.is_empty():
            raise UnknownName("文本编号", params.text_id, ())
        return found["text"][0], params.text_id
    if not params.text.strip():
        return _typical(dataset, said)
    if not normalise(params.text):
        raise NothingToTell(TITLE, "没有可以比较的字", "请写一句话。")
    return params.text.strip(), ""


def _typical(dataset: Dataset, said: pl.DataFrame) -> tuple[str, str]:
    """The text that says most of what most people say, and its number."""
    told = with_words(said, dataset)
    ready = [Said(text, person, frozenset(words)) for text, person, words in told.select("text", "person", "words").iter_rows()]  # fmt: skip
    people = Counter(word for one in ready for word in one.words)
    chosen = telling(ready, people, most=1)
    if not chosen:
        raise NothingToTell(TITLE, "文本里没有可以作例子的一条", "请写一句话。")
    return told["text"][chosen[0]], told["text_id"][chosen[0]]


def _counted(found: Alike) -> pl.DataFrame:
    """(3) likeness, n_texts, n_people, share, base [people]: almost the same, much, a little."""
    counted = found.texts.group_by("likeness").agg(
        n_texts=pl.len().cast(pl.Int64), n_people=pl.col("person").n_unique().cast(pl.Int64)
    )
    named = pl.DataFrame({"likeness": [name for name, _ in _BANDS]})
    told = named.join(counted, on="likeness", how="left", maintain_order="left").with_columns(
        pl.col("n_texts", "n_people").fill_null(0), base=pl.lit(found.n_people, dtype=pl.Int64)
    )
    share = pl.col("n_people") / pl.col("base")
    return told.select("likeness", "n_texts", "n_people", share.alias("share"), "base")


def _finding(tables: Mapping[str, pl.DataFrame], given: str) -> Finding:
    bands = tables["bands"]
    told = "、".join(f"{name.split('（')[0]}的 {count(n)} 人" for name, n in bands.select("likeness", "n_people").rows())  # fmt: skip
    best = tables["similar"]["similarity"][0]
    shown = " ".join(given.replace("”", "’").replace("“", "‘")[:LONGEST].split())
    cut = "…" if len(given) > LONGEST else ""
    sentence = (
        f"和“{shown}{cut}”最像的一条相似度 {decimal(best, digits=2)}；说过差不多的话的：{told}。"
    )
    cells = [Cell("bands", row, "n_people") for row in range(bands.height)]
    return Finding(sentence, bands["base"][0], (Cell("similar", 0, "similarity"), *cells))


def _notes(found: Alike, label: str, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    return (
        f"范围：{asked}，与 {count(found.n_texts)} 条比较，列出最像的 {count(min(params.most, found.texts.height))} 条；访谈里主持人的话不计入，个人信息已遮盖。",
        "相似度：单字、连续两字和三字的 TF-IDF 余弦，0 到 1；越少见的字词越要紧。只看字面，不懂同义词：意思相近而用词不同的找不到。",
        "短句与长文比较时相似度天然偏低，0.2 以上就值得一看；完全相同的文本照常列出，人数按客户、答卷、说话人依次识别。",
        f"人群：{label}。" if label else "没有能把人分组的变量，不列人群。",
    )


ANALYSIS = Analysis(
    key="similar",
    title=TITLE,
    question="还有谁说过差不多的话？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=70,
    theme="原话",
)
