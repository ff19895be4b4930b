"""The pieces a printed table is laid out from: its heads, its written cells, where each value stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from insight.report.blocks import Head
from insight.units import in_words

MOST_ROWS, LONGEST_TEXT = 15, 90
# Columns that say a base is small are shown as grey; bases of the tests stand in the csv.
MARKS = ("flag", "is_small", "effective_base", "weighted_base")
# In half-width characters: 16 cm at 9 pt and at 7.5 pt, the narrowest table, a cell's own margins,
# and the width that a column of words may always have.
_PAGE, _DENSE_PAGE, _LEAST, _PADDING, _WORDS = 96.0, 116.0, 58.0, 2.6, 24.0
_MOST_ROOMY = 8


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
    n_hidden : columns that did not fit
    absent : columns of a matrix left out because nothing could be said about them
    """

    heads: tuple[Head, ...]
    texts: tuple[tuple[str, ...], ...]
    small: frozenset[tuple[int, int]]
    places: Mapping[tuple[int, str], Place]
    n_hidden: int = 0
    absent: tuple[str, ...] = ()


def written_columns(table: pl.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    return {
        name: [
            _short(in_words(v, column=name, beside=table.columns)) for v in table[name].to_list()
        ]
        for name in names
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def small_rows(table: pl.DataFrame) -> frozenset[int]:
    """Row numbers whose base is too small, by ``is_small`` or by a mark in ``flag``."""
    if "is_small" in table.columns:
        return frozenset(i for i, small in enumerate(table["is_small"]) if small)
    if "flag" in table.columns:
        return frozenset(i for i, flag in enumerate(table["flag"]) if flag)
    return frozenset()


def is_dense(n_columns: int) -> bool:
    """Whether a table of so many columns is printed in smaller type."""
    return n_columns > _MOST_ROOMY


def heads_of(
    names: Sequence[str], texts: Sequence[Sequence[str]], *, numbers: Sequence[bool]
) -> tuple[Head, ...]:
    """Columns as wide as their widest line; where the page is too narrow, headings and long texts wrap."""
    page = _DENSE_PAGE if is_dense(len(names)) else _PAGE
    headings = [_PADDING + _wide(name) for name in names]
    bodies = [
        _PADDING + max((_wide(row[c]) for row in texts[:MOST_ROWS]), default=0.0)
        for c in range(len(names))
    ]
    wished = [max(pair) for pair in zip(headings, bodies, strict=True)]
    least = [
        max(body, head / 2 + 1) if is_number else min(max(body, head), _WORDS)
        for body, head, is_number in zip(bodies, headings, numbers, strict=True)
    ]
    sizes = _between(least, wished, page=page)
    total = min(max(sum(sizes), _LEAST), page)
    return tuple(
        Head(name, is_number, size / sum(sizes) * total / page)
        for name, is_number, size in zip(names, numbers, sizes, strict=True)
    )


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
    return max(
        sum(2.0 if unicodedata.east_asian_width(c) in "WFA" else 1.0 for c in line)
        for line in text.split("\n")
    )
