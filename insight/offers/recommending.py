"""What each customer is likely to buy next, by what buyers of the same things buy; shown only if that beats popularity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from insight import ledger
from insight.stats.neighbours import CHUNK, Ranked, cosine, judged, liked, paired_interval, popular
from insight.stats.propensity import Ints
from insight.stats.proportions import Flags

if TYPE_CHECKING:
    from scipy.sparse import csr_array

K = 5
_EPOCH = date(1970, 1, 1).toordinal()
HELD_BACK = 0.2  # of the time, at the end: what the check is judged by
EVALUATION = {
    "n_customers": pl.Int64, "n_products": pl.Int64, "hit_rate_5": pl.Float64, "popularity_hit_rate_5": pl.Float64,
    "hit_difference": pl.Float64, "low_hit_difference": pl.Float64, "high_hit_difference": pl.Float64,
    "ndcg_5": pl.Float64, "popularity_ndcg_5": pl.Float64, "ndcg_gain": pl.Float64, "ndcg_gain_low": pl.Float64,
    "ndcg_gain_high": pl.Float64, "split_day": pl.Date, "is_better": pl.Boolean,
}  # fmt: skip
CUSTOMERS = {
    "customer_id": pl.String, "rank": pl.Int64, "recommended": pl.String, "score": pl.Float64, "because": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """Who bought which items in a stretch of the ledger.

    Attributes
    ----------
    people : sorted ids
    has : (n_people x n_items) 0 or 1
    """

    people: tuple[str, ...]
    has: csr_array


def held(orders: ledger.Orders, column: str, items: Sequence[str]) -> Held:
    """The items that each customer paid for, refunded later or not."""
    from scipy.sparse import csr_array

    bought = ledger.spend_by(ledger.among(orders, column, items), column).filter(
        pl.col("n_orders") > 0
    )
    people = bought["customer_id"].unique().sort()
    row = bought["customer_id"].replace_strict(
        people, np.arange(len(people)), return_dtype=pl.Int64
    )
    place = bought[column].cast(pl.String).replace_strict(list(items), range(len(items)), return_dtype=pl.Int64)  # fmt: skip
    ones = np.ones(bought.height, dtype=np.float64)
    shape = (len(people), len(items))
    return Held(tuple(people), csr_array((ones, (row.to_numpy(), place.to_numpy())), shape=shape))


def split_day(orders: ledger.Orders) -> int:
    """The first day [since 1970] of the last fifth of the time."""
    first, last = ledger.span(orders)
    return int(last // ledger.DAY + 1 - HELD_BACK * (last // ledger.DAY + 1 - first // ledger.DAY))


def evaluated(orders: ledger.Orders, column: str, items: Sequence[str], *, only_new: bool) -> pl.DataFrame:  # fmt: skip
    """Learn from the first four fifths of the time and foretell the last order that each customer made after them.

    Parameters
    ----------
    only_new : what somebody bought before is neither recommended nor counted as a hit

    Returns
    -------
    (1) columns of EVALUATION: the shares of customers of whose last order one of five items was foretold,
        by neighbours and by popularity, and their NDCG; differences with 95 % intervals; is_better where
        neither interval reaches 0. Nulls where nobody could be judged.
    """
    day = split_day(orders)
    before = held(ledger.within(orders, end=day * ledger.DAY), column, items)
    last = ledger.last_held(ledger.within(orders, start=day * ledger.DAY), column, values=items)
    judge = sorted(set(before.people) & set(last["customer_id"]))
    mine = before.has[[before.people.index(p) for p in judge]] if judge else before.has[:0]
    got = _grid(last, judge, items)
    if only_new:
        got &= mine.toarray() == 0
    told = np.flatnonzero(got.any(axis=1))
    ranked = _both(before.has, mine[told], only_new=only_new)
    return _compared(ranked, got[told], day=day)


def _grid(last: pl.DataFrame, people: Sequence[str], items: Sequence[str]) -> Flags:
    """(n_people x n_items) who got what."""
    row, place = ({name: at for at, name in enumerate(names)} for names in (people, items))
    got = np.zeros((len(people), len(items)), dtype=bool)
    for item, person in last.filter(pl.col("customer_id").is_in(list(people))).iter_rows():
        got[row[person], place[item]] = True
    return got


def _both(everybody: csr_array, mine: csr_array, *, only_new: bool) -> tuple[Ranked, Ranked]:
    """What neighbours and what popularity, both learned from ``everybody``, say of some people."""
    known = popular(everybody, mine, k=K, only_new=only_new)
    return liked(mine, cosine(everybody), k=K, only_new=only_new), known


def _compared(ranked: tuple[Ranked, Ranked], got: Flags, *, day: int) -> pl.DataFrame:
    row: dict[str, object] = {
        "n_customers": len(got), "n_products": got.shape[1], "split_day": date.fromordinal(_EPOCH + day), "is_better": False,
    }  # fmt: skip
    if len(got) > 1:
        ours, theirs = (judged(one, got) for one in ranked)
        hit = paired_interval(ours.hit, theirs.hit)
        ndcg = paired_interval(ours.ndcg, theirs.ndcg)
        row |= {
            "hit_rate_5": ours.hit.mean(), "popularity_hit_rate_5": theirs.hit.mean(),
            "ndcg_5": ours.ndcg.mean(), "popularity_ndcg_5": theirs.ndcg.mean(),
            **dict(zip(("hit_difference", "low_hit_difference", "high_hit_difference"), hit, strict=True)),
            **dict(zip(("ndcg_gain", "ndcg_gain_low", "ndcg_gain_high"), ndcg, strict=True)),
            "is_better": hit[1] > 0 and ndcg[1] > 0,
        }  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in EVALUATION}], schema=EVALUATION)


def recommended(orders: ledger.Orders, column: str, items: Sequence[str], *, only_new: bool) -> pl.DataFrame:  # fmt: skip
    """Up to five items for each customer, learned from the whole ledger.

    Returns
    -------
    (n) columns of CUSTOMERS: rank [1 = first], score [sum of similarities to what the customer has], because
        [the item of the customer that is most similar]; sorted by customer_id and rank
    """
    now = held(orders, column, items)
    near = cosine(now.has)
    ranked = liked(now.has, near, k=K, only_new=only_new)
    rows, ranks = np.nonzero(ranked.items >= 0)
    item = ranked.items[rows, ranks]
    names = pl.Series(items, dtype=pl.String)
    reason = _reasons(now.has, near, rows, item)
    return pl.DataFrame(
        {
            "customer_id": pl.Series(now.people, dtype=pl.String)[rows], "rank": ranks + 1, "recommended": names[item],
            "score": ranked.scores[rows, ranks], "because": names[reason],
        },
        schema=CUSTOMERS,
    )  # fmt: skip


def _reasons(has: csr_array, near: csr_array, rows: Ints, items: Ints) -> Ints:
    """For each pair of a person and an item the item of that person that is most similar to it."""
    found = np.empty(len(rows), dtype=np.int64)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = (has[rows[part]].multiply(near[items[part]])).tocsr().toarray().argmax(axis=1)
    return found
