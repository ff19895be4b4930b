"""How sure a mean is, and whether two means differ."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np

from insight.stats.proportions import Floats

DRAWS = 2_000
MOST_DRAWN = 5_000  # values; the mean of more is near enough to normal, and drawing them takes long


def mean_interval(values: Floats, *, seed: int) -> tuple[float, float]:
    """The 95 % interval of the mean: bootstrap of up to ``MOST_DRAWN`` values, of more Student's t.

    Parameters
    ----------
    values : (n >= 2) in any order

    Notes
    -----
    Efron & Tibshirani (1993), percentile interval of 2,000 samples, by scipy; it never leaves the range
    of the values, as the t interval of a few amounts with many zeros does.
    """
    from scipy.stats import bootstrap, t

    if len(values) > MOST_DRAWN:
        half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / sqrt(len(values))
        return float(values.mean() - half), float(values.mean() + half)
    drawn = bootstrap(
        (np.sort(values),), np.mean, n_resamples=DRAWS, batch=200, method="percentile",
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)


def means_differ(first: Floats, second: Floats) -> float:
    """p value of the difference between the means of two independent groups; NaN where neither varies.

    Notes
    -----
    Welch (1947), Biometrika 34, two-sided, by scipy: the means of amounts are compared, as they are shown;
    a rank test would speak of something else.
    """
    from scipy.stats import ttest_ind_from_stats

    if min(len(first), len(second)) < 2 or np.ptp(first) == np.ptp(second) == 0:
        return nan
    known = [float(x) for v in (first, second) for x in (v.mean(), v.std(ddof=1), len(v))]
    return float(ttest_ind_from_stats(*known, equal_var=False).pvalue)
