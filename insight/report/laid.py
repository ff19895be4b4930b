"""The pieces a printed table is laid out from: its heads, its written cells, where each value stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from insight.report.blocks import Head
from insight.units import in_words

MOST_WORDS, LONGEST_TEXT = 5, 90
SHARES = ("share", "share_of_customers")  # what waves are compared by
# Columns that say a base is small are shown as grey; bases of the tests stand in the csv.
MARKS = ("flag", "is_small", "effective_base", "weighted_base")
# In half-width characters: 16 cm at 9 pt and at 7.5 pt, the narrowest table, a cell's own margins,
# and the width that a column of words may always have.
_PAGE, _DENSE_PAGE, _LEAST, _PADDING, _WORDS = 98.0, 118.0, 58.0, 2.2, 24.0
_MOST_ROOMY = 8
_BROAD = 1.5  # capitals and % in half-width characters


class Place(NamedTuple):
    """Where a value is printed: data row, column, and which of the cell's values it is (all 0-based)."""

    row: int
    column: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Laid:
    """A table as it will be printed, before it is cut.

    Attributes
    ----------
    places : (row, column) of the result table -> where it is printed, for the wanted cells
    shares : (row, column) of the result table -> where it is printed, for every share
    n_hidden : columns that did not fit
    absent : columns of a matrix left out because nothing could be said about them
    first : rows that are printed even if no sentence cites them
    is_picked : ``first`` are rows picked by a test, not a stretch of the table
    is_dense : printed in smaller type
    is_matrix : shares of groups side by side, as a heat map would show them
    """

    heads: tuple[Head, ...]
    texts: tuple[tuple[str, ...], ...]
    small: frozenset[tuple[int, int]]
    places: Mapping[tuple[int, str], Place]
    n_hidden: int = 0
    absent: tuple[str, ...] = ()
    first: tuple[int, ...] = ()
    is_picked: bool = False
    is_dense: bool = False
    is_matrix: bool = False
    shares: Mapping[tuple[int, str], Place] = field(default_factory=dict)


def written_columns(table: pl.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    beside = table.rows(named=True) if "unit" in table.columns else [table.columns] * table.height
    return {
        name: [
            _short(in_words(v, column=name, beside=row), name)
            for v, row in zip(table[name].to_list(), beside, strict=True)
        ]
        for name in names
    }


def _short(text: str, column: str) -> str:
    """The first words of a topic; of any other text as much as a cell can hold."""
    if column == "top_words":
        return "、".join(text.split("、")[:MOST_WORDS])
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def small_rows(table: pl.DataFrame) -> frozenset[int]:
    """Row numbers whose base is too small, by ``is_small`` or by a mark in ``flag``."""
    if "is_small" in table.columns:
        return frozenset(i for i, small in enumerate(table["is_small"]) if small)
    if "flag" in table.columns:
        return frozenset(i for i, flag in enumerate(table["flag"]) if flag)
    return frozenset()


def heads_of(
    names: Sequence[str], texts: Sequence[Sequence[str]], *, numbers: Sequence[bool]
) -> tuple[tuple[Head, ...], bool]:
    """Columns as wide as their widest line, and whether they need smaller type to fit.

    Where the page is too narrow even so, headings and long texts wrap.
    """
    headings = [_PADDING + _wide(name) for name in names]
    bodies = [
        _PADDING + max((_wide(row[c]) for row in texts), default=0.0) for c in range(len(names))
    ]
    wished = [max(pair) for pair in zip(headings, bodies, strict=True)]
    least = [
        max(body, head / 2 + 1) if is_number else min(max(body, head), _WORDS)
        for body, head, is_number in zip(bodies, headings, numbers, strict=True)
    ]
    is_dense = len(names) > _MOST_ROOMY or sum(least) > _PAGE
    page = _DENSE_PAGE if is_dense else _PAGE
    sizes = _between(least, wished, page=page)
    total = min(max(sum(sizes), _LEAST), page)
    heads = tuple(
        Head(name, is_number, size / sum(sizes) * total / page)
        for name, is_number, size in zip(names, numbers, sizes, strict=True)
    )
    return heads, is_dense


def _between(least: Sequence[float], wished: Sequence[float], *, page: float) -> list[float]:
    """Sizes as wished where they fit, else what is left over the least sizes is shared out."""
    if sum(wished) <= page:
        return list(wished)
    spare = max(0.0, page - sum(least))
    wants = [max(0.0, w - m) for w, m in zip(wished, least, strict=True)]
    part = min(1.0, spare / sum(wants)) if sum(wants) else 0.0
    return [m + part * want for m, want in zip(least, wants, strict=True)]


def _wide(text: str) -> float:
    """Width of the longest line in half-width characters."""
    return max(sum(map(_width, line)) for line in text.split("\n"))


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 2.0
    return _BROAD if character == "%" or character.isupper() else 1.0
