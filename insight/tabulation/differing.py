"""The different answers to a question, so that what they mean is worked out once for each and not for each person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.distinct import distinct
from insight.schema import Question
from insight.stats.cells import Codes


@dataclass(frozen=True, slots=True)
class Differing:
    """Different answers, and who gave which.

    Attributes
    ----------
    few : (n_different) the columns of the question, and those that say why an answer is absent
    numbers : (n_places) which of ``few`` stands at a place; of no meaning where nobody is
    places : (n) of everybody
    """

    few: pl.DataFrame
    numbers: Codes
    places: Codes

    def of_each(self, values: Codes) -> Codes:
        """What is known of the different answers (n_different) as that of everybody (n)."""
        return values[self.numbers].take(self.places)


def differing(responses: pl.DataFrame, question: Question) -> Differing:
    """The different answers of some people to a question."""
    held = [c for c in (*question.columns, *question.marks) if c in responses.columns]
    answers = responses.select(held)
    coded = [_codes(column) for column in answers]
    shape = [n_codes for _, n_codes in coded]
    places = coded[0][0] if len(coded) == 1 else np.ravel_multi_index([c for c, _ in coded], shape)
    first = np.full(int(np.prod(shape)), -1, dtype=np.intp)
    first[places] = np.arange(len(places))
    is_there = first >= 0
    return Differing(answers[first[is_there]], np.cumsum(is_there) - 1, places)


def _codes(column: pl.Series) -> tuple[Codes, int]:
    """A number for every different value and for its absence, and how many of them there are."""
    if column.dtype == pl.String:
        words, which = distinct(column)
        return which.cast(pl.Int64).fill_null(len(words)).to_numpy(), len(words) + 1
    values = column.drop_nulls().unique().sort()
    numbers = column.to_physical().fill_null(0).to_numpy()
    places = np.searchsorted(values.to_physical().to_numpy(), numbers)
    return np.where(column.is_null().to_numpy(), len(values), places), len(values) + 1
