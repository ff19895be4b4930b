"""Every two columns of a break compared in every row at once: shares by z, means by t, with their letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insight.stats import letters
from insight.stats.multiple import adjusted
from insight.stats.proportions import Flags, Floats, Rule, pooled_z, two_sided

Variances = Literal["pooled", "welch", "all"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of columns in all rows; arrays of (n_rows, n_pairs), NaN = not tested.

    Attributes
    ----------
    left, right : (n_pairs) column positions
    statistic : z or t, positive where the left column is higher
    df : degrees of freedom of t; None for z
    p_value : two-sided; p_adjusted : corrected
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    statistic: Floats
    p_value: Floats
    p_adjusted: Floats
    df: Floats | None = None


def compare_shares(
    shares: Floats, bases: Floats, *, tested: Flags, rule: Rule, overlap: Floats | None = None, tables: Sequence[int] = (),
) -> Pairs:  # fmt: skip
    """z tests of all pairs of columns.

    Parameters
    ----------
    shares, bases : (n_rows, n_columns) shares and the bases that count for the test
    tested : (n_rows, n_columns) False where a base is too small
    overlap : (n_rows, n_columns, n_columns) n0 / (b1 b2), where columns share people (see ``cells.Counted``)
    tables : where rows of several tables are given, the number of rows of each (a family of BH)

    Notes
    -----
    Columns with a share of 0 or 1 are left out of that row and are no comparison, as in SPSS CTABLES.
    Overlap: variance factor 1/b1 + 1/b2 - 2 n0/(b1 b2).
    """
    left, right = np.triu_indices(shares.shape[1], k=1)
    common = None if overlap is None else overlap[:, left, right]
    z = pooled_z(shares[:, left], bases[:, left], against=(shares[:, right], bases[:, right]), overlap=common)  # fmt: skip
    with np.errstate(invalid="ignore"):
        comparable = tested & (shares > 0) & (shares < 1)
    z = np.where(comparable[:, left] & comparable[:, right], z, np.nan)
    p_values = two_sided(z)
    return Pairs(left, right, z, p_values, in_families(p_values, rule=rule, tables=tables))


@dataclass(frozen=True, slots=True)
class Samples:
    """Means, variances (with Bessel on the base) and bases of columns; arrays of (n_rows, n_columns)."""

    means: Floats
    variances: Floats
    bases: Floats


def compare_means(
    samples: Samples, *, tested: Flags, rule: Rule, assume: Variances = "welch", overlap: Floats | None = None
) -> Pairs:  # fmt: skip
    """t tests of all pairs of columns.

    Parameters
    ----------
    tested : (n_rows, n_columns) False where a base is too small
    rule : its correction counts the comparisons of one row, as a question has but one row of means
    assume : "welch" (unequal variances, Satterthwaite's degrees of freedom); "pooled" (equal in the two columns);
        "all" (equal in all columns of the row, pooled over them: SPSS's MEANSVARIANCE=ALLCATS)
    overlap : (n_rows, n_columns, n_columns) n0 / (b1 b2), where columns share people (see ``cells.Counted``): the
        squared error loses twice the covariance that n0 shared scores bring

    Notes
    -----
    Welch (1947), Biometrika 34; IBM SPSS Statistics Algorithms, CTABLES, column means test.
    """
    from scipy.stats import t as student

    means = samples.means
    left, right = np.triu_indices(means.shape[1], k=1)
    ok = tested & ~np.isnan(samples.variances) & (samples.bases > 1)
    bases, variances = (np.where(ok, a, np.nan) for a in (samples.bases, samples.variances))
    squared, df = _error(variances, bases, sides=(left, right), assume=assume)
    if overlap is not None:
        both = np.sqrt(variances[:, left] * variances[:, right])
        squared = squared - 2 * overlap[:, left, right] * both
    difference = np.where(ok[:, left] & ok[:, right], means[:, left] - means[:, right], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(squared > 0, difference / np.sqrt(squared), np.nan)
        p_values = np.asarray(2 * student.sf(np.abs(t), df), dtype=np.float64)
    return Pairs(left, right, t, p_values, adjusted(p_values, rule.correction, axis=1), df)


def _error(
    variances: Floats, bases: Floats, *, sides: tuple[NDArray[np.intp], NDArray[np.intp]], assume: Variances
) -> tuple[Floats, Floats]:  # fmt: skip
    """Squared standard error of each difference, and its degrees of freedom."""
    (v1, v2), (n1, n2) = ([a[:, side] for side in sides] for a in (variances, bases))
    with np.errstate(divide="ignore", invalid="ignore"):
        if assume == "welch":
            parts = v1 / n1, v2 / n2
            df = (parts[0] + parts[1]) ** 2 / (parts[0] ** 2 / (n1 - 1) + parts[1] ** 2 / (n2 - 1))
            return parts[0] + parts[1], df
        if assume == "pooled":
            df = n1 + n2 - 2
            return ((n1 - 1) * v1 + (n2 - 1) * v2) / df * (1 / n1 + 1 / n2), df
        every = np.nansum(bases - 1, axis=1, keepdims=True)
        spread = np.nansum((bases - 1) * variances, axis=1, keepdims=True) / every
        return spread * (1 / n1 + 1 / n2), np.broadcast_to(every, n1.shape)


def in_families(p_values: Floats, *, rule: Rule, tables: Sequence[int] = ()) -> Floats:
    """p values (n_rows, n_tests) corrected: BH over each whole table, the others row by row."""
    if rule.correction != "bh":
        return adjusted(p_values, rule.correction, axis=1)
    ends = np.cumsum(np.asarray(tables, dtype=np.intp))[:-1]
    return np.concatenate([adjusted(part, "bh") for part in np.split(p_values, ends)])


def letters_of(pairs: Pairs, *, n_columns: int, rule: Rule) -> list[list[str]]:
    """In every cell the letters of the columns significantly below it (n_rows, n_columns)."""
    with np.errstate(invalid="ignore"):
        left_wins = pairs.statistic > 0
    higher = np.where(left_wins, pairs.left, pairs.right)
    lower = np.where(left_wins, pairs.right, pairs.left)
    return letters.written(higher, lower, pairs.p_adjusted, n_columns=n_columns, levels=rule.levels)


def smallest_p(pairs: Pairs, *, n_columns: int) -> Floats:
    """The smallest adjusted p of the comparisons of each cell (n_rows, n_columns); NaN where there is none."""
    found = np.full((len(pairs.p_adjusted), n_columns), np.inf)
    for at, (left, right) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        p = pairs.p_adjusted[:, at]
        for side in (left, right):
            found[:, side] = np.fmin(found[:, side], p)
    return np.where(np.isinf(found), np.nan, found)
