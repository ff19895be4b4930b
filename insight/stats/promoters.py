"""Net promoter scores of the columns of a table: how sure each is, and whose is higher."""

from __future__ import annotations

import numpy as np

from insight.stats.cells import Codes
from insight.stats.moments import Moments
from insight.stats.pairs import Pairs, in_families
from insight.stats.proportions import Flags, Floats, Rule, two_sided

VALUES = np.array([-100.0, 0.0, 100.0])  # what a detractor, a passive and a promoter are worth


def groups_of(scores: Floats) -> Codes:
    """Whether each score (n) is a detractor's (0, up to 6), a passive's (1, 7 to 8) or a promoter's (2, from 9).

    >>> groups_of(np.array([0.0, 6.0, 7.0, 8.0, 9.0, 10.0]))
    array([0, 0, 1, 1, 2, 2])
    """
    return np.asarray(np.digitize(scores, [7.0, 9.0]), dtype=np.intp)


def margins(nets: Moments) -> Floats:
    """Half of the 95 % interval of each score, in points; NaN where there is nobody.

    Parameters
    ----------
    nets : moments of answers worth ``VALUES``; their mean is the net promoter score

    Notes
    -----
    Var = (P + D - (P - D)^2) / n on the effective base; Rocks (2016), Am Stat 70, calls it Wald's interval.
    """
    return _quantile() * np.sqrt(_error(nets))


def small_sample_interval(nets: Moments) -> tuple[Floats, Floats]:
    """The 95 % interval that also holds for small bases, in points; NaN where there is nobody.

    Notes
    -----
    Adjusted Wald: three cases more, 3/4 promoters, 3/4 detractors, the rest passives (Rocks 2016, Am
    Stat 70; Sauro & Lewis, *Quantifying the User Experience*).
    """
    n = np.where(nets.effective_base > 0, nets.effective_base, np.nan)
    net = nets.mean / 100
    both = nets.spread / 100**2 + net**2  # P + D
    centre, wider = net * n / (n + 3), (both * n + 1.5) / (n + 3)
    margin = _quantile() * np.sqrt((wider - centre**2) / (n + 3))
    return 100 * (centre - margin), 100 * np.minimum(centre + margin, 1.0)


def compare_nets(
    nets: Moments, *, tested: Flags, rule: Rule, overlap: Floats | None = None
) -> Pairs:
    """z tests of all pairs of columns: (NPS1 - NPS2) / sqrt(Var1 + Var2).

    Parameters
    ----------
    nets : (n_rows, n_columns) moments of answers worth ``VALUES``
    tested : (n_rows, n_columns) False where a base is too small
    overlap : (n_rows, n_columns, n_columns) as in ``pairs.compare_means``
    """
    left, right = np.triu_indices(nets.mean.shape[1], k=1)
    error = np.where(tested, _error(nets), np.nan)
    squared = error[:, left] + error[:, right]
    if overlap is not None:
        both = np.sqrt(nets.spread[:, left] * nets.spread[:, right])
        squared = squared - 2 * overlap[:, left, right] * both
    difference = nets.mean[:, left] - nets.mean[:, right]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(squared > 0, difference / np.sqrt(squared), np.nan)
    p_values = two_sided(z)
    return Pairs(left, right, z, p_values, in_families(p_values, rule=rule, tables=[1] * len(z)))


def against_rest(columns: Moments, rest: Moments, *, least: int) -> Floats:
    """Two-sided p of each column against everybody outside it, not corrected; NaN below ``least`` people."""
    shown = (columns.base >= least) & (rest.base >= least)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (columns.mean - rest.mean) / np.sqrt(_error(columns) + _error(rest))
    return two_sided(np.where(shown & np.isfinite(z), z, np.nan))


def _error(nets: Moments) -> Floats:
    """Squared standard error; rounding never makes it negative."""
    known = nets.effective_base > 0
    error: Floats = np.divide(nets.spread, nets.effective_base, out=np.full(known.shape, np.nan), where=known)  # fmt: skip
    return error


def _quantile() -> float:
    from scipy.stats import norm

    return float(norm.ppf(0.975))
