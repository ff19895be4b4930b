"""Whether two divisions of the same people agree: the adjusted Rand index and how often chance does as well."""

from __future__ import annotations

import numpy as np

from insight.stats.kmeans import Labels

PERMUTED = 2_000


def adjusted_rand(first: Labels, second: Labels) -> float:
    """Agreement over pairs of people [0 = as by chance, 1 = the same division].

    Notes
    -----
    Hubert & Arabie (1985), J Classif 2, by scikit-learn.
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(first, second))


def permuted_p(first: Labels, second: Labels, *, seed: int, times: int = PERMUTED) -> float:
    """How often divisions that are shuffled agree at least as well (one-sided, never 0).

    With fixed sizes of the groups the index grows with the pairs that both divisions keep together,
    so only those are counted.
    """
    rng = np.random.default_rng(seed)
    found = _together(first, second)
    as_good = sum(_together(first, rng.permutation(second)) >= found for _ in range(times))
    return (as_good + 1) / (times + 1)


def _together(first: Labels, second: Labels) -> int:
    sizes = np.bincount(first * (int(second.max()) + 1) + second)
    return int((sizes * (sizes - 1)).sum())
