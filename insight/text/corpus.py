"""Texts as numbers: whole texts to learn topics from, their clauses to place among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insight.text.noise import noise
from insight.text.normalize import clauses
from insight.text.tokenize import Tagger, content_words
from insight.text.vectors import (
    Floats,
    count_matrix,
    document_vectors,
    inverse_document_frequency,
    pooled,
    term_matrix,
    unit,
    word_vectors,
)

if TYPE_CHECKING:
    from scipy import sparse

Encoder = Callable[[Sequence[str]], Floats]
_COMPONENTS = 50
_ECHO = 0.25  # length of vectors that are learnt from the words alone
_MEANING = 2.0  # weight of the sentence vector beside the word vector
MOST_ENCODED = 250_000  # characters that are given to the encoder, some 4,000 reviews
_MOST_READ = 10_000  # texts that word vectors are learnt from
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """One text in plain form, its clauses, and the content words of each; ``why`` it says nothing, "" if it does."""

    text: str
    clauses: tuple[str, ...]
    words: tuple[list[str], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts in the order of their content.

    Attributes
    ----------
    texts : (n) normalised
    clauses : (n_clauses)
    words : (n_words)
    counts, clause_counts : (n | n_clauses) x n_words
    vectors, clause_vectors : (n | n_clauses) x n_dimensions, at length 1; at a quarter of it where no
        sentence was encoded, for then they repeat what the counts say (see ``make_corpus``)
    owner : (n_clauses) row of the text
    length : (n_clauses) characters
    """

    texts: tuple[str, ...]
    clauses: tuple[str, ...]
    words: tuple[str, ...]
    counts: sparse.csr_array
    clause_counts: sparse.csr_array
    vectors: Floats
    clause_vectors: Floats
    owner: NDArray[np.int64]
    length: Floats


def content_key(text: str) -> str:
    """What a text in plain form is known by without being kept."""
    return sha256(text.encode()).hexdigest()[:16]


def by_content(texts: Iterable[str]) -> list[str]:
    """In the order of a hash of the content: any first part is a fair sample."""
    return sorted(texts, key=lambda text: sha256(text.encode()).digest())


def cut_up(text: str, tag: Tagger) -> Cut:
    """A text in plain form as its clauses; each is cut into words once, for the text as for itself."""
    pieces = tuple(clauses(text))
    tagged = [tag(piece) for piece in pieces]
    why = noise(text, list(chain.from_iterable(tagged)))
    return Cut(text, pieces, tuple(content_words(words) for words in tagged), why)


def make_corpus(cuts: Sequence[Cut], *, encode: Encoder | None, seed: int) -> Corpus:
    """Count words, learn word vectors and encode sentences.

    A text's vector is its tf-idf weighted word vectors beside the mean of its clauses' sentence
    vectors; so whole texts and clauses lie in one space and each clause is encoded once. What all
    sentences share (their mean) is taken off, and meaning weighs twice as much as words: with 10
    known classes this lifts the agreement (NMI) of 2,000 titles from .41 to .57. The 50 principal
    components keep it, make it steady from seed to seed, and cost a tenth.

    Encoding is what takes longest: the first 250,000 characters are encoded, and what the encoder
    would make of the others is told from their words by ridge regression.

    Without an encoder the vectors are learnt from the very words that the mixture counts as well. At a
    quarter of their length they pull a quarter as hard: on five samples of reviews and titles that no
    floor is measured on the agreement (NMI) rose by .003 to .021, on none it fell.

    Parameters
    ----------
    cuts : in the order of their content
    encode : None = words only
    """
    flat = tuple(chain.from_iterable(cut.clauses for cut in cuts))
    owner = np.repeat(np.arange(len(cuts)), [len(cut.clauses) for cut in cuts])
    length = np.array([len(clause) for clause in flat], dtype=np.float64)
    documents = [list(chain.from_iterable(cut.words)) for cut in cuts]
    words, counts = term_matrix(documents)
    if len(words) < 3:
        words, counts = term_matrix(documents, least=1)
    clause_counts = count_matrix(list(chain.from_iterable(cut.words for cut in cuts)), words)
    meaning, idf = word_vectors(counts[:_MOST_READ], seed=seed), inverse_document_frequency(counts)
    told = document_vectors(clause_counts, meaning, idf=idf)
    n = int(np.searchsorted(np.cumsum(length), MOST_ENCODED, side="right")) if encode else 0
    n = int(np.searchsorted(owner, owner[n], side="left")) if n < len(flat) else n  # whole texts
    whole = document_vectors(counts, meaning, idf=idf)
    if encode and n:
        said = encode(flat[:n])
        vectors, clause_vectors = _with_meaning(whole, told, said, owner=owner, length=length, seed=seed)  # fmt: skip
    else:
        vectors, clause_vectors = (_ECHO * rows for rows in _condensed(whole, told, seed=seed))
    return Corpus(
        tuple(cut.text for cut in cuts), flat, tuple(words), counts, clause_counts, vectors, clause_vectors, owner, length
    )  # fmt: skip


def _with_meaning(
    whole: Floats, told: Floats, said: Floats, *, owner: NDArray[np.int64], length: Floats, seed: int
) -> tuple[Floats, Floats]:  # fmt: skip
    """Vectors of words and meaning of all texts and clauses, of which the first are encoded."""
    n = len(said)
    meant = pooled(said, owner[:n], weight=length[:n])
    shared = meant.mean(axis=0)
    vectors, clause_vectors = _condensed(
        _joined(whole[: len(meant)], meant - shared), _joined(told[:n], said - shared), seed=seed
    )
    return _continued(whole, vectors), _continued(told, clause_vectors)


def _continued(words: Floats, vectors: Floats) -> Floats:
    """``vectors`` of the first rows, then what they would be by the words of the others."""
    n = len(vectors)
    if n == len(words):
        return vectors
    known = words[:n]
    slope = np.linalg.solve(known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ vectors)
    return np.vstack([vectors, unit(words[n:] @ slope)])


def _condensed(whole: Floats, clause: Floats, *, seed: int) -> tuple[Floats, Floats]:
    """Both on the principal components of the whole texts, at length 1."""
    from sklearn.decomposition import PCA

    components = PCA(min(_COMPONENTS, *whole.shape), random_state=seed).fit(whole)
    return unit(components.transform(whole)), unit(components.transform(clause))


def _joined(words: Floats, sentences: Floats) -> Floats:
    return unit(np.hstack([words, _MEANING * unit(sentences)]))
