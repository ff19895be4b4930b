"""What lies behind the correlations of items: whether factoring makes sense, how many factors, which items load."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

import numpy as np

from insight.stats.proportions import Floats

Rotation = Literal["promax", "varimax", "none"]
LEAST_FOR_FACTORS = 3
LEAST_UNIQUE = 0.005  # of an item; below it the likelihood has no maximum (Heywood)
_SINGULAR = 1e-8  # smallest eigenvalue of correlations that can be inverted
_POWER = 4  # of promax, as R has it


@dataclass(frozen=True, slots=True)
class Factored:
    """A solution of k items and m factors.

    Attributes
    ----------
    loadings : (k, m) pattern
    uniqueness : (k) share of each item's variance that no factor explains
    between : (m, m) correlations of the factors
    """

    loadings: Floats
    uniqueness: Floats
    between: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a model reproduces the correlations; NaN where it has no degrees of freedom."""

    chi2: float
    df: int
    p_value: float
    rmsea: float
    cfi: float
    srmr: float


def is_singular(correlation: Floats) -> bool:
    """Whether an item follows from the others."""
    return bool(np.linalg.eigvalsh(correlation)[0] < _SINGULAR)


def adequacy(correlation: Floats) -> tuple[float, Floats]:
    """Kaiser, Meyer and Olkin: how much of the correlations is shared by all items.

    Returns
    -------
    the measure of the whole, and (k) that of each item

    Notes
    -----
    Kaiser & Rice (1974), Educ Psychol Meas 34.
    """
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(correlation), dtype=bool)
    direct, left = np.where(off, correlation, 0.0) ** 2, np.where(off, partial, 0.0) ** 2
    total = direct.sum() + left.sum()
    sides = direct.sum(axis=0) + left.sum(axis=0)
    each = np.divide(direct.sum(axis=0), sides, out=np.full(len(sides), np.nan), where=sides > 0)
    return float(direct.sum() / total) if total > 0 else nan, each


def sphericity(correlation: Floats, base: float) -> tuple[float, int, float]:
    """Bartlett's (1951) test that no items are correlated: chi2, degrees of freedom, p value."""
    from scipy.stats import chi2

    k = len(correlation)
    _, determinant = np.linalg.slogdet(correlation)
    statistic = -(base - 1 - (2 * k + 5) / 6) * float(determinant)
    df = k * (k - 1) // 2
    return statistic, df, float(chi2.sf(statistic, df))


def maximum_likelihood(correlation: Floats, n_factors: int) -> Factored:
    """The maximum likelihood solution; each factor points to where most items are.

    Parameters
    ----------
    correlation : (k, k) not singular

    Notes
    -----
    Jöreskog (1967), Psychometrika 32, with uniquenesses of at least 0.005, as R's ``factanal`` bounds
    them; statsmodels has the method without the bound and does not converge where an item would be
    explained wholly.
    """
    from scipy.optimize import minimize

    start = (1 - 0.5 * n_factors / len(correlation)) / np.diag(np.linalg.inv(correlation))
    found = minimize(
        _lack, np.clip(start, LEAST_UNIQUE, 1.0), args=(correlation, n_factors), jac=True, method="L-BFGS-B",
        bounds=[(LEAST_UNIQUE, 1.0)] * len(correlation), options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 1_000},
    )  # fmt: skip
    loadings = _loadings(found.x, correlation, n_factors)[0]
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return Factored(loadings, found.x, np.eye(n_factors))


def _lack(unique: Floats, correlation: Floats, n_factors: int) -> tuple[float, Floats]:
    """What the likelihood lacks of the best with these uniquenesses, and its slope."""
    loadings, values = _loadings(unique, correlation, n_factors)
    rest = np.maximum(values[: len(values) - n_factors], 1e-12)
    slope = np.diag(loadings @ loadings.T + np.diag(unique) - correlation) / unique**2
    return float((rest - np.log(rest) - 1).sum()), slope


def _loadings(unique: Floats, correlation: Floats, n_factors: int) -> tuple[Floats, Floats]:
    """The best loadings for given uniquenesses; the eigenvalues they come from, ascending."""
    scale = np.sqrt(unique)
    values, vectors = np.linalg.eigh(correlation / np.outer(scale, scale))
    top = slice(None, -n_factors - 1, -1)
    return scale[:, None] * vectors[:, top] * np.sqrt(np.maximum(values[top] - 1, 0.0)), values


def rotated(found: Factored, rotation: Rotation) -> Factored:
    """The factors turned towards simple structure, the one that explains most first.

    Notes
    -----
    Varimax of Kaiser (1958) with his normalisation, by statsmodels; promax of Hendrickson & White
    (1964) with power 4, as R's ``factanal`` has it.
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    if rotation == "none" or found.loadings.shape[1] < 2:
        return found
    common = np.sqrt(np.maximum((found.loadings**2).sum(axis=1), 1e-12))[:, None]
    turned = np.asarray(rotate_factors(found.loadings / common, "varimax")[0]) * common
    between = found.between
    if rotation == "promax":
        turned, between = _promax(turned)
    return _ordered(Factored(turned, found.uniqueness, between))


def _promax(loadings: Floats) -> tuple[Floats, Floats]:
    target = loadings * np.abs(loadings) ** (_POWER - 1)
    turn, *_ = np.linalg.lstsq(loadings, target)
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    return loadings @ turn, np.linalg.inv(turn.T @ turn)


def _ordered(found: Factored) -> Factored:
    signs = np.where(found.loadings.sum(axis=0) < 0, -1.0, 1.0)
    order = np.argsort(-(found.loadings**2).sum(axis=0), kind="stable")
    between = found.between * np.outer(signs, signs)
    return Factored((found.loadings * signs)[:, order], found.uniqueness, between[np.ix_(order, order)])  # fmt: skip


def fit_of(correlation: Floats, found: Factored, base: float) -> Fit:
    """How an unrotated maximum likelihood solution fits.

    Notes
    -----
    chi2 = (n - 1) F as of Jöreskog (1967); RMSEA of Steiger & Lind (1980), CFI of Bentler (1990).
    """
    from scipy.stats import chi2

    k, m = found.loadings.shape
    df, df_none = ((k - m) ** 2 - k - m) // 2, k * (k - 1) // 2
    implied = found.loadings @ found.loadings.T + np.diag(found.uniqueness)
    srmr = sqrt(float(((correlation - implied)[np.tril_indices(k)] ** 2).mean()))
    if df <= 0:
        return Fit(nan, max(df, 0), nan, nan, nan, srmr)
    determinants = [float(np.linalg.slogdet(s)[1]) for s in (implied, correlation)]
    gap = determinants[0] - determinants[1] + float(np.trace(np.linalg.solve(implied, correlation))) - k  # fmt: skip
    statistic = max((base - 1) * gap, 0.0)
    lack, lack_none = max(statistic - df, 0.0), max(-(base - 1) * determinants[1] - df_none, 0.0)
    worst = max(lack, lack_none)
    return Fit(statistic, df, float(chi2.sf(statistic, df)), sqrt(lack / (df * (base - 1))), 1 - lack / worst if worst else 1.0, srmr)  # fmt: skip


def parallel(
    correlation: Floats, base: float, *, n_samples: int, seed: int
) -> tuple[Floats, Floats]:
    """Horn's (1965) parallel analysis.

    Returns
    -------
    (k) eigenvalues of the correlations, and (k) the 95th percentile of those of unrelated normal items,
        both descending

    Notes
    -----
    Covariances of normal items are drawn straight from Wishart's distribution, so that the number of
    respondents costs nothing.
    """
    from scipy.stats import wishart

    k = len(correlation)
    drawn = wishart(df=max(round(base) - 1, k), scale=np.eye(k)).rvs(n_samples, random_state=np.random.default_rng(seed))  # fmt: skip
    spreads = np.sqrt(np.diagonal(drawn, axis1=1, axis2=2))
    random = np.linalg.eigvalsh(drawn / (spreads[:, :, None] * spreads[:, None, :]))[:, ::-1]
    real: Floats = np.asarray(np.linalg.eigvalsh(correlation)[::-1], dtype=np.float64)
    return real, np.percentile(random, 95, axis=0)


def number_of_factors(real: Floats, random: Floats) -> int:
    """How many leading eigenvalues are beyond chance: at least one, at most what can be identified."""
    beyond = real > random
    leading = int(beyond.argmin()) if not beyond.all() else len(real)
    return max(1, min(leading, most_factors(len(real))))


def most_factors(n_items: int) -> int:
    """The largest number of factors that leaves the model no less than identified (Ledermann 1937).

    Examples
    --------
    >>> [most_factors(k) for k in (3, 5, 6, 9)]
    [1, 2, 3, 5]
    """
    return int((2 * n_items + 1 - sqrt(8 * n_items + 1)) / 2 + 1e-9)
