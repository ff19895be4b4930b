"""Who stands behind the cells of a book of tables."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.bases import Base
from insight.members import ticked
from insight.schema import Question
from insight.tabulation.asking import Asked
from insight.tabulation.banners import Family, parts_of
from insight.tabulation.stubs import rows_of


def cells_of(book: Asked, *, base: Base) -> pl.LazyFrame:
    """Everybody who chose a row in a column: row, column, question, break, respondent_id."""
    responses, ids = book.people.responses, book.people.responses["respondent_id"]
    told = [
        ticked(rows_of(responses, q, base=base), ids, name="row").with_columns(question=pl.lit(q.id))
        for q in book.questions
    ]  # fmt: skip
    return _crossed(pl.concat(told), book.families, book.questions, ids)


def answered(book: Asked, questions: Sequence[Question]) -> pl.LazyFrame:
    """Everybody who gave a score in a column: column, question, break, respondent_id."""
    responses, ids = book.people.responses, book.people.responses["respondent_id"]
    there = responses.select(pl.col(q.columns[0]).is_not_null().alias(q.id) for q in questions)
    return _crossed(ticked(there, ids, name="question"), book.families, questions, ids)


def _crossed(
    told: pl.LazyFrame, families: Sequence[Family], questions: Sequence[Question], ids: pl.Series
) -> pl.LazyFrame:
    """``told`` in every column of every break that its question is no part of."""
    each = []
    for family in families:
        own = [q.id for q in questions if q.id not in parts_of(family.key)]
        placed = told.filter(pl.col("question").is_in(own)).join(_placed(family, ids), on="respondent_id")  # fmt: skip
        each.append(placed.with_columns(pl.lit(family.label).alias("break")))
    return pl.concat(each).select(pl.col("^row$"), "column", "question", "break", "respondent_id")


def _placed(family: Family, ids: pl.Series) -> pl.LazyFrame:
    """Column and respondent, once for every column somebody is in and once for the total."""
    columns = family.columns
    ticks = columns.ticks
    masks = (columns.codes == at if ticks is None else ticks[:, at] for at in range(columns.n_columns))  # fmt: skip
    outside = 1 if ticks is not None else columns.n_columns
    inside = [columns.codes < outside, *masks]
    names = [family.total, *family.names]
    return pl.concat(
        pl.DataFrame({"respondent_id": ids.filter(pl.Series(mask))}).lazy().with_columns(column=pl.lit(name))
        for name, mask in zip(names, inside, strict=True)
    )  # fmt: skip
