"""How unequally an amount is spread over people: Gini, Lorenz curve, the share of the top, how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.stats.proportions import Floats

EXACT, BINS, DRAWS = 20_000, 2_000, 1_000
_CHUNK = 100  # draws that are held at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """A statistic with its 95 % bootstrap percentile interval."""

    value: float
    low: float
    high: float


def gini(values: Floats) -> float:
    """Gini coefficient of amounts >= 0: 0 where all have the same, near 1 where one has everything.

    Notes
    -----
    sum (2 i - n - 1) x_i / (n sum x), x ascending; NaN where nobody has anything.
    """
    ordered = np.sort(values)[None, :]
    return float(_ginis(ordered, np.ones_like(ordered))[0])


def top_share(values: Floats, top: float) -> float:
    """Share of the sum that the ``top`` share of people with most hold; a person at the line counts in part."""
    ordered = np.sort(values)[None, :]
    return float(_top_shares(ordered, np.ones_like(ordered), top)[0])


def people_for(values: Floats, share: float) -> int:
    """How many people with most hold together at least ``share`` of the sum."""
    held = np.cumsum(np.sort(values)[::-1])
    return int(np.searchsorted(held, share * held[-1] * (1 - 1e-12)) + 1)


def lorenz(values: Floats, steps: int = 100) -> tuple[Floats, Floats]:
    """Points of the Lorenz curve from those with least on: share of people, share of the sum (steps + 1)."""
    held = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    people = np.linspace(0, 1, steps + 1)
    return people, np.interp(people, np.linspace(0, 1, len(held)), held / held[-1])


def with_intervals(values: Floats, *, top: float, seed: int) -> tuple[Interval, Interval]:
    """Gini and top share with bootstrap intervals.

    Parameters
    ----------
    values : (n) amounts >= 0, not all 0

    Notes
    -----
    1,000 Poisson bootstrap samples (Efron & Tibshirani 1993; Poisson weights: Hanley & MacGibbon 2006),
    percentile interval. The 20,000 largest amounts are drawn one by one; of more, the rest in 2,000
    groups of neighbours whose counts are drawn, so that a million people take a second.
    """
    ordered, counts = _compressed(np.sort(values))
    rng = np.random.default_rng(seed)
    ginis, tops = [], []
    for _ in range(DRAWS // _CHUNK):
        drawn = rng.poisson(counts, size=(_CHUNK, len(counts))).astype(float)
        drawn[drawn.sum(axis=1) == 0] = counts
        ginis.append(_ginis(ordered[None, :], drawn))
        tops.append(_top_shares(ordered[None, :], drawn, top))
    ends = [np.nanquantile(np.concatenate(part), (0.025, 0.975)) for part in (ginis, tops)]
    found = (gini(values), top_share(values, top))
    return tuple(Interval(v, float(e[0]), float(e[1])) for v, e in zip(found, ends, strict=True))  # type: ignore[return-value]


def _compressed(ordered: Floats) -> tuple[Floats, Floats]:
    """Ascending amounts and how many people each stands for."""
    if len(ordered) <= EXACT + BINS:
        return ordered, np.ones_like(ordered)
    parts = np.array_split(ordered[:-EXACT], BINS)
    means = np.array([part.mean() for part in parts])
    sizes = np.array([float(len(part)) for part in parts])
    return np.concatenate([means, ordered[-EXACT:]]), np.concatenate([sizes, np.ones(EXACT)])


def _ginis(ordered: Floats, weights: Floats) -> Floats:
    """Gini of every row of weights over the same ascending amounts: one minus twice the area under Lorenz."""
    held = np.cumsum(ordered * weights, axis=1)
    below = np.concatenate([np.zeros((len(weights), 1)), held[:, :-1]], axis=1)
    area = (weights * (held + below)).sum(axis=1)
    people, total = weights.sum(axis=1), held[:, -1]
    whole = people * total
    twice = np.divide(area, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    return np.asarray(1 - twice)


def _top_shares(ordered: Floats, weights: Floats, top: float) -> Floats:
    """Share held by the top of every row of weights."""
    held = np.cumsum(ordered * weights, axis=1)
    people = np.cumsum(weights, axis=1)
    line = (1 - top) * people[:, -1:]
    at = np.minimum((people < line).sum(axis=1), ordered.shape[1] - 1)
    rows = np.arange(len(weights))
    below = held[rows, at] - (people[rows, at] - line[:, 0]) * ordered[0, at]
    total = held[:, -1]
    rest = np.divide(below, total, out=np.full_like(total, np.nan), where=total > 0)
    return np.asarray(1 - rest)
