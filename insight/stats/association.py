"""Two ways of dividing people: whether they are related, how strongly, and in which cells."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from insight.stats.proportions import Floats, two_sided

LEAST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Association:
    """What a table of counts says about the relation of its rows and columns.

    Attributes
    ----------
    chi2, df, p_value : Pearson's test; NaN, 0, NaN where a side has fewer than two groups with anybody
    v : Cramér's V, corrected for its bias [0 to 1]
    n_low : cells that expect fewer than five
    expected : (n_rows x n_columns) counts if there were no relation
    residual : (n_rows x n_columns) adjusted residual, standard normal without a relation; NaN where
        fewer than five are expected or the row or column holds everybody
    p_cell : (n_rows x n_columns) two-sided, not corrected
    """

    chi2: float
    df: int
    p_value: float
    v: float
    n_low: int
    expected: Floats
    residual: Floats
    p_cell: Floats


def association(counts: Floats) -> Association:
    """Test whether rows and columns are related, and each cell on its own.

    Parameters
    ----------
    counts : (n_rows x n_columns) people; rows and columns without anybody stay out of the test

    Notes
    -----
    Pearson (1900), by scipy, without a continuity correction; V: Cramér (1946) with the correction of
    Bergsma (2013), J Korean Stat Soc 42; adjusted residual: Haberman (1973), Biometrics 29.
    """
    from scipy.stats import chi2_contingency

    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    n = counts.sum()
    expected = np.outer(rows, columns) / n if n else np.zeros_like(counts)
    residual = _residuals(counts, expected, n)
    inner = counts[rows > 0][:, columns > 0]
    n_low = int((expected[rows > 0][:, columns > 0] < LEAST_EXPECTED).sum())
    if min(inner.shape) < 2:
        return Association(nan, 0, nan, nan, n_low, expected, residual, two_sided(residual))
    found = chi2_contingency(inner, correction=False)
    v = _unbiased_v(float(found.statistic), float(n), inner.shape)
    return Association(
        float(found.statistic), int(found.dof), float(found.pvalue), v, n_low, expected, residual, two_sided(residual)
    )  # fmt: skip


def _residuals(counts: Floats, expected: Floats, n: float) -> Floats:
    outside = np.outer(n - counts.sum(axis=1), n - counts.sum(axis=0)) / max(n, 1) ** 2
    spread = np.sqrt(expected * outside)
    tested = (spread > 0) & (expected >= LEAST_EXPECTED)
    return np.divide(counts - expected, spread, out=np.full_like(expected, np.nan), where=tested)


def _unbiased_v(chi2: float, n: float, shape: tuple[int, ...]) -> float:
    r, c = shape
    if n <= 1:
        return nan
    phi = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    r_, c_ = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    most = min(r_, c_) - 1
    return float(np.sqrt(phi / most)) if most > 0 else nan
