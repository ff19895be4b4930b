"""How many topics: a curve over the candidates, never a claim about the true number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.text.clusters import Mixture, fit_mixture
from insight.text.coherence import diversity, npmi
from insight.text.labels import class_tfidf, top_words
from insight.text.vectors import Floats

if TYPE_CHECKING:
    from scipy import sparse

MOST_TOPICS = 15
_LEAST_TOPICS, _TEXTS_PER_TOPIC, _STARTS = 4, 8, 3
CURVE = {
    "k": pl.Int64, "silhouette": pl.Float64, "coherence": pl.Float64, "diversity": pl.Float64,
    "score": pl.Float64,
}  # fmt: skip


def candidates(n_texts: int) -> range:
    """Numbers of topics worth trying: 4 to 15, fewer where a topic would hold less than 8 texts.

    >>> candidates(1000), candidates(60), candidates(20)
    (range(4, 16), range(4, 8), range(2, 3))
    """
    most = min(max(n_texts // _TEXTS_PER_TOPIC, 2), MOST_TOPICS)
    return range(_LEAST_TOPICS if most > _LEAST_TOPICS else 2, most + 1)


def marks(
    mixture: Mixture, counts: sparse.csr_array, vectors: Floats, *, allowed: NDArray[np.bool_]
) -> list[list[int]]:
    """The top words (columns) of each group of a mixture."""
    said = (counts.T @ mixture.posterior(counts, vectors)).T
    return top_words(class_tfidf(said), allowed)


def scan(
    counts: sparse.csr_array, vectors: Floats, *, allowed: NDArray[np.bool_], seed: int
) -> pl.DataFrame:
    """Fit every candidate and score it.

    Returns
    -------
    (n_candidates) k, silhouette [-1..1], coherence [mean NPMI], diversity [0..1],
        score [z(silhouette) + z(coherence · diversity)]
    """
    from sklearn.metrics import pairwise_distances

    apart = pairwise_distances(vectors)
    np.fill_diagonal(apart, 0)
    rows = []
    for k in candidates(len(vectors)):
        mixture = fit_mixture(counts, vectors, k, seed=seed, starts=_STARTS)
        top = marks(mixture, counts, vectors, allowed=allowed)
        group = mixture.posterior(counts, vectors).argmax(axis=1)
        rows.append((k, _silhouette(apart, group), float(npmi(counts, top).mean()), diversity(top)))
    curve = pl.DataFrame(rows, schema=list(CURVE)[:-1], orient="row")
    score = _standard(curve["silhouette"]) + _standard(curve["coherence"] * curve["diversity"])
    return curve.with_columns(score=score).cast(CURVE)  # type: ignore[arg-type]


def best(curve: pl.DataFrame) -> int:
    """The k of the highest score; the smaller one of two equals."""
    return int(curve.sort(["score", "k"], descending=[True, False])["k"][0])


def _silhouette(apart: Floats, group: NDArray[np.int64]) -> float:
    from sklearn.metrics import silhouette_score

    if not 2 <= len(set(group.tolist())) < len(group):
        return -1.0
    return float(silhouette_score(apart, group, metric="precomputed"))


def _standard(values: pl.Series) -> pl.Series:
    """Distance from the mean in standard deviations; zeros where all are equal."""
    spread = float(np.std(values.to_numpy()))
    return (values - values.mean()) / spread if spread > 1e-12 else values * 0
