"""What do people say they want, find too much, miss or fear, in verbs and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NothingToTell, TooFewRows
from insight.members import Members, later
from insight.sentiment.scoring import lexicon
from insight.settings import settings
from insight.statements.grouping import (
    COMPLAINED,
    SIDES,
    WANTED,
    needs_of,
    objects_of,
    statements_of,
    whole_tagger,
)
from insight.voices import voices
from insight.wording import count, percent

TITLE = "需求语句"
MOST_NEEDS, MOST_DRAWN = 300, 20
MEASURED = (158, 180)  # right of those read by a person


class Params(BaseModel):
    """Which texts are read, and what is told of them."""

    question: str = Field(
        default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"}
    )  # fmt: skip
    least: int = Field(
        default=2, ge=1, le=1_000, title="至少几人提到", description="更少的人提到的需求不列出"
    )


def _found(dataset: Dataset, params: Params) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts, and what they state."""
    said = voices(dataset, question=params.question)
    if said.is_empty():
        raise TooFewRows("可以分析的文本", 0, 1)
    words = lexicon(dataset.codebook.positive, dataset.codebook.negative)
    return said, statements_of(said, tag=whole_tagger(dataset.lexicon), lexicon=words)


def run(dataset: Dataset, params: Params) -> Result:
    """Read every text, and group what is stated by the noun it is about."""
    said, found = _found(dataset, params)
    needs = needs_of(found, least=params.least).head(MOST_NEEDS)
    if needs.is_empty():
        what = f"没有 {params.least} 人以上说到同一项需求"
        raise NothingToTell(TITLE, what, "请把“至少几人提到”改小，或到“主题与原话”里看大家在说什么。")  # fmt: skip
    objects = objects_of(found, needs, n_people=said["person"].n_unique())
    tables = {
        "objects": objects,
        "needs": needs,
        "statements": found.select("text_id", "pattern", "object", "verb", "statement"),
    }
    return Result(tables, {"objects": _chart(objects)}, tuple(_findings(tables)), _notes(said, found, params))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who states each need, and the texts they do it in."""

    def told() -> pl.DataFrame:
        _, found = _found(dataset, params)
        aim = pl.col("pattern").replace_strict(SIDES, return_dtype=pl.String)
        return found.select("object", "verb", "text_id", "person", aim=aim)

    by_need = later(told, "object", "verb", "text_id", "person", "aim")
    return {
        "objects": Members(by_need.drop("verb", "aim"), ("person",), "n_people"),
        "needs": Members(by_need, ("person",), "n_people"),
    }


def _chart(objects: pl.DataFrame) -> alt.TopLevelMixin:
    drawn = objects.head(MOST_DRAWN).with_columns(is_small=pl.col("base") < settings().small_base)
    return charts.bars(
        drawn.select("object", "share", "n_people", "base", "is_small"),
        label="object", value="share", title="说到各个对象的人",
    )  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    first, needs = tables["objects"].row(0, named=True), tables["needs"].with_row_index("row")
    yield Finding(
        f"最多人说到的是“{first['object']}”：{count(first['base'])} 人里有 {count(first['n_people'])} 人"
        f"（{percent(first['share'])}），例如“{first['statements'].split('、')[0]}”。",
        first["base"],
        tuple(Cell("objects", 0, c) for c in ("base", "n_people", "share")),
    )
    for aim, told in ((WANTED, "最多人期望的是"), (COMPLAINED, "最多人不满的是")):
        ranked = needs.filter(pl.col("aim") == aim).sort("n_people", "row", descending=[True, False])  # fmt: skip
        for row in ranked.head(1).iter_rows(named=True):
            text = f"{told}“{row['statement']}”：{count(row['n_people'])} 人，原话如“{row['quote'].rstrip('。.')}”。"
            yield Finding(text, first["base"], (Cell("needs", row["row"], "n_people"),))


def _notes(said: pl.DataFrame, found: pl.DataFrame, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    n_texts = found["text_id"].n_unique()
    return (
        f"范围：{asked}，共 {count(said.height)} 条，其中 {count(n_texts)} 条里读出 {count(found.height)} 句需求；访谈里主持人的话不计入。",
        "句式：希望、建议、要是…就好了（期望）；太…、不够、找不到、担心、缺少（不满）。“太好”“没有异味”“建议大家别买”不算需求。",
        "每句读成“动词 + 对象”：按对象归并，同一对象同一动词算一项需求，列出最常见的说法；没有写明对象的句子不计。",
        f"单位是人，同一人说多少次都只算 1 人；少于 {count(params.least)} 人提到的需求不列出，最多列 {count(MOST_NEEDS)} 项。",
        f"精确率：人工读过公开的网购、外卖、餐厅评论里随机抽取的 {MEASURED[1]} 句，{MEASURED[0]} 句读对（{percent(MEASURED[0] / MEASURED[1])}）；换了行业可能更低，请对照原话。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="need_statements",
    title=TITLE,
    question="大家希望有什么、嫌什么、缺什么？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=30,
)
