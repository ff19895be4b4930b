"""Answers as numbers for the model that codes: their words, the rules they meet, what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from insight.text.normalize import clauses, normalise
from insight.text.tokenize import Tagger, content_words
from insight.text.vectors import (
    Floats,
    count_matrix,
    inverse_document_frequency,
    pooled,
    sentence_vectors,
    unit,
    vocabulary,
)

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True)
class Features:
    """(n) texts.

    Attributes
    ----------
    words : (n x n_words) tf-idf of content words at length 1, sparse
    meaning : (n x 512) mean of the sentence vectors of the clauses, at length 1; (n x 0) where that takes too long
    """

    words: sparse.csr_array
    meaning: Floats

    def rows(self, at: Sequence[int]) -> Features:
        """Some of the texts."""
        index = np.asarray(at, dtype=np.int64)
        return Features(self.words[index], self.meaning[index])


def features(texts: Sequence[str], *, tag: Tagger, is_encoded: bool = True) -> Features:
    """Count words and encode sentences; empty texts are rows of zeros."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    normal = [normalise(text) for text in texts]
    documents = [content_words(tag(text)) for text in normal]
    counts = count_matrix(documents, vocabulary(documents))
    weighted = sparse.csr_array(counts * inverse_document_frequency(counts)[None, :])
    meaning = meaning_of(normal) if is_encoded else np.zeros((len(texts), 0))
    return Features(sparse.csr_array(normalize(weighted)), meaning)


def meaning_of(normal: Sequence[str]) -> Floats:
    """What each normalised text means: the mean of its clauses, longer ones weigh more."""
    cut = [clauses(text) for text in normal]
    flat = [clause for text in cut for clause in text]
    owner = np.repeat(np.arange(len(cut)), [len(text) for text in cut])
    length = np.array([max(len(clause), 1) for clause in flat], dtype=np.float64)
    return unit(pooled(sentence_vectors(flat), owner, weight=length))
