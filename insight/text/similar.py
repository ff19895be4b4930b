"""More like this: texts that share characters, pairs and triples of characters with a given one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insight.text.vectors import Floats

if TYPE_CHECKING:
    from scipy import sparse

_LONGEST_GRAM = 3
_BITS = 22  # of a gram's column; 4 million columns
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing (Knuth 6.4)
_SHIFT = np.uint64(21)  # bits of a character
_BATCH = 20_000  # texts that are in memory as numbers at a time


def likeness(texts: Sequence[str], wanted: str) -> Floats:
    """How alike each text is to ``wanted``: cosine of tf-idf of its characters, pairs and triples.

    Parameters
    ----------
    texts : (n) in plain form, which also say how common each gram is

    Returns
    -------
    (n) [0..1]; 1 for the same text, 0 where nothing is shared

    Notes
    -----
    scikit-learn's TfidfVectorizer(analyzer="char", ngram_range=(1, 3)) and its cosines, but at the
    tenth of the time and in flat memory: grams are hashed, and texts go by in batches.
    """
    n_with = np.zeros(1 << _BITS, dtype=np.int64)
    for batch in _batches(texts):
        n_with += np.bincount(grams(batch).indices, minlength=len(n_with))
    idf = np.log((1 + len(texts)) / (1 + n_with)) + 1
    asked = _weighted([wanted], idf)
    found = [(_weighted(batch, idf) @ asked.T).toarray().ravel() for batch in _batches(texts)]
    return np.concatenate(found).clip(0.0, 1.0) if found else np.zeros(0)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]


def _weighted(texts: Sequence[str], idf: Floats) -> sparse.csr_array:
    from sklearn.preprocessing import normalize

    counts = grams(texts)
    counts.data *= idf[counts.indices]
    scaled: sparse.csr_array = normalize(counts)
    return scaled


def grams(texts: Sequence[str]) -> sparse.csr_array:
    """How often each text holds each run of one to three characters (n x 2^22 hashed columns)."""
    from scipy import sparse

    lowered = [text.lower() for text in texts]
    owner = np.repeat(np.arange(len(lowered)), [len(text) for text in lowered])
    letters = np.frombuffer("".join(lowered).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    rows, columns = zip(*_runs(letters.astype(np.uint64), owner), strict=True)
    row, column = np.concatenate(rows), np.concatenate(columns)
    cells = sparse.coo_array((np.ones(len(row)), (row, column)), shape=(len(texts), 1 << _BITS))
    return cells.tocsr()


def _runs(
    letters: NDArray[np.uint64], owner: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Text and column of every run of one, two and three characters inside one text."""
    key = letters
    for size in range(1, _LONGEST_GRAM + 1):
        if size > 1:
            key = (key[:-1] << _SHIFT) | letters[size - 1 :]
        inside = owner[: len(key)] == owner[size - 1 :]
        hashed = (key[inside] * _SPREAD) >> np.uint64(64 - _BITS)
        yield owner[: len(key)][inside], hashed.astype(np.int64)
