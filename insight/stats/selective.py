"""Many rows of many comparisons each: which rows differ at all, then where, at one false discovery rate."""

from __future__ import annotations

import numpy as np

from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats


def selective(p_values: Floats, *, level: float) -> Floats:
    """Correct the comparisons of the rows that stand out from all rows; the others count as no finding.

    Parameters
    ----------
    p_values : (n_rows, n_tests) NaN = not tested
    level : at which a row is taken to stand out

    Returns
    -------
    adjusted p values (n_rows, n_tests): BH within the row, times rows tested / rows that stand out; 1 in
    rows that do not. So the expected share of false findings, on average over the rows that stand out,
    stays below ``level``, and a row without differences is hardly ever among them.

    Notes
    -----
    Benjamini & Bogomolov (2014), J R Stat Soc B 76, 297-318; a row's own p is that of Simes.
    """
    within = adjusted(p_values, "bh", axis=1)
    tested = ~np.isnan(within).all(axis=1)
    simes = np.full(len(within), np.nan)
    simes[tested] = np.nanmin(within[tested], axis=1)
    with np.errstate(invalid="ignore"):
        stands_out = adjusted(simes, "bh") <= level
    n_chosen = int(stands_out.sum())
    factor = tested.sum() / n_chosen if n_chosen else np.inf
    found = np.where(stands_out[:, None], np.minimum(within * factor, 1.0), 1.0)
    return np.where(np.isnan(within), np.nan, found)
