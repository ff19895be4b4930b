"""The next values of a series with intervals, and whether a model does better than repeating the last season."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.stats.seasonality import season_p

Values = NDArray[np.float64]
Method = Literal["theta", "drift", "naive"]
LEVELS = (0.8, 0.95)
LEAST, LEAST_ORIGINS, MOST_ORIGINS = 8, 3, 12
MOST_AHEAD = 60  # periods


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is expected next: (horizon) each, and the half width of one standard deviation."""

    mean: Values
    sigma: Values

    def bounds(self, level: float) -> tuple[Values, Values]:
        """The ends of the interval that holds ``level`` of all outcomes; sales are never below 0."""
        from scipy.stats import norm

        reach = norm.ppf((1 + level) / 2) * self.sigma
        return np.maximum(self.mean - reach, 0), np.maximum(self.mean + reach, 0)


def naive(values: Values, *, period: int, horizon: int) -> Ahead:
    """Repeat the last season.

    Notes
    -----
    Interval: Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), 5.5: the
    standard deviation of the seasonal differences grows with the root of the seasons ahead.
    """
    steps = np.arange(horizon)
    mean = values[-period:][steps % period]
    differences = values[period:] - values[:-period]
    sigma = float(np.sqrt(np.mean(differences**2)))
    return Ahead(mean, sigma * np.sqrt(steps // period + 1))


def drift(values: Values, *, period: int, horizon: int) -> Ahead:
    """Repeat the last season, moved by the average change from season to season.

    Notes
    -----
    Hyndman & Athanasopoulos 5.2 and 5.5 (random walk with drift, at the seasonal lag); the drift is known
    from k differences only, which widens the interval by k seasons ahead.
    """
    steps = np.arange(horizon)
    seasons = steps // period + 1
    differences = values[period:] - values[:-period]
    slope, n = float(differences.mean()), max(differences.size / period, 1.0)
    sigma = (
        float(np.sqrt(np.mean((differences - slope) ** 2))) if differences.size > 1 else abs(slope)
    )
    mean = np.maximum(values[-period:][steps % period] + slope * seasons, 0)
    return Ahead(mean, sigma * np.sqrt(seasons * (1 + seasons / n)))


def theta(values: Values, *, period: int, horizon: int) -> Ahead:
    """The theta method: exponential smoothing with half the slope of the straight line as its drift.

    Notes
    -----
    Assimakopoulos & Nikolopoulos (2000), Int J Forecasting 16, the winner of the M3 competition, in the
    form of Hyndman & Billah (2003), Int J Forecasting 19. The season is taken off by classical
    decomposition where ``seasonality.season_p`` finds one in two whole cycles.
    """
    season = _season(values, period)
    n, is_ratio = values.size, bool((values > 0).all())
    plain = values / season[:n] if is_ratio else values - season[:n]
    alpha = _smoothing(plain)
    errors, level = _smoothed(plain, alpha)
    half_slope = float(np.polyfit(np.arange(n), plain, 1)[0]) / 2
    steps = np.arange(horizon)
    mean = level + half_slope * (steps + (1 - (1 - alpha) ** n) / alpha)
    sigma = float(errors.std()) * np.sqrt(1 + steps * alpha**2)
    ahead = season[n : n + horizon]
    if is_ratio:
        return Ahead(np.maximum(mean * ahead, 0), sigma * ahead)
    return Ahead(np.maximum(mean + ahead, 0), sigma)


def _season(values: Values, period: int) -> Values:
    """(n + MOST_AHEAD) the factor or the summand of every period; 1 or 0 where there is no season."""
    from statsmodels.tsa.seasonal import seasonal_decompose

    is_ratio = bool((values > 0).all())
    size = values.size + MOST_AHEAD
    series = np.log(values) if is_ratio else values
    phase = np.arange(values.size) % period
    if period < 2 or values.size < 2 * period or season_p(series, phase) >= 0.05:
        return np.full(size, 1.0 if is_ratio else 0.0)
    kind = "multiplicative" if is_ratio else "additive"
    found: Values = seasonal_decompose(values, model=kind, period=period).seasonal[:period]
    return np.resize(found, size)


def _smoothing(values: Values) -> float:
    """The weight of the newest value that would have forecast the next one best."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda a: float(np.square(_smoothed(values, a)[0]).sum()), bounds=(1e-4, 1 - 1e-4), method="bounded", options={"xatol": 1e-6})  # fmt: skip
    return float(found.x)


def _smoothed(values: Values, alpha: float) -> tuple[Values, float]:
    """Errors of the one-step forecasts of simple exponential smoothing from the first value, and the last level."""
    from scipy.signal import lfilter

    levels, _ = lfilter([alpha], [1, alpha - 1], values, zi=[(1 - alpha) * values[0]])
    before = np.concatenate([values[:1], levels[:-1]])
    return values - before, float(levels[-1])


METHODS: Mapping[Method, Callable[..., Ahead]] = MappingProxyType(
    {"theta": theta, "drift": drift, "naive": naive}
)


def season_for(n: int, *, period: int, horizon: int) -> int:
    """``period`` where the series is long enough to test a repeated season; else 1: the last value."""
    return period if n >= period + 1 + horizon + LEAST_ORIGINS - 1 else 1


def backtest(values: Values, *, period: int, horizon: int) -> pl.DataFrame:
    """Forecasts from earlier ends of the series beside what came.

    Parameters
    ----------
    values : (n)
    period : of the season that ``naive`` repeats, see ``season_for``

    Returns
    -------
    (3 x n_origins x horizon) method, origin [values known], step [1 ...], actual, forecast,
        scaled_error [absolute error / mean absolute seasonal difference of the whole series: its mean
        is the MASE], is_inside_80, is_inside_95

    Raises
    ------
    ValueError : not even three origins.

    Notes
    -----
    Rolling origin, at most 12 origins; MASE: Hyndman & Koehler (2006), Int J Forecasting 22.
    """
    first = max(period + 1, LEAST // 2)
    origins = range(max(first, values.size - horizon - MOST_ORIGINS + 1), values.size - horizon + 1)
    if len(origins) < LEAST_ORIGINS:
        raise ValueError(f"{values.size} values leave {len(origins)} origins")
    scale = float(np.mean(np.abs(values[period:] - values[:-period])))
    tables = [
        _tested(method, values, origin, period=period, horizon=horizon, scale=scale)
        for method in METHODS
        for origin in origins
    ]
    return pl.concat(tables)


def _tested(method: Method, values: Values, origin: int, *, period: int, horizon: int, scale: float) -> pl.DataFrame:  # fmt: skip
    ahead = METHODS[method](values[:origin], period=period, horizon=horizon)
    actual = values[origin : origin + horizon]
    inside = {f"is_inside_{level:.0%}".rstrip("%"): _inside(ahead, actual, level) for level in LEVELS}  # fmt: skip
    error = np.abs(actual - ahead.mean)
    return pl.DataFrame({
        "method": [method] * horizon, "origin": [origin] * horizon, "step": np.arange(1, horizon + 1), "actual": actual, "forecast": ahead.mean,
        "scaled_error": error / scale if scale > 0 else np.where(error > 0, np.inf, 0.0), **inside,
    })  # fmt: skip


def _inside(ahead: Ahead, actual: Values, level: float) -> NDArray[np.bool_]:
    low, high = ahead.bounds(level)
    inside: NDArray[np.bool_] = (actual >= low) & (actual <= high)
    return inside
