"""Who said what: the texts of participants, with the person behind each of them."""

from __future__ import annotations

import polars as pl

from insight.dataset import Dataset
from insight.errors import MissingColumns, UnknownName
from insight.masking import mask_series
from insight.schema.lexicon import Lexicon
from insight.schema.topic_edits import TopicEdit
from insight.text.tokenize import content_words, plain_form, tagger
from insight.text.topics import TopicModel, study_topics

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
    said: pl.DataFrame, lexicon: Lexicon | None = None, *, tags: tuple[str, ...] = ("",)
) -> pl.DataFrame:
    """Add the content words of every text.

    Parameters
    ----------
    said : (n_texts) text
    lexicon : the words of the study
    tags : what the part of speech of a word may begin with

    Returns
    -------
    the same rows with words [list of texts, in the order they are said]
    """
    tag = tagger(lexicon)
    tagged = (tag(plain_form(text, lexicon)) for text in said["text"])
    words = [content_words([(w, t) for w, t in told if t.startswith(tags)]) for told in tagged]
    return said.with_columns(pl.Series("words", words, dtype=pl.List(pl.String)))


def topics_of(
    dataset: Dataset, said: pl.DataFrame, *, question: str = "", n_topics: int = 0, seed: int = 0
) -> TopicModel:
    """The topics of texts in the words of the study, as people edited those of ``question``; see ``study_topics``."""
    texts, edits = said["text"].to_list(), edits_of(dataset, question)
    inputs = (
        "topics",
        tuple(texts),
        dataset.lexicon.model_dump_json(),
        repr(edits),
        n_topics,
        seed,
    )
    return dataset.memo.once(
        inputs, lambda: study_topics(texts, dataset.lexicon, edits=edits, n_topics=n_topics, seed=seed)
    )  # fmt: skip


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
