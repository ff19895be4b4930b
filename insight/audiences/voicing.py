"""Conditions on what people answered and said: met or not, questionnaire by questionnaire and text by text."""

from __future__ import annotations

import re

import polars as pl

from insight.answers import chosen
from insight.audiences.naming import questions_of, source_of
from insight.audiences.purchases import compared
from insight.bases import why_missing
from insight.dataset import Dataset
from insight.masking import mask_series
from insight.schema import Question
from insight.schema.conditions import Answer, Said, Score

_TELLING = re.compile(r"[0-9０-９A-Za-zＡ-Ｚａ-ｚ@＠]")


def question_called(dataset: Dataset, id_: str) -> Question | None:
    """The question, or the row of one, that a condition names."""
    return next((q for q in questions_of(dataset) if q.id == id_), None)


def answer(responses: pl.DataFrame, question: Question, condition: Answer) -> pl.DataFrame:
    """(n) respondent_id, met: whether one, or all, of the options were chosen; null without an answer."""
    options = chosen(responses, question).select(condition.values)
    of = pl.all_horizontal if condition.how == "all" else pl.any_horizontal
    answered = why_missing(responses, question).is_null()
    met = options.select(pl.when(answered).then(of(pl.all())).alias("met"))
    return responses.select("respondent_id").hstack(met)


def score(responses: pl.DataFrame, question: Question, condition: Score) -> pl.DataFrame:
    """(n) respondent_id, met: whether the number meets the bound; null without an answer."""
    return responses.select("respondent_id", met=compared(pl.col(question.columns[0]), condition))


def responded(responses: pl.DataFrame, question: Question | None) -> pl.DataFrame:
    """(n) respondent_id, met: whether there is an answer (to the question); never null."""
    met = pl.lit(value=True) if question is None else why_missing(responses, question).is_null()
    return responses.select("respondent_id", met=met)


def spoken(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts of participants that have words."""
    said = texts.filter(pl.col("text").str.strip_chars().str.len_chars() > 0)
    return said.filter(pl.col("role").ne_missing("interviewer")) if "role" in said.columns else said


def said(texts: pl.DataFrame, condition: Said, *, wording: str) -> pl.DataFrame:
    """Whether each text holds one of the words.

    Parameters
    ----------
    wording : of the question that must have been asked; "" = any text

    Returns
    -------
    (n) text_id, met; texts of other sources or questions are left out. Words with digits, Latin
        letters or @ are looked for in the masked text: a rule never finds people by their number.
    """
    among = spoken(texts)
    if condition.source:
        among = among.filter(source_of(among) == condition.source)
    if wording:
        among = among.filter(pl.col("question") == wording)
    pattern = _pattern(condition.values)
    holds = _plain(among["text"]).str.contains(pattern)
    if any(_TELLING.search(word) for word in condition.values):  # masking only takes words away
        hits = among.filter(holds)
        shown = _plain(mask_series(hits["text"])).str.contains(pattern)
        holds = among["text_id"].is_in(hits.filter(shown)["text_id"].implode())
    return among.select("text_id").with_columns(met=holds)


def _plain(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.to_lowercase()


def _pattern(words: tuple[str, ...]) -> str:
    """The words letter for letter; Latin letters and digits at an edge stand alone: app is not in apple."""
    return "|".join(_alone(word) for word in words)


def _alone(word: str) -> str:
    plain = _plain(pl.Series([word])).item()
    first, last = (
        r"(?-u:\b)" if re.match(r"[a-z0-9]", edge) else "" for edge in (plain[0], plain[-1])
    )
    return f"{first}{pl.escape_regex(plain)}{last}"
