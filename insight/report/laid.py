"""The pieces a printed table is laid out from: its heads, its written cells, where each value stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from insight.report.blocks import Head
from insight.schema import TABLES
from insight.units import Unit, unit_of, written

MOST_ROWS, LONGEST_TEXT = 15, 90
MARKS = ("flag", "is_small")  # columns that say a base is small: shown as grey, not as a column
_PAGE, _LEAST, _PADDING = 96.0, 58.0, 3.0  # half-width characters at 9 pt on 16 cm


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
    """

    heads: tuple[Head, ...]
    texts: tuple[tuple[str, ...], ...]
    small: frozenset[tuple[int, int]]
    places: Mapping[tuple[int, str], Place]
    n_hidden: int = 0


def written_columns(table: pl.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    units = {n: unit_of(n, beside=table.columns) for n in names}
    return {n: [_short(_told(v, n, units[n])) for v in table[n].to_list()] for n in names}


def _told(value: object, column: str, unit: Unit) -> str:
    """A value in words; names of our own tables in Chinese."""
    if column == "table" and value in TABLES:
        return TABLES[str(value)].label
    return written(value, unit if isinstance(value, int | float) else Unit.TEXT)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def small_rows(table: pl.DataFrame) -> frozenset[int]:
    """Row numbers whose base is too small, by ``is_small`` or by a mark in ``flag``."""
    if "is_small" in table.columns:
        return frozenset(i for i, small in enumerate(table["is_small"]) if small)
    if "flag" in table.columns:
        return frozenset(i for i, flag in enumerate(table["flag"]) if flag)
    return frozenset()


def heads_of(
    names: Sequence[str], texts: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> tuple[Head, ...]:
    """Columns as wide as their widest line; where the page is too narrow, words give way to numbers."""
    natural = [
        _PADDING + max([_wide(name), *(_wide(row[c]) for row in texts[:MOST_ROWS])])
        for c, name in enumerate(names)
    ]
    words = [size for size, is_number in zip(natural, numbers, strict=True) if not is_number]
    spare = _PAGE - (sum(natural) - sum(words))
    squeeze = min(1.0, max(spare, 12.0 * len(words)) / sum(words)) if words else 1.0
    sizes = [
        size if is_number else max(size * squeeze, 8.0)
        for size, is_number in zip(natural, numbers, strict=True)
    ]
    page = min(max(sum(sizes), _LEAST), _PAGE)
    return tuple(
        Head(name, is_number, size / sum(sizes) * page / _PAGE)
        for name, is_number, size in zip(names, numbers, sizes, strict=True)
    )


def _wide(text: str) -> float:
    """Width of the longest line in half-width characters."""
    return max(
        sum(2.0 if unicodedata.east_asian_width(c) in "WFA" else 1.0 for c in line)
        for line in text.split("\n")
    )
