"""How far two orders of the same things agree: Spearman's rho and what chance alone would give."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np

from insight.stats.proportions import Flags, Floats

_AT_ONCE = 200  # shuffles worked out together
_ROUNDING = 1e-9  # two figures so close are one


def ranks(scores: Floats) -> Floats:
    """Places of the last axis, 1 for the highest score; equal scores share the mean of their places."""
    from scipy.stats import rankdata

    placed: Floats = rankdata(-np.asarray(scores, dtype=np.float64), axis=-1)
    return placed


def rho(left: Floats, right: Floats) -> float:
    """Spearman's rank correlation of two rows of scores; NaN where one of them is constant."""
    return float(_correlated(ranks(left), ranks(right)))


def of_orders(left: Floats, right: Floats, *, n_draws: int, seed: int) -> tuple[float, float]:
    """Rho of k things scored twice, and its two-sided p.

    Returns
    -------
    rho and the share of orders of the k things with one at least as far from 0: of all k! orders where
        they are at most ``n_draws``, else of so many shuffles, the one that was seen among them; NaN, NaN where
        a row is constant

    Notes
    -----
    Good (2005), *Permutation, Parametric and Bootstrap Tests of Hypotheses*, ch. 7.
    """
    first, second = ranks(left), ranks(right)
    own = float(_correlated(first, second))
    if np.isnan(own):
        return own, own
    size = len(first)
    if factorial(size) <= n_draws:
        orders = np.array(list(permutations(range(size))))
        return own, float(_as_far(_correlated(first, second[orders]), own).mean())
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.tile(second, (n_draws, 1)), axis=1)
    return own, float((1 + _as_far(_correlated(first, drawn), own).sum()) / (1 + n_draws))


def of_people(left: Floats, right: Floats, *, n_draws: int, seed: int) -> tuple[Floats, Floats]:
    """Column by column, rho over n people, and its two-sided p when the people of one side are shuffled.

    Parameters
    ----------
    left, right : (n, k) what each person says and does; NaN leaves the person out of the column

    Returns
    -------
    (k) rho, (k) p = (1 + shuffles as far from 0) / (1 + n_draws); NaN where a column is constant
    """
    found = [_column(a, b, n_draws=n_draws, seed=seed) for a, b in zip(left.T, right.T, strict=True)]  # fmt: skip
    own, p = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return own, p


def _column(left: Floats, right: Floats, *, n_draws: int, seed: int) -> tuple[float, float]:
    there = ~(np.isnan(left) | np.isnan(right))
    first, second = ranks(left[there]), ranks(right[there])
    own = float(_correlated(first, second)) if there.sum() > 1 else float("nan")
    if np.isnan(own):
        return own, own
    rng = np.random.default_rng(seed)
    n_far = 0
    for start in range(0, n_draws, _AT_ONCE):
        tiled = np.tile(second, (min(_AT_ONCE, n_draws - start), 1))
        n_far += int(_as_far(_correlated(first, rng.permuted(tiled, axis=1)), own).sum())
    return own, (1 + n_far) / (1 + n_draws)


def _as_far(found: Floats, own: float) -> Flags:
    far: Flags = np.abs(found) >= abs(own) - _ROUNDING
    return far


def _correlated(first: Floats, second: Floats) -> Floats:
    """Pearson's correlation of a row with each of (…, k) rows; NaN where one is constant."""
    a = first - first.mean(axis=-1, keepdims=True) if first.size else first
    b = second - second.mean(axis=-1, keepdims=True) if second.size else second
    size = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    found: Floats = np.divide((b * a).sum(axis=-1), size, out=np.full(np.shape(size), np.nan), where=size > 0)  # fmt: skip
    return found
