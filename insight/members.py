"""Who stands behind the rows of a result: for each table, the ids that every row of it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

IDS = ("customer_id", "respondent_id", "text_id", "order_id", "person")


@dataclass(frozen=True, slots=True)
class Members:
    """The units that one table of a result counts.

    Attributes
    ----------
    frame : (n) the columns that name a row of the table, called as they are there; the ids of
        ``unit``; further ids that lead to people or their words. Nothing is worked out before it is
        collected.
    unit : the ids that tell two units apart, of ``IDS``
    counted : the column of the table that counts its different units; "" where a row is one unit
    """

    frame: pl.LazyFrame
    unit: tuple[str, ...]
    counted: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that name a row; the ids themselves where a row is one unit."""
        columns = self.frame.collect_schema().names()
        return tuple(c for c in columns if c not in IDS) or self.unit


def behind(members: Members, row: Mapping[str, object]) -> pl.DataFrame:
    """The units behind one row (its values by column), one line each way they are known."""
    same = [pl.col(name).eq_missing(pl.lit(row[name])) for name in members.names]
    ids = [c for c in members.frame.collect_schema().names() if c in IDS]
    return members.frame.filter(same).select(ids).unique().sort(ids).collect()


def ticked(answers: pl.DataFrame, ids: pl.Series, *, name: str) -> pl.LazyFrame:
    """Boolean columns as pairs: ``name`` (which column) and the id of everybody it is true for.

    Parameters
    ----------
    answers : (n x n_options) Boolean, null = not asked
    ids : (n) the id of each row
    """
    told = answers.lazy().with_columns(ids)
    return told.unpivot(index=ids.name, variable_name=name).filter("value").drop("value")


def later(work: Callable[[], pl.DataFrame], *names: str) -> pl.LazyFrame:
    """A table of texts called ``names`` that is worked out only when it is asked for."""
    return pl.defer(work, schema=dict.fromkeys(names, pl.String))
