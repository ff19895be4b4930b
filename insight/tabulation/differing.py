"""The different answers to a question, so that what they mean is worked out once for each and not for each person."""

from __future__ import annotations

from collections.abc import Sequence
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
    answers, labels = responses[held], [option.label for option in question.options]
    coded = [_listed(column, labels) or _codes(column) for column in answers]
    shape = [n_codes for _, n_codes in coded]
    places = coded[0][0] if len(coded) == 1 else np.ravel_multi_index([c for c, _ in coded], shape)
    first = np.full(int(np.prod(shape)), -1, dtype=np.intp)
    first[places] = np.arange(len(places))
    is_there = first >= 0
    return Differing(answers[first[is_there]], np.cumsum(is_there) - 1, places)


_FEW = 8  # labels that are sooner looked for one by one than all told apart


def _listed(column: pl.Series, labels: Sequence[str]) -> tuple[Codes, int] | None:
    """``_codes`` of a text of which every value is one of a few labels; None of any other.

    Hashes of 64 bits stand for the texts, which takes a quarter of the time.
    """
    n = len(labels)
    if column.dtype != pl.String or not 0 < n == len(set(labels)) <= _FEW:
        return None
    hashes, places = column.hash().to_numpy(), np.full(len(column), n, dtype=np.int8)
    for at, one in enumerate(pl.Series(labels, dtype=pl.String).hash()):
        places -= (hashes == one).view(np.int8) * np.int8(n - at)
    is_all = int((places == n).sum()) == column.null_count()
    return (places.astype(np.intp), n + 1) if is_all else None


def _codes(column: pl.Series) -> tuple[Codes, int]:
    """A number for every different value and for its absence, and how many of them there are."""
    if column.dtype == pl.String:
        words, which = distinct(column)
        return which.cast(pl.Int64).fill_null(len(words)).to_numpy(), len(words) + 1
    values = column.drop_nulls().unique().sort()
    numbers = column.to_physical().fill_null(0).to_numpy()
    places = np.searchsorted(values.to_physical().to_numpy(), numbers)
    return np.where(column.is_null().to_numpy(), len(values), places), len(values) + 1
