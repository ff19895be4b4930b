"""Counts of answers in columns as codes: what stands in a table, and how often each code occurs in each column.

Answers and columns are integer codes made once. The respondents must come in one fixed order (that of
their weights), so that sums of fractions never depend on the order of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from insight.stats.proportions import Flags, Floats

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Coded:
    """One column of answers, and the rows of a table that it fills.

    Attributes
    ----------
    codes : (n) 0 .. n_codes - 1; n_codes = outside the base (not asked, no answer)
    rows : (n_rows, n_codes) which codes make a row: one for an option, several for a net
    """

    codes: Codes
    rows: Flags

    @property
    def n_codes(self) -> int:
        """How many different answers there are."""
        return int(self.rows.shape[1])


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one break, whose people are compared with each other.

    Attributes
    ----------
    codes : (n) 0 .. n_columns - 1; n_columns = in no column; of a break whose columns share people
        0 = in some column, 1 = in none
    ticks : (n, n_columns) who is in which column, where columns share people; else None
    """

    codes: Codes
    n_columns: int
    ticks: Flags | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of a table; arrays of (n_rows, n_columns), totals (n_rows, 1).

    Attributes
    ----------
    n, base : people who chose, who were asked
    weighted_n, weighted_base : sums of their weights
    effective_base : (sum w)^2 / sum w^2 of those asked (Kish); 0 where there is nobody
    """

    n: NDArray[np.int64]
    base: NDArray[np.int64]
    weighted_n: Floats
    weighted_base: Floats
    effective_base: Floats

    @property
    def share(self) -> Floats:
        """Weighted share of those asked; NaN where nobody was."""
        known = self.weighted_base > 0
        shares: Floats = np.divide(self.weighted_n, self.weighted_base, out=np.full(known.shape, np.nan), where=known)  # fmt: skip
        return shares

    def kept(self, rows: Flags) -> Cells:
        """Some of the rows."""
        return Cells(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Counted:
    """The columns of one break, their total, everybody outside each column, and who is shared.

    Attributes
    ----------
    overlap : (n_rows, n_columns, n_columns) of the people two columns share: sum w^2 / (W_i W_j), which is
        n0 / (n_i n_j) where nothing is weighted; None where columns share nobody
    """

    columns: Cells
    total: Cells
    rest: Cells
    overlap: Floats | None = None

    def kept(self, rows: Flags) -> Counted:
        """Some of the rows."""
        overlap = None if self.overlap is None else self.overlap[rows]
        return Counted(self.columns.kept(rows), self.total.kept(rows), self.rest.kept(rows), overlap)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """Arrays of (n_codes, n_columns) of one column of answers: people, their weights, the squares of these."""

    n: NDArray[np.int64]
    w: Floats
    q: Floats


def counts_of(
    codes: Codes, n_codes: int, *, columns: Columns, weight: Floats | None
) -> tuple[Sums, Sums, Sums]:
    """How often each code occurs in each column, in all of them together, and outside of each column."""
    if columns.ticks is not None:
        return _shared(codes, n_codes, columns, weight)
    wide = columns.n_columns + 1
    inner = _sums(codes * wide + columns.codes, (n_codes, columns.n_columns), weight)
    keep = 1 - np.eye(columns.n_columns, dtype=np.int64)  # added up, so that no rest is -1e-17
    rest = Sums(inner.n @ keep, inner.w @ keep, inner.q @ keep)
    total = Sums(*(a.sum(axis=1, keepdims=True) for a in (inner.n, inner.w, inner.q)))
    return inner, total, rest


def _shared(
    codes: Codes, n_codes: int, columns: Columns, weight: Floats | None
) -> tuple[Sums, Sums, Sums]:
    """The same where one person can be in several columns."""
    assert columns.ticks is not None
    shape, inside = (n_codes, 1), columns.codes == 0
    inner = [_sums(codes * 2 + ~t, shape, weight) for t in columns.ticks.T]
    rest = [_sums(codes * 2 + ~(inside & ~t), shape, weight) for t in columns.ticks.T]
    total = _sums(codes * 2 + columns.codes, shape, weight)
    return beside(inner), total, beside(rest)


def _sums(places: Codes, shape: tuple[int, int], weight: Floats | None) -> Sums:
    """Counts of the places inside ``shape``; the last row and column of the grid are outside."""
    n = _grid(places, shape, None).astype(np.int64)
    if weight is None:
        return Sums(n, n.astype(np.float64), n.astype(np.float64))
    return Sums(n, _grid(places, shape, weight), _grid(places, shape, weight * weight))


def _grid(places: Codes, shape: tuple[int, int], weight: Floats | None) -> Floats:
    """People, or their weights, at each place (n_rows, n_columns)."""
    rows, columns = shape
    grid = np.bincount(places, weights=weight, minlength=(rows + 1) * (columns + 1))
    return np.asarray(grid, dtype=np.float64).reshape(rows + 1, columns + 1)[:rows, :columns]


def beside(parts: Sequence[Sums]) -> Sums:
    """The columns of several parts next to each other."""
    return Sums(*(np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("n", "w", "q")))  # fmt: skip
