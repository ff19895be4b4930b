"""The change of a sum of products split into what each factor adds, without a rest (LMDI-I)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def log_mean(a: Values, b: Values) -> Values:
    """The logarithmic mean (a - b) / ln(a / b); a where both are equal, 0 where one of them is 0.

    Parameters
    ----------
    a, b : (n) at least 0
    """
    both = (a > 0) & (b > 0)
    differ = both & ~np.isclose(a, b, rtol=1e-9, atol=0)
    mean = np.where(both, (a + b) / 2, 0.0)
    mean[differ] = (a[differ] - b[differ]) / np.log(a[differ] / b[differ])
    return mean


def effects(before: Values, after: Values, *, carrier: int) -> Values:
    """What each factor of each group adds to the change of the sum.

    Parameters
    ----------
    before, after : (n_groups, n_factors) the value of a group is the product of its factors, all at
        least 0; a group that is absent has 0 in the factor ``carrier``
    carrier : the factor that a group's coming or going is put down to

    Returns
    -------
    (n_groups, n_factors) whose sum is the change of the sum of all products

    Notes
    -----
    Ang (2005), Energy Policy 33: additive LMDI-I, the weight of a group is the logarithmic mean of its
    two values. Zeros: the analytical limit (Ang & Liu 2007, Energy Policy 35; Wood & Lenzen 2006): as a
    factor goes to 0 alone, the whole change of its group is the effect of that factor.
    """
    v0, v1 = before.prod(axis=1), after.prod(axis=1)
    there = (v0 > 0) & (v1 > 0)
    parts = np.zeros_like(before)
    ratio = np.log(after[there] / before[there])
    parts[there] = log_mean(v1[there], v0[there])[:, None] * ratio
    parts[~there, carrier] = (v1 - v0)[~there]
    return parts
