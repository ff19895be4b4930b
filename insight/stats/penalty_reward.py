"""Penalty and reward: what a low and what a high rating of a part does to the rating of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from insight.stats.proportions import Floats

BASIC, PERFORMANCE, EXCITEMENT, NEITHER = "基本因素", "绩效因素", "魅力因素", "影响不明显"


@dataclass(frozen=True, slots=True)
class Effect:
    """A coefficient of the regression with its 95 % interval; NaN where it cannot be told."""

    size: float
    low: float
    high: float
    p_value: float


UNKNOWN = Effect(nan, nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Contrast:
    """What one part does to the whole.

    Attributes
    ----------
    penalty, reward : of a low and of a high rating, against one in between [points of the whole]
    sum : penalty + reward: below 0 a low rating hurts more than a high one helps
    """

    penalty: Effect
    reward: Effect
    sum: Effect

    @property
    def asymmetry(self) -> float:
        """From -1 (all of the effect is penalty) to 1 (all is reward); NaN without any effect."""
        hurts, helps = max(-self.penalty.size, 0.0), max(self.reward.size, 0.0)
        return (helps - hurts) / (helps + hurts) if helps + hurts > 0 else nan


def contrasts(
    outcome: Floats, low: Floats, high: Floats, *, weight: Floats, least: int
) -> tuple[Contrast, ...]:
    """Regress the whole on a low and a high dummy of every part.

    Parameters
    ----------
    outcome : (n)
    low, high : (n, p) 1 where the part was rated low, or high
    least : dummies with fewer ones than this are left out

    Returns
    -------
    (p) contrasts; NaN where a dummy was left out, or is a combination of the others

    Notes
    -----
    Brandt (1987); Matzler & Sauerwein (2002), Int J Serv Ind Manag 13. Weighted least squares with the
    HC3 covariance of MacKinnon & White (1985), by statsmodels.
    """
    import statsmodels.api as sm

    n, p = low.shape
    design = np.hstack([low, high])
    used = [at for at in range(2 * p) if design[:, at].sum() >= least]
    used = _independent(design, used)
    if n <= len(used) + 1 or not used:
        return tuple(Contrast(UNKNOWN, UNKNOWN, UNKNOWN) for _ in range(p))
    columns = sm.add_constant(design[:, used], has_constant="add")
    fitted = sm.WLS(outcome, columns, weights=weight / weight.mean()).fit(
        cov_type="HC3", use_t=True
    )
    place = {at: number for number, at in enumerate(used, 1)}

    def effect(*ats: int) -> Effect:
        if not set(ats) <= place.keys():
            return UNKNOWN
        row = np.zeros(columns.shape[1])
        row[[place[at] for at in ats]] = 1.0
        test = fitted.t_test(row)
        bounds = test.conf_int()[0]
        return Effect(float(test.effect[0]), float(bounds[0]), float(bounds[1]), float(np.ravel(test.pvalue)[0]))  # fmt: skip

    return tuple(Contrast(effect(at), effect(p + at), effect(at, p + at)) for at in range(p))


def _independent(design: Floats, used: list[int]) -> list[int]:
    """The columns of ``used`` that neither the constant nor the earlier ones make up."""
    kept: list[int] = []
    for at in used:
        tried = np.column_stack([np.ones(len(design)), design[:, [*kept, at]]])
        if np.linalg.matrix_rank(tried) == tried.shape[1]:
            kept.append(at)
    return kept


def factor_of(found: Contrast, *, level: float = 0.05) -> str:
    """Whether the part must not fail, works both ways, or delights.

    基本 where a low rating hurts significantly, and more than a high one helps (test of the sum); 魅力
    the other way round; 绩效 where either works and the sum is not significant.
    """
    hurts = found.penalty.size < 0 and found.penalty.p_value <= level
    helps = found.reward.size > 0 and found.reward.p_value <= level
    uneven = found.sum.p_value <= level
    if hurts and uneven and found.sum.size < 0:
        return BASIC
    if helps and uneven and found.sum.size > 0:
        return EXCITEMENT
    return PERFORMANCE if hurts or helps else NEITHER
