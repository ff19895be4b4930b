"""Whether a share rises or falls along ordered groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.stats.proportions import Floats, two_sided


@dataclass(frozen=True, slots=True)
class Trend:
    """Of every row: the change of the share from one group to the next, its z and two-sided p; NaN = not tested."""

    step: Floats
    z: Floats
    p_value: Floats


def share_trend(share: Floats, base: Floats) -> Trend:
    """Test each row for a trend over its columns, which are one step apart.

    Parameters
    ----------
    share, base : (n_rows, n_columns) in order; bases are effective ones where the data are weighted; columns
        without a base do not count

    Returns
    -------
    Trend, NaN where fewer than three columns have a base, or all shares are 0 or all are 1

    Notes
    -----
    Cochran (1954), Biometrics 10; Armitage (1955), Biometrics 11; as R's prop.trend.test. The step is the
    slope of the least squares line through the shares, weighted by the bases.
    """
    there = (base > 0) & ~np.isnan(share)
    b, p = np.where(there, base, 0.0), np.where(there, share, 0.0)
    score = np.arange(share.shape[1], dtype=np.float64)
    total = b.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (b * p).sum(axis=1, keepdims=True) / total
        away = score - (b * score).sum(axis=1, keepdims=True) / total
        moment, spread = (b * away * (p - pooled)).sum(axis=1), (b * away**2).sum(axis=1)
        step = moment / spread
        z = moment / np.sqrt((pooled * (1 - pooled)).ravel() * spread)
    testable = (there.sum(axis=1) >= 3) & np.isfinite(z)
    z = np.where(testable, z, np.nan)
    return Trend(np.where(testable, step, np.nan), z, two_sided(z))
