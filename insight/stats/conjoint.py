"""What attributes and their levels are worth, from ratings of cards or from choices, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.stats.conditional_logit import Choices, Fit, fit
from insight.stats.part_worths import Coding, importance, rated

Floats = NDArray[np.float64]
DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Values with their 95 % bounds; NaN where nothing bounds them."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class RatedWorths:
    """Part-worths of ratings.

    Attributes
    ----------
    levels, attributes : mean part-worths and mean importance over people
    individual : (n x n_levels) of each person; NaN where too few cards were rated
    fits : (n) R-squared of each person, NaN where all cards got one rating
    """

    levels: Estimate
    attributes: Estimate
    individual: Floats
    fits: Floats


@dataclass(frozen=True, slots=True)
class ChosenWorths:
    """Part-worths of choices: of everybody together; ``none`` is the utility of choosing nothing."""

    levels: Estimate
    attributes: Estimate
    none: float | None
    fit: Fit


def worths_of_ratings(
    cards: Floats, ratings: Floats, *, weight: Floats, coding: Coding
) -> RatedWorths:
    """Least squares person by person, then averaged (Bąk and Bartłomowicz 2012, R package conjoint).

    Parameters
    ----------
    cards : (n_cards x p) effects codes
    ratings : (n x n_cards) NaN = not rated
    weight : (n) positive numbers
    """
    estimates, fits = rated(cards, ratings)
    individual = estimates @ coding.spread
    shares = importance(individual, coding)
    return RatedWorths(_averaged(individual, weight), _averaged(shares, weight), individual, fits)


def _averaged(values: Floats, weight: Floats) -> Estimate:
    """Weighted mean of each column with its t interval on Kish's effective base."""
    from scipy.stats import t

    known = ~np.isnan(values).any(axis=1)
    x, w = values[known], weight[known]
    if not len(x):
        gone = np.full(values.shape[1], np.nan)
        return Estimate(gone, gone, gone)
    mean = np.asarray(w @ x / w.sum(), dtype=np.float64)
    base = float(w.sum() ** 2 / (w**2).sum())
    if base <= 1:
        gone = np.full_like(mean, np.nan)
        return Estimate(mean, gone, gone)
    spread = np.sqrt(w @ (x - mean) ** 2 / w.sum() * base / (base - 1) / base)
    reach = float(t.ppf(0.975, base - 1)) * spread
    return Estimate(mean, mean - reach, mean + reach)


def worths_of_choices(
    choices: Choices, *, coding: Coding, has_none: bool, seed: int
) -> ChosenWorths | None:
    """Conditional logit of all choices; importance with bounds from draws of the estimates.

    Parameters
    ----------
    choices : ``x`` holds the effects codes and, where ``has_none``, a last column that is 1 for "none"
    coding : attributes and levels of the codes

    Returns
    -------
    None where the choices do not determine the utilities (see ``conditional_logit.fit``)

    Notes
    -----
    Krinsky and Robb (1986), Rev Econ Stat 68, for the bounds of importance; standard errors are clustered
    by person.
    """
    fitted = fit(choices)
    if fitted is None:
        return None
    n_codes = len(coding.spread)
    beta, covariance = fitted.beta[:n_codes], fitted.clustered[:n_codes, :n_codes]
    levels = beta @ coding.spread
    error = np.sqrt(np.maximum(np.diag(coding.spread.T @ covariance @ coding.spread), 0))
    drawn = np.random.default_rng(seed).multivariate_normal(beta, covariance, size=DRAWS, method="cholesky")  # fmt: skip
    low, high = np.quantile(importance(drawn @ coding.spread, coding), [0.025, 0.975], axis=0)
    return ChosenWorths(
        Estimate(levels, levels - 1.959963984540054 * error, levels + 1.959963984540054 * error),
        Estimate(importance(levels[None], coding)[0], low, high),
        float(fitted.beta[n_codes]) if has_none else None,
        fitted,
    )


def logit_shares(utility: Floats) -> Floats:
    """(... x n_products) shares of products by their utilities."""
    raised = np.exp(utility - utility.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def first_choices(utility: Floats) -> Floats:
    """(n x n_products) 1 for the most useful product of each person, shared among equals."""
    best = utility >= utility.max(axis=-1, keepdims=True) - 1e-9
    shares: Floats = best / best.sum(axis=-1, keepdims=True)
    return shares
