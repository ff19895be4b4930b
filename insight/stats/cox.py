"""How many times as fast it happens in one group as in another: Cox regression on counted times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.stats.log_rank import Floats, by_time

STEPS, CLOSE = 50, 1e-10
_Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Hazard:
    """The hazard of a group as a multiple of that of the first, with its 95 % interval."""

    ratio: float
    low: float
    high: float


def hazard_ratios(groups: Sequence[pl.DataFrame]) -> tuple[Hazard, ...] | None:
    """The hazard ratio of every group after the first against the first.

    Parameters
    ----------
    groups : of each group (n_times) time, n_events, n_censored [counts]

    Returns
    -------
    (n_groups - 1); None where a group has no event, or the likelihood has no maximum

    Notes
    -----
    Cox (1972), J R Stat Soc B 34; ties as in Efron (1977), JASA 72. Membership is all that is known of
    a customer, so the partial likelihood needs the counts of each time only.
    """
    events, at_risk = by_time(groups)
    if not events.size or not (events.sum(axis=1) > 0).all():
        return None
    risk = _risk(events, at_risk)
    seen, beta = events.sum(axis=1)[1:], np.zeros(len(groups) - 1)
    for _ in range(STEPS):
        slope, information = _slopes(beta, risk, seen)
        step = np.linalg.solve(information, slope)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < CLOSE:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            return tuple(_hazard(b, e) for b, e in zip(beta.tolist(), errors.tolist(), strict=True))
    return None


def _hazard(beta: float, error: float) -> Hazard:
    ratio, low, high = np.exp([beta, beta - _Z * error, beta + _Z * error]).tolist()
    return Hazard(ratio, low, high)


def _risk(events: Floats, at_risk: Floats) -> Floats:
    """(n_groups x n_events) at risk at each event; of those of one time each has the share before it off."""
    d = events.sum(axis=0)
    times = np.repeat(np.arange(len(d)), d.astype(np.int64))
    place = np.arange(len(times)) - np.repeat(np.cumsum(d) - d, d.astype(np.int64))
    risk: Floats = at_risk[:, times] - events[:, times] * (place / d[times])
    return risk


def _slopes(beta: Floats, risk: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """The gradient of the log likelihood and the information, of the groups after the first."""
    weighted = np.exp(np.append(0.0, beta))[:, None] * risk
    share = (weighted / weighted.sum(axis=0))[1:]
    return seen - share.sum(axis=1), np.diag(share.sum(axis=1)) - share @ share.T
