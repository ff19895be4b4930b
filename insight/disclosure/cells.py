"""Which cells of a table of counts must be hidden, so that no small one can be worked out from sums and other cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]
_TOTAL, _NOTHING = 30.0, 100.0  # how much dearer than an inner cell


@dataclass(frozen=True, slots=True)
class Sum:
    """Counts that add up: those of ``parts`` to that of ``total``, or to what everybody knows (None)."""

    parts: tuple[int, ...]
    total: int | None = None


def protected(
    counts: Sequence[int], sums: Sequence[Sum], *, fewest: int, hidden: Cells | None = None
) -> Cells:
    """Hide every count of 1 to ``fewest`` - 1, and as little else as keeps these from being worked out.

    For each small cell a change of the hidden cells is looked for that raises it by ``fewest``, leaves every
    sum as it is and no count below zero: whoever knows all that is shown cannot tell the table from the
    changed one. Of all such changes the cheapest is taken, and what it touches is hidden.

    Parameters
    ----------
    counts : (n_cells) people
    sums : every way in which the cells add up; one more than true hides more, one less hides too little
    hidden : (n_cells) what is hidden anyway

    Returns
    -------
    (n_cells) whether to hide

    Notes
    -----
    Kelly, Golden & Assad (1992), Cell suppression: disclosure protection for sensitive tabular data, Networks
    22(4), 397-417; Fischetti & Salazar (2001), Management Science 47(7), 1008-1027.
    """
    people = np.asarray(counts, dtype=float)
    small = (people > 0) & (people < fewest)
    mask = small.copy() if hidden is None else small | hidden
    if not small.any():
        return mask
    firm = [one for one in sums if _binds(one, people, fewest)]
    for cell in np.flatnonzero(small):
        own = _joined(int(cell), firm)
        if own:
            _protect(int(cell), people, own, mask=mask, by=fewest)
    return mask


def _binds(one: Sum, people: NDArray[np.float64], fewest: int) -> bool:
    """Whether a sum says anything: one that everybody knows is no small figure itself."""
    return one.total is not None or people[list(one.parts)].sum() >= fewest


def _joined(cell: int, sums: Sequence[Sum]) -> list[Sum]:
    """The sums that a cell hangs together with, directly or through others."""
    known, found, left = {cell}, list[Sum](), list(sums)
    while near := [one for one in left if not known.isdisjoint(_cells(one))]:
        found += near
        known.update(at for one in near for at in _cells(one))
        left = [one for one in left if one not in near]
    return found


def _cells(one: Sum) -> tuple[int, ...]:
    return one.parts if one.total is None else (*one.parts, one.total)


def _protect(cell: int, people: NDArray[np.float64], sums: Sequence[Sum], *, mask: Cells, by: int) -> None:  # fmt: skip
    """Extend ``mask`` in place by what one small cell needs; where nothing helps, by all it adds up with."""
    cells = sorted({at for one in sums for at in _cells(one)})
    place = {at: i for i, at in enumerate(cells)}
    matrix = np.zeros((len(sums), len(cells)))
    for row, one in enumerate(sums):
        matrix[row, [place[at] for at in one.parts]] = 1.0
        if one.total is not None:
            matrix[row, place[one.total]] = -1.0
    costs = _costs(cells, people, sums, mask=mask)
    for rise in range(by, 0, -1):
        change = _cheapest(matrix, costs, people[cells], cell=place[cell], rise=rise)
        if change is not None:
            mask[[at for at, moved in zip(cells, change, strict=True) if moved]] = True
            return
    mask[[at for one in sums if cell in _cells(one) for at in _cells(one)]] = True


def _costs(cells: Sequence[int], people: NDArray[np.float64], sums: Sequence[Sum], *, mask: Cells) -> NDArray[np.float64]:  # fmt: skip
    """What hiding a cell loses: nothing where it is hidden, the more the more sums it is the total of."""
    times = Counter(one.total for one in sums)
    dear = np.array([_TOTAL ** times[at] for at in cells])
    empty = np.where(people[cells] == 0, _NOTHING, 1.0)
    loss: NDArray[np.float64] = np.where(mask[cells], 0.0, dear * empty * (1.0 + np.sqrt(people[cells])))  # fmt: skip
    return loss


def _cheapest(
    matrix: NDArray[np.float64], costs: NDArray[np.float64], people: NDArray[np.float64], *, cell: int, rise: int
) -> Cells | None:  # fmt: skip
    """The cells that the cheapest change touches; None where there is no change."""
    from scipy.optimize import linprog

    n = len(costs)
    up, down = np.full(n, np.inf), people.copy()
    lowest = np.zeros(n)
    up[cell], lowest[cell], down[cell] = rise, rise, 0.0
    bounds = [*zip(lowest, up, strict=True), *zip(np.zeros(n), down, strict=True)]
    found: Any = linprog(
        np.concatenate([costs, costs]), A_eq=np.hstack([matrix, -matrix]), b_eq=np.zeros(len(matrix)),
        bounds=bounds, method="highs",
    )  # fmt: skip
    if found.status != 0:
        return None
    moved: Cells = np.abs(found.x[:n] - found.x[n:]) > 1e-6
    return moved
