"""Group texts by words and meaning: k-means, then a mixture that knows the words of each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insight.text.vectors import Floats, unit

if TYPE_CHECKING:
    from scipy import sparse

_STEPS, _WORD_PRIOR, _PULL = 8, 0.05, 20.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """k groups: how large they are, which words they say, where they lie.

    Attributes
    ----------
    log_share : (k)
    log_words : (k x n_words) log probability of each word
    centres : (k x n_dimensions) at length 1
    """

    log_share: Floats
    log_words: Floats
    centres: Floats

    def posterior(self, counts: sparse.csr_array, vectors: Floats) -> Floats:
        """Probability of each group for each row (n x k)."""
        fit = self.log_share + counts @ self.log_words.T + _PULL * (vectors @ self.centres.T)
        likely = np.exp(fit - fit.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def only(self, groups: NDArray[np.int64]) -> Mixture:
        """Some of the groups."""
        return Mixture(self.log_share[groups], self.log_words[groups], self.centres[groups])


def grouped(vectors: Floats, k: int, *, seed: int, starts: int = 10) -> NDArray[np.int64]:
    """The k-means group of every row, 0 to k - 1; fewer groups where fewer rows differ."""
    from sklearn.cluster import KMeans

    n_different = len(np.unique(vectors.round(6), axis=0))
    fitted = KMeans(min(k, n_different), n_init=starts, random_state=seed).fit(vectors)
    return np.asarray(fitted.labels_, dtype=np.int64)


def fit_mixture(
    counts: sparse.csr_array, vectors: Floats, k: int, *, seed: int, starts: int = 10
) -> Mixture:
    """k-means, then eight EM steps of a multinomial mixture that is pulled to the centres.

    log p(group) = log share + Σ log p(word | group) + 20 · cos(vector, centre); β = .05.
    """
    member = np.eye(k)[grouped(vectors, k, seed=seed, starts=starts)]
    mixture = estimated(counts, vectors, member)
    for _ in range(_STEPS - 1):
        mixture = estimated(counts, vectors, mixture.posterior(counts, vectors))
    return mixture


def estimated(counts: sparse.csr_array, vectors: Floats, member: Floats) -> Mixture:
    """The groups as their members are: (n x k) how much of each row belongs to each."""
    said = (counts.T @ member).T + _WORD_PRIOR
    return Mixture(
        log_share=np.log((member.sum(axis=0) + 1) / (len(member) + member.shape[1])),
        log_words=np.log(said / said.sum(axis=1, keepdims=True)),
        centres=unit(member.T @ vectors),
    )
