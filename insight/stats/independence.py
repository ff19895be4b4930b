"""Whether two questions are related: Pearson's test and what SPSS prints beside it, exact and weighted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt
from types import MappingProxyType
from typing import Literal

import numpy as np

from insight.stats.association import LEAST_EXPECTED
from insight.stats.proportions import Floats

Kind = Literal[
    "pearson",
    "yates",
    "likelihood",
    "fisher",
    "monte_carlo",
    "rao_scott",
    "decady_thomas",
    "bonferroni",
]
NAMES: Mapping[Kind, str] = MappingProxyType({
    "pearson": "Pearson χ²", "yates": "连续性校正 χ²（Yates）", "likelihood": "似然比 χ²", "fisher": "Fisher 精确检验",
    "monte_carlo": "Fisher–Freeman–Halton 精确检验（Monte Carlo）", "rao_scott": "Rao–Scott 一阶校正 χ²",
    "decady_thomas": "各选项 χ² 之和（Decady–Thomas）", "bonferroni": "各选项最小 p 的 Bonferroni 界",
})  # fmt: skip
MOST_LOW = 0.2  # share of cells expecting fewer than five beyond which χ² is not to be trusted


@dataclass(frozen=True, slots=True)
class Tested:
    """One test of independence; NaN where it has no such figure.

    Attributes
    ----------
    error : standard error of the p value, where it was drawn at random
    """

    kind: Kind
    statistic: float
    df: float
    p_value: float
    error: float = nan


def tests_of(counts: Floats, *, n_samples: int, seed: int) -> tuple[Tested, ...]:
    """All tests of a table of unweighted counts, the one to be believed first.

    Parameters
    ----------
    counts : (r >= 2, c >= 2) people, no empty row or column
    n_samples : tables to draw where r x c calls for an exact test

    Notes
    -----
    The exact test leads where more than a fifth of the cells expect fewer than five (Cochran 1954).
    """
    made = [_chi2(counts, "pearson"), _chi2(counts, "likelihood")]
    if counts.shape == (2, 2):
        made += [_chi2(counts, "yates"), _fisher(counts)]
    if too_thin(counts):
        exact = made.pop() if counts.shape == (2, 2) else _drawn(counts, n_samples, seed)
        made.insert(0, exact)
    return tuple(made)


def expected_of(counts: Floats) -> Floats:
    """(r, c) counts if rows and columns were not related."""
    total: Floats = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return total


def too_thin(counts: Floats) -> bool:
    """Whether more than a fifth of the cells expect fewer than five people."""
    return bool((expected_of(counts) < LEAST_EXPECTED).mean() > MOST_LOW)


def _chi2(counts: Floats, kind: Kind) -> Tested:
    from scipy.stats import chi2_contingency

    power = "log-likelihood" if kind == "likelihood" else "pearson"
    found = chi2_contingency(counts, correction=kind == "yates", lambda_=power)
    return Tested(kind, float(found.statistic), float(found.dof), float(found.pvalue))


def _fisher(counts: Floats) -> Tested:
    from scipy.stats import fisher_exact

    return Tested("fisher", nan, nan, float(fisher_exact(counts.astype(np.int64)).pvalue))


def _drawn(counts: Floats, n_samples: int, seed: int) -> Tested:
    """Freeman & Halton (1951), Biometrika 38, over random tables with the same margins, by scipy."""
    from scipy.stats import MonteCarloMethod, fisher_exact

    method = MonteCarloMethod(n_resamples=n_samples, rng=np.random.default_rng(seed))
    p_value = float(fisher_exact(counts.astype(np.int64), method=method).pvalue)
    return Tested("monte_carlo", nan, nan, p_value, sqrt(p_value * (1 - p_value) / n_samples))


def rao_scott(weights: Floats, squares: Floats, n: int) -> tuple[Tested, float]:
    """The test of a table whose people carry weights, and the design effect it is corrected by.

    Parameters
    ----------
    weights, squares : (r, c) sums of the weights and of their squares, no empty row or column
    n : people in the table

    Notes
    -----
    Rao & Scott (1984), Ann Stat 12, first order; as PROC SURVEYFREQ of SAS/STAT computes it without
    strata and clusters. Equal weights give Pearson's test.
    """
    from scipy.stats import chi2

    share = weights / weights.sum()
    null = expected_of(share)
    pearson = n * float(((share - null) ** 2 / null).sum())
    r, c = weights.shape
    sides = (weights, squares), (weights.sum(axis=1), squares.sum(axis=1)), (weights.sum(axis=0), squares.sum(axis=0))  # fmt: skip
    inner, *margins = (_effects(w, q, n) for w, q in sides)
    df = (r - 1) * (c - 1)
    design = (inner - sum(margins)) / df
    statistic = pearson / design
    return Tested("rao_scott", statistic, float(df), float(chi2.sf(statistic, df))), design


def _effects(weights: Floats, squares: Floats, n: int) -> float:
    """Sum of (1 - p) x design effect of the shares; a share of nothing has the effect of the weights alone."""
    total, all_squares = weights.sum(), squares.sum()
    p = weights / total
    variance = n / (n - 1) * (squares * (1 - p) ** 2 + (all_squares - squares) * p**2) / total**2
    plain = p * (1 - p) / (n - 1)
    effect = np.divide(variance, plain, out=np.full(p.shape, n * all_squares / total**2), where=plain > 0)  # fmt: skip
    return float(((1 - p) * effect).sum())


def v_interval(
    statistic: float, df: float, *, n: float, shape: tuple[int, ...]
) -> tuple[float, float, float]:
    """Cramér's V with its 95 % interval.

    Parameters
    ----------
    statistic, df : of Pearson's test
    n : people, or what their weights are worth

    Notes
    -----
    Interval: the noncentrality that would give such a χ² in 2.5 % of samples on either side, plus the
    degrees of freedom that chance adds to χ² (Smithson 2003, *Confidence Intervals*); 0 below where it is 0.
    """
    most = n * (min(shape) - 1)
    low, high = (_noncentral(statistic, df, p) for p in (0.975, 0.025))
    lower = sqrt((low + df) / most) if low > 0 else 0.0
    v = sqrt(statistic / most)
    return v, lower, max(v, min(sqrt((high + df) / most), 1.0))


def _noncentral(statistic: float, df: float, p: float) -> float:
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    if chi2.cdf(statistic, df) <= p:
        return 0.0
    top = statistic + 10 * sqrt(2 * (df + 2 * statistic)) + 50
    return float(brentq(lambda nc: float(ncx2.cdf(statistic, df, nc)) - p, 1e-9, top))
