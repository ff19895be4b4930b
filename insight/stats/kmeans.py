"""k-means for any number of points: many starts on a sample, then one run over everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.stats.proportions import Floats

SAMPLE, JUDGES, STARTS = 20_000, 100_000, 10
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clustering:
    """k groups of points.

    Attributes
    ----------
    labels : (n) group of each point, 0 to k - 1
    centres : (k x n_dimensions)
    inertia : sum of the squared distances to the own centre
    """

    labels: Labels
    centres: Floats
    inertia: float


def fit(points: Floats, k: int, *, seed: int) -> Clustering:
    """Group points by k-means: ``polished(points, started(points, k))``.

    Parameters
    ----------
    points : (n x n_dimensions); in an order of their own, because the sample is drawn by position
    k : groups; at least that many points must differ

    Notes
    -----
    Lloyd (1982) with k-means++ (Arthur & Vassilvitskii 2007), scikit-learn. Ten starts are followed on
    20,000 points and judged on 100,000, as optima that are close look alike on few; one run over all
    points from the best ends within a thousandth of the inertia of ten full runs (benchmarks/kmeans.py).
    """
    return polished(points, started(points, k, seed=seed))


def started(points: Floats, k: int, *, seed: int) -> Floats:
    """The best of ten times k centres that were found on at most 20,000 of the points."""
    from sklearn.cluster import KMeans

    chosen = points[sampled(len(points), SAMPLE, seed=seed)]
    judges = points[sampled(len(points), JUDGES, seed=seed)]
    with threadpool_limits(limits=1):  # several threads add up in an order that changes
        tried = [KMeans(k, n_init=1, random_state=seed + at).fit(chosen) for at in range(STARTS)]
        best = max(tried, key=lambda fitted: fitted.score(judges))
    return np.asarray(best.cluster_centers_)


def polished(points: Floats, centres: Floats) -> Clustering:
    """Run k-means over all points from the given centres; a group keeps its number."""
    from sklearn.cluster import KMeans

    with threadpool_limits(limits=1):
        fitted = KMeans(len(centres), init=centres, n_init=1).fit(points)
    labels = fitted.labels_.astype(np.int64)
    return Clustering(labels, np.asarray(fitted.cluster_centers_), float(fitted.inertia_))


def sampled(n: int, most: int, *, seed: int) -> NDArray[np.intp]:
    """Positions of at most ``most`` of n points, ascending."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
