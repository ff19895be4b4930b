"""Whether groups differ in a number: tests of means and of ranks, for independent groups and for pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan, sqrt
from types import MappingProxyType
from typing import Literal

import numpy as np

from insight.stats.effects import (
    Effect,
    cliff,
    matched,
    omega_squared,
    share_of_variance,
    standardised,
)
from insight.stats.proportions import Floats

Method = Literal[
    "student", "welch", "mann_whitney", "anova", "welch_anova", "kruskal", "paired_t", "wilcoxon"
]
NAMES: Mapping[Method, str] = MappingProxyType({
    "student": "独立样本 t 检验", "welch": "Welch t 检验", "mann_whitney": "Mann–Whitney U 检验",
    "anova": "单因素方差分析", "welch_anova": "Welch 方差分析", "kruskal": "Kruskal–Wallis 检验",
    "paired_t": "配对 t 检验", "wilcoxon": "Wilcoxon 符号秩检验",
})  # fmt: skip
OF_TWO: tuple[Method, ...] = ("welch", "student", "mann_whitney")
OF_MORE: tuple[Method, ...] = ("welch_anova", "anova", "kruskal")
OF_PAIRS: tuple[Method, ...] = ("paired_t", "wilcoxon")
ON_RANKS: tuple[Method, ...] = ("mann_whitney", "kruskal", "wilcoxon")


@dataclass(frozen=True)
class Samples:
    """Numbers of independent groups.

    Attributes
    ----------
    values : one array a group, ascending
    weights : what each number counts for; all 1 where nothing is weighted
    """

    values: tuple[Floats, ...]
    weights: tuple[Floats, ...]
    is_weighted: bool = False

    @property
    def sizes(self) -> Floats:
        return np.array([len(v) for v in self.values], dtype=np.float64)

    @cached_property
    def bases(self) -> Floats:
        """Effective bases (Kish); the sizes where nothing is weighted."""
        return np.array([w.sum() ** 2 / (w**2).sum() for w in self.weights])

    @cached_property
    def means(self) -> Floats:
        both = zip(self.values, self.weights, strict=True)
        return np.array([np.average(v, weights=w) for v, w in both])

    @cached_property
    def variances(self) -> Floats:
        """With Bessel's correction on the effective bases."""
        each = zip(self.values, self.weights, self.means, self.bases, strict=True)
        return np.array([np.average((v - m) ** 2, weights=w) * b / (b - 1) for v, w, m, b in each])

    @cached_property
    def ranks(self) -> tuple[Floats, ...]:
        """Places of all numbers among all people, as shares of their weight; ties share one place."""
        values, weights = np.concatenate(self.values), np.concatenate(self.weights)
        steps, at = np.unique(values, return_inverse=True)
        held = np.bincount(at, weights=weights, minlength=len(steps))
        place = (np.cumsum(held) - held / 2) / weights.sum()
        return tuple(np.split(place[at], np.cumsum([len(v) for v in self.values])[:-1]))

    def pick(self, places: Sequence[int]) -> Samples:
        """Some of the groups."""
        return Samples(tuple(self.values[i] for i in places), tuple(self.weights[i] for i in places), self.is_weighted)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test said; ``df2`` is NaN where it has one number of degrees of freedom or none.

    ``omega`` is Hays' omega squared of an analysis of variance, NaN elsewhere.
    """

    method: Method
    sign: str
    statistic: float
    df: float
    df2: float
    p_value: float
    effect: Effect
    omega: float = nan


def tested(groups: Samples, method: Method) -> Outcome:
    """Compare independent groups by one of ``OF_TWO`` (two groups) or ``OF_MORE``.

    Notes
    -----
    Weighted means are tested on effective bases; weighted ranks by the design-based test of Lumley &
    Scott (2013), Biometrika 100. Unweighted tests are those of scipy and statsmodels.
    """
    made: Mapping[Method, Callable[[Samples], Outcome]] = {
        "student": _student, "welch": _welch, "mann_whitney": _mann_whitney,
        "anova": _anova, "welch_anova": _welch_anova, "kruskal": _kruskal,
    }  # fmt: skip
    return made[method](groups)


def _student(groups: Samples) -> Outcome:
    from scipy.stats import ttest_ind_from_stats

    (n, m), (x, y), (v, w) = groups.bases, groups.means, groups.variances
    t, p = ttest_ind_from_stats(x, sqrt(v), n, y, sqrt(w), m, equal_var=True)
    df = n + m - 2
    effect = standardised(float(t), df=df, per_t=sqrt(1 / n + 1 / m), df_of_sd=df, name="Hedges g")
    return Outcome("student", "t", float(t), df, nan, float(p), effect)


def _welch(groups: Samples) -> Outcome:
    """Effect: Hedges' g* on the mean of both variances (Delacre et al. 2021, PsyArXiv tu6mp)."""
    from scipy.stats import ttest_ind_from_stats

    (n, m), (x, y), (v, w) = groups.bases, groups.means, groups.variances
    t, p = ttest_ind_from_stats(x, sqrt(v), n, y, sqrt(w), m, equal_var=False)
    error = v / n + w / m
    df = error**2 / ((v / n) ** 2 / (n - 1) + (w / m) ** 2 / (m - 1))
    of_sd = (n - 1) * (m - 1) * (v + w) ** 2 / ((m - 1) * v**2 + (n - 1) * w**2)
    per_t = sqrt(error / ((v + w) / 2))
    effect = standardised(float(t), df=df, per_t=per_t, df_of_sd=of_sd, name="Hedges g*")
    return Outcome("welch", "t", float(t), float(df), nan, float(p), effect)


def _anova(groups: Samples) -> Outcome:
    return _oneway(groups, "anova", use_var="equal")


def _welch_anova(groups: Samples) -> Outcome:
    return _oneway(groups, "welch_anova", use_var="unequal")


def _oneway(groups: Samples, method: Method, *, use_var: str) -> Outcome:
    """Effect: eta squared as if the degrees of freedom within were those of all people, for Welch's F too,
    whose own are a matter of the smallest group."""
    from statsmodels.stats.oneway import anova_generic

    found = anova_generic(groups.means, groups.variances, groups.bases, use_var=use_var)
    f, between = float(found.statistic), float(found.df_num)
    all_people = between, float(groups.bases.sum()) - between - 1
    effect, omega = share_of_variance(f, df=all_people), omega_squared(f, all_people)
    return Outcome(method, "F", f, between, float(found.df_denom), float(found.pvalue), effect, omega)  # fmt: skip


def _mann_whitney(groups: Samples) -> Outcome:
    from scipy.stats import mannwhitneyu, t

    if not groups.is_weighted:
        u, p = mannwhitneyu(*groups.values, alternative="two-sided")
        return Outcome("mann_whitney", "U", float(u), nan, nan, float(p), cliff(*groups.values))
    gap, error = _mean_places(groups)
    df = groups.sizes.sum() - 2
    if error == 0:  # neither group varies
        return Outcome(
            "mann_whitney", "t", nan, df, nan, float(gap == 0), Effect("秩二列相关", 2 * gap)
        )
    half = float(t.ppf(0.975, df)) * error
    effect = Effect("秩二列相关", 2 * gap, max(2 * (gap - half), -1.0), min(2 * (gap + half), 1.0))
    statistic = gap / error
    return Outcome("mann_whitney", "t", statistic, df, nan, float(2 * t.sf(abs(statistic), df)), effect)  # fmt: skip


def _mean_places(groups: Samples) -> tuple[float, float]:
    """First minus second mean place of two weighted groups, and its linearised standard error."""
    means, covariance = _places(groups)
    return float(means[0] - means[1]), sqrt(covariance[0, 0] + covariance[1, 1])


def _places(groups: Samples) -> tuple[Floats, Floats]:
    """(k) mean place of each group; (k x k) their covariance, the sandwich of a regression on the groups."""
    both = list(zip(groups.ranks, groups.weights, strict=True))
    means = np.array([np.average(r, weights=w) for r, w in both])
    left = [(w * (r - m)) ** 2 for (r, w), m in zip(both, means, strict=True)]
    if (
        min(float(x.max()) for x in left) == 0
    ):  # nobody of a group differs: all groups lend their spread
        pooled = sum(float(x.sum()) for x in left) / sum(float((w**2).sum()) for w in groups.weights)  # fmt: skip
        left = [pooled * w**2 for w in groups.weights]
    spread = [float(x.sum()) / w.sum() ** 2 for x, w in zip(left, groups.weights, strict=True)]
    n = groups.sizes.sum()
    return means, np.diag(spread) * n / (n - 1)


def _kruskal(groups: Samples) -> Outcome:
    """Effect: epsilon squared, the share of the variance of ranks (Tomczak & Tomczak 2014)."""
    from scipy.stats import f as fisher
    from scipy.stats import kruskal

    n, k = groups.sizes.sum(), len(groups.values)
    df = float(k - 1), float(n - k)
    if not groups.is_weighted:
        h, p = kruskal(*groups.values)
        ratio = float(h) / df[0] / ((n - 1 - float(h)) / df[1])
        effect = share_of_variance(ratio, df=df, name="ε²")
        return Outcome("kruskal", "H", float(h), df[0], nan, float(p), effect)
    means, covariance = _places(groups)
    contrast = np.column_stack([-np.ones(k - 1), np.eye(k - 1)])
    gaps = contrast @ means
    wald = float(gaps @ np.linalg.solve(contrast @ covariance @ contrast.T, gaps)) / df[0]
    effect = share_of_variance(wald, df=df, name="ε²")
    return Outcome("kruskal", "F", wald, *df, float(fisher.sf(wald, *df)), effect)


def paired(gaps: Floats, weight: Floats, method: Method) -> Outcome:
    """Test the differences of pairs; Wilcoxon's ranks are never weighted.

    Parameters
    ----------
    gaps : (n) first minus second of the same people, not all 0
    weight : (n) positive
    """
    from scipy.stats import wilcoxon

    from insight.stats.paired import paired_t

    if method == "wilcoxon":
        w, p = wilcoxon(gaps)
        return Outcome("wilcoxon", "W", float(w), nan, nan, float(p), matched(gaps))
    found = paired_t(gaps, np.zeros_like(gaps), weight)
    base = float(weight.sum() ** 2 / (weight**2).sum())
    effect = standardised(found.t, df=base - 1, per_t=1 / sqrt(base), df_of_sd=base - 1, name="Hedges g（差值）")  # fmt: skip
    return Outcome("paired_t", "t", found.t, base - 1, nan, found.p_value, effect)
