"""How a result table becomes a printed table: pivot, choice of columns, written cells, cut after fifteen rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from insight.report.blocks import Head, Slot
from insight.units import Unit, label_of, title_of, unit_of, written

MOST_ROWS, MOST_COLUMNS, LONGEST_TEXT = 15, 8, 90
GAP = "……"
_MARKS = ("flag", "is_small")  # columns that say a base is small: shown as grey, not as a column


@dataclass(frozen=True, slots=True)
class Pivot:
    """Long tables with these columns are printed as a matrix, ``lines`` one under the other in a cell."""

    rows: str
    columns: str
    lines: tuple[tuple[str, ...], ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Every column shown in a cell, in reading order."""
        return tuple(name for line in self.lines for name in line)


PIVOTS = (
    Pivot("need", "segment", (("share", "letters"), ("revenue",))),
    Pivot("row", "column", (("share", "letters"),)),
)


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


def lay(
    table: pl.DataFrame,
    *,
    wanted: Collection[tuple[int, str]] = (),
    letters: Mapping[str, str] | None = None,
) -> Laid:
    """Lay out a result table for print.

    Parameters
    ----------
    wanted : (row, column) of cells that sentences refer to; they are always printed
    letters : column value -> the letter that significance tests call it by
    """
    pivot = next((p for p in PIVOTS if _fits(p, table)), None)
    if pivot is None:
        return _as_it_is(table, wanted)
    return _as_matrix(table, pivot=pivot, wanted=wanted, letters=letters or {})


def printed(
    laid: Laid, anchors: Mapping[tuple[int, int], tuple[str, ...]]
) -> tuple[tuple[Slot, ...], ...]:
    """The rows to print: the first fifteen and every row that holds evidence; gaps show as dots."""
    evidence = {row for row, _ in anchors}
    shown = [r for r in range(len(laid.texts)) if r < MOST_ROWS or r in evidence]
    rows: list[tuple[Slot, ...]] = []
    for before, row in zip([-1, *shown], shown, strict=False):
        if row > before + 1:
            rows.append(tuple(Slot(GAP) for _ in laid.heads))
        rows.append(
            tuple(
                Slot(text, anchors.get((row, c), ()), (row, c) in laid.small)
                for c, text in enumerate(laid.texts[row])
            )
        )
    return tuple(rows)


def limits(laid: Laid, n_shown: int) -> tuple[str, ...]:
    """One sentence for each way in which the printed table is not the whole table."""
    said = []
    if n_shown < len(laid.texts):
        said.append(f"全表 {len(laid.texts)} 行，此处列出 {n_shown} 行，完整表见导出的 csv。")
    if laid.n_hidden:
        said.append(f"另有 {laid.n_hidden} 列见导出的 csv。")
    if laid.small:
        said.append("灰色：基数不足，只作方向性参考。")
    return tuple(said)


def _fits(pivot: Pivot, table: pl.DataFrame) -> bool:
    needed = {pivot.rows, pivot.columns, pivot.lines[0][0]}
    if table.is_empty() or not needed <= set(table.columns):
        return False
    return not bool(table.select(pivot.rows, pivot.columns).is_duplicated().any())


def _as_matrix(
    table: pl.DataFrame,
    *,
    pivot: Pivot,
    wanted: Collection[tuple[int, str]],
    letters: Mapping[str, str],
) -> Laid:
    down = table[pivot.rows].unique(maintain_order=True).to_list()
    across = table[pivot.columns].unique(maintain_order=True).to_list()
    at = {
        (r, c): i
        for i, (r, c) in enumerate(table.select(pivot.rows, pivot.columns).iter_rows())
    }  # fmt: skip
    shown = _written_columns(table, [m for m in pivot.measures if m in table.columns])
    texts = [
        [str(r), *(_cell(shown, pivot, at[r, c]) if (r, c) in at else "" for c in across)]
        for r in down
    ]
    greys = _small_rows(table)
    small = {(down.index(r), across.index(c) + 1) for (r, c), i in at.items() if i in greys}
    order = [*pivot.measures, *(c for c in table.columns if c not in pivot.measures)]
    places = {
        (i, name): Place(
            down.index(table[pivot.rows][i]),
            0 if name == pivot.rows else across.index(table[pivot.columns][i]) + 1,
            0 if name == pivot.rows else order.index(name),
        )
        for i, name in wanted
    }
    names = [title_of(pivot.rows), *(_titled(c, table, pivot=pivot, letters=letters) for c in across)]  # fmt: skip
    heads = _heads(names, texts, [False] + [True] * len(across))
    return Laid(heads, tuple(map(tuple, texts)), frozenset(small), places)


def _titled(value: object, table: pl.DataFrame, *, pivot: Pivot, letters: Mapping[str, str]) -> str:
    """Heading of a matrix column: its name, its letter, and its base where it has only one."""
    parts = [str(value)]
    if letter := letters.get(str(value)):
        parts.append(f"({letter})")
    if "base" in table.columns:
        bases = table.filter(pl.col(pivot.columns) == value)["base"].unique().to_list()
        parts += [f"n={bases[0]:,}"] if len(bases) == 1 and bases[0] is not None else []
    return "\n".join(parts)


def _cell(shown: Mapping[str, Sequence[str]], pivot: Pivot, i: int) -> str:
    lines = (" ".join(shown[m][i] for m in line if m in shown).strip() for line in pivot.lines)
    return "\n".join(line for line in lines if line)


def _as_it_is(table: pl.DataFrame, wanted: Collection[tuple[int, str]]) -> Laid:
    cited = {name for _, name in wanted}
    speaking = [c for c in table.columns if c in cited or (c not in _MARKS and _is_told(c))]
    dropped = [c for c in reversed(speaking) if c not in cited and c != speaking[0]]
    excess = set(dropped[: max(0, len(speaking) - MOST_COLUMNS)])
    names = [c for c in speaking if c not in excess]
    shown = _written_columns(table, names)
    texts = tuple(zip(*(shown[c] for c in names), strict=True)) if names else ()
    greys = _small_rows(table)
    places = {(i, name): Place(i, names.index(name)) for i, name in wanted}
    numbers = [table.schema[c].is_numeric() for c in names]
    heads = _heads([title_of(c) for c in names], texts, numbers)
    small = frozenset((i, c) for i in greys for c in range(len(names)))
    hidden = len([c for c in table.columns if c not in names and c not in _MARKS])
    return Laid(heads, texts, small, places, hidden)


def _is_told(column: str) -> bool:
    """Whether a reader of Chinese understands the heading."""
    return label_of(column) != column or not column.isascii()


def _written_columns(table: pl.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    units = {n: unit_of(n, beside=table.columns) for n in names}
    return {n: [_short(written(v, _told_unit(units[n], v))) for v in table[n]] for n in names}


def _told_unit(unit: Unit, value: object) -> Unit:
    return unit if isinstance(value, int | float) else Unit.TEXT


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _small_rows(table: pl.DataFrame) -> frozenset[int]:
    """Row numbers whose base is too small, by ``is_small`` or by a mark in ``flag``."""
    if "is_small" in table.columns:
        return frozenset(i for i, small in enumerate(table["is_small"]) if small)
    if "flag" in table.columns:
        return frozenset(i for i, flag in enumerate(table["flag"]) if flag)
    return frozenset()


def _heads(
    names: Sequence[str], texts: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> tuple[Head, ...]:
    """Share the page among columns by their widest line, bounded at both ends."""
    widest = [
        min(max([_wide(name) * 0.9, *(_wide(row[c]) for row in texts[:MOST_ROWS])]), 34.0)
        for c, name in enumerate(names)
    ]
    sizes = [max(w, 5.0) for w in widest]
    return tuple(
        Head(name, is_number, size / sum(sizes))
        for name, is_number, size in zip(names, numbers, sizes, strict=True)
    )


def _wide(text: str) -> float:
    """Width of the longest line in half-width characters."""
    return max(
        sum(2.0 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in line)
        for line in text.split("\n")
    )
