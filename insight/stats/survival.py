"""How long until something happens, when for some it has not happened yet: Kaplan–Meier on counted times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Time:
    """A point of the time axis and its interval; None where the curve does not get that far."""

    value: float | None
    low: float | None = None
    high: float | None = None


def kaplan_meier(counts: pl.DataFrame, *, level: float = LEVEL) -> pl.DataFrame:
    """The share for whom it has not happened yet, at every time something was seen.

    Parameters
    ----------
    counts : (n_times) time [any unit, >= 0], n_events, n_censored [counts]; a time may come several times
    level : of the interval

    Returns
    -------
    (n_distinct_times) time, n_at_risk [just before], n_events, n_censored, survival [share],
        std_error [Greenwood], ci_low, ci_high [log–log; null before the first event and where the
        survival is 0]; sorted by time

    Notes
    -----
    Kaplan & Meier (1958), JASA 53; Greenwood (1926); interval: Kalbfleisch & Prentice (1980). Who is
    censored at a time is still at risk at it.
    """
    from scipy.stats import norm

    table = counts.group_by("time").agg(pl.col("n_events", "n_censored").sum()).sort("time")
    leaving = (table["n_events"] + table["n_censored"]).to_numpy().astype(np.float64)
    events = table["n_events"].to_numpy().astype(np.float64)
    at_risk = leaving[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(events / (at_risk * (at_risk - events)))
        std_error = survival * np.sqrt(variance)
        log = np.log(survival)
        reach = norm.ppf((1 + level) / 2) * np.sqrt(variance) / np.abs(log)
        low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
    inside = (survival > 0) & (survival < 1)
    return table.with_columns(
        pl.Series("n_at_risk", at_risk).cast(pl.Int64),
        pl.Series("survival", survival),
        pl.Series("std_error", np.where(survival > 0, std_error, np.nan)).fill_nan(None),
        pl.Series("ci_low", np.where(inside, low, np.nan)).fill_nan(None),
        pl.Series("ci_high", np.where(inside, high, np.nan)).fill_nan(None),
    ).select("time", "n_at_risk", "n_events", "n_censored", "survival", "std_error", "ci_low", "ci_high")  # fmt: skip


def time_of(curve: pl.DataFrame, share: float) -> Time:
    """When ``share`` of all have had it happen: the first time the survival is at most 1 - ``share``.

    Parameters
    ----------
    curve : as ``kaplan_meier`` gives it
    share : in (0, 1); 0.5 for the median

    Notes
    -----
    Interval: Brookmeyer & Crowley (1982), Biometrics 38, on the log–log scale.
    """
    rest = 1 - share + 1e-12  # 1 - 5 × 0.1 is not 0.5 to the last bit
    value, low, high = (
        _first(curve.filter(pl.col(c) <= rest)) for c in ("survival", "ci_low", "ci_high")
    )
    return Time(value, low, high)


def _first(reached: pl.DataFrame) -> float | None:
    return float(reached["time"][0]) if reached.height else None


def survival_at(curve: pl.DataFrame, time: float) -> float:
    """The survival at ``time``: that of the last step at or before it, 1 before the first."""
    before = curve.filter(pl.col("time") <= time)
    return float(before["survival"][-1]) if before.height else 1.0
