"""Texts as numbers: whole texts to learn topics from, their clauses to place among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insight.text.normalize import clauses
from insight.text.tokenize import Tagger, content_words
from insight.text.vectors import (
    Floats,
    count_matrix,
    document_vectors,
    inverse_document_frequency,
    pooled,
    sentence_vectors,
    term_matrix,
    unit,
    word_vectors,
)

if TYPE_CHECKING:
    from scipy import sparse

_COMPONENTS = 50
_MEANING = 2.0  # weight of the sentence vector beside the word vector


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts in the order of their content.

    Attributes
    ----------
    texts : (n) normalised
    words : (n_words)
    counts, clause_counts : (n | n_clauses) x n_words
    vectors, clause_vectors : (n | n_clauses) x n_dimensions, at length 1
    owner : (n_clauses) row of the text
    length : (n_clauses) characters
    """

    texts: tuple[str, ...]
    words: tuple[str, ...]
    counts: sparse.csr_array
    clause_counts: sparse.csr_array
    vectors: Floats
    clause_vectors: Floats
    owner: NDArray[np.int64]
    length: Floats


def by_content(texts: Iterable[str]) -> list[str]:
    """In the order of a hash of the content: any first part is a fair sample."""
    return sorted(texts, key=lambda text: sha256(text.encode()).digest())


def make_corpus(texts: Sequence[str], *, tag: Tagger, seed: int) -> Corpus:
    """Count words, learn word vectors and encode sentences.

    A text's vector is its tf-idf weighted word vectors beside the mean of its clauses' sentence
    vectors; so whole texts and clauses lie in one space and each clause is encoded once. What all
    sentences share (their mean) is taken off, and meaning weighs twice as much as words: with 10
    known classes this lifts the agreement (NMI) of 2,000 titles from .41 to .57. The 50 principal
    components keep it, make it steady from seed to seed, and cost a tenth.
    """
    cut = [clauses(text) for text in texts]
    flat = list(chain.from_iterable(cut))
    owner = np.repeat(np.arange(len(cut)), [len(c) for c in cut])
    length = np.array([len(clause) for clause in flat], dtype=np.float64)
    documents = [content_words(tag(text)) for text in texts]
    words, counts = term_matrix(documents)
    if len(words) < 3:
        words, counts = term_matrix(documents, least=1)
    clause_counts = count_matrix([content_words(tag(clause)) for clause in flat], words)
    meaning, idf = word_vectors(counts, seed=seed), inverse_document_frequency(counts)
    said = sentence_vectors(flat)
    whole = pooled(said, owner, weight=length)
    shared = whole.mean(axis=0)
    vectors, clause_vectors = _condensed(
        _joined(document_vectors(counts, meaning, idf=idf), whole - shared),
        _joined(document_vectors(clause_counts, meaning, idf=idf), said - shared),
        seed=seed,
    )
    return Corpus(
        tuple(texts), tuple(words), counts, clause_counts, vectors, clause_vectors, owner, length
    )  # fmt: skip


def _condensed(whole: Floats, clause: Floats, *, seed: int) -> tuple[Floats, Floats]:
    """Both on the principal components of the whole texts, at length 1."""
    from sklearn.decomposition import PCA

    components = PCA(min(_COMPONENTS, *whole.shape), random_state=seed).fit(whole)
    return unit(components.transform(whole)), unit(components.transform(clause))


def _joined(words: Floats, sentences: Floats) -> Floats:
    return unit(np.hstack([words, _MEANING * unit(sentences)]))
