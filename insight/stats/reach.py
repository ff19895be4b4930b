"""Which few items together reach most people: TURF, exact for up to twenty items and greedy for any number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_EXACT = 20


@dataclass(frozen=True, slots=True)
class ItemSet:
    """A set of items: their places, the share it reaches, and how many of them one person takes on average."""

    items: tuple[int, ...]
    reach: float
    frequency: float


def greedy_sets(takes: NDArray[np.bool_], *, weight: Floats, most: int) -> list[ItemSet]:
    """Add the item that reaches most of those not yet reached, one after the other.

    Parameters
    ----------
    takes : (n x n_items) who takes what
    weight : (n) positive numbers
    most : size of the largest set

    Returns
    -------
    Sets of 1, 2 ... ``most`` items in the order they were added; ties go to the item more people
    take, then to the first
    """
    total, share = weight.sum(), weight @ takes / weight.sum()
    open_, chosen, found = weight.astype(float), [], []
    for _ in range(min(most, takes.shape[1])):
        gain = open_ @ takes / total
        ranked = np.lexsort((np.arange(len(gain)), -share, -np.round(gain, 12)))
        chosen.append(int(next(j for j in ranked if j not in chosen)))
        open_ = np.where(takes[:, chosen[-1]], 0.0, open_)
        reach = 1 - float(open_.sum() / total)
        found.append(ItemSet(tuple(chosen), reach, float(share[chosen].sum())))
    return found


def best_sets(
    takes: NDArray[np.bool_], *, weight: Floats, most: int, places: int = 1
) -> list[ItemSet]:
    """The sets of each size that reach most, out of all sets there are.

    Parameters
    ----------
    takes : (n x n_items <= 20) who takes what
    most : size of the largest set
    places : how many sets of each size, best first

    Notes
    -----
    With f(T) the weight of those who take nothing outside of T, the reach of S is 1 - f(not S); f of
    all 2^n_items sets is one sum over subsets (zeta transform), so no set is looked at person by
    person. Ties go to the greater frequency, then to the earlier items. Miaoulis, Parsons and
    Free (1990), Marketing Research 2.
    """
    n_items, total = takes.shape[1], float(weight.sum())
    share = weight @ takes / total
    missed = _within(takes, weight) / total
    everything = (1 << n_items) - 1
    masks = np.arange(1 << n_items)
    sizes = np.bitwise_count(masks)
    reach = 1 - missed[everything - masks]
    found: list[ItemSet] = []
    for size in range(1, min(most, n_items) + 1):
        held = masks[sizes == size]
        frequency = sum(np.where(held >> j & 1, share[j], 0.0) for j in range(n_items))
        order = _earlier(held, n_items)
        ranked = np.lexsort((order, -np.round(frequency, 12), -np.round(reach[held], 12)))
        for at in ranked[:places]:
            items = tuple(j for j in range(n_items) if held[at] >> j & 1)
            found.append(ItemSet(items, float(reach[held[at]]), float(share[list(items)].sum())))
    return found


def _within(takes: NDArray[np.bool_], weight: Floats) -> Floats:
    """(2^n_items) weight of those who take nothing outside of each set."""
    n_items = takes.shape[1]
    patterns = takes @ (1 << np.arange(n_items))
    held: Floats = np.bincount(
        patterns, weights=weight.astype(np.float64), minlength=1 << n_items
    ).astype(np.float64)
    for j in range(n_items):
        pairs = held.reshape(-1, 2, 1 << j)
        pairs[:, 1] += pairs[:, 0]
    return held


def _earlier(masks: NDArray[np.int64], n_items: int) -> NDArray[np.int64]:
    """A number that is smaller for sets of earlier items."""
    turned = sum((masks >> j & 1) << (n_items - 1 - j) for j in range(n_items))
    return -np.asarray(turned, dtype=np.int64)
