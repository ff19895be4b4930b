"""Trend, season and rest of a series by LOESS (STL), and how strong the first two are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
LEAST_CYCLES = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """A series split in three; they add up to it (of its logarithm where ``is_log``).

    Attributes
    ----------
    trend, season, rest : (n)
    is_log : the logarithm was split, so that a season is a ratio
    trend_strength, seasonal_strength : 0 = none, 1 = nothing else
    p_value : of the test that no phase of the cycle differs from another
    """

    trend: Values
    season: Values
    rest: Values
    is_log: bool
    trend_strength: float
    seasonal_strength: float
    p_value: float


def decomposed(values: Values, *, period: int) -> Parts:
    """Split a series with a season that is the same every cycle.

    Parameters
    ----------
    values : (n) without gaps, at least two cycles; all above 0: the logarithm is split
    period : values in a cycle

    Returns
    -------
    Parts; ``season`` has mean 0 over a cycle, and the same value at the same phase

    Raises
    ------
    ValueError : fewer than two cycles.

    Notes
    -----
    STL: Cleveland et al. (1990), J Off Stat 6, robust, periodic season (``s.window="periodic"`` of R:
    the seasonal values of each phase are averaged). Strengths: Wang, Smith & Hyndman (2006), Data Min
    Knowl Disc 13: 1 - Var(rest) / Var(rest + part), at least 0. Test: ``season_p``.
    """
    from statsmodels.tsa.seasonal import STL

    if values.size < LEAST_CYCLES * period:
        raise ValueError(f"{values.size} values make less than {LEAST_CYCLES} cycles of {period}")
    is_log = bool((values > 0).all())
    series = np.log(values) if is_log else values
    window = 10 * values.size + 1
    fitted = STL(series, period=period, seasonal=window, seasonal_deg=0, robust=True).fit()
    phase = np.arange(values.size) % period
    means = np.array([fitted.seasonal[phase == at].mean() for at in range(period)])
    season = (means - means.mean())[phase]
    trend = fitted.trend + means.mean()
    rest = series - trend - season
    return Parts(
        trend, season, rest, is_log, strength(rest, trend), strength(rest, season), season_p(series, phase)
    )  # fmt: skip


def strength(rest: Values, part: Values) -> float:
    """How much of the variance of a part and the rest together is the part's."""
    both = float(np.var(rest + part))
    return max(0.0, 1 - float(np.var(rest)) / both) if both > 1e-20 else 0.0


def season_p(series: Values, phase: NDArray[np.int64]) -> float:
    """The F test that all phases have one mean, beside a polynomial trend; 1 where nothing moves.

    Notes
    -----
    The degree of the trend is one less than the number of cycles, at most 3. The errors are taken as
    independent.
    """
    from scipy.stats import f as f_distribution

    n_phases = int(phase.max()) + 1
    degree = min(3, max(1, series.size // n_phases - 1))
    time = np.linspace(-1, 1, series.size)
    trend = np.vander(time, degree + 1)
    full = np.hstack([trend, np.eye(n_phases)[phase][:, 1:]])
    without, with_phases = _unexplained(trend, series), _unexplained(full, series)
    df = series.size - full.shape[1]
    if df <= 0 or with_phases <= 1e-12 * max(1.0, float(series @ series)):
        return 0.0 if without > 1e-9 * max(1.0, float(series @ series)) else 1.0
    f = (without - with_phases) / (n_phases - 1) / (with_phases / df)
    return float(f_distribution.sf(f, n_phases - 1, df))


def _unexplained(x: Values, y: Values) -> float:
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(rest @ rest)
