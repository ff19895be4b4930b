"""Who a question's figures are of: those who answered, those who saw it, and why the others did not."""

from __future__ import annotations

from typing import Literal

import polars as pl

from insight.schema import MISSING_LABELS, Missing, Question, QuestionKind
from insight.wording import count

Base = Literal["回答本题的人", "看到本题的人"]


def why_missing(responses: pl.DataFrame, question: Question) -> pl.Series:
    """Why each respondent has no answer (n, text): a value of ``Missing``; null where there is one.

    An empty cell about which nothing is known counts as no answer.
    """
    held = [c for c in question.columns if c in responses.columns]
    marks = [pl.col(m).cast(pl.String) for m in question.marks if m in responses.columns]
    empty = pl.all_horizontal(pl.col(held).is_null()) if held else pl.lit(value=True)
    unknown = pl.when(empty).then(pl.lit(Missing.NO_ANSWER.value))
    known = pl.when(empty | (question.kind is QuestionKind.MULTI)).then(pl.coalesce(*marks, pl.lit(None, pl.String)))  # fmt: skip
    return responses.select(pl.coalesce(known, unknown).alias("why")).to_series()


def on_base(answers: pl.DataFrame, why: pl.Series, *, base: Base) -> pl.DataFrame:
    """What was chosen, on the base that is wanted.

    Parameters
    ----------
    answers : (n x n_options) Boolean, null = no answer (see ``chosen``)
    why : (n) from ``why_missing``
    base : "看到本题的人" counts those who saw the question and gave no answer, with a row 未答 and
        拒答 where there are any; a MULTI always counts them

    Returns
    -------
    (n x n_options or more) Boolean, null = outside of the base
    """
    silent = [m for m in (Missing.NO_ANSWER, Missing.REFUSED) if (why == m.value).any()]
    if base == "回答本题的人" or not silent:
        return answers
    is_silent = why.is_in([m.value for m in silent]).fill_null(value=False)
    shown = pl.DataFrame(
        column.set(is_silent & column.is_null(), value=False) for column in answers
    )
    seen = shown.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    rows = (
        (why == m.value).fill_null(value=False).set(~seen, None).alias(MISSING_LABELS[m.value])
        for m in silent
    )
    return shown.with_columns(rows)


def told(why: pl.Series) -> str:
    """How many have no answer and why, as a sentence says it; "" where everybody answered.

    >>> told(pl.Series(["not_asked", None, "refused", "not_asked"]))
    '2 人未被问到、1 人拒答'
    """
    counts = {m.value: int((why == m.value).sum()) for m in Missing}
    return "、".join(f"{count(n)} 人{MISSING_LABELS[m]}" for m, n in counts.items() if n)
