"""How likely somebody is to get a thing next, told by what others who had the same things did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.stats.multiple import adjusted
from insight.stats.proportions import Flags, Floats

Ints = NDArray[np.int64]
LEVEL = 0.05
PEOPLE, EVENTS = (
    20.0,
    5.0,
)  # how many imagined average people, and events, a rate and a lift are drawn to


@dataclass(frozen=True, slots=True)
class Propensity:
    """What was learned of one stretch of time.

    Attributes
    ----------
    rates : (n_groups x n_items) share of those without an item who got it, by group of activity
    lifts : (n_items x n_items) how many times as often as people of their activity the owners of the
        row's item got the column's; drawn to 1 where few did
    p_adjusted : (n_items x n_items) two-sided, Benjamini-Hochberg over all pairs; NaN on the diagonal
        and where nobody could get it
    """

    rates: Floats
    lifts: Floats
    p_adjusted: Floats

    @property
    def rules(self) -> Floats:
        """The lifts that are surely not 1; 1 elsewhere."""
        is_rule = np.nan_to_num(self.p_adjusted, nan=1.0) <= LEVEL
        return np.where(is_rule, self.lifts, 1.0)


def learn(owned: Flags, got: Flags, activity: Ints, *, n_groups: int) -> Propensity:
    """Learn from who had what, and who got what afterwards.

    Parameters
    ----------
    owned, got : (n_people x n_items) had at the beginning; got during the stretch
    activity : (n_people) group of people who are alike active, 0 to ``n_groups`` - 1

    Notes
    -----
    Owners of an item buy more of everything; so the lift is observed over expected, where expected is
    what people of the same activity did (indirect standardisation), with a Poisson test. Rates and lifts
    of few people are drawn to the average (gamma prior of mean 1, DuMouchel 1999, Am Stat 53).
    """
    from scipy.stats import poisson

    new = got & ~owned
    rates = _rates(owned, new, activity, n_groups=n_groups)
    waiting = np.where(owned, 0.0, rates[activity])
    observed = owned.T.astype(float) @ new.astype(float)
    expected = owned.T.astype(float) @ waiting
    tail = np.minimum(poisson.sf(observed - 1, expected), poisson.cdf(observed, expected))
    p_values = np.where(expected > 0, np.minimum(2 * tail, 1), np.nan)
    np.fill_diagonal(p_values, np.nan)
    lifts = (observed + EVENTS) / (expected + EVENTS)
    return Propensity(rates, lifts, adjusted(p_values, "bh"))


def _rates(owned: Flags, new: Flags, activity: Ints, *, n_groups: int) -> Floats:
    """(n_groups x n_items) share of those without an item who got it, drawn to the share of everybody."""
    groups = np.eye(n_groups)[activity].T
    people, events = groups @ ~owned, groups @ new
    total = people.sum(axis=0)
    usual = np.divide(events.sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    return np.asarray((events + PEOPLE * usual) / (people + PEOPLE))


def chances(owned: Flags, activity: Ints, found: Propensity, *, use_rules: bool) -> tuple[Floats, Ints]:  # fmt: skip
    """How likely everybody is to get each item in a stretch as long as the one learned from.

    Parameters
    ----------
    use_rules : take what similar owners did into account, by the item they own that speaks most for it and
        the one that speaks most against it; else activity alone

    Returns
    -------
    (n_people x n_items) chance [0 to 1; -1: owned already], and which owned item speaks for it most
        [-1: none]
    """
    base = found.rates[activity]
    reason = np.full(owned.shape, -1, dtype=np.int64)
    if use_rules:
        for item, lifts in enumerate(found.rules.T):
            reasons = np.where(owned, lifts, 1.0)
            best = reasons.argmax(axis=1)
            strongest = reasons[np.arange(len(owned)), best]
            base[:, item] *= strongest * reasons.min(axis=1)
            reason[:, item] = np.where(strongest > 1, best, -1)
    return np.where(owned, -1.0, np.minimum(base, 1.0)), reason


def better(first: Flags, second: Flags) -> float:
    """p value of which of two guesses for the same people is right more often; NaN where they never differ.

    Notes
    -----
    McNemar (1947), exact two-sided binomial test of the people for whom only one is right, by scipy.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if not only_first + only_second:
        return float("nan")
    return float(binomtest(only_first, only_first + only_second).pvalue)
