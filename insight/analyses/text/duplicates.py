"""Which texts are copies of others, and which are probably no answer: flagged, never deleted."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.text.copies import ALIKE_LONG, ALIKE_SHORT, LONG, SHORTEST, copies
from insight.text.junk import REASONS, junk
from insight.text.tokenize import plain_form, tagger
from insight.voices import voices
from insight.wording import count, percent

EXACT, NEAR, FINE = "完全相同", "近似", "正常"
COPIED = "复制了其他文本"
MOST_PAIRS = 20_000


class Params(BaseModel):
    """Which answers."""

    question: str = Field(
        default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"}
    )  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Copies and junk among what participants said."""
    said = voices(dataset, question=params.question)
    if said.is_empty():
        raise TooFewRows("文本", 0, 1)
    plain = [plain_form(text, dataset.lexicon) for text in said["text"]]
    pairs = _pairs(said, copies(plain))
    tag = tagger(dataset.lexicon)
    reasons = pl.Series("reason", junk(plain, [tag(text) for text in plain]), dtype=pl.String)
    flagged = said.with_columns(reasons).filter(reasons != "").select("text_id", "reason", "person", quote="text")  # fmt: skip
    summary = _counted(_judged(said, flagged, pairs), n_texts=len(said))
    tables = {"summary": summary, "pairs": pairs.head(MOST_PAIRS), "flagged": flagged.drop("person")}  # fmt: skip
    return Result(tables, {}, _findings(summary), _notes(pairs))


def _pairs(said: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """(n_pairs) text_id, other_text_id, similarity, kind, same_person, quote, other_quote."""
    at = said.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    other = at.rename({"at": "other_at", "text_id": "other_text_id", "person": "other_person", "text": "other_quote"})  # fmt: skip
    both = found.join(at, on="at", maintain_order="left").join(other, on="other_at", maintain_order="left")  # fmt: skip
    kind = pl.when("is_exact").then(pl.lit(EXACT)).otherwise(pl.lit(NEAR))
    return both.select(
        "text_id", "other_text_id", "similarity", kind=kind, same_person=pl.col("person") == pl.col("other_person"),
        quote="text", other_quote="other_quote",
    )  # fmt: skip


def _judged(said: pl.DataFrame, flagged: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Every text with what is said of it, twice where it is a copy and flagged: reason, text_id, person."""
    copied = said.join(pairs, on="text_id", how="semi").with_columns(reason=pl.lit(COPIED))
    fine = said.join(pairs, on="text_id", how="anti").join(flagged, on="text_id", how="anti")
    parts = (copied, flagged, fine.with_columns(reason=pl.lit(FINE)))
    return pl.concat([part.select("reason", "text_id", "person") for part in parts])


def _counted(judged: pl.DataFrame, *, n_texts: int) -> pl.DataFrame:
    """(n_reasons) reason, n_texts, n_people, share [of all texts], base [texts]; copies first."""
    counted = judged.group_by("reason").agg(
        n_texts=pl.col("text_id").n_unique().cast(pl.Int64),
        n_people=pl.col("person").n_unique().cast(pl.Int64),
    )
    order = pl.DataFrame({"reason": [COPIED, *REASONS, FINE]})
    whole = order.join(counted, on="reason", how="left", maintain_order="left").fill_null(0)
    listed = whole.filter((pl.col("n_texts") > 0) | pl.col("reason").is_in([COPIED, FINE]))
    return listed.with_columns(share=pl.col("n_texts") / n_texts, base=pl.lit(n_texts, dtype=pl.Int64))  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Each text that is listed, and those that each reason counts."""

    def judged() -> pl.DataFrame:
        said = voices(dataset, question=params.question)
        return _judged(said, result.tables["flagged"].join(said, on="text_id"), result.tables["pairs"])  # fmt: skip

    unit = ("text_id",)
    listed = {name: Members(result.tables[name].lazy().select("text_id").unique(), unit) for name in ("pairs", "flagged")}  # fmt: skip
    frame = later(judged, "reason", "text_id", "person")
    return listed | {"summary": Members(frame, unit, "n_texts")}


def _findings(summary: pl.DataFrame) -> tuple[Finding, ...]:
    rows = [(row, one) for row, one in enumerate(summary.to_dicts()) if one["reason"] != FINE]
    told = [rows[0], *sorted(rows[1:], key=lambda r: -r[1]["n_texts"])[:2]]
    return tuple(
        Finding(
            f"{count(one['base'])} 条文本里有 {count(one['n_texts'])} 条{_named(one['reason'])}，占 {percent(one['share'])}。",
            one["base"],
            tuple(Cell("summary", row, column) for column in ("n_texts", "share", "base")),
        )
        for row, one in told
    )


def _named(reason: str) -> str:
    return "与更早的文本相同或近似" if reason == COPIED else f"标为“{reason}”"


def _notes(pairs: pl.DataFrame) -> tuple[str, ...]:
    notes = (
        "只标出，不删除：这些文本仍在题目的基数里；没有实质内容的不参加主题归纳，复制的只学一次。",
        f"近似：字的 1 到 3 元 TF-IDF 余弦，两条都不少于 {LONG} 字时不低于 {ALIKE_LONG:g}，否则不低于 {ALIKE_SHORT:g}；少于 {SHORTEST} 字的不比较；标点和大小写不计。",
        "同样的文本只与其中第一条配对；“同一人”表示两条出自同一个人。",
        "“用字反常”：相邻两字的平均惊异度高于本研究文本的 99.5% 分位数，也高于中位数三分之一以上，请看原话再定。",
    )
    cut = f"相似的文本对共 {count(len(pairs))} 对，表里只列最相似的 {count(MOST_PAIRS)} 对。"
    return (*notes, cut) if len(pairs) > MOST_PAIRS else notes


ANALYSIS = Analysis(
    key="duplicates",
    title="重复与无效文本",
    question="哪些话是复制的？哪些多半不是认真的回答？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    theme="词",
    place=140,
)
