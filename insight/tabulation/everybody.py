"""Books of tables that begin with everybody, also where nothing divides the respondents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.schema import Question
from insight.stats.cells import Columns
from insight.stats.letters import letter
from insight.stats.proportions import Flags
from insight.tabulation.asking import Asked, asked
from insight.tabulation.banners import Family
from insight.tabulation.people import people_of

EVERYBODY = "全部答卷"


def asked_with_all(
    dataset: Dataset, questions: Sequence[Question], *, breaks: Sequence[str], banner: str, weight: str, least: int
) -> Asked:  # fmt: skip
    """As ``asking.asked``, everybody first; totals only where no break was named and none fits."""
    try:
        book = asked(dataset, questions, breaks=breaks, banner=banner, weight=weight, least=least)
    except MissingColumns:
        if breaks or banner:
            raise
        nobody = ("没有能把人分组的变量，只列全部答卷。",)
        book = Asked(people_of(dataset, weight=weight), tuple(questions), (), nobody)
    whole = Columns(np.zeros(book.people.responses.height, dtype=np.intp), 1)
    family = Family("", EVERYBODY, ("",), EVERYBODY, whole)
    return replace(book, families=(family, *book.families))


def once(table: pl.DataFrame) -> pl.DataFrame:
    """``table`` [column, break] without the column that repeats the total of everybody."""
    return table.filter(~((pl.col("break") == EVERYBODY) & (pl.col("column") == "")))


def lettered(table: pl.DataFrame, families: Sequence[Family]) -> pl.DataFrame:
    """``table`` [column, break] with the letter of every column behind its name, "" for totals."""
    heads = [(f.label, name, letter(at)) for f in families for at, name in enumerate(f.names)]
    known = pl.DataFrame(heads, schema=["break", "column", "letter"], orient="row")
    joined = table.join(known, on=["break", "column"], how="left", maintain_order="left")
    letters = joined["letter"].fill_null("")
    return table.insert_column(table.columns.index("column") + 1, letters)


def told_breaks(book: Asked) -> str:
    """By what a book that begins with everybody is divided, as a part of a sentence."""
    others = [told for told in book.breaks if told != f"“{EVERYBODY}”"]
    return (
        f"先列全部答卷，再按{'、'.join(others)}划分，每个人群变量有自己的总计列"
        if others
        else "只列全部答卷"
    )


def inside(family: Family, at: int) -> Flags:
    """Who is in a column of a break (n); in any of them for -1."""
    columns = family.columns
    if at < 0:
        outside = 1 if columns.ticks is not None else columns.n_columns
        return np.asarray(columns.codes < outside)
    return np.asarray(columns.codes == at if columns.ticks is None else columns.ticks[:, at])
