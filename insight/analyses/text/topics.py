"""What do people talk about: topics of all they wrote and said, with names, people and quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.parameters import NumberOfTopics, Seed
from insight.text.normalize import normalise
from insight.text.tokenize import tagger
from insight.text.topics import MENTIONED, TopicModel, about, find_topics
from insight.voices import voices
from insight.wording import count, percent

NO_TOPIC = "其他/无信息"
MOST_FINDINGS = 3
_MUCH_NOISE = 0.2
_GOOD, _FAIR, _WEAK = "好", "可用", "偏弱"
_CURVE = ("n_topics", "silhouette", "coherence", "diversity", "score")
_LIGHTS = (  # measure, good from, fair from, what to do where it is weak
    ("词语一致性（NPMI）", 0.1, 0.0, "同一主题的代表词很少一起出现：换一个主题数，或只分析一道题。短文本的数值普遍偏低。"),
    ("代表词不重复的比例", 0.8, 0.6, "不同主题的代表词重叠：减少主题数。"),
    ("归入主题的文本占比", 0.8, 0.6, "很多文本没有实质内容：检查题目设置，或改看词云。"),
    ("稳定性（重抽 80% 文本）", 0.5, 0.35, "换一批文本主题会变：减少主题数或增加文本，只引用稳定性高的主题。"),
)  # fmt: skip


class Params(BaseModel):
    """How many topics, of which answers."""

    n_topics: NumberOfTopics = 0
    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    seed: Seed = 0


def text_table(model: TopicModel, text_ids: pl.Series) -> pl.DataFrame:
    """One row per text and topic it is about.

    Returns
    -------
    (>= n_texts) text_id, topic [1.., 0 = in none], weight [0..1, the main topic first; 1 for topic
        0], reason [why the text is in no topic, else null]
    """
    told, ranked = about(model), np.argsort(-model.weights, axis=1, kind="stable")
    rows: list[tuple[str, int, float, str | None]] = []
    for i, (text_id, why) in enumerate(zip(text_ids, model.noise, strict=True)):
        if why:
            rows.append((text_id, 0, 1.0, why))
        topics = [t for t in ranked[i].tolist() if told[i, t]]
        rows += [(text_id, t + 1, round(float(model.weights[i, t]), 4), None) for t in topics]
    schema = {"text_id": pl.String, "topic": pl.Int64, "weight": pl.Float64, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def topic_table(model: TopicModel, texts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Count the texts and the people of every topic; several texts of one person count once.

    Parameters
    ----------
    texts : columns of ``text_table``
    people : (n_texts) text_id, person

    Returns
    -------
    (n_topics, then topic 0 where a text is in none) topic, label, n_texts, top_words, n_people,
        share [of base], base [people with at least one text in a topic; for topic 0 everybody],
        coherence [NPMI], stability [0..1]
    """
    named = pl.DataFrame({
        "topic": range(1, len(model.labels) + 1),
        "label": model.labels,
        "top_words": ["、".join(words) for words in model.top_words],
        "coherence": model.coherence,
        "stability": model.stability,
    })  # fmt: skip
    none = pl.DataFrame({"topic": [0], "label": [NO_TOPIC], "top_words": [""]})
    told = texts.join(people, on="text_id")
    counted = told.group_by("topic").agg(
        n_texts=pl.col("text_id").n_unique().cast(pl.Int64),
        n_people=pl.col("person").n_unique().cast(pl.Int64),
    )  # fmt: skip
    in_topics = told.filter(pl.col("topic") > 0)["person"].n_unique()
    base = pl.when(pl.col("topic") > 0).then(in_topics).otherwise(people["person"].n_unique())
    table = pl.concat([named, none], how="diagonal_relaxed").join(
        counted, on="topic", maintain_order="left"
    )
    return table.select(
        "topic", "label", "n_texts", "top_words", "n_people", share=pl.col("n_people") / base,
        base=base.cast(pl.Int64), coherence="coherence", stability="stability",
    )  # fmt: skip


def quote_table(model: TopicModel, said: pl.DataFrame) -> pl.DataFrame:
    """Up to five quotes of each topic, the most typical first (topic, label, quote, text_id)."""
    rows = [
        (topic, label, said["text"][i], said["text_id"][i])
        for topic, (label, quoted) in enumerate(zip(model.labels, model.quotes, strict=True), 1)
        for i in quoted
    ]
    return pl.DataFrame(rows, schema=["topic", "label", "quote", "text_id"], orient="row")


def quality_table(model: TopicModel) -> pl.DataFrame:
    """How far the topics can be trusted (measure, value, judgement, advice)."""
    covered = float(np.mean(model.assignment >= 0))
    values = (model.coherence.mean(), model.diversity, covered, model.stability.mean())
    rows = []
    for value, (measure, good, fair, advice) in zip(values, _LIGHTS, strict=True):
        judged = _GOOD if value >= good else _FAIR if value >= fair else _WEAK
        rows.append((measure, round(float(value), 4), judged, advice if judged == _WEAK else ""))
    return pl.DataFrame(rows, schema=["measure", "value", "judgement", "advice"], orient="row")


def run(dataset: Dataset, params: Params) -> Result:
    """Topics of what participants said."""
    said = voices(dataset, question=params.question)
    model = find_topics(
        said["text"].to_list(),
        tag=tagger(dataset.lexicon),
        n_topics=params.n_topics,
        seed=params.seed,
    )
    texts = text_table(model, said["text_id"])
    topics = topic_table(model, texts, said.select("text_id", "person"))
    curve = model.k_curve.rename({"k": "n_topics"}).select(_CURVE)
    tables = {
        "topics": topics, "texts": texts, "quotes": quote_table(model, said),
        "quality": quality_table(model), "candidates": curve,
    }  # fmt: skip
    drawn = {"topics": _chart(topics)}
    return Result(tables, drawn, tuple(_findings(topics)), _notes(said, model, params))


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The texts of every topic, and each text that is listed."""
    texts, unit = result.tables["texts"].lazy(), ("text_id",)
    return {
        "topics": Members(texts.select("topic", "text_id"), unit, "n_texts"),
        **{name: Members(texts.select("text_id"), unit) for name in ("texts", "quotes")},
    }


def _chart(topics: pl.DataFrame) -> alt.TopLevelMixin:
    shown = topics.with_row_index("at").filter(pl.col("topic") > 0)
    shown = shown.select("at", "label", "share", "n_people", "n_texts")
    return charts.bars(shown, label="label", value="share", title="谈到各主题的人数占比")


def _findings(topics: pl.DataFrame) -> Iterator[Finding]:
    named = topics.with_row_index("row").filter(pl.col("topic") > 0)
    largest = named.sort(["n_people", "topic"], descending=[True, False]).head(MOST_FINDINGS)
    for topic in largest.iter_rows(named=True):
        base = f"{count(topic['base'])} 位说过有实质内容的话的人"
        yield _finding(topic["row"], topic, f"{base}里，谈到“{topic['label']}”的有")
    last = topics.row(-1, named=True)
    if last["topic"] == 0 and last["share"] >= _MUCH_NOISE:
        base = f"全部 {count(last['base'])} 位说过话的人"
        yield _finding(len(topics) - 1, last, f"{base}里，留下过没有实质内容的文本的有")


def _finding(row: int, topic: dict[str, int | float], who: str) -> Finding:
    sentence = f"{who} {count(topic['n_people'])} 人，占 {percent(topic['share'])}。"
    cells = tuple(Cell("topics", row, column) for column in ("n_people", "share", "base"))
    return Finding(sentence, int(topic["base"]), cells)


def _notes(said: pl.DataFrame, model: TopicModel, params: Params) -> tuple[str, ...]:
    inside = pl.Series(model.assignment >= 0)
    outside = len(said) - int(inside.sum())
    copies = len(said) - len({normalise(text) for text in said["text"]})
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    notes = [
        f"范围：{asked}，共 {count(len(said))} 条；访谈里主持人的话不计入。",
        f"一条文本可以属于几个主题：主要主题，以及占比不低于 {percent(MENTIONED, digits=0)} 的其他主题，所以各主题之和可以超过总数。",
        "人数按客户、答卷、说话人依次识别，同一人的多条文本只算一次。",
        f"基数：至少有一条文本归入主题的 {count(said.filter(inside)['person'].n_unique())} 人，共 {count(said['person'].n_unique())} 人说过话；其余的人只留下了没有实质内容的文本，不在各主题的基数里。",
        f"{count(outside)} 条文本没有实质内容（如“无”“挺好的”“666”）或有效词不足 2 个，记为主题 0“{NO_TOPIC}”；主题 0 的占比以全部说过话的人为基数。",
        f"{count(copies)} 条文本与其他文本内容完全相同：归纳主题时只学一次，计数时照常计入。",
        "主题是按用词和语义自动归纳的，名称取自最有区分度的词；引用前请阅读原话。",
        f"随机种子 {params.seed}；同样的文本总是得到同样的主题，与行的顺序无关。",
    ]
    return (*notes, _number_note(model))


def _number_note(model: TopicModel) -> str:
    if model.k_curve.is_empty():
        return f"主题数由使用者指定，得到 {len(model.labels)} 个。"
    best = model.k_curve.sort(["score", "k"], descending=[True, False])["k"][:3]
    listed = "、".join(str(k) for k in best)
    return f"主题数按轮廓系数与词语一致性选出，得分最高的是 {listed} 个；没有唯一正确的数目，可以都试一试。"


ANALYSIS = Analysis(
    key="topics",
    title="文本主题",
    question="大家在谈什么？各有多少人谈到？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=10,
)
