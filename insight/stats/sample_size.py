"""How many people each arm of a test needs, and what a test of given size can find."""

from __future__ import annotations

from math import ceil, sqrt

_CLOSE = 1e-6  # of a share


def per_arm(first: float, second: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """People in each of two equal arms.

    Parameters
    ----------
    first, second : shares in the two arms, which must differ
    alpha : two-sided level
    power : chance to find the difference if it is there

    Notes
    -----
    n = (z_(α/2) √(2 p̄ q̄) + z_β √(p₁q₁ + p₂q₂))² / (p₁ − p₂)²; Fleiss, Levin & Paik (2003), *Statistical
    Methods for Rates and Proportions*, ch. 4, without the continuity correction.

    >>> per_arm(0.12, 0.10)
    3841
    """
    return held_out(first, second, ratio=1.0, alpha=alpha, power=power)


def held_out(touched: float, alone: float, *, ratio: float, alpha: float = 0.05, power: float = 0.8) -> int:  # fmt: skip
    """People in the arm that is left alone, where ``ratio`` times as many are touched (same source, eq. 4.19).

    >>> held_out(0.12, 0.10, ratio=4.0)
    2445
    """
    from scipy.stats import norm

    mean = (alone + ratio * touched) / (1 + ratio)
    sure = norm.ppf(1 - alpha / 2) * sqrt((1 + 1 / ratio) * mean * (1 - mean))
    found = norm.ppf(power) * sqrt(alone * (1 - alone) + touched * (1 - touched) / ratio)
    n: int = ceil(((sure + found) / (touched - alone)) ** 2)
    return n


def detectable(alone: float, *, n_alone: int, ratio: float, alpha: float = 0.05, power: float = 0.8) -> float | None:  # fmt: skip
    """The smallest rise of the share that such a test finds [share]; None where even all of it is not found."""
    if n_alone < 1 or held_out(1.0, alone, ratio=ratio, alpha=alpha, power=power) > n_alone:
        return None
    low, high = 0.0, 1.0 - alone
    while high - low > _CLOSE:
        middle = (low + high) / 2
        if held_out(alone + middle, alone, ratio=ratio, alpha=alpha, power=power) > n_alone:
            low = middle
        else:
            high = middle
    return high
