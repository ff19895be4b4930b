"""Counts of every row of a book of tables in the columns of all its breaks, weighted and not, from codes.

Breaks whose columns share nobody are counted together: everybody is placed by several breaks at once, one call
of ``numpy.bincount`` counts a column of answers in all of these places, and the tables of the single breaks are
sums of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from insight.stats.cells import Cells, Coded, Codes, Columns, Counted, counts_of
from insight.stats.overlap import overlaps
from insight.stats.proportions import Floats

MOST_PLACES = 1 << 14  # of one call: 128 KB of sums, which stay close to the processor


@dataclass(frozen=True, slots=True)
class Joint:
    """Several breaks as one.

    Attributes
    ----------
    places : (n) where a person stands in all of the breaks, times ``stride``
    stride : a power of two above every code of the answers that are counted
    columns : (n_columns of all breaks, n_places) 1 where a place lies in a column
    """

    places: Codes
    stride: int
    columns: Floats

    def sums(self, places: Codes, weight: Floats | None = None) -> Floats:
        """People at each code in each column, or their weights (n_columns, stride); ``places`` with the codes added."""
        size = self.columns.shape[1] * self.stride
        grid = np.bincount(places, weights=weight, minlength=size)
        return self.columns @ grid.reshape(-1, self.stride).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One column of answers in all columns: people and weights (n_columns, n_codes), squares of all asked (n_columns)."""

    n: NDArray[np.int64]
    w: Floats
    q: Floats


def count(answers: Sequence[Coded], columns: Columns, *, weight: Floats | None = None) -> Counted:
    """Count all rows in the columns of one break (see ``count_each``)."""
    return count_each(answers, [columns], weight=weight)[0]


def count_each(
    answers: Sequence[Coded], breaks: Sequence[Columns], *, weight: Floats | None = None
) -> list[Counted]:
    """Count all rows in the columns of every break.

    Parameters
    ----------
    answers : columns of answers of the same n people
    breaks : where each of them stands
    weight : (n) positive numbers; None where every person counts as one

    Returns
    -------
    (n_breaks) Counted, rows in the order of ``answers``
    """
    if not answers:
        return [Counted(*(_nothing(columns),) * 3) for columns in breaks]
    alone = iter(_apart(answers, [b for b in breaks if b.ticks is None], weight))
    return [next(alone) if b.ticks is None else _shared(answers, b, weight) for b in breaks]


def _apart(answers: Sequence[Coded], breaks: Sequence[Columns], weight: Floats | None) -> list[Counted]:  # fmt: skip
    """``count_each`` where nobody is in two columns of a break."""
    if not breaks:
        return []
    known: dict[bytes, Floats] = {}
    sums: list[Found | None] = [None] * len(answers)
    for stride in sorted({_stride(one) for one in answers}):
        joints = list(_joints(breaks, stride))
        for at, one in enumerate(answers):
            if _stride(one) == stride:
                sums[at] = _summed(one, joints, weight, known=known)
    made = [_cells(one, found) for one, found in zip(answers, sums, strict=True) if found]
    inner = _stacked(made)
    ends = np.cumsum([0, *(b.n_columns for b in breaks)])
    return [_counted(_sliced(inner, slice(a, b))) for a, b in pairwise(ends)]


def _stride(one: Coded) -> int:
    """Few different ones, so that people are placed but a few times."""
    return 1 << one.n_codes.bit_length()


def _joints(breaks: Sequence[Columns], stride: int) -> Iterator[Joint]:
    """The breaks in groups that are counted at once."""
    group: list[Columns] = []
    for columns in breaks:
        if group and _size([*group, columns]) * stride > MOST_PLACES:
            yield _joint(group, stride)
            group = []
        group.append(columns)
    yield _joint(group, stride)


def _size(group: Sequence[Columns]) -> int:
    size = 1
    for columns in group:
        size *= columns.n_columns + 1
    return size


def _joint(group: Sequence[Columns], stride: int) -> Joint:
    shape = [columns.n_columns + 1 for columns in group]
    places = np.ravel_multi_index([columns.codes for columns in group], shape) * stride
    each = np.unravel_index(np.arange(_size(group)), shape)
    marks = [np.arange(c.n_columns)[:, None] == own for c, own in zip(group, each, strict=True)]
    return Joint(places, stride, np.vstack(marks).astype(np.float64))


def _summed(
    one: Coded, joints: Sequence[Joint], weight: Floats | None, *, known: dict[bytes, Floats]
) -> Found:
    held, total = [], []
    for joint in joints:
        places = joint.places + one.codes
        held.append(joint.sums(places)[:, : one.n_codes])
        total.append(
            joint.sums(places, weight)[:, : one.n_codes] if weight is not None else held[-1]
        )
    n, w = np.vstack(held), np.vstack(total)
    squares = w.sum(axis=1) if weight is None else _squares(one, joints, weight, known=known)
    return Found(n.astype(np.int64), w, squares)


def _squares(one: Coded, joints: Sequence[Joint], weight: Floats, *, known: dict[bytes, Floats]) -> Floats:  # fmt: skip
    """Sums of squared weights of those asked (n_columns); ``known`` keeps them by who was asked."""
    asked = one.codes < one.n_codes
    key = np.packbits(asked).tobytes()
    if key not in known:
        squares = np.where(asked, weight * weight, 0.0)
        known[key] = np.concatenate([j.sums(j.places, squares)[:, 0] for j in joints])
    return known[key]


def _cells(one: Coded, sums: Found) -> Cells:
    """The rows of one column of answers; sums of squared weights in place of effective bases."""
    rows = one.rows.T
    shape = (len(one.rows), len(sums.n))
    bases = (np.broadcast_to(a, shape) for a in (sums.n.sum(axis=1), sums.w.sum(axis=1), sums.q))
    base, weighted_base, squares = bases
    return Cells((sums.n @ rows.astype(np.int64)).T, base, (sums.w @ rows.astype(np.float64)).T, weighted_base, squares)  # fmt: skip


def _counted(inner: Cells) -> Counted:
    """The columns of one break with their total and with what is outside of each."""
    n_columns = inner.n.shape[1]
    keep = 1 - np.eye(n_columns, dtype=np.int64)  # added up, so that no rest is -1e-17
    whole = np.ones((n_columns, 1), dtype=np.int64)
    total, rest = (_finished(_added(inner, which)) for which in (whole, keep))
    return Counted(_finished(inner), total, rest)


def _added(cells: Cells, which: NDArray[np.int64]) -> Cells:
    """Columns added up: ``which`` (n_columns, n_sums) says which of them make each sum."""
    return Cells(*(getattr(cells, f.name) @ which for f in fields(Cells)))


def _finished(sums: Cells) -> Cells:
    """The effective bases in place of the sums of squared weights."""
    q = sums.effective_base
    return replace(sums, effective_base=np.divide(sums.weighted_base**2, q, out=np.zeros(q.shape), where=q > 0))  # fmt: skip


def _sliced(cells: Cells, columns: slice) -> Cells:
    return Cells(*(getattr(cells, f.name)[:, columns] for f in fields(Cells)))


def _stacked(parts: Sequence[Cells]) -> Cells:
    return Cells(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Cells)))


def _shared(answers: Sequence[Coded], columns: Columns, weight: Floats | None) -> Counted:
    """``count_each`` of a break whose columns share people."""
    assert columns.ticks is not None
    made = [counts_of(one.codes, one.n_codes, columns=columns, weight=weight) for one in answers]
    found = [
        [Found(s.n.T, s.w.T, s.q.sum(axis=0)) for s in part] for part in zip(*made, strict=True)
    ]
    inner, total, rest = (_finished(_stacked(list(map(_cells, answers, part)))) for part in found)
    asked = [(one.codes < one.n_codes, len(one.rows)) for one in answers]
    return Counted(inner, total, rest, overlaps(asked, columns.ticks, weight))


def _nothing(columns: Columns) -> Cells:
    empty = np.zeros((0, columns.n_columns))
    return Cells(empty.astype(np.int64), empty.astype(np.int64), empty, empty, empty)
