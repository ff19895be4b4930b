"""Which of several groups differ: the comparisons of all pairs that belong to each test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import nan
from types import MappingProxyType

import numpy as np

from insight.stats.group_tests import Method, Samples, tested
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats, two_sided

NAMES: Mapping[Method, str] = MappingProxyType({
    "anova": "Tukey–Kramer", "welch_anova": "Games–Howell", "kruskal": "Dunn（Holm 校正）",
})  # fmt: skip
WEIGHTED = "两两加权秩检验（Holm 校正）"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups, by their places; first minus second.

    Attributes
    ----------
    difference, low, high : of means, with the simultaneous 95 % interval; of mean ranks as shares of
        all people (0 to 1), without one
    statistic : q of the studentised range, z of Dunn, t of weighted ranks
    p_adjusted : two-sided, for all pairs together
    """

    first: int
    second: int
    difference: float
    low: float
    high: float
    statistic: float
    p_adjusted: float


def comparisons(groups: Samples, method: Method) -> tuple[Comparison, ...]:
    """All pairs after ``method``; none after a test of two groups."""
    if method in ("anova", "welch_anova"):
        return _on_range(groups, equal=method == "anova")
    if method == "kruskal":
        return _weighted(groups) if groups.is_weighted else _dunn(groups)
    return ()


def _pairs(groups: Samples) -> tuple[Floats, Floats]:
    pairs = np.array(list(combinations(range(len(groups.values)), 2)))
    return pairs[:, 0], pairs[:, 1]


def _on_range(groups: Samples, *, equal: bool) -> tuple[Comparison, ...]:
    """Tukey (1949) and Kramer (1956), or Games & Howell (1976), from means, variances and bases.

    scipy's ``tukey_hsd`` takes unweighted numbers only.
    """
    from scipy.stats import studentized_range

    first, second = _pairs(groups)
    n, k = groups.bases, len(groups.values)
    if equal:
        df = np.full(len(first), n.sum() - k)
        pooled = ((n - 1) * groups.variances).sum() / (n.sum() - k)
        error = pooled * (1 / n[first] + 1 / n[second]) / 2
    else:
        a, b = groups.variances[first] / n[first], groups.variances[second] / n[second]
        df = (a + b) ** 2 / (a**2 / (n[first] - 1) + b**2 / (n[second] - 1))
        error = (a + b) / 2
    gaps = groups.means[first] - groups.means[second]
    q = np.abs(gaps) / np.sqrt(error)
    half = studentized_range.ppf(0.95, k, df) * np.sqrt(error)
    p = studentized_range.sf(q, k, df)
    return tuple(Comparison(int(i), int(j), float(g), float(g - h), float(g + h), float(s), float(x))
                 for i, j, g, h, s, x in zip(first, second, gaps, half, q, p, strict=True))  # fmt: skip


def _dunn(groups: Samples) -> tuple[Comparison, ...]:
    """Dunn (1964), Technometrics 6, with the correction for ties."""
    first, second = _pairs(groups)
    n = groups.sizes
    total = n.sum()
    ties = np.unique(np.concatenate(groups.values), return_counts=True)[1].astype(np.float64)
    tied = (ties**3 - ties).sum() / (12 * (total - 1))
    places = np.array([r.mean() for r in groups.ranks])
    gaps = places[first] - places[second]
    z = gaps * total / np.sqrt((total * (total + 1) / 12 - tied) * (1 / n[first] + 1 / n[second]))
    p = adjusted(two_sided(z), "holm")
    return tuple(Comparison(int(i), int(j), float(g), nan, nan, float(s), float(x))
                 for i, j, g, s, x in zip(first, second, gaps, z, p, strict=True))  # fmt: skip


def _weighted(groups: Samples) -> tuple[Comparison, ...]:
    """Every pair on its own ranks by the test of Lumley & Scott, then Holm."""
    first, second = _pairs(groups)
    made = [tested(groups.pick((int(i), int(j))), "mann_whitney") for i, j in zip(first, second, strict=True)]  # fmt: skip
    p = adjusted(np.array([one.p_value for one in made]), "holm")
    return tuple(Comparison(int(i), int(j), one.effect.value / 2, nan, nan, one.statistic, float(x))
                 for i, j, one, x in zip(first, second, made, p, strict=True))  # fmt: skip
