"""Mean, spread and median of scores in every column of a table, from how often each score occurs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from insight.stats.cells import Sums
from insight.stats.proportions import Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """Figures of each column; arrays of (n_columns), NaN where there is nobody (variance: not two people).

    Attributes
    ----------
    base : people; weighted_base : sum of their weights; effective_base : Kish
    mean, median : weighted
    spread : weighted mean of the squared distances from the mean, without Bessel's correction
    """

    base: NDArray[np.int64]
    weighted_base: Floats
    effective_base: Floats
    mean: Floats
    median: Floats
    spread: Floats

    def variance(self, bases: Floats) -> Floats:
        """The variance with Bessel's correction on ``bases``: spread x n / (n - 1)."""
        known = bases > 1
        factor = np.divide(bases, bases - 1, out=np.full(bases.shape, np.nan), where=known)
        corrected: Floats = self.spread * factor
        return corrected


def moments(values: Floats, sums: Sums) -> Moments:
    """The figures of scores.

    Parameters
    ----------
    values : (n_values) different scores, ascending
    sums : (n_values, n_columns) how often each occurs

    Notes
    -----
    The weighted median is the score at which half of the weight is reached; where it is met exactly, the middle
    between that score and the next.
    """
    weight, squares = sums.w.sum(axis=0), sums.q.sum(axis=0)
    there = weight > 0
    mean = np.divide(values @ sums.w, weight, out=np.full(weight.shape, np.nan), where=there)
    far = (values[:, None] - np.where(there, mean, 0.0)) ** 2
    spread = np.divide((far * sums.w).sum(axis=0), weight, out=np.full(weight.shape, np.nan), where=there)  # fmt: skip
    effective = np.divide(weight**2, squares, out=np.zeros(weight.shape), where=squares > 0)
    median = np.array([_median(values, column) for column in sums.w.T], dtype=np.float64)
    return Moments(sums.n.sum(axis=0), weight, effective, mean, median, spread)


def stacked(parts: Sequence[Moments]) -> Moments:
    """The figures of several questions, one row each (n_questions, n_columns)."""
    return Moments(*(np.vstack([getattr(p, f.name) for p in parts]) for f in fields(Moments)))


def _median(values: Floats, weights: Floats) -> float:
    held = weights > 0
    if not held.any():
        return float("nan")
    scores, reached = values[held], np.cumsum(weights[held])
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half * (1 - 1e-12)))
    exact = at + 1 < len(scores) and abs(reached[at] - half) <= 1e-12 * half
    return float((scores[at] + scores[at + 1]) / 2 if exact else scores[at])
