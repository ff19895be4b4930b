"""Two numbers of the same person: by how much they differ, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from insight.stats.proportions import Floats


@dataclass(frozen=True, slots=True)
class Paired:
    """First minus second, on average; NaN where nothing can be said.

    Attributes
    ----------
    low, high : 95 % interval
    effect : Cohen's d of the differences
    """

    difference: float
    low: float
    high: float
    t: float
    p_value: float
    effect: float


def paired_t(first: Floats, second: Floats, weight: Floats) -> Paired:
    """Student's t of the differences, two-sided.

    Parameters
    ----------
    first, second : (n) of the same people
    weight : (n) positive; equal weights give scipy's ``ttest_rel``, others count n as Kish's
        effective base
    """
    from scipy.stats import t as student

    if not len(weight):
        return Paired(nan, nan, nan, nan, nan, nan)
    gaps = first - second
    mean = float(np.average(gaps, weights=weight))
    base = float(weight.sum() ** 2 / (weight**2).sum())
    if base <= 1:
        return Paired(mean, nan, nan, nan, nan, nan)
    spread = sqrt(float(np.average((gaps - mean) ** 2, weights=weight)) * base / (base - 1))
    if spread < 1e-12:
        return Paired(mean, mean, mean, nan, nan, nan)
    error = spread / sqrt(base)
    margin = float(student.ppf(0.975, base - 1)) * error
    t = mean / error
    return Paired(mean, mean - margin, mean + margin, t, float(2 * student.sf(abs(t), base - 1)), mean / spread)  # fmt: skip


def mcnemar(before: Floats, after: Floats) -> float:
    """Two-sided p of McNemar's exact test that as many people changed to 1 as to 0; 1 where nobody changed.

    Parameters
    ----------
    before, after : (n) 0 or 1 of the same people

    Notes
    -----
    McNemar (1947), Psychometrika 12; exact, by the binomial distribution of those who changed.
    """
    from scipy.stats import binomtest

    up, down = int((after > before).sum()), int((after < before).sum())
    return float(binomtest(up, up + down).pvalue) if up + down else 1.0
