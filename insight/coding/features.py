"""Answers as numbers for the model that codes: their words and what they mean, read alike in every batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

WIDTH = 512  # of a sentence vector


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


@dataclass(frozen=True, slots=True)
class Reader:
    """How a text becomes numbers, whatever the texts beside it are.

    Attributes
    ----------
    words : (n_words) those that count, in code order
    rarity : (n_words) their inverse document frequency
    is_encoded : whether sentences are encoded, too
    known : normalised text -> what it means (512), of texts that were encoded before
    """

    words: tuple[str, ...]
    rarity: Floats
    is_encoded: bool = True
    known: Mapping[str, Floats] = field(default_factory=dict)


def reader_of(texts: Sequence[str], *, tag: Tagger, is_encoded: bool = True) -> Reader:
    """Learn from texts which words count; what they mean is encoded here and known from then on."""
    normal = [normalise(text) for text in texts]
    documents = [content_words(tag(text)) for text in normal]
    words = vocabulary(documents)
    rarity = inverse_document_frequency(count_matrix(documents, words))
    distinct = list(dict.fromkeys(normal)) if is_encoded else []
    known = dict(zip(distinct, meaning_of(distinct), strict=True))
    return Reader(tuple(words), rarity, is_encoded, known)


def features(texts: Sequence[str], reader: Reader, *, tag: Tagger) -> Features:
    """Count words and encode sentences; empty texts are rows of zeros."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    normal = [normalise(text) for text in texts]
    counts = count_matrix([content_words(tag(text)) for text in normal], reader.words)
    weighted = sparse.csr_array(counts * reader.rarity[None, :])
    words = sparse.csr_array(normalize(weighted)) if weighted.shape[1] and texts else weighted
    return Features(words, _meaning(normal, reader))


def _meaning(normal: Sequence[str], reader: Reader) -> Floats:
    """Only what is not known yet is encoded."""
    if not (reader.is_encoded and normal):
        return np.zeros((len(normal), WIDTH if reader.is_encoded else 0))
    new = list(dict.fromkeys(text for text in normal if text not in reader.known))
    known = {**reader.known, **dict(zip(new, meaning_of(new), strict=True))}
    return np.stack([known[text] for text in normal])


def meaning_of(normal: Sequence[str]) -> Floats:
    """What each normalised text means: the mean of its clauses, longer ones weigh more."""
    if not normal:
        return np.zeros((0, WIDTH))
    cut = [clauses(text) for text in normal]
    flat = [clause for text in cut for clause in text]
    owner = np.repeat(np.arange(len(cut)), [len(text) for text in cut])
    length = np.array([max(len(clause), 1) for clause in flat], dtype=np.float64)
    return unit(pooled(sentence_vectors(flat), owner, weight=length))
