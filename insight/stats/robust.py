"""How far a new value lies from the usual ones, judged by their median so that old outliers do not hide it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 6  # earlier values that tell what is usual


@dataclass(frozen=True, slots=True)
class Distance:
    """Where a value lies.

    Attributes
    ----------
    usual : median of the earlier values
    z : robust z; None where they do not vary
    p_value : two-sided, Student's t with one degree of freedom less than there are earlier values
    """

    usual: float
    z: float | None
    p_value: float


def distance(value: float, earlier: NDArray[np.float64]) -> Distance | None:
    """The robust z of a value; None with fewer than six earlier values.

    Notes
    -----
    Iglewicz & Hoaglin (1993), *How to Detect and Handle Outliers*: (x - median) / (1.4826 MAD); where more
    than half of the values are equal, 1.2533 times the mean absolute deviation takes the MAD's place.
    """
    from scipy.stats import t

    if earlier.size < LEAST:
        return None
    usual = float(np.median(earlier))
    off = np.abs(earlier - usual)
    spread = 1.4826 * float(np.median(off)) or 1.2533 * float(off.mean())
    if spread < 1e-12 * max(1.0, abs(usual)):
        return Distance(usual, None, 1.0)
    z = (value - usual) / spread
    return Distance(usual, z, float(2 * t.sf(abs(z), earlier.size - 1)))
