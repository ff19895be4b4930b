"""Whether several items measure one thing: alpha, omega, and what each item adds."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from insight.stats.factors import LEAST_FOR_FACTORS, Factored, is_singular, maximum_likelihood
from insight.stats.proportions import Floats

CLEAR = 0.3  # loading of an item that goes with the others, or against them


@dataclass(frozen=True, slots=True)
class Scale:
    """Complete answers to the items of a scale, as their moments.

    Attributes
    ----------
    covariance : (k, k) with Bessel's correction on the effective base; no item is constant
    base : effective (Kish)
    """

    means: Floats
    covariance: Floats
    base: float

    @property
    def spreads(self) -> Floats:
        """(k) standard deviations."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> Floats:
        """(k, k)"""
        made: Floats = self.covariance / np.outer(self.spreads, self.spreads)
        np.fill_diagonal(made, 1.0)
        return made


def scale_of(answers: Floats, weight: Floats) -> Scale:
    """The moments of (n, k) answers without gaps; ``weight`` (n) positive."""
    base = float(weight.sum() ** 2 / (weight**2).sum())
    means = np.average(answers, axis=0, weights=weight)
    far = answers - means
    spread = (far * weight[:, None]).T @ far / weight.sum()
    return Scale(means, spread * base / (base - 1), base)


def alpha(covariance: Floats) -> float:
    """Cronbach's (1951) alpha of (k, k) covariances, k >= 2; NaN where the sum does not vary.

    Examples
    --------
    >>> alpha(np.array([[2.0, 1.0], [1.0, 2.0]]))
    0.6666666666666667
    """
    k, total = len(covariance), covariance.sum()
    if total <= 1e-12 * np.trace(covariance):
        return nan
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def alpha_interval(value: float, *, base: float, n_items: int) -> tuple[float, float]:
    """95 % interval of alpha by the F distribution (Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11)."""
    from scipy.stats import f

    df = base - 1, (base - 1) * (n_items - 1)
    if df[0] <= 0:
        return nan, nan
    low, high = (1 - (1 - value) * float(f.ppf(p, *df)) for p in (0.975, 0.025))
    return low, high


def omega(scale: Scale, one_factor: Factored) -> float:
    """McDonald's (1999) omega total of the summed raw items, from the one-factor solution."""
    loadings = one_factor.loadings[:, 0] * scale.spreads
    unique = one_factor.uniqueness * np.diag(scale.covariance)
    common = float(loadings.sum() ** 2)
    return common / (common + float(unique.sum()))


def one_factor_of(scale: Scale) -> Factored | None:
    """The one-factor model; None below three items or where items follow from one another."""
    correlation = scale.correlation
    if len(correlation) < LEAST_FOR_FACTORS or is_singular(correlation):
        return None
    return maximum_likelihood(correlation, 1)


def directions(covariance: Floats) -> Floats:
    """(k) -1 for items that clearly run against most of the others, by the first principal component; else 1."""
    spreads = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(spreads, spreads))
    first = vectors[:, -1] * np.sqrt(values[-1])
    if (first < -CLEAR).sum() > (first > CLEAR).sum() or (
        first.sum() < 0 and (first < -CLEAR).sum() == (first > CLEAR).sum()
    ):
        first = -first
    signs: Floats = np.where(first < -CLEAR, -1.0, 1.0)
    return signs


def item_total(covariance: Floats) -> Floats:
    """(k) correlation of each item with the sum of the others; NaN where that does not vary."""
    with_rest = covariance.sum(axis=0) - np.diag(covariance)
    rest = covariance.sum() - 2 * covariance.sum(axis=0) + np.diag(covariance)
    spread = np.sqrt(np.diag(covariance) * np.maximum(rest, 0.0))
    unknown = np.full(len(covariance), np.nan)
    related: Floats = np.divide(with_rest, spread, out=unknown, where=spread > 1e-12)
    return related


def alpha_without(covariance: Floats) -> Floats:
    """(k) alpha of the other items; NaN where fewer than two are left."""
    k = len(covariance)
    if k < 3:
        return np.full(k, np.nan)
    return np.array([alpha(np.delete(np.delete(covariance, i, 0), i, 1)) for i in range(k)])
