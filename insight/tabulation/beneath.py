"""The means of the scales of a book, as lines beneath the shares of their answers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.answers import parts
from insight.schema import Question
from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked
from insight.tabulation.figures import scored
from insight.tabulation.scoring import averaged

LINE = "均值"
MEAN_LINE = (
    "row", "column", "base", "effective_base", "mean", "sd", "letters", "p_adjusted", "question", "break", "arrow", "flag",
)  # fmt: skip


def mean_lines(book: Asked, rule: Rule) -> pl.DataFrame:
    """The mean of every scale, NPS and row of a matrix that has scores, in the columns of the book.

    Returns
    -------
    (n_scales x n_columns) row ["均值", or "客服｜均值" of a row of a matrix], column, base, effective_base, mean, sd,
        letters [Welch's t; SPSS's in its mode], p_adjusted, question [that of the table of shares], break, arrow, flag
    """
    responses = book.people.responses
    scales = [(q, one) for q in book.questions for one in scored([q], responses)]
    if not scales:
        return pl.DataFrame(schema=dict.fromkeys(MEAN_LINE, pl.String))
    cells, _ = averaged([one for _, one in scales], book.families, people=book.people, rule=rule)
    names = {one.id: (whole.id, _called(whole, one, parts(whole, responses))) for whole, one in scales}  # fmt: skip
    question, row = (
        pl.col("question").replace_strict({id_: told[at] for id_, told in names.items()}, return_dtype=pl.String)
        for at in (0, 1)
    )  # fmt: skip
    return cells.with_columns(row=row, question=question).select(MEAN_LINE)


def _called(whole: Question, one: Question, rows: Sequence[Question]) -> str:
    """What the line is called: as the rows of shares above it are."""
    return LINE if rows == (whole,) else f"{one.wording.rsplit('｜', 1)[-1]}｜{LINE}"
