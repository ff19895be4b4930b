"""What a campaign brought: the difference between who was touched and who was left alone."""

from __future__ import annotations

from math import nan

import numpy as np

from insight.stats.proportions import Floats

DRAWS = 2_000
MOST_DRAWN = 5_000  # values of a group; the difference of means of more is near enough to normal
SURE = 0.975


def mean_difference_interval(first: Floats, second: Floats, *, seed: int) -> tuple[float, float]:
    """The 95 % interval of the first mean minus the second.

    Parameters
    ----------
    first, second : values of two independent groups, in any order

    Returns
    -------
    low, high; NaN where a group has fewer than two values

    Notes
    -----
    Percentile bootstrap of 2,000 samples, each group drawn by itself (Efron & Tibshirani 1993, ch. 13); with
    more than ``MOST_DRAWN`` values in both groups the normal interval of Welch.
    """
    if min(len(first), len(second)) < 2:
        return nan, nan
    if min(len(first), len(second)) > MOST_DRAWN:
        return _by_welch(first, second)
    rng = np.random.default_rng(seed)
    drawn = _means(first, rng) - _means(second, rng)
    low, high = np.quantile(drawn, [1 - SURE, SURE])
    return float(low), float(high)


def _means(values: Floats, rng: np.random.Generator) -> Floats:
    """(DRAWS) means of samples with replacement: how often each different value was drawn, not the values."""
    different, counts = np.unique(values, return_counts=True)
    drawn = rng.multinomial(len(values), counts / len(values), size=DRAWS)
    means: Floats = drawn @ different / len(values)
    return means


def _by_welch(first: Floats, second: Floats) -> tuple[float, float]:
    from scipy.stats import norm

    spread = np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
    gap, half = first.mean() - second.mean(), norm.ppf(SURE) * spread
    return float(gap - half), float(gap + half)
