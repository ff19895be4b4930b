"""How good a division into groups is: how far apart they are, and whether they come back in other samples."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from insight.stats.kmeans import Labels
from insight.stats.proportions import Floats

STABLE, REPORTED = (
    0.75,
    0.6,
)  # mean Jaccard from which a group is stable, and may be reported at all
DRAWS = 20


def silhouette(apart: Floats, labels: Labels) -> float:
    """Mean silhouette width [-1 to 1]; -1 where there is only one group or one point in each.

    Parameters
    ----------
    apart : (n x n) as ``distances`` gives them

    Notes
    -----
    Rousseeuw (1987), J Comput Appl Math 20, by scikit-learn.
    """
    from sklearn.metrics import silhouette_score

    if not 2 <= len(np.unique(labels)) < len(apart):
        return -1.0
    return float(silhouette_score(apart, labels, metric="precomputed"))


def distances(points: Floats) -> Floats:
    """Euclidean distances of all pairs (n x n); a point is at 0 from itself."""
    from sklearn.metrics import pairwise_distances

    apart = np.asarray(pairwise_distances(points))
    np.fill_diagonal(apart, 0)
    return apart


def stability(points: Floats, labels: Labels, *, seed: int, draws: int = DRAWS) -> Floats:
    """How well each group is found again in bootstrap samples of the points.

    Parameters
    ----------
    points, labels : (n x n_dimensions), (n) groups 0 to k - 1 of k-means
    draws : bootstrap samples

    Returns
    -------
    (k) mean Jaccard similarity [0 to 1] of the group with the most similar group of each sample,
        over the points that were drawn; NaN for a group that was never drawn

    Notes
    -----
    Hennig (2007), Comput Stat Data Anal 52: from .75 a group is stable, below .6 it should not be trusted.
    """
    k = int(labels.max()) + 1
    rng = np.random.default_rng(seed)
    found = np.full((draws, k), np.nan)
    with threadpool_limits(limits=1):  # several threads add up in an order that changes
        for draw in range(draws):
            times = np.bincount(rng.integers(0, len(points), len(points)), minlength=len(points))
            drawn = np.flatnonzero(times)
            again = _grouped(points[drawn], times[drawn], k, seed=seed + draw)
            found[draw] = most_similar(labels[drawn], again, k=k)
    n_found = np.sum(~np.isnan(found), axis=0)
    return np.where(n_found > 0, np.nansum(found, axis=0) / np.maximum(n_found, 1), np.nan)


def most_similar(labels: Labels, others: Labels, *, k: int) -> Floats:
    """Of each of k groups, the Jaccard similarity with the most similar of the other groups.

    >>> most_similar(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0]), k=2).round(3).tolist()
    [0.667, 0.5]
    """
    both = np.zeros((k, int(others.max()) + 1))
    np.add.at(both, (labels, others), 1)
    sizes = both.sum(axis=1)
    either = sizes[:, None] + both.sum(axis=0) - both
    best = np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1)
    return np.where(sizes > 0, best, np.nan)


def _grouped(points: Floats, weights: Labels, k: int, *, seed: int) -> Labels:
    from sklearn.cluster import KMeans

    k = min(k, len(np.unique(points, axis=0)))
    fitted = KMeans(k, n_init=2, random_state=seed).fit(points, sample_weight=weights)
    return np.asarray(fitted.labels_, dtype=np.int64)
