"""What do people talk about: topics of all they wrote and said, with names, people and quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.parameters import NumberOfTopics, Seed
from insight.text.normalize import normalise
from insight.text.placed import MENTIONED
from insight.text.topic_tables import (
    NO_TOPIC,
    edit_table,
    quality_table,
    quote_table,
    text_table,
    topic_table,
)
from insight.text.topics import REMOVED, TopicModel
from insight.voices import edits_of, topics_of, voices
from insight.wording import count, decimal, percent

MOST_FINDINGS = 3
_MUCH_NOISE = 0.2
_CURVE = ("n_topics", "silhouette", "coherence", "diversity", "score")


class Params(BaseModel):
    """How many topics, of which answers."""

    formerly: ClassVar[Mapping[str, str]] = MappingProxyType({"k": "n_topics", "source": "question"})  # fmt: skip

    n_topics: NumberOfTopics = 0
    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    seed: Seed = 0


def run(dataset: Dataset, params: Params) -> Result:
    """Topics of what participants said."""
    said = voices(dataset, question=params.question)
    model = topics_of(dataset, said, **params.model_dump(include={"question", "n_topics", "seed"}))
    texts = text_table(model, said["text_id"])
    topics, quality = (
        topic_table(model, texts, said.select("text_id", "person")),
        quality_table(model),
    )
    curve = model.k_curve.rename({"k": "n_topics"}).select(_CURVE)
    edits = edit_table(edits_of(dataset, params.question), model.skipped)
    tables = {
        "topics": topics, "texts": texts, "quotes": quote_table(model, said), "quality": quality,
        "candidates": curve, **({"edits": edits} if edits.height else {}),
    }  # fmt: skip
    notes = (*_notes(said, model, params), _number_note(model), _quality_note(quality), *_edit_notes(edits))  # fmt: skip
    return Result(tables, _charts(topics, curve), tuple(_findings(topics)), notes)


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The texts of every topic, and each text that is listed."""
    texts, unit = result.tables["texts"].lazy(), ("text_id",)
    return {
        "topics": Members(texts.select("topic", "text_id"), unit, "n_texts"),
        **{name: Members(texts.select("text_id"), unit) for name in ("texts", "quotes")},
    }


def _charts(topics: pl.DataFrame, curve: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """People by topic; where the number was left to the data, the curve it was chosen by."""
    shown = topics.with_row_index("at").filter(pl.col("topic") > 0)
    shown = shown.select("at", "label", "share", "n_people", "n_texts")
    bars = charts.bars(shown, label="label", value="share", title="谈到各主题的人数占比")
    if curve.is_empty():
        return {"topics": bars}
    best = pl.when(pl.col("score") == pl.col("score").max()).then(pl.lit("（建议）"))
    told = pl.format("{} 个{}", "n_topics", best.otherwise(pl.lit("")))
    drawn = curve.select(told.alias("label"), "score", "silhouette", "coherence", "diversity")
    title = "主题数的得分：轮廓系数与词语一致性，各自标准化后相加"
    return {"topics": bars, "candidates": charts.gaps(drawn, label="label", value="score", bound=0.0, title=title)}  # fmt: skip


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
    inside = pl.Series(model.says_something, dtype=pl.Boolean)
    outside = len(said) - int(inside.sum())
    copies = len(said) - len({normalise(text) for text in said["text"]})
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    notes = [
        f"范围：{asked}，共 {count(len(said))} 条；访谈里主持人的话不计入。",
        f"主题按句判断（在 。！？；换行和“但是”“不过”处断句，太短的句子并入下一句）：一条文本属于主要主题，以及占字数不低于 {percent(MENTIONED, digits=0)} 的其他主题，所以各主题之和可以超过总数；一条文本在一个主题里只算一次。",
        "人数按客户、答卷、说话人依次识别，同一人的多条文本只算一次。",
        f"基数：至少有一条文本有实质内容的 {count(said.filter(inside)['person'].n_unique())} 人，共 {count(said['person'].n_unique())} 人说过话；其余的人只留下了没有实质内容的文本，不在各主题的基数里。",
        f"{count(outside)} 条文本没有实质内容（如“无”“挺好的”“666”）或有效词不足 2 个，记为主题 0“{NO_TOPIC}”；主题 0 的占比以全部说过话的人为基数。",
        f"{count(copies)} 条文本与其他文本内容完全相同：归纳主题时只学一次，计数时照常计入。",
        "主题是按用词和语义自动归纳的，名称取自最有区分度的词；引用前请阅读原话。",
        f"随机种子 {params.seed}；同样的文本总是得到同样的主题，与行的顺序无关。",
    ]
    removed = model.noise.count(REMOVED)
    gone = f"{count(removed)} 条文本只谈到被删除的主题，或由人工移出，也记为主题 0；说话的人仍在各主题的基数里。"
    return (*notes, *([gone] if removed else []))


def _number_note(model: TopicModel) -> str:
    if model.k_curve.is_empty():
        return f"主题数由使用者指定，得到 {len(model.labels)} 个。"
    best = model.k_curve.sort(["score", "k"], descending=[True, False])["k"][:3]
    listed = "、".join(str(k) for k in best)
    return f"主题数按轮廓系数与词语一致性选出，得分最高的是 {listed} 个；没有唯一正确的数目，可以都试一试。"


def _quality_note(quality: pl.DataFrame) -> str:
    """The traffic lights in one sentence."""
    told = [
        f"{m} {decimal(v, digits=2)}（{j}）" for m, v, j, _ in quality.iter_rows() if v is not None
    ]
    return f"主题质量：{'、'.join(told)}；偏弱时怎么办见“主题质量”表。"


def _edit_notes(edits: pl.DataFrame) -> Iterator[str]:
    """What people changed; each edit that no longer fits is told."""
    done = edits.filter(status="已应用")["edit"]
    if len(done):
        yield f"人工编辑（按顺序，编辑后重新计数）：{'；'.join(done)}。"
    for edit, why in edits.filter(status="未应用").select("edit", "reason").iter_rows():
        yield f"编辑“{edit}”没有应用：{why}"


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
