"""How large a difference is, with its interval: standardised means, shares of variance, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, exp, isnan, lgamma, log, nan, sqrt, tanh

import numpy as np

from insight.stats.differences import RANK_STEPS, SHARE_STEPS, SIZES
from insight.stats.proportions import Floats

Z = 1.959963984540054  # 97.5 % of the standard normal
MOST_EXACT, MOST_DF = 30.0, 5_000.0  # beyond, noncentral t is normal, and scipy's loses its digits


@dataclass(frozen=True, slots=True)
class Effect:
    """A size with its 95 % interval; NaN where it is not known."""

    name: str
    value: float
    low: float = nan
    high: float = nan


def noncentrality(t: float, df: float) -> tuple[float, float]:
    """95 % interval of the noncentrality of Student's t that gave ``t``.

    Notes
    -----
    Cumming & Finch (2001), Educ Psychol Meas 61, by inversion of scipy's ``nct``.
    """
    from scipy.optimize import brentq
    from scipy.stats import nct

    if isnan(t) or not df > 0:
        return nan, nan
    if t < 0:  # far below 0 scipy's distribution function is not a number
        low, high = noncentrality(-t, df)
        return -high, -low
    width = sqrt(1 + t * t / (2 * df))
    if t > MOST_EXACT or df > MOST_DF:
        return t - Z * width, t + Z * width
    low, high = (
        float(brentq(lambda nc, p=p: float(nct.cdf(t, df, nc)) - p, -3.0, t + 5 * width))
        for p in (0.975, 0.025)
    )
    return low, high


def hedges(df: float) -> float:
    """Hedges' (1981) exact factor that takes the bias from a standardised difference."""
    return exp(lgamma(df / 2) - lgamma((df - 1) / 2) - log(df / 2) / 2) if df > 1 else nan


def standardised(t: float, *, df: float, per_t: float, df_of_sd: float, name: str) -> Effect:
    """Hedges' g from a t statistic.

    Parameters
    ----------
    per_t : what one unit of t is worth in standard deviations
    df_of_sd : degrees of freedom of that standard deviation
    """
    factor = hedges(df_of_sd) * per_t
    low, high = (bound * factor for bound in noncentrality(t, df))
    return Effect(name, t * factor, low, high)


def share_of_variance(f: float, *, df: tuple[float, float], name: str = "η²") -> Effect:
    """Eta squared of an F statistic, its interval by the noncentral F (statsmodels)."""
    from statsmodels.stats.oneway import confint_effectsize_oneway

    if isnan(f) or df[1] <= 0:
        return Effect(name, nan)
    eta = f * df[0] / (f * df[0] + df[1])
    with np.errstate(divide="ignore"):  # a bound of 0
        low, high = confint_effectsize_oneway(f, df, nobs=df[0] + df[1] + 1).eta2
    return Effect(name, eta, max(float(low), 0.0), min(float(high), 1.0))


def omega_squared(f: float, df: tuple[float, float]) -> float:
    """Hays' (1963) share of variance without the bias of eta squared, never below 0."""
    gain = df[0] * (f - 1)
    return max(0.0, gain / (gain + df[0] + df[1] + 1))


def cliff(first: Floats, second: Floats) -> Effect:
    """Rank-biserial correlation (Cliff's delta) of two groups: P(first > second) - P(first < second).

    Notes
    -----
    Cliff (1993), Psychol Bull 114: unbiased variance and asymmetric interval, for ranks with ties; of groups
    that do not overlap the bound of Feng & Cliff (2004), J Mod Appl Stat Methods 3.
    """
    n, m = len(first), len(second)
    a, b = np.sort(first), np.sort(second)
    below, upto = np.searchsorted(b, a, "left"), np.searchsorted(b, a, "right")
    row = (below - (m - upto)) / m
    column = ((n - np.searchsorted(a, b, "right")) - np.searchsorted(a, b, "left")) / n
    d = float(row.mean())
    if n < 2 or m < 2:
        return Effect("秩二列相关", d)
    if abs(d) == 1:  # all of one group above all of the other
        bound = (min(n, m) - Z**2) / (min(n, m) + Z**2)
        return Effect("秩二列相关", d, *sorted((d * bound, d)))
    untied = float((m - (upto - below)).sum())
    spread = m**2 * ((row - d) ** 2).sum() + n**2 * ((column - d) ** 2).sum() - (untied - n * m * d**2)  # fmt: skip
    variance = max(float(spread) / (n * m * (n - 1) * (m - 1)), (1 - d**2) / (n * m - 1))
    half = Z * sqrt(variance) * sqrt((1 - d**2) ** 2 + Z**2 * variance)
    low, high = ((d - d**3 + side * half) / (1 - d**2 + Z**2 * variance) for side in (-1, 1))
    return Effect("秩二列相关", d, max(low, -1.0), min(high, 1.0))


def matched(gaps: Floats) -> Effect:
    """Rank-biserial correlation of paired differences, zeros left out (Kerby 2014).

    Notes
    -----
    Interval: Fisher's z with the variance of the signed rank sum, as the R package effectsize has it.
    """
    from scipy.stats import rankdata

    moved = gaps[gaps != 0]
    n = len(moved)
    if not n:
        return Effect("配对秩二列相关", nan)
    ranks = rankdata(np.abs(moved))
    r = float((ranks * np.sign(moved)).sum() / ranks.sum())
    if abs(r) >= 1:
        return Effect("配对秩二列相关", r)
    half = Z * sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n * n + n) / 2)
    return Effect("配对秩二列相关", r, tanh(atanh(r) - half), tanh(atanh(r) + half))


def size_of(effect: Effect) -> str:
    """可忽略, 小, 中 or 大; "" where the effect is unknown.

    Notes
    -----
    Standardised means and shares of variance: Cohen (1988); ranks: Romano et al. (2006).
    """
    if isnan(effect.value):
        return ""
    steps = next((s for word, s in _STEPS.items() if effect.name.endswith(word)), SHARE_STEPS)
    return SIZES[sum(abs(effect.value) >= step for step in steps)]


_STEPS = {"²": (0.01, 0.06, 0.14), "相关": RANK_STEPS, "V": (0.1, 0.3, 0.5)}
