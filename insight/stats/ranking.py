"""Orders of preference: what those who ranked only some items mean, what a place is worth, and how far people agree."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from insight.stats.proportions import Floats

# Schmidt (1997), Decision Sciences 28: from this W on people agree so far
STEPS = ((0.9, "非常强"), (0.7, "强"), (0.5, "中等"), (0.3, "弱"), (0.0, "很弱"))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kendall's coefficient of concordance; NaN where it is undefined.

    Attributes
    ----------
    w : 0 (no order in common) to 1 (everybody ranks alike)
    chi2, df, p_value : Friedman's test that nobody prefers anything
    """

    w: float
    chi2: float
    df: int
    p_value: float

    @property
    def words(self) -> str:
        """How strong the agreement is, in a Chinese word."""
        return next((word for least, word in STEPS if self.w >= least), "")


def last_place(ranks: Floats) -> Floats:
    """Every item that somebody left out shares the places that were left, on average.

    Parameters
    ----------
    ranks : (n, n_items) 1 = first, NaN = not ranked

    Returns
    -------
    (n, n_items) the same with (n_ranked + 1 + n_items) / 2 in the place of NaN; who ranked nothing stays NaN

    >>> last_place(np.array([[1.0, 2.0, np.nan, np.nan]]))
    array([[1. , 2. , 3.5, 3.5]])
    """
    n_ranked = (~np.isnan(ranks)).sum(axis=1, keepdims=True)
    left = np.where(n_ranked > 0, (n_ranked + 1 + ranks.shape[1]) / 2, np.nan)
    return np.where(np.isnan(ranks), left, ranks)


def points(ranks: Floats) -> Floats:
    """What every place is worth (Borda): as many points as there are items for the first, one for the last.

    Parameters
    ----------
    ranks : (n, n_items) 1 = first; NaN of somebody who ranked other items is worth nothing
    """
    told = ~np.isnan(ranks)
    worth = np.where(told, ranks.shape[1] + 1 - ranks, 0.0)
    return np.where(told.any(axis=1, keepdims=True), worth, np.nan)


def kendall_w(ranks: Floats, weight: Floats) -> Agreement:
    """How far people agree on the order.

    Parameters
    ----------
    ranks : (n, n_items) without NaN; equal numbers are ties
    weight : (n) positive; equal weights give the plain coefficient, others count n as Kish's effective base

    Notes
    -----
    W = 12 S / (m^2 (n^3 - n) - m sum T) with T = t^3 - t of every tie (Kendall & Babington Smith 1939), here of
    mean ranks; chi2 = m (n - 1) W, which is Friedman's statistic.
    """
    from scipy.stats import chi2, rankdata

    n_items = ranks.shape[1]
    if len(ranks) < 2 or n_items < 2:
        return Agreement(nan, nan, max(n_items - 1, 0), nan)
    places = rankdata(ranks, axis=1)
    means = np.average(places, axis=0, weights=weight)
    most = n_items**3 - n_items - float(np.average(_ties(places), weights=weight))
    if most <= 0:
        return Agreement(nan, nan, n_items - 1, nan)
    w = float(12 * ((means - (n_items + 1) / 2) ** 2).sum() / most)
    base = float(weight.sum() ** 2 / (weight**2).sum())
    statistic = base * (n_items - 1) * w
    return Agreement(w, statistic, n_items - 1, float(chi2.sf(statistic, n_items - 1)))


def _ties(places: Floats) -> Floats:
    """Sum of t^3 - t over the ties of every person (n)."""
    sizes = (places[:, :, None] == places[:, None, :]).sum(axis=2)  # of the tie each item is in
    return np.asarray((sizes**2 - 1).sum(axis=1), dtype=np.float64)  # t items with t^2 - 1 each
