"""Groups that are only likely, carried into figures: several completed data sets, pooled by Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.stats import multinomial
from insight.stats.kmeans import Labels, sampled
from insight.stats.proportions import Floats

DRAWS = 20


@dataclass(frozen=True, slots=True)
class Pooled:
    """Figures of several completed data sets, pooled; each of one value per figure.

    Attributes
    ----------
    low, high : 95 % interval by Student's t
    """

    value: Floats
    low: Floats
    high: Floats


def imputed(
    features: Floats, groups: Labels, unknown: Floats, *, strength: float, seed: int, draws: int = DRAWS
) -> NDArray[np.int64]:  # fmt: skip
    """Draw the group of people of whom only the features are known.

    Parameters
    ----------
    features, groups : (n x p), (n) people whose group is known
    unknown : (n_unknown x p)
    strength : as ``multinomial.fit``

    Returns
    -------
    (draws x n_unknown) groups: each time the model is learnt from another bootstrap sample, and the group
        drawn by its chances, so that neither the model nor the guess is taken for certain

    Notes
    -----
    Rubin (1987), *Multiple Imputation for Nonresponse in Surveys*, approximate Bayesian bootstrap.
    """
    rng, n_groups = np.random.default_rng(seed), int(groups.max()) + 1
    taught = sampled(len(groups), multinomial.MOST_TAUGHT, seed=seed)
    made = np.empty((draws, len(unknown)), dtype=np.int64)
    for draw in range(draws):
        again = _resampled(taught, groups, rng)
        model = multinomial.fit(features[again], groups[again], n_groups=n_groups, strength=strength)  # fmt: skip
        steps = multinomial.chances(model, unknown).cumsum(axis=1)
        made[draw] = (rng.random((len(unknown), 1)) > steps[:, :-1]).sum(axis=1)
    return made


def _resampled(taught: NDArray[np.intp], groups: Labels, rng: np.random.Generator) -> NDArray[np.intp]:  # fmt: skip
    """Positions drawn again within every group, so that each is still there."""
    own = (taught[groups[taught] == k] for k in np.unique(groups[taught]))
    return np.concatenate([rng.choice(one, len(one)) for one in own])


def pooled(estimates: Floats, variances: Floats) -> Pooled:
    """Pool the figures of m completed data sets.

    Parameters
    ----------
    estimates, variances : (m x q) each figure and its sampling variance

    Notes
    -----
    Rubin (1987), rules 3.1.2 to 3.1.6: total variance = mean of the variances + (1 + 1/m) times the variance
    of the estimates; (m - 1)(1 + 1/r)² degrees of freedom, r their ratio.
    """
    from scipy.stats import t

    m = len(estimates)
    within = variances.mean(axis=0)
    between = (1 + 1 / m) * estimates.var(axis=0, ddof=1)
    ratio = np.divide(between, within, out=np.zeros_like(within), where=within > 0)
    df = (m - 1) * (1 + 1 / np.maximum(ratio, 1e-6)) ** 2
    reach = t.ppf(0.975, df) * np.sqrt(within + between)
    value = estimates.mean(axis=0)
    return Pooled(value, value - reach, value + reach)
