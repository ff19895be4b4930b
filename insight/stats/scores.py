"""Scores: their mean, their spread, and the net promoter score with its margin of error."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import polars as pl

from insight.stats.weights import effective_base


@dataclass(frozen=True, slots=True)
class Mean:
    """Weighted mean and standard deviation [unit of the scores]; NaN where undefined."""

    mean: float
    sd: float


def mean_of(scores: pl.Series, *, weight: pl.Series) -> Mean:
    """Mean and standard deviation of the scores that are there.

    Parameters
    ----------
    scores : (n) numbers, null = not answered
    weight : (n) positive numbers

    Notes
    -----
    s^2 = sum w (x - mean)^2 / sum w * n* / (n* - 1) with Kish's effective base n*: the plain sample
    variance where all weights are equal.
    """
    frame = pl.DataFrame({"x": scores.cast(pl.Float64), "w": weight}).drop_nulls().sort("x", "w")
    if frame.is_empty():
        return Mean(nan, nan)
    x, w = frame["x"].to_numpy(), frame["w"].to_numpy()
    mean = float(np.average(x, weights=w))
    base = frame.select(effective_base(pl.col("w"))).item()
    if base <= 1:
        return Mean(mean, nan)
    spread = float(np.average((x - mean) ** 2, weights=w))
    return Mean(mean, sqrt(spread * base / (base - 1)))


@dataclass(frozen=True, slots=True)
class NetPromoter:
    """Net promoter score and its 95 % margin of error, both in points from -100 to 100."""

    score: float
    margin: float


def net_promoter(promoters: float, detractors: float, *, base: float) -> NetPromoter:
    """Promoters minus detractors, with its margin.

    Parameters
    ----------
    promoters, detractors : shares of those who answered 9-10 and 0-6
    base : effective number of answers

    Notes
    -----
    Var = (P + D - (P - D)^2) / n, margin = 1.96 sqrt(Var). Rocks (2016), Am Stat 70, calls it the
    Wald interval; it is too narrow for small n.

    Examples
    --------
    >>> net_promoter(0.5, 0.2, base=100)
    NetPromoter(score=30.0, margin=15.30...)
    """
    from scipy.stats import norm

    if not base > 0:
        return NetPromoter(nan, nan)
    net = promoters - detractors
    variance = max(promoters + detractors - net * net, 0.0) / base
    return NetPromoter(100 * net, 100 * float(norm.ppf(0.975)) * sqrt(variance))
