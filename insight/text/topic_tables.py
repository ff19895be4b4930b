"""Topics as tables: which text is about which topic, how many texts and people, quotes, quality and edits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.schema.topic_edits import TopicEdit, told
from insight.text.topics import TopicModel, about

NO_TOPIC = "其他/无信息"
GOOD, FAIR, WEAK = "好", "可用", "偏弱"
_LIGHTS = (  # measure, good from, fair from, what to do where it is weak
    ("词语一致性（NPMI）", 0.1, 0.0, "同一主题的代表词很少一起出现：换一个主题数，或只分析一道题。短文本的数值普遍偏低。"),
    ("代表词不重复的比例", 0.8, 0.6, "不同主题的代表词重叠：减少主题数，或合并说同一件事的主题。"),
    ("归入主题的文本占比", 0.8, 0.6, "很多文本没有实质内容：检查题目设置，或改看词云。"),
    ("稳定性（重抽 80% 文本）", 0.5, 0.35, "换一批文本主题会变：减少主题数或增加文本，只引用稳定性高的主题。"),
)  # fmt: skip


def text_table(model: TopicModel, text_ids: pl.Series) -> pl.DataFrame:
    """One row per text and topic it is about.

    Returns
    -------
    (>= n_texts) text_id, topic [1.., 0 = in none], weight [0..1, the main topic first; 1 for topic
        0], reason [why the text is in no topic, else null]
    """
    is_about, ranked = about(model), np.argsort(-model.weights, axis=1, kind="stable")
    rows: list[tuple[str, int, float, str | None]] = []
    for i, (text_id, why) in enumerate(zip(text_ids, model.noise, strict=True)):
        if why:
            rows.append((text_id, 0, 1.0, why))
        topics = [t for t in ranked[i].tolist() if is_about[i, t]]
        rows += [(text_id, t + 1, round(float(model.weights[i, t]), 4), None) for t in topics]
    schema = {"text_id": pl.String, "topic": pl.Int64, "weight": pl.Float64, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def topic_table(model: TopicModel, texts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Count the texts and the people of every topic; several texts of one person count once.

    Parameters
    ----------
    texts : columns of ``text_table``
    people : (n_texts) text_id, person; in the order of the model

    Returns
    -------
    (n_topics, then topic 0 where a text is in none) topic, label, n_texts, top_words, n_people,
        share [of base], base [people with at least one text that says something; for topic 0
        everybody], coherence [NPMI], stability [0..1; null for topics made by hand]
    """
    named = pl.DataFrame({
        "topic": range(1, len(model.labels) + 1),
        "label": model.labels,
        "top_words": ["、".join(words) for words in model.top_words],
        "coherence": model.coherence,
        "stability": model.stability,
    }).with_columns(pl.col("stability").fill_nan(None))  # fmt: skip
    none = pl.DataFrame({"topic": [0], "label": [NO_TOPIC], "top_words": [""]})
    counted = (
        texts.join(people, on="text_id")
        .group_by("topic")
        .agg(
            n_texts=pl.col("text_id").n_unique().cast(pl.Int64),
            n_people=pl.col("person").n_unique().cast(pl.Int64),
        )
    )
    speakers = people.filter(pl.Series(model.says_something, dtype=pl.Boolean))
    bases = (speakers["person"].n_unique(), people["person"].n_unique())
    base = pl.when(pl.col("topic") > 0).then(bases[0]).otherwise(bases[1])
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
    schema = {"topic": pl.Int64, "label": pl.String, "quote": pl.String, "text_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def quality_table(model: TopicModel) -> pl.DataFrame:
    """How far the topics can be trusted (measure, value [null where nothing is known], judgement, advice)."""
    refitted = model.stability[~np.isnan(model.stability)]
    values = (
        float(model.coherence.mean()),
        model.diversity,
        float(np.mean(model.assignment >= 0)),
        float(refitted.mean()) if len(refitted) else None,
    )
    rows: list[tuple[str, float | None, str, str]] = []
    for value, (measure, good, fair, advice) in zip(values, _LIGHTS, strict=True):
        if value is None:
            rows.append((measure, None, "", "主题都由人工拆分或指定，没有重抽检验。"))
            continue
        judged = GOOD if value >= good else FAIR if value >= fair else WEAK
        rows.append((measure, round(value, 4), judged, advice if judged == WEAK else ""))
    schema = {"measure": pl.String, "value": pl.Float64, "judgement": pl.String, "advice": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def edit_table(edits: Sequence[TopicEdit], skipped: Sequence[str]) -> pl.DataFrame:
    """What people changed, and why it did not fit where it did not (step, edit, status, reason)."""
    rows = [
        (at, told(edit), "未应用" if why else "已应用", why)
        for at, (edit, why) in enumerate(zip(edits, skipped, strict=True), 1)
    ]
    schema = {"step": pl.Int64, "edit": pl.String, "status": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
