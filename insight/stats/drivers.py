"""How much each predictor explains of an outcome, when the predictors go together."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from insight.stats.correlations import Floats, Reals, resampled

MOST_EXACT = 15  # predictors whose 32,768 models are all worked out
_TINY = 1e-9  # share of a predictor's variance below which the others explain it whole
_AT_ONCE = 32  # correlation matrices that are swept together
_LAST = 5  # predictors swept last, where most sets are
_IN_CACHE = 2048  # matrices swept together then


def explained(correlation: Reals) -> Reals:
    """R² of every set of predictors.

    Parameters
    ----------
    correlation : (k, p + 1, p + 1) predictors, then the outcome

    Returns
    -------
    (2^p, k) the set of row s holds predictor j where bit j of s is 1

    Notes
    -----
    All subsets by elimination, as in Furnival & Wilson (1974), Technometrics 16: each step takes one
    predictor out of every matrix (it is left aside) and sweeps it (it enters), so that half of the
    work lies in the smallest matrices. A predictor that the entered ones explain whole adds nothing.
    """
    left = np.ascontiguousarray(np.moveaxis(correlation, 0, -1))[:, :, None, :]
    begun = _swept(left, min(_LAST, len(left) - 1))
    n_sets, n_matrices = begun.shape[2:]
    found = np.empty((2, 2 ** (len(begun) - 2), n_sets, n_matrices), dtype=begun.dtype)
    step = max(1, _IN_CACHE // n_matrices)
    for at in range(0, n_sets, step):
        last = _swept(begun[:, :, at : at + step], 1).reshape(2, 2, -1, *begun[0, 0, at : at + step].shape)  # fmt: skip
        without, adds = found[0, :, at : at + step], found[1, :, at : at + step]
        np.subtract(1.0, last[1, 1], out=without)
        np.multiply(last[0, 1] * last[0, 1], _inverse(last[0, 0]), out=adds)
        np.add(without, adds, out=adds)
    return found.reshape(-1, n_matrices)


def _swept(left: Reals, n_last: int) -> Reals:
    """What is left of every matrix when all predictors but the last ``n_last`` were left aside or swept.

    Parameters
    ----------
    left : (p + 1, p + 1, n_sets, k) upper triangles

    Returns
    -------
    (n_last + 1, n_last + 1, n_sets x 2^(p - n_last), k)
    """
    while len(left) > n_last + 1:
        size, n_sets = len(left) - 1, left.shape[2]
        swept = np.empty((size, size, 2 * n_sets, left.shape[3]), dtype=left.dtype)
        slopes = left[0, 1:] * _inverse(left[0, 0])
        for row in range(size):
            kept, entered = left[row + 1, row + 1 :], swept[row, row:, n_sets:]
            swept[row, row:, :n_sets] = kept
            np.multiply(left[0, row + 1 :], slopes[row], out=entered)
            np.subtract(kept, entered, out=entered)
        left = swept
    return left


def _inverse(pivot: Reals) -> Reals:
    """1 over what the entered predictors leave of one; 0 where they explain it whole."""
    least = np.maximum(100 * np.finfo(pivot.dtype).eps, _TINY).astype(pivot.dtype)
    unexplained = pivot > least
    found = np.reciprocal(pivot) if unexplained.all() else unexplained / np.maximum(pivot, least)
    return np.asarray(found, dtype=pivot.dtype)


def lmg(correlation: Reals) -> Reals:
    """What each predictor adds to R², averaged over all orders of entry; they sum to R².

    Parameters
    ----------
    correlation : (k, p + 1, p + 1) predictors, then the outcome; at most 15 predictors

    Returns
    -------
    (k, p)

    Notes
    -----
    Lindeman, Merenda & Gold (1980); Grömping (2006), J Stat Softw 17(1). The same as Shapley values of
    R² and as general dominance.
    """
    steps = _average_steps(correlation.shape[1] - 1, correlation.dtype)
    pieces = [steps @ explained(correlation[at : at + _AT_ONCE]) for at in range(0, len(correlation), _AT_ONCE)]  # fmt: skip
    return np.asarray(np.hstack(pieces).T)


@lru_cache(maxsize=2)  # of the data and of their bootstrap samples
def _average_steps(n: int, kind: np.dtype[np.floating]) -> Reals:
    """(p, 2^p) the weight of the R² of each set in the average step of each predictor."""
    inside = _inside(n)
    sizes = inside.sum(axis=0)
    orders = np.array([1.0 / (n * comb(n - 1, k)) for k in range(n)])
    found = np.where(inside, orders[sizes - 1], -orders[np.minimum(sizes, n - 1)]).astype(kind)
    found.flags.writeable = False
    return np.asarray(found)


def _inside(n: int) -> NDArray[np.bool_]:
    """(p, 2^p) whether each set holds each predictor."""
    return (np.arange(2**n)[None, :] >> np.arange(n)[:, None] & 1).astype(bool)


def johnson(correlation: Reals) -> Reals:
    """Relative weights (k, p) of Johnson (2000), Multivar Behav Res 35; they sum to R².

    Parameters
    ----------
    correlation : (k, p + 1, p + 1) predictors, then the outcome
    """
    among, with_outcome = correlation[:, :-1, :-1], correlation[:, :-1, -1:]
    values, vectors = np.linalg.eigh(among)
    roots = np.sqrt(np.maximum(values, 0.0))[:, None, :]
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 1e-6)
    turned = np.swapaxes(vectors, 1, 2)
    loadings = (vectors * roots) @ turned
    slopes = (vectors * inverse) @ turned @ with_outcome
    return np.asarray((loadings**2 @ slopes**2)[:, :, 0])


def coefficients(correlation: Floats) -> Floats:
    """Standardised coefficients (p) of the regression on all predictors; shared where they coincide."""
    among, with_outcome = correlation[:-1, :-1], correlation[:-1, -1]
    return np.asarray(np.linalg.pinv(among, rcond=1e-10, hermitian=True) @ with_outcome)


def inflations(correlation: Floats) -> Floats:
    """Variance inflation of each predictor (p); infinite where the others explain it whole.

    Parameters
    ----------
    correlation : (p + 1, p + 1) predictors, then the outcome
    """
    among = correlation[:-1, :-1]
    n = len(among)
    found = np.empty(n)
    for at in range(n):
        others = np.delete(np.arange(n), at)
        own = among[at, others]
        part = own @ np.linalg.pinv(among[np.ix_(others, others)], rcond=1e-10, hermitian=True) @ own  # fmt: skip
        found[at] = 1 / (1 - part) if part < 1 - _TINY else np.inf
    return found


def dominance(r_squared: Floats) -> NDArray[np.str_]:
    """How surely each predictor is ahead of each other one.

    Parameters
    ----------
    r_squared : (2^p) R² of every set (see ``explained``)

    Returns
    -------
    (p, p) row over column: "complete" (it adds more to every set of the others), "conditional" (it
    adds more on average to the sets of every size), "general" (on average over the sizes), "" (not
    ahead)

    Notes
    -----
    Azen & Budescu (2003), Psychol Methods 8.
    """
    n = len(r_squared).bit_length() - 1
    inside, sets = _inside(n), np.arange(len(r_squared))
    sizes = inside.sum(axis=0)
    found = np.full((n, n), "", dtype="<U12")
    added = np.array([r_squared[sets | 1 << j] - r_squared[sets] for j in range(n)])
    by_size = np.array([[added[j, ~inside[j] & (sizes == k)].mean() for k in range(n)] for j in range(n)])  # fmt: skip
    for one, other in ((i, j) for i in range(n) for j in range(n) if i != j):
        free = ~inside[one] & ~inside[other]
        if (added[one, free] > added[other, free] + 1e-12).all():
            found[one, other] = "complete"
        elif (by_size[one] > by_size[other] + 1e-12).all():
            found[one, other] = "conditional"
        elif by_size[one].mean() > by_size[other].mean() + 1e-12:
            found[one, other] = "general"
    return found


def interval(
    data: Floats, weight: Floats, *, n_samples: int, seed: int, is_exact: bool
) -> tuple[Floats, Floats]:
    """95 % percentile bootstrap intervals of the importance of each predictor: low (p), high (p).

    Parameters
    ----------
    data : (n, p + 1) predictors, then the outcome
    is_exact : of ``lmg``, else of ``johnson``
    """
    measure = lmg if is_exact else johnson
    drawn = [measure(part) for part in resampled(data, weight, n_samples=n_samples, seed=seed)]
    low, high = np.quantile(np.vstack(drawn).astype(np.float64), (0.025, 0.975), axis=0)
    return low, high
