"""The means of the scales of a book, as lines beneath the shares of their answers."""

from __future__ import annotations

import polars as pl

from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked
from insight.tabulation.figures import scored
from insight.tabulation.scoring import averaged

LINE = "均值"
MEAN_LINE = (
    "row", "column", "base", "effective_base", "mean", "sd", "letters", "p_adjusted", "question", "break", "arrow", "flag",
)  # fmt: skip


def mean_lines(book: Asked, rule: Rule) -> pl.DataFrame:
    """The mean of every scale and NPS that has scores, in the columns of the book.

    Returns
    -------
    (n_scales x n_columns) row ["均值"], column, base, effective_base, mean, sd,
        letters [Welch's t; SPSS's in its mode], p_adjusted, question [that of the table of shares], break, arrow, flag
    """
    scales = scored(book.questions, book.people.responses)
    if not scales:
        return pl.DataFrame(schema=dict.fromkeys(MEAN_LINE, pl.String))
    cells, _ = averaged(scales, book.families, people=book.people, rule=rule)
    return cells.with_columns(row=pl.lit(LINE)).select(MEAN_LINE)
