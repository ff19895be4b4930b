"""All texts of a study cut into words, or coded, batch by batch into a file: for more texts than memory holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from insight import study as store
from insight.batches import Task, Work, work_through
from insight.coding.coded import TEXTS, by_hand, code_by_rules, rules_kept
from insight.coding.rules import Rule
from insight.dataset import Dataset
from insight.engines import Engine
from insight.errors import BadCodebook, BadParameter, MissingColumns
from insight.pipeline.joined import coded_by_people, joined_of
from insight.pipeline.kept import verified
from insight.quality import without_doubtful
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.sentiment.scoring import lexicon as judging
from insight.study import Study
from insight.text.tokenize import tagger
from insight.text.tokens import TOKENS, tokens
from insight.voices import voices
from insight.worker import Progress, silent

Truth = dict[str, frozenset[str]]
_CODED = {name: TEXTS[name] for name in ("text_id", "need", "source", "polarity")}
_ENDING = ".parquet"
_READ = {"text_id", "text", "role", "respondent_id", "customer_id", "document", "speaker"}


def cut_all(study: Study, target: Path, *, engine: Engine = "polars", progress: Progress = silent) -> int:  # fmt: skip
    """Write the content words of every text of participants: text_id, words, tags [lists].

    Parameters
    ----------
    target : a file that ends in .parquet; on Spark a folder of that name with a file for each part

    Returns
    -------
    how many rows were written

    Raises
    ------
    MissingColumns : the study has no texts.
    BadParameter : the name does not end in .parquet.
    EngineMissing : Spark is asked for where there is none.
    """
    make = partial(_cutting, store.head(study).recipe.lexicon)
    gives = {"text_id": pl.String, **TOKENS}
    return _through(study, target, make, gives, engine=engine, progress=partial(progress, "切词"))


def code_all(study: Study, target: Path, *, engine: Engine = "polars", progress: Progress = silent) -> int:  # fmt: skip
    """Write the needs of every text, as rules and people say: text_id, need, source, polarity; how many rows.

    A model that learns from what people coded needs all texts at once: it codes in the analysis only.

    Raises
    ------
    BadCodebook : the study has no codebook.
    MissingColumns, BadParameter, EngineMissing : as ``cut_all``.
    """
    book = store.head(study).recipe.codebook
    if not book:
        raise BadCodebook("还没有编码本", "可以先用 --starter 从通用编码本开始。")
    truth = by_hand(coded_by_people(study), "code")
    taught = pl.scan_parquet(_texts(study)).filter(pl.col("text_id").is_in(list(truth)))
    rules = rules_kept(voices(Dataset(texts=taught.collect())), book, truth)
    make = partial(_coding, book, rules, truth)
    return _through(study, target, make, _CODED, engine=engine, progress=partial(progress, "编码"))


def _through(
    study: Study, target: Path, make: Callable[[], Work],
    gives: dict[str, Any], *, engine: Engine, progress: Callable[[float], None],
) -> int:  # fmt: skip
    """Do work on what participants said, batch by batch."""
    if target.suffix != _ENDING:
        raise BadParameter("文件名", f"要以 {_ENDING} 结尾")
    source = _texts(study)
    there = set(pl.scan_parquet(source).collect_schema())
    task = Task(partial(_spoken, make, _left_out(study)), sorted(there & _READ), gives)
    return work_through(source, target, task, engine=engine, done=lambda n, of: progress(n / of))


def _texts(study: Study) -> Path:
    """Where the texts of all sources lie (MissingColumns)."""
    tables = joined_of(study, store.head(study).recipe)["tables"]
    if "texts" not in tables:
        raise MissingColumns("文本分析", ("文本：内容",))
    return store.located(study, tables["texts"])


def _left_out(study: Study) -> pl.DataFrame | None:
    """What the checks found of all respondents, see ``Dataset.quality``."""
    tables = joined_of(study, store.head(study).recipe)["tables"]
    return verified(study, tables["quality"]) if "quality" in tables else None


def _spoken(make: Callable[[], Work], quality: pl.DataFrame | None) -> Work:
    """The work on those texts of a batch that count, personal data masked."""
    work = make()
    return lambda batch: work(voices(without_doubtful(Dataset(texts=batch, quality=quality))))


def _cutting(words: Lexicon) -> Work:
    tag = tagger(words)
    return lambda said: said.select("text_id").hstack(tokens(said["text"], words, tag=tag))


def _coding(book: Codebook, rules: dict[str, Rule], truth: Truth) -> Work:
    judged = judging(book.positive, book.negative)
    return lambda said: code_by_rules(said, book, rules, truth=truth, lexicon=judged)
