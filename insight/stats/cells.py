"""Counts of every row of a table in every column, weighted and not, from codes in one pass each.

Answers and columns are integer codes made once; a table is then two or three calls of
``numpy.bincount``. The respondents must come in one fixed order (that of their weights), so that
sums of fractions never depend on the order of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from insight.stats.overlap import overlaps
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


@dataclass(frozen=True, slots=True)
class Sums:
    """Arrays of (n_codes, n_columns) of one column of answers: people, their weights, the squares of these."""

    n: NDArray[np.int64]
    w: Floats
    q: Floats


def count(answers: Sequence[Coded], columns: Columns, *, weight: Floats | None = None) -> Counted:
    """Count all rows in all columns.

    Parameters
    ----------
    answers : columns of answers of the same n people
    columns : where each of them stands
    weight : (n) positive numbers; None where every person counts as one

    Returns
    -------
    Counted, rows in the order of ``answers``
    """
    if not answers:
        return Counted(*(_nothing(columns),) * 3)
    if columns.ticks is None:
        return _apart(answers, columns, weight)
    made = [counts_of(one.codes, one.n_codes, columns=columns, weight=weight) for one in answers]
    parts = ([_cells(one, sums) for one, sums in zip(answers, part, strict=True)] for part in zip(*made, strict=True))  # fmt: skip
    inner, total, rest = map(_stacked, parts)
    asked = [(one.codes < one.n_codes, len(one.rows)) for one in answers]
    return Counted(inner, total, rest, overlaps(asked, columns.ticks, weight))


def _apart(answers: Sequence[Coded], columns: Columns, weight: Floats | None) -> Counted:
    """``count`` where nobody is in two columns: the squares of weights are added up once for each base."""
    squares = None if weight is None else weight * weight
    strides = {n: columns.codes * (n + 1) for n in {one.n_codes for one in answers}}
    known: dict[bytes, Floats] = {}
    rows: list[tuple[NDArray[np.int64], Floats]] = []
    bases: list[tuple[NDArray[np.int64], Floats, Floats]] = []
    for one in answers:
        shape, places = (columns.n_columns, one.n_codes), strides[one.n_codes] + one.codes
        n = _grid(places, shape, None).astype(np.int64)
        w = _grid(places, shape, weight) if weight is not None else n.astype(np.float64)
        q = w.sum(axis=1) if squares is None else _squares(one, columns, squares, known=known)
        members = one.rows.astype(np.int64).T
        rows.append(((n @ members).T, (w @ members).T))
        bases.append((n.sum(axis=1), w.sum(axis=1), q))
    again = [len(one.rows) for one in answers]
    chosen, weighted = (np.concatenate(part) for part in zip(*rows, strict=True))
    base, weighted_base, q = (np.repeat(np.stack(part), again, axis=0) for part in zip(*bases, strict=True))  # fmt: skip
    inner = Cells(chosen, base, weighted, weighted_base, q)  # squares in place of effective bases
    keep = 1 - np.eye(columns.n_columns, dtype=np.int64)  # added up, so that no rest is -1e-17
    whole = np.ones((columns.n_columns, 1), dtype=np.int64)
    total, rest = (_finished(_added(inner, which)) for which in (whole, keep))
    return Counted(_finished(inner), total, rest)


def _squares(
    one: Coded, columns: Columns, squares: Floats, *, known: dict[bytes, Floats]
) -> Floats:
    """Sums of squared weights of those asked, in each column; ``known`` keeps them by who was asked."""
    is_everybody = one.codes.max(initial=0) < one.n_codes
    key = b"" if is_everybody else np.packbits(one.codes < one.n_codes).tobytes()
    if key not in known:
        outside = columns.n_columns
        places = columns.codes if is_everybody else np.where(one.codes < one.n_codes, columns.codes, outside)  # fmt: skip
        known[key] = np.asarray(np.bincount(places, weights=squares, minlength=outside + 1)[:-1], dtype=np.float64)  # fmt: skip
    return known[key]


def _added(cells: Cells, which: NDArray[np.int64]) -> Cells:
    """Columns added up: ``which`` (n_columns, n_sums) says which of them make each sum."""
    return Cells(*(getattr(cells, f.name) @ which for f in fields(Cells)))


def _finished(sums: Cells) -> Cells:
    """The effective bases in place of the sums of squared weights."""
    q = sums.effective_base
    return replace(sums, effective_base=np.divide(sums.weighted_base**2, q, out=np.zeros(q.shape), where=q > 0))  # fmt: skip


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


def _cells(one: Coded, sums: Sums) -> Cells:
    rows = one.rows.astype(np.int64)
    shape = (len(rows), sums.n.shape[1])
    base, weighted, squares = (np.broadcast_to(a.sum(axis=0), shape) for a in (sums.n, sums.w, sums.q))  # fmt: skip
    effective = np.divide(weighted**2, squares, out=np.zeros(shape), where=squares > 0)
    return Cells(rows @ sums.n, base, rows @ sums.w, weighted, effective)


def _stacked(parts: Sequence[Cells]) -> Cells:
    names = ("n", "base", "weighted_n", "weighted_base", "effective_base")
    return Cells(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _nothing(columns: Columns) -> Cells:
    empty = np.zeros((0, columns.n_columns))
    return Cells(empty.astype(np.int64), empty.astype(np.int64), empty, empty, empty)
