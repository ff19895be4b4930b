"""Whether groups answer differently: one test for answers without an order, one for scores, from counts alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.stats.association import LEAST_EXPECTED, association
from insight.stats.cells import Sums
from insight.stats.proportions import Floats

MOST_BELOW = 0.2  # share of the cells that may expect fewer than five, as Cochran has it


@dataclass(frozen=True, slots=True)
class Related:
    """A test of one question in the groups of one break.

    Attributes
    ----------
    statistic, df, p_value : of chi-squared
    effect : Cramér's V, or the square root of epsilon squared: both lie on the scale of a correlation [0 to 1]
    row, column : the answer and the group that stand out most; of scores the row is 0
    value, rest : share (or mean score) there, and of everybody else in the break
    base : people, unweighted
    """

    statistic: float
    df: int
    p_value: float
    effect: float
    row: int
    column: int
    value: float
    rest: float
    base: int


def of_answers(sums: Sums) -> Related | None:
    """Pearson's test of answers by groups, the weights scaled to the effective base.

    Parameters
    ----------
    sums : (n_answers, n_groups) counts; groups without anybody are to be left out before

    Returns
    -------
    None where fewer than two answers or groups are left. Rare answers are taken together until Cochran's
    rule holds (at most a fifth of the cells expect fewer than five, none fewer than one); where it
    never does, there is no test either.

    Notes
    -----
    Pearson (1900); Cochran (1954), Biometrics 10; V corrected for its bias as Bergsma (2013). The cell that
    stands out has the largest adjusted residual (Haberman 1973) among the answers as they were given.
    """
    counts = _scaled(sums)
    pooled = _pooled(counts[counts.sum(axis=1) > 0])
    if pooled is None:
        return None
    found = association(pooled)
    row, column = _standing_out(counts)
    value, rest = _shares(sums.w, row, column)
    return Related(found.chi2, found.df, found.p_value, found.v, row, column, value, rest, int(sums.n.sum()))  # fmt: skip


def of_scores(values: Floats, sums: Sums) -> Related | None:
    """Kruskal and Wallis's test of scores by groups; with weights, of weighted mid-ranks on the effective base.

    Parameters
    ----------
    values : (n_scores) ascending
    sums : (n_scores, n_groups) counts; groups without anybody are to be left out before

    Returns
    -------
    None where fewer than two groups or two different scores are left

    Notes
    -----
    H = (n - 1) times the share of the variance of the ranks that lies between the groups, which is Kruskal and
    Wallis (1952) with their correction for ties; the square root of epsilon squared = H / (n - 1).
    """
    from scipy.stats import chi2

    w = sums.w
    by_score, by_group, total = w.sum(axis=1), w.sum(axis=0), float(w.sum())
    if len(by_group) < 2 or (by_score > 0).sum() < 2:
        return None
    ranks = np.cumsum(by_score) - by_score / 2
    ranks = ranks - (by_score @ ranks) / total
    means = (ranks @ w) / by_group
    share = float((by_group * means**2).sum() / (by_score * ranks**2).sum())
    effective = total**2 / float(sums.q.sum())
    statistic, df = (effective - 1) * share, len(by_group) - 1
    apart = np.abs(means) * np.sqrt(by_group / np.maximum(total - by_group, 1e-12))
    column = int(np.argmax(apart.round(9)))
    rest = np.delete(w, column, axis=1).sum(axis=1)
    value, other = (float(values @ part / part.sum()) for part in (w[:, column], rest))
    return Related(statistic, df, float(chi2.sf(statistic, df)), share**0.5, 0, column, value, other, int(sums.n.sum()))  # fmt: skip


def _scaled(sums: Sums) -> Floats:
    total, squares = float(sums.w.sum()), float(sums.q.sum())
    return sums.w * (total / squares) if squares > 0 else sums.w


def _expected(counts: Floats) -> Floats:
    expected: Floats = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return expected


def _pooled(counts: Floats) -> Floats | None:
    """The rarest answers added up until the approximation holds; None where it never does."""
    kept = counts[np.argsort(counts.sum(axis=1), kind="stable")]
    while min(kept.shape) >= 2:
        expected = _expected(kept)
        if expected.min() >= 1 and (expected < LEAST_EXPECTED).mean() <= MOST_BELOW:
            return kept
        together = np.vstack([kept[:2].sum(axis=0, keepdims=True), kept[2:]])
        kept = together[np.argsort(together.sum(axis=1), kind="stable")]
    return None


def _standing_out(counts: Floats) -> tuple[int, int]:
    """The cell with the largest adjusted residual, the first of equals."""
    n, rows, columns = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    expected = _expected(counts)
    spread = np.sqrt(expected * np.outer(1 - rows / n, 1 - columns / n))
    residual = np.divide(counts - expected, spread, out=np.zeros_like(expected), where=spread > 1e-9)  # fmt: skip
    row, column = np.unravel_index(int(np.argmax(np.abs(residual).round(9))), residual.shape)
    return int(row), int(column)


def _shares(w: Floats, row: int, column: int) -> tuple[float, float]:
    """Share of the answer in the group, and in all others."""
    rest = np.delete(w, column, axis=1)
    return float(w[row, column] / w[:, column].sum()), float(rest[row].sum() / rest.sum())
