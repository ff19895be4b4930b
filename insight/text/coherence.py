"""How good topics are: do their words belong together, do they differ, do they come back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from insight.text.vectors import Floats

if TYPE_CHECKING:
    from scipy import sparse

_NEVER = 1e-12


def npmi(counts: sparse.csr_array, top_words: Sequence[Sequence[int]]) -> Floats:
    """Mean normalised pointwise mutual information of the pairs of each topic's words.

    Parameters
    ----------
    counts : (n_documents x n_words); a document is the window
    top_words : (k) columns of ``counts``

    Returns
    -------
    (k) -1 (never together) to 1 (always together); 0 for a topic of a single word

    Notes
    -----
    Bouma (2009), *Normalized (pointwise) mutual information in collocation extraction*.
    """
    return np.array([_npmi_of(counts, list(words)) for words in top_words])


def _npmi_of(counts: sparse.csr_array, words: list[int]) -> float:
    if len(words) < 2:
        return 0.0
    present = (counts[:, words].toarray() > 0).astype(float)
    joint = present.T @ present / len(present)
    a, b = np.array(list(combinations(range(len(words)), 2))).T
    together = joint[a, b] + _NEVER
    ratio = together / (joint[a, a] * joint[b, b])
    return float(
        np.mean(np.where(together >= 1, 1.0, np.log(ratio) / -np.log(together.clip(max=1 - 1e-9))))
    )


def diversity(top_words: Sequence[Sequence[int]]) -> float:
    """Share of different words among all top words (Dieng, Ruiz & Blei 2020)."""
    listed = [word for words in top_words for word in words]
    return len(set(listed)) / max(len(listed), 1)


def agreement(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> Floats:
    """Jaccard overlap of each topic's words with its best partner in another fit.

    Partners are matched one to one so that the sum is largest.

    Notes
    -----
    Greene, O'Callaghan & Cunningham (2014), *How many topics? Stability analysis for topic models*.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = np.array([[_jaccard(set(a), set(b)) for b in other] for a in one])
    rows, columns = linear_sum_assignment(-overlap)
    matched = np.zeros(len(one))
    matched[rows] = overlap[rows, columns]
    return matched


def _jaccard(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0
