"""Which words does the dictionary lack: suggestions from the study's own texts, to be taken or refused."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, Field

from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.text.new_words import (
    LEAST_COUNT,
    LEAST_ENTROPY,
    LEAST_PMI,
    LONGEST,
    candidates,
)
from insight.text.tokenize import dictionary, plain_form
from insight.voices import voices
from insight.wording import count


class Params(BaseModel):
    """How many suggestions."""

    n_words: int = Field(default=200, ge=10, le=2_000, title="最多列出多少个候选词")


def run(dataset: Dataset, params: Params) -> Result:
    """Strings that look like words, without those the study took or refused."""
    said = voices(dataset)
    if said.is_empty():
        raise TooFewRows("文本", 0, 1)
    lexicon = dataset.lexicon
    texts = [plain_form(text, lexicon) for text in said["text"]]
    found = candidates(texts, knows=dictionary(lexicon), refused=set(lexicon.rejected))
    listed = found.head(params.n_words)
    holding = [len(_holding(said, texts, word)) for word in listed["word"]]
    listed = listed.with_columns(n_texts=pl.Series(holding, dtype=pl.Int64))
    summary = pl.DataFrame({"n_texts": [len(said)], "n_words": [len(found)]}, schema={"n_texts": pl.Int64, "n_words": pl.Int64})  # fmt: skip
    return Result({"candidates": listed, "summary": summary}, {}, _findings(listed, summary), _notes(len(lexicon.words), len(lexicon.rejected)))  # fmt: skip


def members(dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The texts that hold each candidate."""

    def said() -> pl.DataFrame:
        told = voices(dataset)
        texts = [plain_form(text, dataset.lexicon) for text in told["text"]]
        words = result.tables["candidates"]["word"]
        rows = [pl.DataFrame({"word": word, "text_id": _holding(told, texts, word)}) for word in words]  # fmt: skip
        return pl.concat([pl.DataFrame(schema={"word": pl.String, "text_id": pl.String}), *rows])

    return {"candidates": Members(later(said, "word", "text_id"), ("text_id",), "n_texts")}


def _holding(said: pl.DataFrame, texts: list[str], word: str) -> pl.Series:
    """The ids of the texts that hold a word in their plain form."""
    return said["text_id"].filter([word in text for text in texts])


def _findings(listed: pl.DataFrame, summary: pl.DataFrame) -> tuple[Finding, ...]:
    n_texts, n_words = summary.row(0)
    cells = (Cell("summary", 0, "n_texts"), Cell("summary", 0, "n_words"))
    named = "、".join(f"“{word}”" for word in listed["word"].head(5))
    told = f"，如{named}" if named else ""
    whole = f"{count(n_texts)} 条文本里有 {count(n_words)} 个词典没有的候选词{told}。"
    return (Finding(whole, n_texts, cells),)


def _notes(n_known: int, n_refused: int) -> tuple[str, ...]:
    return (
        f"候选词：2 到 {LONGEST} 个汉字，至少出现 {LEAST_COUNT} 次，任何一处切开的互信息都不低于 {LEAST_PMI:g} 比特，左右邻字的熵都不低于 {LEAST_ENTROPY:g}。",
        "词典里已有的、以虚字开头或结尾的，以及几乎总出现在另一个更长候选词里的不列。",
        f"词库里已有 {count(n_known)} 个用户词，另有 {count(n_refused)} 个候选词被拒绝，都不再提示。",
        "候选词只是建议：收入词库以后才会影响切词，可以在“词库”页撤销。",
    )


ANALYSIS = Analysis(
    key="new_words",
    title="新词发现",
    question="哪些行业词、产品词是词典里没有的？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    theme="词",
    place=130,
)
