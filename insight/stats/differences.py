"""Two groups of people: by how much a share or a number differs, how sure that is, and whether it is much."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from insight.stats.proportions import Floats, pooled_z, two_sided

SIZES = ("可忽略", "小", "中", "大")
SHARE_STEPS = (0.2, 0.5, 0.8)  # Cohen (1988)
RANK_STEPS = (0.147, 0.33, 0.474)  # Romano et al. (2006)


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """A share of the first group beside that of the second; NaN where a base is missing.

    Attributes
    ----------
    difference, low, high : first minus second with its 95 % interval [-1 to 1]
    effect : Cohen's h
    p_value : two-sided, not corrected; NaN where both shares are 0 or both are 1
    """

    difference: float
    low: float
    high: float
    effect: float
    p_value: float


def shares_differ(first: tuple[int, int], second: tuple[int, int]) -> ShareDifference:
    """Compare two independent shares.

    Parameters
    ----------
    first, second : how many have it, of how many

    Notes
    -----
    z test with the pooled variance; interval of Newcombe (1998), Stat Med 17, method 10, by
    statsmodels; h of Cohen (1988), *Statistical Power Analysis*.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    (x, n), (y, m) = first, second
    if not n or not m:
        return ShareDifference(nan, nan, nan, nan, nan)
    low, high = confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff")
    z = pooled_z(np.array([x / n]), np.array([float(n)]), against=(np.array([y / m]), np.array([float(m)])))  # fmt: skip
    effect = float(cohens_h(np.array(x / n), np.array(y / m)))
    return ShareDifference(x / n - y / m, float(low), float(high), effect, float(two_sided(z)[0]))


@dataclass(frozen=True, slots=True)
class RankDifference:
    """Whether the first group's numbers tend to be higher.

    Attributes
    ----------
    effect : Cliff's delta, P(first > second) - P(first < second) [-1 to 1]
    p_value : two-sided, not corrected; NaN where all numbers are equal or a group is empty
    """

    effect: float
    p_value: float


def ranks_differ(first: Floats, second: Floats) -> RankDifference:
    """Compare the numbers of two independent groups by their ranks, so that a few large buyers decide nothing.

    Notes
    -----
    Mann & Whitney (1947), normal approximation with tie correction, by scipy; Cliff (1993), Psychol
    Bull 114: delta = 2 U / (n m) - 1.
    """
    from scipy.stats import mannwhitneyu

    if not len(first) or not len(second):
        return RankDifference(nan, nan)
    if min(first.min(), second.min()) == max(first.max(), second.max()):
        return RankDifference(0.0, nan)
    u, p_value = mannwhitneyu(first, second, alternative="two-sided", method="asymptotic")
    return RankDifference(float(2 * u / (len(first) * len(second)) - 1), float(p_value))


def ranks_against_rest(
    values: Floats, group: NDArray[np.int64], *, n_groups: int
) -> tuple[Floats, Floats]:
    """``ranks_differ`` of each group and everybody else, for the price of one ranking.

    Parameters
    ----------
    values : (n)
    group : (n) number of the group, from 0

    Returns
    -------
    (n_groups) Cliff's delta and its two-sided p value, not corrected; NaN where a side is empty,
        the p value also where all numbers are equal
    """
    from scipy.stats import rankdata

    n = np.bincount(group, minlength=n_groups).astype(np.float64)
    n_all, m = float(len(values)), len(values) - n
    u = np.bincount(group, weights=rankdata(values), minlength=n_groups) - n * (n + 1) / 2
    ties = np.unique(values, return_counts=True)[1].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = (ties**3 - ties).sum() / (n_all * (n_all - 1))
        spread = np.sqrt(n * m / 12 * (n_all + 1 - tied))
        z = (
            np.maximum(np.abs(u - n * m / 2) - 0.5, 0.0) / spread
        )  # continuity, as scipy corrects it
        return 2 * u / (n * m) - 1, two_sided(z)


def cohens_h(first: Floats, second: Floats) -> Floats:
    """Cohen's h of each pair of shares (n), (n) -> (n)."""
    return np.asarray(2 * np.arcsin(np.sqrt(first)) - 2 * np.arcsin(np.sqrt(second)))


def size_of_share(effect: float) -> str:
    """Cohen's word for an h: 可忽略, 小 (0.2), 中 (0.5), 大 (0.8); "" where it is unknown."""
    return _size(effect, SHARE_STEPS)


def size_of_rank(effect: float) -> str:
    """Romano's word for a delta: 可忽略, 小 (0.147), 中 (0.33), 大 (0.474); "" where it is unknown."""
    return _size(effect, RANK_STEPS)


def _size(effect: float, steps: tuple[float, ...]) -> str:
    return "" if np.isnan(effect) else SIZES[sum(abs(effect) >= step for step in steps)]
