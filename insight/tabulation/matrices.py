"""Matrices at a glance: every row in one line, with its boxes, its mean and the letters of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from insight.dataset import Dataset
from insight.ratings.grids import Grid, grids
from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked
from insight.tabulation.boxes import BOXED, boxed


def grid_lines(found: Sequence[Grid], book: Asked, *, rule: Rule) -> pl.DataFrame:
    """Boxes and means of every row of every matrix in every column.

    Parameters
    ----------
    book : its people have the numbers of the rows (see ``ratings.grids.grids``)

    Returns
    -------
    (n_rows x n_columns) as ``boxed``: row is what the row of the matrix asks of; and grid, the matrix in words
    """
    items = [item for grid in found for item in grid.items]
    cells = boxed(items, book.families, people=book.people, rule=rule)
    told = {i.id: (g.title, name) for g in found for i, name in zip(g.items, g.labels, strict=True)}
    grid, row = (pl.col("question").replace_strict({q: one[at] for q, one in told.items()}, return_dtype=pl.String) for at in (0, 1))  # fmt: skip
    return cells.with_columns(row=row, grid=grid)


def at_a_glance(dataset: Dataset, book: Asked, *, rule: Rule) -> pl.DataFrame:
    """``grid_lines`` of the matrices whose rows the book has tables of; empty where their answers have no order."""
    responses, known = grids(dataset.questionnaire, book.people.responses)
    tabled = {q.id for q in book.questions}
    wanted = [grid for grid in known if {item.id for item in grid.items} & tabled]
    if not wanted:
        return pl.DataFrame(schema=dict.fromkeys((*BOXED, "grid"), pl.String))
    return grid_lines(wanted, replace(book, people=replace(book.people, responses=responses)), rule=rule)  # fmt: skip
