"""The rows of a question's table, for every respondent, on the base that is wanted."""

from __future__ import annotations

import polars as pl

from insight.answers import NONE_OF_THESE, chosen, nets, parts
from insight.bases import Base, on_base, why_missing
from insight.schema import Question, QuestionKind


def answers_on(responses: pl.DataFrame, question: Question, base: Base) -> pl.DataFrame:
    """What each respondent chose (n x n_options, Boolean; see ``chosen`` and ``on_base``)."""
    return on_base(chosen(responses, question), why_missing(responses, question), base=base)


def stub(responses: pl.DataFrame, question: Question) -> pl.DataFrame:
    """The rows of a question's cross table.

    Returns
    -------
    (n_respondents x n_rows) Boolean, null = not asked. NPS: its three groups; SCALE: every score,
        then the top two and the bottom two; MATRIX: those of every row, under its label.
    """
    if question.kind is QuestionKind.MATRIX:
        return pl.concat([_named(stub(responses, p), p) for p in parts(question, responses)], how="horizontal")  # fmt: skip
    if question.kind is QuestionKind.NPS:
        return nets(responses, question)
    if question.kind is QuestionKind.SCALE:
        return pl.concat([chosen(responses, question), nets(responses, question)], how="horizontal")
    return chosen(responses, question)


def _named(answers: pl.DataFrame, part: Question) -> pl.DataFrame:
    """Put the label of a matrix row before each of its options."""
    row = part.wording.rsplit("｜", 1)[-1]
    return answers.rename({name: f"{row}｜{name}" for name in answers.columns})


def exclusive_clashes(question: Question, responses: pl.DataFrame) -> str:
    """A Chinese sentence where respondents ticked "none of these" together with something else."""
    if question.kind is not QuestionKind.MULTI:
        return ""
    answers = chosen(responses, question)
    none = [name for name in answers.columns if NONE_OF_THESE.search(name)]
    others = [name for name in answers.columns if name not in none]
    if not none or not others:
        return ""
    both = pl.any_horizontal(none) & pl.any_horizontal(others)
    n = answers.select(both.sum()).item()
    return f"{question.id}：有 {n} 份答卷同时选了“{none[0]}”和其他选项，按原样计入。" if n else ""
