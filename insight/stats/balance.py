"""How far two groups differ, in standard deviations: no test, so the size of the sample does not matter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

NOTABLE = 0.1  # Austin (2009)


def mean_difference(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """Standardised difference of two means.

    Parameters
    ----------
    first, second : values of either group, any unit

    Returns
    -------
    (m1 - m2) / sqrt((s1^2 + s2^2) / 2); nan where a group has fewer than two values;
    0 where all values are equal, +-inf where only the means differ

    Notes
    -----
    Austin (2009), Statistics in Medicine 28, 3083-3107.

    Examples
    --------
    >>> round(mean_difference(np.array([1.0, 2, 3]), np.array([2.0, 3, 4])), 3)
    -1.0
    """
    if len(first) < 2 or len(second) < 2:
        return float("nan")
    gap = float(np.mean(first) - np.mean(second))
    spread = float(np.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / 2))
    return _over(gap, spread)


def share_difference(first: float, second: float) -> float:
    """Standardised difference of two shares (0..1): (p1 - p2) / sqrt((p1 q1 + p2 q2) / 2).

    Examples
    --------
    >>> round(share_difference(0.5, 0.4), 4)
    0.2020
    """
    spread = float(np.sqrt((first * (1 - first) + second * (1 - second)) / 2))
    return _over(first - second, spread)


def _over(gap: float, spread: float) -> float:
    if spread == 0:
        return 0.0 if gap == 0 else float(np.copysign(np.inf, gap))
    return gap / spread
