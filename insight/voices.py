"""Who said what: the texts of participants, with the person behind each of them."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import polars as pl

from insight.dataset import Dataset, Form
from insight.errors import MissingColumns, UnknownName
from insight.masking import mask_series
from insight.schema.topic_edits import TopicEdit
from insight.text.packing import fit_as_bytes, fit_from, read_as_bytes, read_from
from insight.text.placed import Placed
from insight.text.reading import study_texts
from insight.text.topics import TopicModel, alone, as_edited, check_number, topics_in
from insight.tokens import tokens_of

_INTERVIEWER = "interviewer"


def voices(dataset: Dataset, *, question: str = "") -> pl.DataFrame:
    """The texts to analyse: what participants said, personal data masked.

    Parameters
    ----------
    question : only answers to it, named by its id or its wording; "" = all texts

    Returns
    -------
    (n_texts) text_id [sorted], text, person: the customer, else the respondent, else the speaker
        of the document, else the text itself; interviewers and empty texts are left out

    Raises
    ------
    MissingColumns : there are no texts.
    UnknownName : nobody was asked ``question``.
    """
    if dataset.texts is None or not {"text_id", "text"} <= set(dataset.texts.columns):
        raise MissingColumns("文本分析", ("文本：内容",))
    asked = dataset.questionnaire.find(question)
    texts = _asked(dataset.texts, asked.wording if asked else question)
    if "role" in texts.columns:
        texts = texts.filter(pl.col("role").ne_missing(_INTERVIEWER))
    said = texts.filter(pl.col("text").str.strip_chars().str.len_chars() > 0).sort("text_id")
    return said.select("text_id", mask_series(said["text"]), person=_person(said))


def with_words(
    said: pl.DataFrame, dataset: Dataset, *, tags: tuple[str, ...] = ("",)
) -> pl.DataFrame:
    """Add the content words of every text.

    Parameters
    ----------
    said : (n_texts) text
    dataset : that the texts are of, with the words of the study and what was cut before
    tags : what the part of speech of a word may begin with

    Returns
    -------
    the same rows with words [list of texts, in the order they are said]
    """
    told = tokens_of(said["text"], dataset.lexicon, dataset.memo)
    if "" in tags:
        return said.with_columns(told["words"])
    words = [[w for w, t in zip(*one, strict=True) if t.startswith(tags)] for one in told.iter_rows()]  # fmt: skip
    return said.with_columns(pl.Series("words", words, dtype=pl.List(pl.String)))


def topics_of(
    dataset: Dataset, said: pl.DataFrame, *, question: str = "", n_topics: int = 0, seed: int = 0
) -> TopicModel:
    """The topics of texts in the words of the study, as people edited those of ``question``; see ``study_topics``.

    Reading the texts and learning the topics are kept in the study: an edit only counts and names again.
    """
    texts, memo, edits = said["text"].to_list(), dataset.memo, edits_of(dataset, question)
    parts = [dataset.lexicon.model_dump_json(), str(seed), *texts]
    of = sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()

    def learnt() -> Placed:
        reading = Form(read_as_bytes, read_from)
        read = memo.kept("texts", of, lambda: study_texts(texts, dataset.lexicon, seed=seed), form=reading)  # fmt: skip
        fit = Form(fit_as_bytes, partial(fit_from, read=read))
        return memo.kept("topics", f"{of} {n_topics}", lambda: topics_in(read, n_topics=n_topics, seed=seed), form=fit)  # fmt: skip

    check_number(n_topics)
    with alone():
        return memo.once((of, n_topics, repr(edits)), lambda: as_edited(learnt(), edits))


def edits_of(dataset: Dataset, question: str) -> tuple[TopicEdit, ...]:
    """The edits of the topics of one question, named by its id or its wording; "" = of all texts."""

    def wording(name: str) -> str:
        asked = dataset.questionnaire.find(name)
        return asked.wording if asked else name

    return tuple(e for e in dataset.topic_edits if wording(e.question) == wording(question))


def _asked(texts: pl.DataFrame, question: str) -> pl.DataFrame:
    if not question:
        return texts
    known = texts["question"].drop_nulls().unique().sort() if "question" in texts.columns else ()
    if question not in known:
        raise UnknownName("开放题", question, tuple(known))
    return texts.filter(pl.col("question") == question)


def _person(texts: pl.DataFrame) -> pl.Expr:
    """Ids of different kinds never meet: each carries its kind before it."""
    there = set(texts.columns)
    speaker = {"document", "speaker"} <= there
    said_by = pl.format("speaker:{}|{}", "document", "speaker") if speaker else None
    ids = [
        pl.format(f"{name}:{{}}", name)
        for name in ("customer_id", "respondent_id")
        if name in there
    ]
    return pl.coalesce(
        *ids, *([] if said_by is None else [said_by]), pl.format("text_id:{}", "text_id")
    )
