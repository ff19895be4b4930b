"""Whether groups differ in how long it takes: the log-rank test on counted times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.stats.multiple import Correction, adjusted

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogRank:
    """One test; p_value is None where nothing can be compared.

    Attributes
    ----------
    observed, expected : (n_groups) events seen, and events if all groups were alike
    """

    chi2: float
    df: int
    p_value: float | None
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def log_rank(groups: Sequence[pl.DataFrame]) -> LogRank:
    """Test whether two groups or more share one survival curve.

    Parameters
    ----------
    groups : of each group (n_times) time, n_events, n_censored [counts], as for ``kaplan_meier``

    Notes
    -----
    Mantel (1966), Cancer Chemother Rep 50; Peto & Peto (1972), J R Stat Soc A 135. Ties by the
    hypergeometric variance.
    """
    from scipy.stats import chi2

    events, at_risk = by_time(groups)
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    expected = (at_risk * d / n).sum(axis=1)
    gap, variance = (events.sum(axis=1) - expected)[:-1], _variance(at_risk, d)[:-1, :-1]
    rank = int(np.linalg.matrix_rank(variance)) if variance.size else 0
    statistic = float(gap @ np.linalg.pinv(variance) @ gap) if rank else 0.0
    p_value = float(chi2.sf(statistic, rank)) if rank else None
    seen = tuple(events.sum(axis=1).tolist())
    return LogRank(statistic, rank, p_value, seen, tuple(expected.tolist()))


def by_time(groups: Sequence[pl.DataFrame]) -> tuple[Floats, Floats]:
    """(n_groups x n_times) events and people at risk at every time with an event in any group."""
    happened = pl.concat(g.filter(pl.col("n_events") > 0).select("time") for g in groups)
    times = np.unique(happened["time"].to_numpy())
    events, at_risk = (np.zeros((len(groups), len(times))) for _ in range(2))
    for row, group in enumerate(groups):
        table = group.sort("time")
        at = table["time"].to_numpy()
        n_events, n_censored = (table[c].to_numpy().astype(np.float64) for c in ("n_events", "n_censored"))  # fmt: skip
        left = np.append((n_events + n_censored)[::-1].cumsum()[::-1], 0.0)
        at_risk[row] = left[np.searchsorted(at, times)]
        known = n_events > 0
        np.add.at(events[row], np.searchsorted(times, at[known]), n_events[known])
    return events, at_risk


def _variance(at_risk: Floats, d: Floats) -> Floats:
    """(n_groups x n_groups) covariance of observed minus expected."""
    n = at_risk.sum(axis=0)
    spread = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    share = at_risk / n
    covariance: Floats = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    return covariance


def pairwise(groups: Sequence[pl.DataFrame], *, correction: Correction = "holm") -> pl.DataFrame:
    """The log-rank test of every two groups.

    Returns
    -------
    (n_pairs) first, second [places in ``groups``], chi2, p_value, p_adjusted [null: nothing to compare]
    """
    pairs = list(combinations(range(len(groups)), 2))
    tests = [log_rank([groups[a], groups[b]]) for a, b in pairs]
    p = np.array([np.nan if t.p_value is None else t.p_value for t in tests], dtype=np.float64)
    return pl.DataFrame(
        {
            "first": [a for a, _ in pairs],
            "second": [b for _, b in pairs],
            "chi2": [t.chi2 for t in tests],
            "p_value": pl.Series(p).fill_nan(None),
            "p_adjusted": pl.Series(adjusted(p, correction)).fill_nan(None),
        },
        schema_overrides={"first": pl.Int64, "second": pl.Int64, "chi2": pl.Float64},
    )
