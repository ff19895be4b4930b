"""How an outcome differs with a theme: what leaving its speakers out changes, and what remains beside the other themes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.stats.proportions import Flags, Floats

_AT_ONCE = 100  # bootstrap samples drawn together
_TOO_CLOSE = 1e-9  # share of a theme's variance below which the other themes tell it whole


@dataclass(frozen=True, slots=True)
class Impacts:
    """Figures of k themes in the unit of the outcome; NaN where they are not known.

    Attributes
    ----------
    with_mean, rest_mean : of those who raise it; of those who were asked and do not
    gone, gone_low, gone_high : mean of all who were asked minus the mean without those who raise it
    adjusted, adjusted_low, adjusted_high : the difference that goes with raising it, all other themes equal
    p : of the adjusted difference, two-sided
    """

    with_mean: Floats
    rest_mean: Floats
    gone: Floats
    gone_low: Floats
    gone_high: Floats
    adjusted: Floats
    adjusted_low: Floats
    adjusted_high: Floats
    p: Floats


def impacts(
    outcome: Floats, raised: Flags, asked: Flags, *, weight: Floats, n_draws: int, seed: int
) -> Impacts:
    """Compare those who raise each theme with those who do not, once alone and once beside all other themes.

    Parameters
    ----------
    outcome : (n)
    raised, asked : (n, k); a theme counts only where it was asked. Themes that everybody or nobody
        raises have no figures
    weight : (n) positive
    n_draws : bootstrap samples of people; intervals are their 2.5 % and 97.5 % points
    seed : of the draws

    Notes
    -----
    ``gone`` is the impact score of Thematic (net promoter score of all minus that without the comments
    that mention the theme). ``adjusted`` is the least-squares slope of the theme beside all the others
    and who was asked what; its p is Wald's, by the bootstrap standard error (Efron & Tibshirani 1993,
    ch. 9 and 13: people are drawn, so that unequal variances do no harm).
    """
    from scipy.stats import norm

    does, silent = raised & asked, asked & ~raised
    usable: Flags = np.logical_and(does.any(axis=0), silent.any(axis=0))
    design = _design(does, asked, usable)
    known = np.flatnonzero(usable)[: design.shape[1] - 1]
    own = weight[None]
    drawn = _drawn(len(outcome), n_draws=n_draws, seed=seed)
    with threadpool_limits(1):  # sums must not depend on how many processors share the work
        parts = [
            (*_means(outcome, does, asked, times), _slopes(outcome, design, times, len(known)))
            for times in (own, *(times * weight for times in drawn))
        ]
    spoke, rest, every, slopes = (np.concatenate(part) for part in zip(*parts, strict=True))
    gone = every - rest
    beside = np.full((len(slopes), raised.shape[1]), np.nan)
    beside[:, known] = slopes
    gone[:, ~usable] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * norm.sf(np.abs(beside[0]) / _spread(beside[1:]))
    low, high = _ends(gone[1:])
    least, most = _ends(beside[1:])
    return Impacts(spoke[0], rest[0], gone[0], low, high, beside[0], least, most, p)


def _design(does: Flags, asked: Flags, usable: Flags) -> Floats:
    """(n, 1 + p) the usable themes, who was asked what where that differs, and 1; no column is told by those before it."""
    asked_of = np.unique(asked, axis=1)
    ones = np.ones((len(does), 1))
    themes = does[:, usable].astype(np.float64)
    beside = asked_of[:, asked_of.any(axis=0) & ~asked_of.all(axis=0)].astype(np.float64)
    kept = ones
    for column in beside.T:
        wider = np.column_stack([kept, column])
        kept = wider if np.linalg.matrix_rank(wider) == wider.shape[1] else kept
    return np.hstack([themes, kept])


def _drawn(n: int, *, n_draws: int, seed: int) -> Iterator[Floats]:
    """(at most 100, n) how often each person is drawn."""
    rng = np.random.default_rng(seed)
    for first in range(0, n_draws, _AT_ONCE):
        times = np.empty((min(_AT_ONCE, n_draws - first), n))
        for sample in times:
            sample[:] = np.bincount(rng.integers(0, n, size=n, dtype=np.int32), minlength=n)
        yield times


def _means(
    outcome: Floats, does: Flags, asked: Flags, times: Floats
) -> tuple[Floats, Floats, Floats]:
    """(d, k) means of those who raise each theme, of the others, and of all who were asked."""
    heavy = times * outcome
    spoke, all_spoke = heavy @ does, times @ does
    told, all_told = heavy @ asked, times @ asked
    return (
        _ratio(spoke, all_spoke),
        _ratio(told - spoke, all_told - all_spoke),
        _ratio(told, all_told),
    )


def _slopes(outcome: Floats, design: Floats, times: Floats, n_themes: int) -> Floats:
    """(d, n_themes) least-squares slopes of the first columns; NaN where a theme has none."""
    width = design.shape[1]
    left, right = np.triu_indices(width)
    sums = times @ (design[:, left] * design[:, right])
    moments = np.empty((len(times), width, width))
    moments[:, left, right] = moments[:, right, left] = sums
    told = times @ (design * outcome[:, None])
    inverse = np.linalg.pinv(moments, rcond=_TOO_CLOSE, hermitian=True)
    found: Floats = (inverse @ told[:, :, None])[:, :n_themes, 0]
    return found


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
    return found


def _ends(drawn: Floats) -> NDArray[np.float64]:
    """(2, k) 2.5 % and 97.5 % points of the draws that have a figure."""
    ends = np.full((2, drawn.shape[1]), np.nan)
    there = ~np.isnan(drawn).all(axis=0)
    ends[:, there] = np.nanpercentile(drawn[:, there], (2.5, 97.5), axis=0)
    return ends


def _spread(drawn: Floats) -> Floats:
    found = np.full(drawn.shape[1], np.nan)
    there = ~np.isnan(drawn).all(axis=0)
    found[there] = np.nanstd(drawn[:, there], axis=0, ddof=1)
    return found
