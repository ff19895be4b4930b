"""Texts as they were read, and their topics, as bytes and back: exact, and nothing in them can run."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.text.corpus import Corpus
from insight.text.placed import Placed, unplaced
from insight.text.reading import Read

Arrays = dict[str, NDArray[Any]]
_TOLD = "told"
_COUNTS = ("counts", "clause_counts")
_OF_COUNTS = ("data", "indices", "indptr")


def read_as_bytes(read: Read) -> bytes:
    """Texts that were read, see ``reading.Read``."""
    corpus = read.corpus
    told = {"texts": corpus.texts, "clauses": corpus.clauses, "words": corpus.words, "plain": read.plain, "noise": read.noise}  # fmt: skip
    arrays: Arrays = {"rows": read.rows, "owner": corpus.owner, "length": corpus.length}
    arrays |= {"vectors": corpus.vectors, "clause_vectors": corpus.clause_vectors}
    for name in _COUNTS:
        counts = getattr(corpus, name)
        arrays |= {f"{name}.{part}": getattr(counts, part) for part in _OF_COUNTS}
    return _written(arrays, told)


def read_from(data: bytes) -> Read:
    """What ``read_as_bytes`` wrote."""
    from scipy import sparse

    arrays, told = _taken(data)
    n_words = len(told["words"])
    for name in _COUNTS:
        cells = tuple(arrays.pop(f"{name}.{part}") for part in _OF_COUNTS)
        arrays[name] = sparse.csr_array(cells, shape=(len(cells[2]) - 1, n_words))
    plain, noise, rows = told.pop("plain"), told.pop("noise"), arrays.pop("rows")
    return Read(corpus=Corpus(**told, **arrays), plain=plain, noise=noise, rows=rows)


def fit_as_bytes(placed: Placed) -> bytes:
    """The topics of texts before they are edited, without the texts."""
    curve = io.BytesIO()
    placed.k_curve.write_parquet(curve)
    arrays: Arrays = {"clauses": placed.clauses, "stability": placed.stability}
    arrays["k_curve"] = np.frombuffer(curve.getvalue(), dtype=np.uint8)
    return _written(arrays, {"names": placed.names, "seed": placed.seed})


def fit_from(data: bytes, read: Read) -> Placed:
    """What ``fit_as_bytes`` wrote, with the texts it was learnt from."""
    arrays, told = _taken(data)
    curve = pl.read_parquet(io.BytesIO(arrays.pop("k_curve").tobytes()))
    return unplaced(read, k_curve=curve, **arrays, **told)


def _written(arrays: Arrays, told: Mapping[str, object]) -> bytes:
    buffer = io.BytesIO()
    words = json.dumps(told, ensure_ascii=False).encode()
    np.savez(buffer, allow_pickle=False, **arrays, **{_TOLD: np.frombuffer(words, dtype=np.uint8)})
    return buffer.getvalue()


def _taken(data: bytes) -> tuple[Any, Any]:
    """The arrays, and what is none; lists as tuples."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    told = json.loads(arrays.pop(_TOLD).tobytes().decode())
    return arrays, {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
