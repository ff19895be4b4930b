"""All texts of a study cut into words, or coded, batch by batch into a file: for more texts than memory holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from insight import study as store
from insight.batches import Done, Task, Work, batches_of, work_through
from insight.coders import coder_of
from insight.coding.coded import TEXTS, by_hand, code_with
from insight.coding.coder import Coder, lesson_of
from insight.coding.learning import LEARN_FROM
from insight.dataset import Dataset, Memo
from insight.engines import Engine
from insight.errors import BadCodebook, BadParameter, MissingColumns
from insight.pipeline.inputs import params_of
from insight.pipeline.joined import coded_by_people, joined_of
from insight.pipeline.kept import verified
from insight.pipeline.shelf import shelf_of
from insight.quality import without_doubtful
from insight.schema.lexicon import Lexicon
from insight.sentiment.scoring import lexicon as judging
from insight.study import Recipe, Study
from insight.text.tokenize import tagger
from insight.text.tokens import TOKENS, tokens
from insight.voices import voices
from insight.worker import Progress, Stop, silent

_ENDING = ".parquet"
_READ = {"text_id", "text", "role", "respondent_id", "customer_id", "document", "speaker"}


def cut_all(
    study: Study, target: Path, *, engine: Engine = "polars",
    progress: Progress = silent, stop: Stop | None = None,
) -> int:  # fmt: skip
    """Write the content words of every text of participants: text_id, words, tags [lists].

    Parameters
    ----------
    target : a file that ends in .parquet; on Spark a folder of that name with a file for each part
    stop : ends the work from another thread, on Spark too; the target stays as it was

    Returns
    -------
    how many rows were written

    Raises
    ------
    MissingColumns : the study has no texts.
    BadParameter : the name does not end in .parquet.
    EngineMissing : Spark is asked for where there is none.
    InsightError : whatever ``stop`` was pulled for.
    """
    make = partial(_cutting, store.head(study).recipe.lexicon)
    gives = {"text_id": pl.String, **TOKENS}
    done = _done("切词", progress, stop or Stop())
    return _through(study, target, make, gives, engine=engine, done=done)


def code_all(
    study: Study, target: Path, *, engine: Engine = "polars",
    progress: Progress = silent, stop: Stop | None = None,
) -> int:  # fmt: skip
    """Write the needs of every text, as the analysis "coding" finds them: the columns of ``coded.TEXTS``; how many rows.

    Where a model learns from what people coded, the texts are gone through twice: once for what teaches it.

    Raises
    ------
    BadCodebook : the study has no codebook.
    MissingColumns, BadParameter, EngineMissing, InsightError : as ``cut_all``.
    """
    recipe = store.head(study).recipe
    if not recipe.codebook:
        raise BadCodebook("还没有编码本", "可以先用 --starter 从通用编码本开始。")
    cord = stop or Stop()
    coder = _coder(study, recipe, done=_done("学习人工编码", progress, cord))
    make = partial(_coding, coder, recipe.lexicon)
    return _through(study, target, make, TEXTS, engine=engine, done=_done("编码", progress, cord))


def _done(step: str, progress: Progress, stop: Stop) -> Done:
    """Tell how far a step is, and end it where the cord was pulled."""

    def done(n: int, of: int) -> None:
        stop.check()
        progress(step, n / of if of else 1.0)

    return done


def _coder(study: Study, recipe: Recipe, *, done: Done) -> Coder:
    """Who codes all texts of the study; learnt from what its analysis learns from."""
    truth = by_hand(coded_by_people(study), "code")
    source, spoken = _texts(study), _spoken(_as_said, _left_out(study))
    if len(truth) < LEARN_FROM:
        mine = pl.scan_parquet(source).filter(pl.col("text_id").is_in(list(truth)))
        parts: Iterator[pl.DataFrame] = iter([spoken(mine.collect())])
    else:
        parts = map(spoken, batches_of(source, _asked(source), done=done))
    memo, seed = Memo(shelf_of(study)), params_of(study, "coding").model_dump()["seed"]
    return coder_of(lesson_of(parts, truth), recipe.codebook, truth=truth, words=recipe.lexicon, memo=memo, seed=seed)  # fmt: skip


def _through(
    study: Study, target: Path, make: Callable[[], Work],
    gives: dict[str, Any], *, engine: Engine, done: Done,
) -> int:  # fmt: skip
    """Do work on what participants said, batch by batch."""
    if target.suffix != _ENDING:
        raise BadParameter("文件名", f"要以 {_ENDING} 结尾")
    source = _texts(study)
    task = Task(partial(_spoken, make, _left_out(study)), _asked(source), gives)
    return work_through(source, target, task, engine=engine, done=done)


def _asked(source: Path) -> list[str]:
    """The columns that say what counts, of those that are there."""
    return sorted(_READ & set(pl.scan_parquet(source).collect_schema()))


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


def _as_said() -> Work:
    return lambda said: said


def _coding(coder: Coder, words: Lexicon) -> Work:
    judged = judging(coder.book.positive, coder.book.negative)
    tag = tagger(words) if coder.has_model else None
    return lambda said: code_with(coder, said, lexicon=judged, tag=tag).texts
