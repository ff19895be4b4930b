"""How much of every two columns of a table are the same people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insight.stats.proportions import Flags, Floats


def overlaps(asked: Sequence[tuple[Flags, int]], ticks: Flags, weight: Floats | None) -> Floats:
    """``overlap_of`` for every row of a table; answers with the same base share one product.

    Parameters
    ----------
    asked : of each answer, who was asked (n), and how many rows it fills
    ticks : (n, n_columns) who is in which column

    Returns
    -------
    (n_rows, n_columns, n_columns)
    """
    known: dict[bytes, Floats] = {}
    pages = []
    for those, n_rows in asked:
        base = np.packbits(those).tobytes()
        if base not in known:
            known[base] = overlap_of(ticks[those], None if weight is None else weight[those])
        pages.append(np.broadcast_to(known[base], (n_rows, *known[base].shape)))
    return np.concatenate(pages)


def overlap_of(ticks: Flags, weight: Floats | None) -> Floats:
    """How much of every two columns are the same people (n_columns, n_columns): see ``cells.Counted``."""
    placed = ticks.astype(np.float64)
    w = np.ones(len(placed)) if weight is None else weight
    sums, squares = w @ placed, (placed * (w * w)[:, None]).T @ placed
    both = np.outer(sums, sums)
    return np.divide(squares, both, out=np.zeros_like(both), where=both > 0)
