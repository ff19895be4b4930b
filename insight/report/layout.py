"""How a result table becomes a printed table: pivot, choice of columns, written cells, cut after fifteen rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from insight.report.blocks import Slot
from insight.report.laid import MARKS, MOST_ROWS, Laid, Place, heads_of, small_rows, written_columns
from insight.report.matrix import as_matrix, pivot_of
from insight.units import label_of, title_of

MOST_COLUMNS = 8
FIRST_ROWS = 10  # of a table longer than MOST_ROWS
GAP = "……"


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
    pivot = pivot_of(table)
    if pivot is None:
        return _as_it_is(table, wanted)
    return as_matrix(table, pivot=pivot, wanted=wanted, letters=letters or {})


def printed(
    laid: Laid, anchors: Mapping[tuple[int, int], tuple[str, ...]]
) -> tuple[tuple[Slot, ...], ...]:
    """The rows to print: all of a short table, else the first and every row that holds evidence."""
    evidence = {row for row, _ in anchors}
    first = MOST_ROWS if len(laid.texts) <= MOST_ROWS else FIRST_ROWS
    shown = [r for r in range(len(laid.texts)) if r < first or r in evidence]
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
    if laid.absent:
        said.append(f"{'、'.join(laid.absent)}：基数过小，未列出。")
    return tuple(said)


def _as_it_is(table: pl.DataFrame, wanted: Collection[tuple[int, str]]) -> Laid:
    cited = {name for _, name in wanted}
    speaking = [c for c in table.columns if c in cited or (c not in MARKS and _is_told(c))]
    dropped = [c for c in reversed(speaking) if c not in cited and c != speaking[0]]
    excess = set(dropped[: max(0, len(speaking) - MOST_COLUMNS)])
    names = [c for c in speaking if c not in excess]
    shown = written_columns(table, names)
    texts = tuple(zip(*(shown[c] for c in names), strict=True)) if names else ()
    greys = small_rows(table)
    places = {(i, name): Place(i, names.index(name)) for i, name in wanted}
    numbers = [table.schema[c].is_numeric() for c in names]
    heads = heads_of([title_of(c) for c in names], texts, numbers=numbers)
    small = frozenset((i, c) for i in greys for c in range(len(names)))
    hidden = len([c for c in table.columns if c not in names and c not in MARKS])
    return Laid(heads, texts, small, places, hidden)


def _is_told(column: str) -> bool:
    """Whether a reader of Chinese understands the heading."""
    return label_of(column) != column or not column.isascii()
