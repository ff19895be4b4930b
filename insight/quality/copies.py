"""Answers that stand in the file more than once, and words that are no words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from insight.schema import QuestionKind, Questionnaire
from insight.text.noise import NON_ANSWER, noise
from insight.text.normalize import normalise

LEAST_ANSWERS = 8  # equal answers that are no chance
LEAST_CHARACTERS = 12  # of an open answer that two people would not write alike
_ROW = re.compile(r"(?:qwer|wert|asdf|sdfg|dfgh|fghj|ghjk|hjkl|zxcv|xcvb|cvbn|1234|6789){1}", re.I)
_LETTERS = re.compile(r"[a-z]{5,}", re.I)


def closed_columns(questionnaire: Questionnaire, responses: pl.DataFrame) -> list[str]:
    """The columns of all answers that are chosen, not written."""
    written = {QuestionKind.OPEN, QuestionKind.ID, QuestionKind.BLANKS, QuestionKind.TABLE, QuestionKind.DATE, QuestionKind.WEIGHT}  # fmt: skip
    asked = (q for q in questionnaire.questions if q.kind not in written)
    return [c for q in asked for c in q.columns if c in responses.columns]


def repeated(responses: pl.DataFrame, columns: Sequence[str], *, from_one_place: bool) -> pl.Series:
    """Whether another questionnaire holds exactly the same answers (n, Boolean).

    Parameters
    ----------
    columns : answers to compare; fewer than eight of them filled say nothing
    from_one_place : only where both came from the same address (``ip`` token); else wherever from
    """
    if from_one_place and "ip" not in responses.columns:
        return pl.repeat(None, responses.height, dtype=pl.Boolean, eager=True)
    keys = [*columns, "ip"] if from_one_place else list(columns)
    if len(columns) < LEAST_ANSWERS:
        return pl.repeat(None, responses.height, dtype=pl.Boolean, eager=True)
    filled = pl.sum_horizontal(pl.col(c).is_not_null() for c in columns) >= LEAST_ANSWERS
    known = filled & pl.col("ip").is_not_null() if from_one_place else filled
    again = pl.struct(keys).is_duplicated()
    return responses.select(again & known).to_series()


def copied(answers: Sequence[pl.Series]) -> pl.Series:
    """Whether a long open answer stands word for word in another questionnaire (n, Boolean).

    Parameters
    ----------
    answers : each open question, (n) text
    """
    found = [_copied(a) for a in answers]
    frame = pl.DataFrame([f.alias(str(i)) for i, f in enumerate(found)])
    return frame.select(pl.any_horizontal(pl.all())).to_series()


def _copied(answers: pl.Series) -> pl.Series:
    bare = answers.map_elements(_bare, return_dtype=pl.String)
    long = bare.str.len_chars() >= LEAST_CHARACTERS
    again = bare.is_duplicated()
    return (again & long).fill_null(value=False)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalise(text)).lower()


def senseless(answers: Sequence[pl.Series]) -> pl.Series:
    """Whether an open answer is no language: one sign again and again, keys in a row, letters at random."""
    found = [a.map_elements(_is_senseless, return_dtype=pl.Boolean) for a in answers]
    frame = pl.DataFrame([f.alias(str(i)) for i, f in enumerate(found)])
    return frame.select(pl.any_horizontal(pl.all()).fill_null(value=False)).to_series()


def _is_senseless(text: str) -> bool:
    bare = re.sub(r"[\W_]+", "", text).lower()
    if len(bare) >= 4 and len(set(bare)) <= max(1, len(bare) // 5):
        return True
    if bare.isdecimal() and len(bare) >= 5:
        return noise(bare, []) == NON_ANSWER
    latin = _LETTERS.fullmatch(bare)
    if latin is None:
        return False
    vowels = sum(bare.count(v) for v in "aeiou") / len(bare)
    return bool(_ROW.search(bare)) or vowels < 0.15 or vowels > 0.85
