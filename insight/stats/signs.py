"""Whether ups and downs of the same people are equally common."""

from __future__ import annotations

from math import nan


def sign_test(n_up: int, n_down: int) -> float:
    """Two-sided p value of the exact sign test; NaN where nobody moved.

    Notes
    -----
    Of two measurements that could as well have come in the other order, either is the larger one half of
    the time, however far extremes fall back to the mean. Computed by scipy.stats.binomtest.
    """
    from scipy.stats import binomtest

    n = n_up + n_down
    return float(binomtest(n_up, n).pvalue) if n else nan
