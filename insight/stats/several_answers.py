"""Whether a question of several answers depends on the group: each option as a table of its own, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from insight.stats.association import association
from insight.stats.independence import Tested, rao_scott, tests_of, too_thin
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats


@dataclass(frozen=True, slots=True)
class Ticks:
    """One option by groups; arrays of (2, c): those who ticked it, those who did not, no empty group.

    Attributes
    ----------
    counts : people; weights, squares : sums of their weights and of the squares of these
    """

    counts: Floats
    weights: Floats
    squares: Floats

    @property
    def varies(self) -> bool:
        """Whether some ticked it and some did not."""
        return bool((self.counts.sum(axis=1) > 0).all())

    @property
    def scaled(self) -> Floats:
        """The weights as people they are worth (Kish)."""
        total = self.weights.sum()
        found: Floats = self.weights * (total / self.squares.sum())
        return found


@dataclass(frozen=True, slots=True)
class Option:
    """What the test of one option says; NaN where nobody or everybody ticked it."""

    tested: Tested
    p_adjusted: float
    v: float


@dataclass(frozen=True, slots=True)
class Together:
    """The options, and the tests of all of them together, the one to be believed first."""

    options: tuple[Option, ...]
    tests: tuple[Tested, ...]


def options_together(
    options: Sequence[Ticks], *, is_weighted: bool, n_samples: int, seed: int
) -> Together:
    """Test every option, and that all of them are independent of the groups.

    Parameters
    ----------
    options : at least one varies
    is_weighted : options are tested by Rao and Scott's statistic instead of Pearson's

    Notes
    -----
    The sum of the J statistics of 2 x c tables has J (c - 1) degrees of freedom to the first order of Rao and
    Scott: Thomas & Decady (1999); Decady & Thomas (2000), Biometrics 56. Beside it Bonferroni's bound on the
    smallest p, which leads where an option expects too few people; both in Bilder & Loughin (2004), Biometrics 60.
    Options are corrected by Holm.
    """
    each = [_one(t, is_weighted=is_weighted, n_samples=n_samples, seed=seed) for t in options]
    p = np.array([found[0].p_value for found in each])
    corrected = adjusted(p, "holm")
    bound = Tested("bonferroni", nan, nan, float(adjusted(p, "bonferroni")[~np.isnan(p)].min()))
    whole = _summed([chi2 for _, chi2 in each if not isnan(chi2.statistic)])
    thin = any(too_thin(t.counts) for t in options if t.varies)
    told = (Option(found, float(q), _v(t)) for (found, _), q, t in zip(each, corrected, options, strict=True))  # fmt: skip
    return Together(tuple(told), (bound, whole) if thin else (whole, bound))


def _one(ticks: Ticks, *, is_weighted: bool, n_samples: int, seed: int) -> tuple[Tested, Tested]:
    """The test of an option to be believed, and the one that can be added up."""
    if not ticks.varies:
        none = Tested("pearson", nan, nan, nan)
        return none, none
    if is_weighted:
        found, _ = rao_scott(ticks.weights, ticks.squares, int(ticks.counts.sum()))
        return found, found
    made = tests_of(ticks.counts, n_samples=n_samples, seed=seed)
    return made[0], next(t for t in made if t.kind == "pearson")


def _summed(found: Sequence[Tested]) -> Tested:
    from scipy.stats import chi2

    statistic, df = sum(t.statistic for t in found), sum(t.df for t in found)
    return Tested("decady_thomas", statistic, df, float(chi2.sf(statistic, df)))


def _v(ticks: Ticks) -> float:
    """Cramér's V, corrected for its bias (Bergsma 2013)."""
    return association(ticks.scaled).v if ticks.varies else nan
