"""Which words are said together: a network of pairs within a sentence or a comment, and its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NothingToTell
from insight.members import Members, later
from insight.parameters import Seed, picked
from insight.text.network import LEAST_DRAWN, Measure, placed, together
from insight.text.normalize import clauses, normalise
from insight.text.stopwords import generic_words
from insight.voices import voices, with_words
from insight.wording import count, decimal, percent

TITLE = "词语网络"
MOST_COLOURED, MOST_FINDINGS, N_NAMES = 7, 3, 3
_MEASURES: Mapping[Measure, str] = {"jaccard": "Jaccard 系数", "npmi": "NPMI", "pmi": "PMI"}
Unit = Literal["sentence", "comment"]
_UNITS: Mapping[Unit, str] = {"sentence": "同一句话", "comment": "同一条评论"}


class Params(BaseModel):
    """What counts as together, how it is measured, and how much is drawn."""

    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    unit: Annotated[
        Unit, picked("sentence", _UNITS, title="怎样算一起出现", description="短评论两者相近；长评论和访谈用“同一句话”")
    ] = "sentence"  # fmt: skip
    measure: Annotated[
        Measure, picked("jaccard", _MEASURES, title="关联强度", description="PMI 偏爱少见的词，NPMI 较轻；默认 Jaccard")
    ] = "jaccard"  # fmt: skip
    min_people: int = Field(
        default=3, ge=2, le=1_000, title="至少多少人", description="同时说到两个词的人数"
    )
    n_edges: int = Field(default=80, ge=5, le=300, title="最多多少对词")
    seed: Seed = Field(default=0, description="只影响分群和词的位置")


def units(said: pl.DataFrame, dataset: Dataset, *, unit: Unit) -> pl.DataFrame:
    """What counts as said together.

    Parameters
    ----------
    said : (n_texts) text_id, text, person

    Returns
    -------
    (n_units) text_id, person, words [list of different words without general praise]
    """
    if unit == "sentence":
        cut = [clauses(normalise(text), least=1) for text in said["text"]]
        told = said.with_columns(pl.Series("text", cut, dtype=pl.List(pl.String)))
        said = told.explode("text")
    different = pl.col("words").list.set_difference(sorted(generic_words())).list.sort()
    return with_words(said, dataset).select("text_id", "person", words=different)


def run(dataset: Dataset, params: Params) -> Result:
    """The strongest pairs, their words on a map, and the groups they form."""
    told = units(voices(dataset, question=params.question), dataset, unit=params.unit)
    edges = together(
        told["words"].to_list(), told["person"].to_list(),
        measure=params.measure, least=params.min_people, most=params.n_edges,
    )  # fmt: skip
    if edges.is_empty():
        raise NothingToTell(
            TITLE, f"没有两个词被至少 {params.min_people} 人放在{_UNITS[params.unit]}里说", "请调低“至少多少人”，或换成“同一条评论”。"
        )  # fmt: skip
    base = told["person"].n_unique()
    shares = edges.with_columns(share=pl.col("n_people") / base, base=pl.lit(base, pl.Int64))
    nodes = _nodes(told, placed(edges, measure=params.measure, seed=params.seed))
    tables = {"nodes": nodes, "edges": shares, "communities": _communities(told, nodes)}
    return Result(
        tables,
        {"nodes": _picture(tables, params)},
        tuple(_findings(tables, params)),
        _notes(told, tables, params),
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who says each word, both words of a pair together, or a word of a group; and where."""

    def told() -> pl.DataFrame:
        return units(voices(dataset, question=params.question), dataset, unit=params.unit)

    def words() -> pl.DataFrame:
        return _said(told(), result.tables["nodes"]).select("word", "text_id", "person")

    def pairs() -> pl.DataFrame:
        listed = result.tables["edges"].select("word", "other_word")
        said = told().with_row_index("unit")
        one = said.explode("words").rename({"words": "word"}).join(listed, on="word")
        other = said.select("unit", other_word="words").explode("other_word")
        return one.join(other, on=("unit", "other_word")).select(*listed.columns, "text_id", "person")  # fmt: skip

    def groups() -> pl.DataFrame:
        named = result.tables["communities"].select("community", group="group")
        said = _said(told(), result.tables["nodes"])
        return said.join(named, on="community").select("group", "text_id", "person")

    ids, unit = ("text_id", "person"), ("person",)
    return {
        "nodes": Members(later(words, "word", *ids), unit, "n_people"),
        "edges": Members(later(pairs, "word", "other_word", *ids), unit, "n_people"),
        "communities": Members(later(groups, "group", *ids), unit, "n_people"),
    }


def _said(told: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """One row each time a unit says a word of the network: word, community, text_id, person."""
    listed = nodes.select("word", "community")
    return told.explode("words").rename({"words": "word"}).join(listed, on="word")


def _nodes(told: pl.DataFrame, spots: pl.DataFrame) -> pl.DataFrame:
    """(n_words) word, n_people, n_units, n_edges, community, across, up."""
    said = _said(told, spots).group_by("word")
    counted = said.agg(n_people=pl.col("person").n_unique().cast(pl.Int64), n_units=pl.len().cast(pl.Int64))  # fmt: skip
    return spots.join(counted, on="word", maintain_order="left").select(
        "word", "n_people", "n_units", "n_edges", "community", "across", "up"
    )


def _communities(told: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """(n_groups) community, group [its best connected words], n_words, n_people, share, base."""
    base = told["person"].n_unique()
    n_people = _said(told, nodes).group_by("community").agg(n_people=pl.col("person").n_unique().cast(pl.Int64))  # fmt: skip
    named = nodes.group_by("community", maintain_order=True).agg(
        group=pl.col("word").head(N_NAMES).str.join(" · "), n_words=pl.len().cast(pl.Int64)
    )
    return named.join(n_people, on="community", maintain_order="left").with_columns(
        share=pl.col("n_people") / base, base=pl.lit(base, dtype=pl.Int64)
    )


def _picture(tables: Mapping[str, pl.DataFrame], params: Params) -> alt.LayerChart:
    nodes, edges = tables["nodes"], tables["edges"]
    coloured = tables["communities"].filter(pl.col("n_words") >= LEAST_DRAWN).head(MOST_COLOURED)
    named = coloured.select("community", "group")
    at = nodes.select("word", spot_x="across", spot_y="up")
    ends = at.rename({"word": "other_word", "spot_x": "other_x", "spot_y": "other_y"})
    points = nodes.with_row_index("at").join(named, on="community", how="left", maintain_order="left")  # fmt: skip
    shown = points.join(at, on="word", maintain_order="left").select(
        "at", "word", "n_people", "n_edges", pl.col("group").fill_null(charts.REST), "spot_x", "spot_y"
    )  # fmt: skip
    lines = edges.join(at, on="word", maintain_order="left").join(ends, on="other_word", maintain_order="left")  # fmt: skip
    drawn = lines.select("spot_x", "spot_y", "other_x", "other_y", params.measure).drop_nulls()
    return charts.network(shown.drop_nulls(), drawn, size="n_people", strength=params.measure, title="哪些词常在一起说")  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame], params: Params) -> Iterator[Finding]:
    for row, pair in enumerate(tables["edges"].head(MOST_FINDINGS).iter_rows(named=True)):
        sentence = (
            f"“{pair['word']}”和“{pair['other_word']}”常在{_UNITS[params.unit]}里说："
            f"{count(pair['n_people'])} 人这样说过，占 {percent(pair['share'])}"
            f"（{_MEASURES[params.measure]} {decimal(pair[params.measure], digits=2)}）。"
        )
        cells = tuple(Cell("edges", row, c) for c in ("n_people", "share", params.measure))
        yield Finding(sentence, pair["base"], cells)
    group = tables["communities"].row(0, named=True)
    sentence = (
        f"词最多的一群围绕“{group['group']}”，共 {count(group['n_words'])} 个词，"
        f"{count(group['n_people'])} 人（{percent(group['share'])}）提到过其中的词。"
    )
    cells = tuple(Cell("communities", 0, c) for c in ("n_words", "n_people", "share"))
    yield Finding(sentence, group["base"], cells)


def _notes(
    told: pl.DataFrame, tables: Mapping[str, pl.DataFrame], params: Params
) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    cut = "句（按句末标点和“但是、不过”切开）" if params.unit == "sentence" else "条评论"
    n_people = told["person"].n_unique()
    return (
        f"范围：{asked}，{count(n_people)} 人说的 {count(told.height)} {cut}；访谈里主持人的话不计入。",
        f"两个词出现在{_UNITS[params.unit]}里算一次；只看至少 {params.min_people} 人这样说过的词对，一个人说得再多也不成对。",
        f"按 {_MEASURES[params.measure]} 取最强的 {tables['edges'].height} 对，只留比随机更常一起出现的；Jaccard = 同时出现 ÷ 任一出现，PMI = log₂(N·n₁₂ ÷ n₁n₂)，NPMI = PMI ÷ −log₂(n₁₂ ÷ N)。",
        "点的面积是提到的人数，线的粗细是关联强度；颜色是 Louvain 分群，第 7 群以后的群记为“其余”；只有两个词的群不画，见“词对”。",
        "位置由词的连线排出，远近只作参考；点一个词看说到它的人和原话，点表里的一对看两个词一起出现的原话。",
        "不计停用词和“不错”“满意”这类泛泛的评价。",
        f"随机种子 {params.seed}；同样的文本总是得到同样的图，与行的顺序无关。",
    )


ANALYSIS = Analysis(
    key="network",
    title=TITLE,
    question="哪些词常在一起说？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=40,
    theme="词",
)
