"""A long result table, one row per cell, printed as a matrix: needs down, segments across."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from insight.report.laid import SHARES, Laid, Place, heads_of, small_rows, written_columns
from insight.report.rows import head_of
from insight.units import title_of
from insight.wording import NOTHING


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
    Pivot("row", "column", (("mean", "letters"),)),
)


def pivot_of(table: pl.DataFrame) -> Pivot | None:
    """The matrix in which ``table`` is printed; None where it is printed as it is."""
    return next((pivot for pivot in PIVOTS if _fits(pivot, table)), None)


def as_matrix(
    table: pl.DataFrame,
    *,
    pivot: Pivot,
    wanted: Collection[tuple[int, str]],
    letters: Mapping[str, str],
    without: frozenset[object] = frozenset(),
) -> Laid:
    """Lay out a long table as a matrix; the columns ``without`` stand in the exported table only."""
    down = table[pivot.rows].unique(maintain_order=True).to_list()
    every = table[pivot.columns].unique(maintain_order=True).to_list()
    suppressed = _suppressed(table, pivot, wanted=wanted)
    across = [c for c in every if c not in suppressed | without]
    at = {
        (r, c): i
        for i, (r, c) in enumerate(table.select(pivot.rows, pivot.columns).iter_rows())
    }  # fmt: skip
    shown = written_columns(table, [m for m in pivot.measures if m in table.columns])
    texts = [
        [str(r), *(_cell(shown, pivot, i=at[r, c]) if (r, c) in at else "" for c in across)]
        for r in down
    ]
    greys = small_rows(table)
    small = {(down.index(r), across.index(c) + 1) for (r, c), i in at.items() if i in greys and c in across}  # fmt: skip
    places = _places(table, pivot, wanted=wanted, axes=(down, across))
    names = [title_of(pivot.rows), *(_titled(c, table, pivot=pivot, letters=letters) for c in across)]  # fmt: skip
    heads, is_dense = heads_of(names, texts, numbers=[False] + [True] * len(across))
    absent = tuple(str(c) for c in every if c in suppressed - without)
    return Laid(
        heads, tuple(map(tuple, texts)), frozenset(small), places, len(without),
        absent=absent, first=head_of(len(down)), is_dense=is_dense, is_matrix=True, shares=_shares(at, pivot, axes=(down, across)),
    )  # fmt: skip


def _suppressed(
    table: pl.DataFrame, pivot: Pivot, *, wanted: Collection[tuple[int, str]]
) -> frozenset[object]:
    """The columns without a single figure: their base is too small everywhere."""
    told = table.filter(pl.col(pivot.lines[0][0]).is_not_null())[pivot.columns].to_list()
    cited = [table[pivot.columns][row] for row, _ in wanted]
    return frozenset(table[pivot.columns].to_list()) - {*told, *cited}


def _places(
    table: pl.DataFrame,
    pivot: Pivot,
    *,
    wanted: Collection[tuple[int, str]],
    axes: tuple[list[object], list[object]],
) -> dict[tuple[int, str], Place]:
    """Where wanted values stand in the matrix; the values of one cell are numbered from the main one."""
    down, across = axes
    names = list(dict.fromkeys([*pivot.measures, *table.columns]))
    places: dict[tuple[int, str], Place] = {}
    parts: dict[tuple[int, int], int] = {}
    for i, name in sorted(wanted, key=lambda cell: (cell[0], names.index(cell[1]))):
        row = down.index(table[pivot.rows][i])
        if name == pivot.rows:
            places[i, name] = Place(row, 0)
            continue
        column = across.index(table[pivot.columns][i]) + 1
        part = 0 if name == pivot.measures[0] else parts.get((row, column), 0) + 1
        parts[row, column] = part
        places[i, name] = Place(row, column, part)
    return places


def _shares(
    at: Mapping[tuple[object, object], int],
    pivot: Pivot,
    *,
    axes: tuple[list[object], list[object]],
) -> dict[tuple[int, str], Place]:
    """Where the shares stand that lead their cell."""
    main = pivot.measures[0]
    rows, columns = ({name: nth for nth, name in enumerate(axis)} for axis in axes)
    return {(i, main): Place(rows[r], columns[c] + 1) for (r, c), i in at.items() if c in columns and main in SHARES}  # fmt: skip


def _titled(value: object, table: pl.DataFrame, *, pivot: Pivot, letters: Mapping[str, str]) -> str:
    """Heading of a matrix column: its name, its letter, and its base where it has only one."""
    letter = letters.get(str(value))
    facts = [f"({letter})"] if letter else []
    if "base" in table.columns:
        bases = table.filter(pl.col(pivot.columns) == value)["base"].unique().to_list()
        facts += [f"n={bases[0]:,}"] if len(bases) == 1 and bases[0] is not None else []
    return f"{value}\n{' '.join(facts)}".strip()


def _cell(shown: Mapping[str, Sequence[str]], pivot: Pivot, *, i: int) -> str:
    """The values of one cell, line by line; a suppressed cell says so once."""
    if shown[pivot.measures[0]][i] == NOTHING:
        return NOTHING
    lines = (" ".join(shown[m][i] for m in line if m in shown).strip() for line in pivot.lines)
    return "\n".join(line for line in lines if line)


def _fits(pivot: Pivot, table: pl.DataFrame) -> bool:
    needed = {pivot.rows, pivot.columns, pivot.lines[0][0]}
    if table.is_empty() or not needed <= set(table.columns):
        return False
    return not bool(table.select(pivot.rows, pivot.columns).is_duplicated().any())
