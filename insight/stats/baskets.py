"""Which items come together: frequent sets, found by a sparse product for pairs and by bits for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insight.errors import TooManySets

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]
BLOCK, ROWS = (
    512,
    64,
)  # items whose pairs are counted at once; rows of bits that stay in the processor's cache
MB = 2**20
MOST_SETS = 500_000  # of one length


@dataclass(frozen=True, slots=True)
class Holdings:
    """What lies in which basket.

    Attributes
    ----------
    basket, item : (n_holdings) numbers from 0, each pair once
    n_baskets : all baskets, also those in which nothing is frequent
    """

    basket: Ints
    item: Ints
    n_baskets: int


@dataclass(frozen=True, slots=True)
class Sets:
    """The frequent sets of one length.

    Attributes
    ----------
    items : (n_sets x length) ascending within a row; rows in lexical order
    n_baskets : (n_sets) baskets that hold all of the set
    """

    items: Ints
    n_baskets: Ints


def memory_mb(*, n_holdings: int, n_baskets: int, n_items: int) -> float:
    """The most memory the search takes, told before it is begun.

    Parameters
    ----------
    n_holdings, n_items : of frequent items alone
    """
    lists = 48 * n_holdings  # the pairs, the sparse table and its transpose
    block = 16 * BLOCK * n_items
    bits = n_items * n_baskets / 8
    return (lists + block + bits) / MB


def frequent_sets(holdings: Holdings, *, least: int, max_length: int) -> tuple[Sets, ...]:
    """Find all sets of items that lie together in enough baskets.

    Parameters
    ----------
    least : baskets that must hold the set [>= 1]
    max_length : items of the longest set

    Returns
    -------
    the sets of one item, of two ..., as far as there are any

    Raises
    ------
    TooManySets : there are so many that nobody could read them.

    Notes
    -----
    Every part of a frequent set is frequent (Agrawal & Srikant 1994). Pairs are counted by a sparse
    product, longer sets by bits: one bit a basket, a row an item.
    """
    counts = np.bincount(holdings.item).astype(np.int64)
    known = np.flatnonzero(counts >= least)
    levels = [Sets(np.arange(len(known))[:, None], counts[known])]
    if max_length > 1:
        table = _table(holdings, known)
        levels.append(_pairs(table, least))
    if max_length > 2 and len(levels[1].items):
        bits = _packed(table)
        while len(levels) < max_length and len(levels[-1].items):
            levels.append(_longer(levels[-1], levels[1], bits, least=least))
    return tuple(Sets(known[s.items], s.n_baskets) for s in levels if len(s.items))


def _table(holdings: Holdings, known: Ints) -> csr_array:
    """(n_baskets with two or more frequent items x n_known) 1 where the basket holds the item."""
    from scipy.sparse import csr_array

    place = np.full(holdings.item.max(initial=-1) + 1, -1, dtype=np.int32)
    place[known] = np.arange(len(known), dtype=np.int32)
    item = place[holdings.item]
    held = item >= 0
    ones = np.ones(held.sum(), dtype=np.int32)
    shape = (holdings.n_baskets, len(known))
    table = csr_array((ones, (holdings.basket[held], item[held])), shape=shape)
    return table[np.diff(table.indptr) > 1]


def _pairs(table: csr_array, least: int) -> Sets:
    """The frequent pairs, counted a block of items at a time so that memory does not grow with their square."""
    from scipy.sparse import triu

    by_item = table.T.tocsr()
    items, counts = [np.empty((0, 2), dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for start in range(0, table.shape[1], BLOCK):
        both = triu(by_item[start : start + BLOCK] @ table, k=start + 1).tocoo()
        often = both.data >= least
        first, second = both.row[often].astype(np.int64) + start, both.col[often].astype(np.int64)
        order = np.lexsort((second, first))
        items.append(np.column_stack((first, second))[order])
        counts.append(both.data[often].astype(np.int64)[order])
    return Sets(np.concatenate(items), np.concatenate(counts))


def _packed(table: csr_array) -> Bits:
    """(n_items x n_words) one bit for each basket of three or more frequent items."""
    by_item = table[np.diff(table.indptr) > 2].tocsc()
    n_words = -(-by_item.shape[0] // 64)
    bits = np.empty((by_item.shape[1], n_words), dtype=np.uint64)
    for item, (start, end) in enumerate(zip(by_item.indptr, by_item.indptr[1:], strict=False)):
        row = np.zeros(n_words * 64, dtype=bool)
        row[by_item.indices[start:end]] = True
        bits[item] = np.packbits(row).view(np.uint64)
    return bits


def _longer(sets: Sets, pairs: Sets, bits: Bits, *, least: int) -> Sets:
    """The frequent sets with one item more: two sets that differ in their last item, joined."""
    length, n_items = sets.items.shape[1] + 1, len(bits)
    keys = pairs.items[:, 0] * n_items + pairs.items[:, 1]
    items, counts = [np.empty((0, length), dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    n_found = 0
    for at, end in enumerate(_ends(sets.items[:, :-1])):
        one, tails = sets.items[at], sets.items[at + 1 : end, -1]
        asked = one[-1] * n_items + tails
        tails = tails[keys[np.searchsorted(keys[:-1], asked)] == asked]
        if not len(tails):
            continue
        n_both = _shared(np.bitwise_and.reduce(bits[one]), bits, tails)
        often = n_both >= least
        grown = np.tile(one, (int(often.sum()), 1))
        items.append(np.column_stack((grown, tails[often])))
        counts.append(n_both[often])
        n_found += len(grown)
        if n_found > MOST_SETS:
            raise TooManySets(MOST_SETS)
    return Sets(np.concatenate(items), np.concatenate(counts))


def _ends(prefixes: Ints) -> Ints:
    """(n) for each row the first later row that begins with other items."""
    n = len(prefixes)
    changes = np.flatnonzero((prefixes[1:] != prefixes[:-1]).any(axis=1)) + 1
    bounds = np.append(changes, n)
    return bounds[np.searchsorted(bounds, np.arange(n), side="right")]


def _shared(here: Bits, bits: Bits, items: Ints) -> Ints:
    """(n_items) how many baskets of ``here`` hold each item."""
    parts = [
        np.bitwise_count(bits[items[start : start + ROWS]] & here).sum(axis=1, dtype=np.int64)
        for start in range(0, len(items), ROWS)
    ]
    return np.concatenate(parts)
