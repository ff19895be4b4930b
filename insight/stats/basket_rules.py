"""The rules that follow from frequent sets, how strong and how sure each is, and what a shorter one already says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.stats.baskets import Ints, Sets
from insight.stats.multiple import adjusted

Floats = NDArray[np.float64]


def rules(levels: Sequence[Sets], *, n_baskets: int) -> pl.DataFrame:
    """Every rule "who has these also has that" of the frequent sets, with what speaks for it.

    Parameters
    ----------
    levels : of ``frequent_sets``
    n_baskets : all baskets [>= 1]

    Returns
    -------
    (n_rules) antecedent [list of items], consequent [one item], n_baskets, n_antecedent,
        n_consequent, support, confidence, lift, leverage, conviction [null where the confidence is 1],
        p_adjusted [Fisher's exact test, one-sided, Benjamini-Hochberg over all rows],
        improvement [confidence minus the highest of any rule with fewer of these antecedents and the
        same consequent, the empty one included]

    Notes
    -----
    Brin et al. (1997) lift, conviction; Piatetsky-Shapiro (1991) leverage; Bayardo et al. (2000)
    improvement; Webb (2007) tests over all rules that were looked at.
    """
    frames: list[pl.DataFrame] = [pl.DataFrame(schema=_COUNTED)]
    best = np.empty((0, 0))
    for length in range(2, len(levels) + 1):
        sets = levels[length - 1]
        confidence, parts = np.empty(sets.items.shape), []
        for place in range(length):
            part = _counted(levels, sets, place)
            confidence[:, place] = sets.n_baskets / part["n_antecedent"].to_numpy()
            parts.append(part)
        shorter = _shorter(levels, sets, best, n_baskets=n_baskets)
        best = np.maximum(confidence, shorter)
        gained = [pl.Series("improvement", column) for column in (confidence - shorter).T]
        frames += [part.with_columns(more) for part, more in zip(parts, gained, strict=True)]
    return _measured(pl.concat(frames), n_baskets)


_COUNTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "antecedent": pl.List(pl.Int64), "consequent": pl.Int64, "n_baskets": pl.Int64, "n_antecedent": pl.Int64, "n_consequent": pl.Int64,
    "improvement": pl.Float64,
}  # fmt: skip


def _counted(levels: Sequence[Sets], sets: Sets, place: int) -> pl.DataFrame:
    """The rules whose consequent is the item at ``place`` of each set, with their counts."""
    rest, one = np.delete(sets.items, place, axis=1), sets.items[:, [place]]
    listed = pl.Series("antecedent", rest).cast(pl.List(pl.Int64))
    return pl.DataFrame({
        "antecedent": listed, "consequent": one[:, 0], "n_baskets": sets.n_baskets,
        "n_antecedent": levels[rest.shape[1] - 1].n_baskets[_positions(levels, rest)],
        "n_consequent": levels[0].n_baskets[_positions(levels, one)],
    })  # fmt: skip


def _shorter(levels: Sequence[Sets], sets: Sets, best: Floats, *, n_baskets: int) -> Floats:
    """(n_sets x length) the highest confidence of a rule with fewer antecedents, for each consequent."""
    length = sets.items.shape[1]
    if length == 2:
        alone = levels[0].n_baskets / n_baskets
        return np.column_stack([alone[_positions(levels, sets.items[:, [p]])] for p in (0, 1)])
    found = np.zeros(sets.items.shape)
    for gone in range(length):
        kept = [place for place in range(length) if place != gone]
        below = best[_positions(levels, sets.items[:, kept])]
        found[:, kept] = np.maximum(found[:, kept], below)
    return found


def _positions(levels: Sequence[Sets], rows: Ints) -> Ints:
    """Where the sets of ``rows`` (n x length), all of them frequent, stand among those of their length."""
    if rows.shape[1] == 1:
        return np.searchsorted(levels[0].items[:, 0], rows[:, 0])
    known = _keys(levels, levels[rows.shape[1] - 1].items)
    return np.searchsorted(known, _keys(levels, rows))


def _keys(levels: Sequence[Sets], rows: Ints) -> Ints:
    """A number for each set that rises with its row."""
    last = _positions(levels, rows[:, -1:])
    return _positions(levels, rows[:, :-1]) * len(levels[0].items) + last


def _measured(counted: pl.DataFrame, n: int) -> pl.DataFrame:
    from scipy.stats import hypergeom

    both, first, second = (counted[c].to_numpy() for c in ("n_baskets", "n_antecedent", "n_consequent"))  # fmt: skip
    p_values = np.asarray(hypergeom.sf(both - 1, n, first, second), dtype=np.float64)
    support, confidence = pl.col("n_baskets") / n, pl.col("n_baskets") / pl.col("n_antecedent")
    base = pl.col("n_consequent") / n
    misses = pl.col("n_antecedent") - pl.col("n_baskets")
    return counted.with_columns(
        support=support,
        confidence=confidence,
        lift=confidence / base,
        leverage=support - pl.col("n_antecedent") / n * base,
        conviction=pl.when(misses > 0).then((1 - base) / (misses / pl.col("n_antecedent"))),
        p_adjusted=pl.Series(adjusted(p_values, "bh"), dtype=pl.Float64),
    )
