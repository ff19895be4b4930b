"""Opportunity score: how much a need matters beyond how well it is met."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from insight.stats.proportions import Floats

LEVELS = ((15.0, "极高机会"), (12.0, "高机会"), (10.0, "有机会"))
SERVED, OVERSERVED = "已满足", "过度满足"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """Scores from 0 to 10, the opportunity from 0 to 20; NaN where nobody answered.

    Attributes
    ----------
    low, high : 95 % interval of the opportunity
    """

    importance: float
    satisfaction: float
    score: float
    low: float
    high: float


def opportunity(important: Floats, satisfied: Floats, weight: Floats) -> Opportunity:
    """Score one need.

    Parameters
    ----------
    important, satisfied : (n) 1 where the respondent gave one of the top two ratings, else 0
    weight : (n) positive

    Notes
    -----
    Ulwick (2005), *What Customers Want*: importance + max(importance - satisfaction, 0), both as the
    share of top-two ratings times 10. The interval is that of the mean of each respondent's own
    2 i - s (i where satisfaction is ahead), with Kish's effective base.

    Examples
    --------
    >>> opportunity(np.array([1.0, 1, 1, 1, 0]), np.array([1.0, 0, 0, 0, 0]), np.ones(5)).score
    14.0
    """
    if not len(weight):
        return Opportunity(nan, nan, nan, nan, nan)
    importance, satisfaction = (10 * float(np.average(x, weights=weight)) for x in (important, satisfied))  # fmt: skip
    own = 10 * (2 * important - satisfied if importance > satisfaction else important)
    score = float(np.average(own, weights=weight))
    base = float(weight.sum() ** 2 / (weight**2).sum())
    if base <= 1:
        return Opportunity(importance, satisfaction, score, nan, nan)
    spread = float(np.average((own - score) ** 2, weights=weight)) * base / (base - 1)
    margin = 1.959963984540054 * sqrt(spread / base)
    return Opportunity(importance, satisfaction, score, score - margin, score + margin)


def level_of(found: Opportunity) -> str:
    """What the score says: above 10, 12 and 15 an opportunity; below, served or more than that.

    >>> level_of(Opportunity(8, 2, 14, 13, 15)), level_of(Opportunity(3, 8, 3, 2, 4))
    ('高机会', '过度满足')
    """
    named = next((name for least, name in LEVELS if found.score > least + 1e-9), "")
    return named or (OVERSERVED if found.satisfaction > found.importance + 1e-9 else SERVED)
