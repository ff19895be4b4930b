"""Words that the dictionary lacks: strings that hold together and stand in many surroundings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.text.vectors import Floats

Ints = NDArray[np.int64]

LONGEST, LEAST_COUNT, COUNT_SHARE = 5, 8, 1e-5
LEAST_PMI, LEAST_ENTROPY = 5.0, 1.2  # bits, nats
INSIDE = 0.8  # of a string that stands this often inside a longer one, only the longer one is told
CANDIDATES = {"word": pl.String, "n": pl.Int64, "pmi": pl.Float64, "entropy": pl.Float64}
_RUN = re.compile(r"[\u3400-\u9fff]+")
_FUNCTION = frozenset(  # characters that no term begins or ends with
    "的了着过地得和与及或而但也都就还才又再很太更最真挺好不没有无别是在从到对把被让给向为以于"
    "这那哪我你您他她它们啊呢吧吗呀哦哈嘛么个些点次下里上会能要想可去来说用"
)


def candidates(
    texts: Sequence[str], *, knows: Callable[[str], bool], refused: Collection[str] = ()
) -> pl.DataFrame:
    """Strings of 2 to 5 characters that look like words the dictionary lacks.

    Parameters
    ----------
    texts : in plain form
    knows : whether the dictionary has a word
    refused : words that nobody wants to see again

    Returns
    -------
    (n) word, n [times it is said, >= max(8, 1e-5 of all characters)], pmi [bits; the least over all
        places to cut it in two, >= 5], entropy [nats, of the characters beside it; the lesser of
        both sides, >= 1.2]; most said first

    Notes
    -----
    min over splits of log2(p(w) / (p(left) p(right))), all strings counted in the texts; every end of
    a run of characters counts as a neighbour of its own, for a word that stands alone is free. A
    string inside a longer candidate that is said nearly as often (>= 80 %) is left out.
    """
    laid = _laid_out(texts)
    least = max(LEAST_COUNT, int(COUNT_SHARE * len(laid.characters)))
    named = (
        (laid.text(at, size), n, pmi, entropy)
        for at, size, n, pmi, entropy in _strings(laid, least)
    )
    kept = [
        row for row in named
        if row[0][0] not in _FUNCTION and row[0][-1] not in _FUNCTION and len(set(row[0])) > 1
        and row[0] not in refused and not knows(row[0])
    ]  # fmt: skip
    table = pl.DataFrame(_longest(kept), schema=CANDIDATES, orient="row")
    return table.sort(["n", "pmi", "word"], descending=[True, True, False])


@dataclass(frozen=True, slots=True)
class _Laid:
    """All Chinese characters one after the other.

    Attributes
    ----------
    characters : (n) which of the different characters, 0 to n_characters - 1
    before, room : (n) how many of its run stand before each, and from it on, itself included
    known : (n_characters)
    """

    characters: Ints
    before: Ints
    room: Ints
    known: Ints

    def text(self, at: int, size: int) -> str:
        """The string of ``size`` characters that begins at ``at``."""
        return "".join(map(chr, self.known[self.characters[at : at + size]]))


def _laid_out(texts: Sequence[str]) -> _Laid:
    runs = [run for text in texts for run in _RUN.findall(text)]
    lengths = np.fromiter(map(len, runs), dtype=np.int64, count=len(runs))
    flat = np.frombuffer("".join(runs).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    known, characters = np.unique(flat, return_inverse=True)
    ends, place = np.repeat(np.cumsum(lengths), lengths), np.arange(len(flat))
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return _Laid(characters, place - starts, ends - place, known)


def _strings(laid: _Laid, least: int) -> Iterator[tuple[int, int, int, float, float]]:
    """Where a string first stands, its size, count, PMI and entropy: those that pass all bounds."""
    code = laid.characters
    n_at = {1: np.bincount(code)[code] if len(code) else code}  # of the string that begins there
    for size in range(2, LONGEST + 1):
        at = np.flatnonzero((n_at[size - 1] >= least) & (laid.room >= size))
        key = code[at] * len(laid.known) + laid.characters[at + size - 1]
        _, first, which, n = np.unique(key, return_index=True, return_inverse=True, return_counts=True)  # fmt: skip
        code, n_at[size] = np.zeros_like(code), np.zeros_like(code)
        code[at], n_at[size][at] = which, n[which]
        often = np.flatnonzero(n >= least)
        bits = _least_pmi(n_at, at[first[often]], size)
        nats = np.minimum(
            _entropy(laid, at, which, step=-1, is_edge=laid.before[at] == 0)[often],
            _entropy(laid, at, which, step=size, is_edge=laid.room[at] == size)[often],
        )
        for row in np.flatnonzero((bits >= LEAST_PMI) & (nats >= LEAST_ENTROPY)).tolist():
            string = often[row]
            yield int(at[first[string]]), size, int(n[string]), float(bits[row]), float(nats[row])


def _least_pmi(n_at: Mapping[int, Ints], at: Ints, size: int) -> Floats:
    """The least log2(p(whole) / (p(left) p(right))) of each string over all places to cut it."""
    total = len(n_at[1])
    cuts = [
        np.log2(n_at[size][at] * total / (n_at[left][at] * n_at[size - left][at + left]))
        for left in range(1, size)
    ]
    return np.asarray(np.min(cuts, axis=0))


def _entropy(
    laid: _Laid, at: Ints, which: Ints, *, step: int, is_edge: NDArray[np.bool_]
) -> Floats:
    """Entropy of the character beside each string: ln n - Σ c ln c / n; each edge is one of its own."""
    n = np.bincount(which)
    inside = ~is_edge
    beside = which[inside] * len(laid.known) + laid.characters[at[inside] + step]
    pairs, met = np.unique(beside, return_counts=True)
    said = np.bincount(
        pairs // max(len(laid.known), 1), weights=met * np.log(met), minlength=len(n)
    )
    return np.asarray(np.log(n) - said / n)


def _longest(rows: Sequence[tuple[str, int, float, float]]) -> list[tuple[str, int, float, float]]:
    """Without the strings that stand nearly always inside a longer one of the list."""
    inner: dict[str, int] = {}
    for word, n, *_ in rows:
        for size in range(2, len(word)):
            for start in range(len(word) - size + 1):
                part = word[start : start + size]
                inner[part] = max(inner.get(part, 0), n)
    return [row for row in rows if inner.get(row[0], 0) < INSIDE * row[1]]
