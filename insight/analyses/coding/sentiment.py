"""Do people praise or blame, and which words say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.sentiment.learned import LEARN_FROM, Model, learn
from insight.sentiment.scoring import judged, lexicon
from insight.settings import settings
from insight.statements.grouping import whole_tagger
from insight.statements.pairs import pair_counts, pairs_of
from insight.text.plain import plain_each
from insight.voices import voices
from insight.wording import count, decimal, percent

MOODS = {"positive": "正面", "negative": "负面", "neutral": "中性"}
MOST_WORDS, MOST_PAIRS = 50, 300


class Params(BaseModel):
    """Which texts are judged."""

    question: str = Field(
        default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"}
    )  # fmt: skip


def _judged(dataset: Dataset, params: Params) -> tuple[pl.DataFrame, pl.DataFrame, Model | None]:
    """The texts with their judgement, the words behind it, and the study's own model if there is one."""
    said = voices(dataset, question=params.question)
    if said.is_empty():
        raise TooFewRows("可以判断情感的文本", 0, 1)
    texts = plain_each(said["text"]).to_list()
    using = lexicon(dataset.codebook.positive, dataset.codebook.negative)
    found = [judged(text, using) for text in texts]
    words = pl.DataFrame(
        [(t, w, v) for t, one in zip(said["text_id"], found, strict=True) for w, v in one.words],
        schema={"text_id": pl.String, "word": pl.String, "effect": pl.Float64}, orient="row",
    )  # fmt: skip
    model = _model(dataset, said, texts)
    told = said.with_columns(
        pl.Series("polarity", model.polarity if model else [one.polarity for one in found]),
        pl.Series("score", model.score if model else [one.score for one in found]),
        pl.Series("decided", model.decided if model else [one.decided for one in found]),
        pl.Series(
            "driven_by", ["、".join(dict.fromkeys(w for w, _ in one.words)) for one in found]
        ),
    )
    return told.with_columns(pl.col("polarity").replace(MOODS)), words, model


def _model(dataset: Dataset, said: pl.DataFrame, texts: list[str]) -> Model | None:
    if dataset.codes is None:
        return None
    mine = dataset.codes.filter((pl.col("polarity") != "") & (pl.col("purpose") == "code"))
    newest = mine.sort("text_id", "coder").unique("text_id", keep="first", maintain_order=True)
    placed = said.with_row_index("at").join(newest, on="text_id").sort("text_id")
    return learn(texts, coded=placed["at"].to_list(), truth=placed["polarity"].to_list())


def run(dataset: Dataset, params: Params) -> Result:
    """Judge every text, count people, and tell the words that drove it."""
    told, words, model = _judged(dataset, params)
    everybody = told["person"].n_unique()
    moods = pl.DataFrame({"polarity": list(MOODS.values())})
    counted = told.group_by("polarity").agg(n_texts=pl.len().cast(pl.Int64), n_people=pl.col("person").n_unique().cast(pl.Int64))  # fmt: skip
    table = (
        moods.join(counted, on="polarity", how="left", maintain_order="left")
        .with_columns(pl.col("n_texts", "n_people").fill_null(0), base=pl.lit(everybody, dtype=pl.Int64))
        .with_columns(share=pl.col("n_people") / pl.col("base"))
    )  # fmt: skip
    tables = {
        "moods": table,
        "texts": told.select("text_id", "polarity", "score", "decided", "driven_by"),
        "drivers": _driving(words),
        "pairs": pair_counts(_pairs(dataset, told), most=MOST_PAIRS),
    }
    return Result(tables, {"moods": _chart(table)}, tuple(_findings(table)), _notes(told, model))


def _pairs(dataset: Dataset, told: pl.DataFrame) -> pl.DataFrame:
    """(n_pairs) text_id, person, aspect, opinion, polarity; those that are neither praise nor blame left out."""
    said = told.select("text_id", "person", said=plain_each(told["text"]))
    using = lexicon(dataset.codebook.positive, dataset.codebook.negative)
    found = pairs_of(said, tag=whole_tagger(dataset.lexicon), using=using)
    return found.filter(pl.col("polarity") != "neutral").with_columns(pl.col("polarity").replace(MOODS))  # fmt: skip


def _driving(words: pl.DataFrame) -> pl.DataFrame:
    """(n) word, n_texts, effect [sum]; the strongest first."""
    counted = words.group_by("word").agg(pl.col("text_id").n_unique().cast(pl.Int64).alias("n_texts"), pl.col("effect").sort().sum().round(2))  # fmt: skip
    return counted.sort(pl.col("effect").abs(), "word", descending=[True, False]).head(MOST_WORDS)


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who praises or blames, and who says each of the words."""

    def texts() -> pl.DataFrame:
        return _judged(dataset, params)[0].select("polarity", "text_id", "person")

    def said() -> pl.DataFrame:
        told, words, _ = _judged(dataset, params)
        return words.join(told, on="text_id").select("word", "text_id", "person")

    def paired() -> pl.DataFrame:
        return _pairs(dataset, _judged(dataset, params)[0]).select(names)

    names = ("aspect", "opinion", "polarity", "text_id", "person")
    return {
        "pairs": Members(later(paired, *names), ("person",), "n_people"),
        "moods": Members(later(texts, "polarity", "text_id", "person"), ("person",), "n_people"),
        "drivers": Members(later(said, "word", "text_id", "person"), ("text_id",), "n_texts"),
    }


def _chart(table: pl.DataFrame) -> alt.TopLevelMixin:
    drawn = table.with_columns(is_small=pl.col("base") < settings().small_base)
    return charts.bars(drawn, label="polarity", value="share", title="说过各类话的人", order=list(MOODS.values()))  # fmt: skip


def _findings(table: pl.DataFrame) -> Iterator[Finding]:
    rows: list[dict[str, Any]] = table.to_dicts()
    good, bad = rows[0], rows[1]
    text = (
        f"{count(good['base'])} 人里，{count(good['n_people'])} 人（{percent(good['share'])}）说过正面的话，"
        f"{count(bad['n_people'])} 人（{percent(bad['share'])}）说过负面的话。"
    )
    cells = [Cell("moods", at, c) for at in (0, 1) for c in ("n_people", "share")]
    yield Finding(text, good["base"], (Cell("moods", 0, "base"), *cells))


def _notes(told: pl.DataFrame, model: Model | None) -> tuple[str, ...]:
    undecided = int((~told["decided"]).sum())
    notes = [
        "单位是人；同一人可以既说过正面、也说过负面的话，所以各行占比之和可能超过 100%。",
        "评价搭配：同一小句里的名词和离它最近的评价词；“高”“大”看说的是什么，油耗高是负面，性价比高是正面；在公开的相机、汽车、笔记本、手机评论上，判出正负的搭配里 96% 正确。",
        f"说不准的 {count(undecided)} 条没有硬判，归为中性或标为未定。",
    ]
    if model:
        notes.append(f"判断：用人工标过情感的文本训练的逻辑回归（1 到 3 个连续的字），五折交叉验证准确率 {percent(model.accuracy)}，Cohen κ {decimal(model.kappa, digits=2)}。")  # fmt: skip
    else:
        notes.append("判断：自编情感词典，加否定、程度和转折；在公开的 6,975 条网购评论和 3,996 条外卖评论（词典没有见过的部分）上准确率约 88% 和 86%，换了行业可能更低。")  # fmt: skip
        notes.append(
            f"给 {LEARN_FROM} 条以上文本标上情感后，改用这个研究自己的模型，并报告它的准确率。"
        )
    return tuple(notes)


ANALYSIS = Analysis(
    key="sentiment",
    title="情感",
    question="大家是在称赞还是在抱怨？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=20,
)
