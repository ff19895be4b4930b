"""Item-item neighbours: which things are bought by the same people, and how well that tells what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from insight.stats.propensity import Ints
from insight.stats.proportions import Flags, Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

CHUNK = 2_000  # people scored at a time


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best items of each person.

    Attributes
    ----------
    items : (n_people x k) column of the item, best first; -1 where no further one is liked at all
    scores : (n_people x k)
    """

    items: Ints
    scores: Floats


def cosine(has: csr_array) -> csr_array:
    """Similarity of items: people who have both ÷ √(people who have one · people who have the other).

    Parameters
    ----------
    has : (n_people x n_items) 1 where somebody has it

    Returns
    -------
    (n_items x n_items) with nothing on the diagonal

    Notes
    -----
    Sarwar et al. (2001), Item-based collaborative filtering, WWW 10.
    """
    from scipy.sparse import coo_array, diags_array

    counts = np.asarray(has.sum(axis=0), dtype=np.float64).ravel()
    scale = diags_array(
        np.divide(1.0, np.sqrt(counts), out=np.zeros_like(counts), where=counts > 0)
    )
    near = coo_array(scale @ (has.T @ has).astype(np.float64) @ scale)
    off = near.coords[0] != near.coords[1]
    return coo_array((near.data[off], (near.coords[0][off], near.coords[1][off])), shape=near.shape).tocsr()  # fmt: skip


def liked(has: csr_array, near: csr_array, *, k: int, only_new: bool) -> Ranked:
    """The ``k`` items whose neighbours each person has most; ties go to the item with the lower column."""
    return _ranked(has, lambda mine: (mine @ near).toarray(), k=k, only_new=only_new)


def popular(everybody: csr_array, has: csr_array, *, k: int, only_new: bool) -> Ranked:
    """The ``k`` items that most of ``everybody`` have, the same for all but for what they have already."""
    counts = np.asarray(everybody.sum(axis=0), dtype=np.float64).ravel()
    return _ranked(has, lambda mine: np.tile(counts, (mine.shape[0], 1)), k=k, only_new=only_new)


def _ranked(
    has: csr_array, score: Callable[[csr_array], Floats], *, k: int, only_new: bool
) -> Ranked:
    """Score and rank, some people at a time."""
    k = min(k, has.shape[1])
    chunks = [has[start : start + CHUNK] for start in range(0, has.shape[0], CHUNK)]
    parts = [_best(score(mine), mine, k=k, only_new=only_new) for mine in chunks]
    nobody = Ranked(np.empty((0, k), dtype=np.int64), np.empty((0, k)))
    items, scores = zip(*((p.items, p.scores) for p in (nobody, *parts)), strict=True)
    return Ranked(np.vstack(items), np.vstack(scores))


def _best(scores: Floats, mine: csr_array, *, k: int, only_new: bool) -> Ranked:
    scores = scores.astype(np.float64)
    if only_new:
        scores[mine.toarray() > 0] = -1.0
    items = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = np.take_along_axis(scores, items, axis=1)
    return Ranked(np.where(found > 0, items, -1).astype(np.int64), np.maximum(found, 0.0))


@dataclass(frozen=True, slots=True)
class Judged:
    """How well a ranking met what people got next, person by person.

    Attributes
    ----------
    hit : (n_people) whether one of the ranked items is among them [0 or 1]
    ndcg : (n_people) 0 to 1
    """

    hit: Floats
    ndcg: Floats


def judged(ranked: Ranked, got: Flags) -> Judged:
    """Hold a ranking against the items that each person got (n_people x n_items).

    Notes
    -----
    NDCG with gain 1 and discount log2(rank + 1) (Järvelin & Kekäläinen 2002), the ideal being that all
    items somebody got, as far as there is room, stand first.
    """
    k = ranked.items.shape[1]
    rows = np.arange(len(got))[:, None]
    met = got[rows, np.maximum(ranked.items, 0)] & (ranked.items >= 0)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(got.sum(axis=1), k)]
    gained: Floats = np.asarray((met * discount).sum(axis=1))
    ndcg: Floats = np.divide(gained, ideal, out=np.zeros(len(got)), where=ideal > 0)
    hit: Floats = np.asarray(met.any(axis=1), dtype=np.float64)
    return Judged(hit, ndcg)


def paired_interval(first: Floats, second: Floats) -> tuple[float, float, float]:
    """Mean difference of pairs with its 95 % interval: Student's t on the differences."""
    from scipy.stats import t

    gaps = first - second
    mean = float(gaps.mean())
    if len(gaps) < 2:
        return mean, float("nan"), float("nan")
    half = float(t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return mean, mean - half, mean + half
