"""Scores from 1 (worst) to 5 (best): by rank, by cut points, by natural breaks, by clusters; equal values score alike."""

from __future__ import annotations

from collections.abc import Sequence

import kmeans1d
import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

SCORES = 5
MOST_FITTED = 20_000  # values that k-means is fitted on: evenly spaced order statistics of more
Floats = NDArray[np.float64]


def by_rank(values: pl.Series) -> pl.Series:
    """Score by quintiles of the average rank: 1 + floor(5 (rank - 0.5) / n).

    Parameters
    ----------
    values : (n) higher is better

    Returns
    -------
    (n) 1 to 5; a value shared by many takes the score of the middle of its ranks
    """
    ranks = values.rank("average")
    return (((ranks - 0.5) * SCORES / values.len()).floor() + 1).cast(pl.Int64)


def by_cuts(values: pl.Series, cuts: Sequence[float]) -> pl.Series:
    """Score by how many of the ascending ``cuts`` a value reaches; one to four cuts spread over 1 to 5.

    >>> by_cuts(pl.Series([1, 2, 3]), [2]).to_list(), by_cuts(pl.Series([1, 2, 9]), [2, 3, 4, 6]).to_list()
    ([2, 4, 4], [1, 2, 5])
    """
    reached = np.searchsorted(np.asarray(cuts, dtype=float), _numbers(values), side="right")
    return _spread(reached, len(cuts) + 1, name=values.name)


def by_natural_breaks(values: pl.Series) -> pl.Series:
    """Score by Jenks' natural breaks: the five classes with the least squared distance to their means.

    Fewer distinct values make fewer classes, spread over 1 to 5.

    Notes
    -----
    Jenks (1977) is optimal k-means in one dimension; kmeans1d solves it exactly in O(kn + n log n)
    (Grønlund et al. 2017). Fisher (1958), J Am Stat Assoc 53.
    """
    numbers = _numbers(values)
    k = min(SCORES, len(np.unique(numbers)))
    ordered = np.sort(numbers)
    classes = np.asarray(kmeans1d.cluster(ordered, k).clusters) if k else np.array([], dtype=int)
    starts = np.unique(ordered[1:][np.diff(classes) != 0])
    starts = starts[starts > ordered[:1]]  # fewer than k - 1 where the squares lose digits
    return _spread(np.searchsorted(starts, numbers, side="right"), len(starts) + 1, name=values.name)  # fmt: skip


def by_clusters(values: pl.Series, *, seed: int) -> pl.Series:
    """Score by k-means of the values on a log scale, clusters in the order of their means.

    Parameters
    ----------
    values : (n) higher is better; sign(x) ln(1 + |x|) keeps negative spend below zero
    seed : of the starting points

    Notes
    -----
    Lloyd (1982) with k-means++ and ten starts, scikit-learn; the log keeps a few large buyers from
    filling the upper classes alone.
    """
    from sklearn.cluster import KMeans

    numbers = _numbers(values)
    scaled = np.sign(numbers) * np.log1p(np.abs(numbers))
    ordered = np.sort(scaled)
    k = min(SCORES, len(np.unique(ordered)))
    if k == 0:
        return values.cast(pl.Int64)
    picked = np.unique(np.linspace(0, len(ordered) - 1, MOST_FITTED).astype(int))
    fitted = ordered[picked] if len(ordered) > MOST_FITTED else ordered
    k = min(k, len(np.unique(fitted)))
    with threadpool_limits(limits=1):
        centres = KMeans(k, n_init=10, random_state=seed).fit(fitted[:, None]).cluster_centers_
    middles = np.sort(centres[:, 0])
    edges = (middles[1:] + middles[:-1]) / 2
    return _spread(np.searchsorted(edges, scaled, side="right"), k, name=values.name)


def _numbers(values: pl.Series) -> Floats:
    return values.cast(pl.Float64).to_numpy()


def _spread(classes: NDArray[np.intp], k: int, *, name: str) -> pl.Series:
    """Classes 0 to k - 1 as scores: the middle of each k-th part of 1 to 5."""
    scores = np.floor(SCORES * (classes + 0.5) / max(k, 1)).astype(np.int64) + 1
    return pl.Series(name, scores, dtype=pl.Int64)
