"""What do people talk about: topics of all they wrote and said, with names, people and quotes."""

from __future__ import annotations

import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.text.normalize import normalise
from insight.text.tokenize import tagger
from insight.text.topics import TopicModel, about, find_topics
from insight.voices import voices
from insight.wording import count, decimal, percent

NO_TOPIC = "其他/无信息"
MOST_FINDINGS = 3
_MUCH_NOISE = 0.2
_FEW_TEXTS = 100


class Params(BaseModel):
    n_topics: int = Field(default=0, ge=0, le=30, title="主题数", description="0 表示自动选择；否则填 2 到 30")
    question: str = Field(
        default="",
        title="题目",
        description="留空表示全部文本",
        json_schema_extra={"one_of": "text_questions"},
    )
    seed: int = Field(default=0, ge=0, le=9_999, title="随机种子", description="同一个种子得到同样的结果")


def text_table(model: TopicModel, said: pl.DataFrame) -> pl.DataFrame:
    """One row per text and topic it is about.

    Parameters
    ----------
    model : topics of the rows of ``said``
    said : (n_texts) text_id, sorted

    Returns
    -------
    (>= n_texts) text_id, topic [1.., 0 = in none], weight [0..1, the main topic first; 1 for topic
        0], reason [why it is in none, else null]
    """
    row, topic = np.nonzero(about(model))
    placed = pl.DataFrame({"row": row, "topic": topic + 1, "weight": model.weights[row, topic]})
    outside = [i for i, why in enumerate(model.noise) if why]
    none = pl.DataFrame({"row": outside, "topic": 0, "weight": 1.0, "reason": [model.noise[i] for i in outside]})
    schema = {"row": pl.Int64, "topic": pl.Int64, "weight": pl.Float64, "reason": pl.String}
    both = [part.select(pl.col(c).cast(t) if c in part.columns else pl.lit(None, t).alias(c) for c, t in schema.items()) for part in (placed, none)]
    named = pl.concat(both).with_columns(text_id=said["text_id"].gather(pl.concat(both)["row"]))
    return named.sort(["row", "weight", "topic"], descending=[False, True, False]).select(
        "text_id", "topic", pl.col("weight").round(4), "reason"
    )
