"""Which rows and columns of a table go together: simple correspondence analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """The rows or the columns of the table on the map.

    Attributes
    ----------
    mass : (n) share of all counts
    coordinates : (n x n_axes) principal coordinates
    contributions : (n x n_axes) share of each axis' inertia that a point makes up
    quality : (n x n_axes) squared cosines: share of a point's inertia that an axis shows
    """

    mass: Floats
    coordinates: Floats
    contributions: Floats
    quality: Floats


@dataclass(frozen=True, slots=True)
class Map:
    """The axes by how much they show.

    ``inertia`` (n_axes) principal inertias, whose sum is chi-square / n; ``total`` their sum.
    """

    rows: Side
    columns: Side
    inertia: Floats
    total: float


def correspondence(counts: Floats) -> Map:
    """Place rows and columns so that distances are chi-square distances of profiles.

    Parameters
    ----------
    counts : (r x c) numbers >= 0; no empty row or column

    Notes
    -----
    Greenacre (2017), *Correspondence Analysis in Practice*, 3rd ed.: singular values of the
    standardised residuals D_r^-1/2 (P - rc') D_c^-1/2. The sign of an axis makes its greatest row
    coordinate positive.
    """
    total = counts.sum()
    p = counts / total
    r, c = p.sum(axis=1), p.sum(axis=0)
    residuals = (p - np.outer(r, c)) / np.sqrt(np.outer(r, c))
    u, singular, vt = np.linalg.svd(residuals, full_matrices=False)
    n_axes = min(counts.shape) - 1
    u, singular, v = u[:, :n_axes], singular[:n_axes], vt[:n_axes].T
    turn = np.sign(u[np.abs(u).argmax(axis=0), np.arange(n_axes)])
    turn[turn == 0] = 1
    inertia = singular**2
    return Map(
        rows=_side(u * turn, singular, mass=r),
        columns=_side(v * turn, singular, mass=c),
        inertia=inertia,
        total=float((residuals**2).sum()),
    )


def supplementary(profiles: Floats, of: Map, *, side: Side) -> Floats:
    """(k x n_axes) where further rows would lie that do not shape the map.

    Parameters
    ----------
    profiles : (k x n) counts of the further rows over the points of ``side``
    side : the columns for further rows, the rows for further columns
    """
    shares = profiles / profiles.sum(axis=1, keepdims=True)
    singular = np.sqrt(of.inertia)
    held = singular > 1e-10
    placed = np.zeros((len(profiles), len(singular)))
    placed[:, held] = shares @ side.coordinates[:, held] / singular[held]
    return placed


def _side(vectors: Floats, singular: Floats, *, mass: Floats) -> Side:
    coordinates = vectors * singular / np.sqrt(mass)[:, None]
    squared = coordinates**2
    own = squared.sum(axis=1, keepdims=True)
    quality = np.divide(squared, own, out=np.zeros_like(squared), where=own > 0)
    return Side(mass, coordinates, vectors**2, quality)
