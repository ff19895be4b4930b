"""How a result table becomes a printed table: pivot, choice of columns and rows, written cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from insight.report.blocks import Slot
from insight.report.laid import MARKS, SHARES, Laid, Place, heads_of, small_rows, written_columns
from insight.report.matrix import as_matrix, pivot_of
from insight.report.rows import first_rows, is_picked
from insight.report.side_by_side import is_book, left_out, named_apart
from insight.report.tints import Marks, tinted
from insight.units import label_of, title_of

MOST_COLUMNS = 8
GAP = "……"
# A table that has all columns of a line shows these, in this order, and what sentences cite.
CHOICES = (
    ("label", "n_people", "share", "top_words"),
    ("word", "document_frequency", "share"),
    ("option", "n", "base", "share", "ci_low", "ci_high", "mean_rank"),
    ("option", "n", "base", "share", "ci_low", "ci_high"),
    ("need", "n", "base", "share", "revenue", "revenue_at_stake", "sources", "top_segment"),
    ("need", "n", "base", "share", "revenue", "top_segment"),
    ("rank", "target", "brief", "priority", "impact", "confidence", "effort"),
    ("reason", "evidence", "offer", "channel", "best_time", "arm", "expected_spend"),
    ("segment", "word", "n", "base", "share", "share_rest", "share_difference", "p_adjusted"),
)


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
    without: frozenset[object] = frozenset()
    if is_book(table):
        table, letters = named_apart(table)
        without = left_out(table, cited={row for row, _ in wanted})
    pivot = pivot_of(table)
    if pivot is None:
        return _as_it_is(table, wanted)
    return as_matrix(table, pivot=pivot, wanted=wanted, letters=letters or {}, without=without)


def printed(
    laid: Laid, anchors: Mapping[tuple[int, int], tuple[str, ...]], *, marks: Marks | None = None
) -> tuple[tuple[Slot, ...], ...]:
    """The rows that ``laid`` puts first and every row that holds evidence, in the table's order; marked shares tinted."""
    shown = sorted({*laid.first, *(row for row, _ in anchors)})
    found = {laid.shares[cell]: mark for cell, mark in (marks or {}).items() if cell in laid.shares}
    rows: list[tuple[Slot, ...]] = []
    for before, row in zip([-1, *shown], shown, strict=False):
        if row > before + 1 and not laid.is_picked:
            rows.append(tuple(Slot(GAP) for _ in laid.heads))
        rows.append(
            tuple(
                tinted(
                    Slot(text, anchors.get((row, c), ()), (row, c) in laid.small),
                    found.get(Place(row, c)),
                )
                for c, text in enumerate(laid.texts[row])
            )
        )
    return tuple(rows)


def limits(laid: Laid, n_shown: int) -> tuple[str, ...]:
    """One sentence for each way in which the printed table is not the whole table."""
    said = []
    if n_shown < len(laid.texts):
        which = "通过检验或被引用的" if laid.is_picked else ""
        said.append(
            f"全表 {len(laid.texts)} 行，此处列出{which} {n_shown} 行，编号里的行按全表计；完整表见导出的 csv。"
        )
    if laid.n_hidden:
        said.append(f"另有 {laid.n_hidden} 列见导出的 csv。")
    if laid.small:
        said.append("灰色：基数不足，只作方向性参考。")
    if laid.absent:
        said.append(f"{'、'.join(laid.absent)}：基数过小，未列出。")
    return tuple(said)


def _as_it_is(table: pl.DataFrame, wanted: Collection[tuple[int, str]]) -> Laid:
    cited = {name for _, name in wanted}
    speaking = _speaking(table.columns, cited)
    dropped = [c for c in reversed(speaking) if c not in cited and c != speaking[0]]
    excess = set(dropped[: max(0, len(speaking) - MOST_COLUMNS)])
    names = [c for c in speaking if c not in excess]
    shown = written_columns(table, names)
    texts = tuple(zip(*(shown[c] for c in names), strict=True)) if names else ()
    greys = small_rows(table)
    places = {(i, name): Place(i, names.index(name)) for i, name in wanted}
    numbers = [table.schema[c].is_numeric() for c in names]
    heads, is_dense = heads_of([title_of(c) for c in names], texts, numbers=numbers)
    small = frozenset((i, c) for i in greys for c in range(len(names)))
    hidden = len([c for c in table.columns if c not in names and c not in MARKS])
    first = first_rows(table)
    shares = {(i, name): Place(i, names.index(name)) for name in SHARES if name in names for i in range(len(texts))}  # fmt: skip
    return Laid(heads, texts, small, places, hidden, first=first, is_picked=is_picked(table), is_dense=is_dense, shares=shares)  # fmt: skip


def _speaking(columns: Sequence[str], cited: Collection[str]) -> list[str]:
    """The columns worth printing: the choice made for tables of this shape, else all that are told."""
    choice = next((line for line in CHOICES if set(line) <= set(columns)), ())
    if choice:
        return [*choice, *(c for c in columns if c in cited and c not in choice)]
    return [c for c in columns if c in cited or (c not in MARKS and _is_told(c))]


def _is_told(column: str) -> bool:
    """Whether a reader of Chinese understands the heading."""
    return label_of(column) != column or not column.isascii()
