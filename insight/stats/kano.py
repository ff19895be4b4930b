"""Kano: what kind of feature each is, from the answers to having it and to lacking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from insight.stats.proportions import Floats, wilson

LEVELS = ("喜欢", "理所当然", "无所谓", "能忍受", "不喜欢")
CATEGORIES = "MOAIRQ"  # the first of equally frequent ones counts
NAMES: Mapping[str, str] = MappingProxyType({
    "M": "必备", "O": "期望", "A": "魅力", "I": "无差异", "R": "反向", "Q": "可疑",
})  # fmt: skip
EVALUATION = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")  # functional down, dysfunctional across
FONG = 1.65  # one-sided 5 %
STRENGTH = 0.06  # Lee & Newcomb: lead of the first category, as a share
_CODES = np.array([[CATEGORIES.index(letter) for letter in row] for row in EVALUATION])


def judged(functional: NDArray[np.int64], dysfunctional: NDArray[np.int64]) -> NDArray[np.int64]:
    """The category of every respondent.

    Parameters
    ----------
    functional, dysfunctional : (n) positions in ``LEVELS``, -1 = no answer

    Returns
    -------
    (n) positions in ``CATEGORIES``, -1 where one of the halves has no answer

    Notes
    -----
    Evaluation table of Berger et al. (1993), Center for Quality of Management Journal 2(4).

    Examples
    --------
    >>> judged(np.array([0, 0, 1, 4]), np.array([4, 2, 4, -1])).tolist()
    [1, 2, 0, -1]
    """
    known = (functional >= 0) & (dysfunctional >= 0)
    return np.where(known, _CODES[functional, dysfunctional], -1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a feature is; NaN where nobody gave a usable answer.

    Attributes
    ----------
    category, runner_up : the two most frequent letters; "" where there is none
    is_clear : Fong's test finds the first category ahead of the second
    strength : share of the first minus share of the second category
    better, worse : (A+O) and -(O+M), of A+O+M+I; each with its 95 % Wilson interval
    doubtful : share of reversed and questionable answers
    """

    category: str
    runner_up: str
    is_clear: bool
    strength: float
    better: float
    better_interval: tuple[float, float]
    worse: float
    worse_interval: tuple[float, float]
    doubtful: float


def verdict(counts: Floats, *, base: float = nan) -> Verdict:
    """Judge one feature by how often each category was answered.

    Parameters
    ----------
    counts : (6) in the order of ``CATEGORIES``, weighted or not
    base : effective number of respondents behind them; default: their sum

    Notes
    -----
    Better and Worse: Berger et al. (1993). Two leading categories a and b differ where
    abs(a - b) >= 1.65 sqrt((a + b)(2N - a - b) / 2N): Fong (1996), CQM Journal 5(3).

    Examples
    --------
    >>> found = verdict(np.array([95, 123, 0, 45, 0, 0]) + np.array([0, 0, 33, 0, 0, 0]))
    >>> found.category, found.is_clear
    ('O', True)
    """
    total = float(counts.sum())
    if not total > 0:
        return Verdict("", "", False, nan, nan, (nan, nan), nan, (nan, nan), nan)
    base = total if np.isnan(base) else base
    shares = counts / total
    order = np.argsort(-np.round(shares, 12), kind="stable")
    first, second = (float(shares[at]) for at in order[:2])
    must, one, attractive, indifferent, reverse, questionable = (float(s) for s in shares)
    valid = must + one + attractive + indifferent
    better, worse = ((s / valid if valid > 0 else nan) for s in (attractive + one, one + must))
    low, high = wilson(np.array([better, worse]), np.full(2, valid * base))
    return Verdict(
        CATEGORIES[order[0]],
        CATEGORIES[order[1]] if second > 0 else "",
        is_ahead(first * base, second * base, n=base),
        first - second,
        better,
        (float(low[0]), float(high[0])),
        -worse,
        (-float(high[1]), -float(low[1])),
        reverse + questionable,
    )


def is_ahead(first: float, second: float, *, n: float) -> bool:
    """Whether the most frequent category is significantly ahead of the next one (Fong 1996)."""
    both = first + second
    return abs(first - second) >= FONG * sqrt(max(both * (2 * n - both), 0.0) / (2 * n))


def turned(counts: Floats, swapped: Floats) -> bool:
    """Whether the halves of a pair look exchanged.

    Parameters
    ----------
    counts, swapped : (6) as asked, and with the halves exchanged

    Returns
    -------
    True where most answers are reversed or questionable, and exchanging the halves mends more than
    half of them. A feature that people really do not want looks the same.
    """
    bad, mended = float(counts[4:].sum()), float(swapped[4:].sum())
    return bad > 0.5 * float(counts.sum()) and mended < 0.5 * bad
