"""Four prices from four curves: the price sensitivity meter of Van Westendorp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
CURVES = ("too_cheap", "cheap", "expensive", "too_expensive")


@dataclass(frozen=True, slots=True)
class PriceCurves:
    """Share of people who call each price so.

    ``price`` (n_prices) every price anybody named, ascending; ``share`` (4 x n_prices) as ``CURVES``:
    the first two fall, the last two rise.
    """

    price: Floats
    share: Floats


def usable(answers: Floats) -> tuple[Flags, Flags]:
    """(n) who named all four prices; (n) whose prices also do not fall from too cheap to too expensive.

    Parameters
    ----------
    answers : (n x 4) prices in the order of ``CURVES``, NaN = none
    """
    whole: Flags = np.logical_not(np.isnan(answers).any(axis=1))
    rises: Flags = np.logical_and.reduce(np.diff(answers, axis=1) >= 0, axis=1)
    return whole, whole & rises


def price_curves(answers: Floats, *, weight: Floats) -> PriceCurves:
    """The four cumulated shares over all named prices.

    Parameters
    ----------
    answers : (n x 4) prices in the order of ``CURVES``
    weight : (n) positive numbers
    """
    price = np.unique(answers)
    falling = [1 - _at_most(answers[:, k], price, weight, side="left") for k in (0, 1)]
    rising = [_at_most(answers[:, k], price, weight, side="right") for k in (2, 3)]
    return PriceCurves(price, np.array([*falling, *rising]))


def _at_most(named: Floats, price: Floats, weight: Floats, *, side: str) -> Floats:
    """(n_prices) weighted share that named at most each price; "left": less than it."""
    order = np.argsort(named, kind="stable")
    summed = np.concatenate([[0.0], np.cumsum(weight[order])])
    found = np.searchsorted(named[order], price, side=side)  # type: ignore[call-overload]
    shares: Floats = summed[found] / summed[-1]
    return shares


def crossing(price: Floats, falling: Floats, rising: Floats) -> float | None:
    """The price at which a falling and a rising curve meet, between two named prices by a straight line.

    Returns
    -------
    None where they do not meet; the middle of the stretch where they are equal over several prices
    """
    apart = rising - falling
    same = np.flatnonzero(np.abs(apart) < 1e-12)
    if same.size:
        return float((price[same[0]] + price[same[-1]]) / 2)
    after = np.flatnonzero((apart[:-1] < 0) & (apart[1:] > 0))
    if not after.size:
        return None
    at = int(after[0])
    step = -apart[at] / (apart[at + 1] - apart[at])
    return float(price[at] + step * (price[at + 1] - price[at]))


def price_points(curves: PriceCurves, *, narrow: bool) -> dict[str, float | None]:
    """The four points of Van Westendorp (1976).

    Parameters
    ----------
    curves : from ``price_curves``
    narrow : bounds where too cheap meets expensive and too expensive meets cheap; else, as in the
        original, where they meet not cheap and not expensive

    Returns
    -------
    "pmc", "opp", "idp", "pme" -> price, None where the curves do not meet
    """
    too_cheap, cheap, expensive, too_expensive = curves.share
    rising, falling = (expensive, cheap) if narrow else (1 - cheap, 1 - expensive)
    return {
        "pmc": crossing(curves.price, too_cheap, rising),
        "opp": crossing(curves.price, too_cheap, too_expensive),
        "idp": crossing(curves.price, cheap, expensive),
        "pme": crossing(curves.price, falling, too_expensive),
    }


def bounds(
    answers: Floats, *, weight: Floats, narrow: bool, draws: int, seed: int
) -> dict[str, tuple[float | None, float | None]]:
    """95 % percentile bounds of each point over resamples of the people; None where fewer than half cross."""
    rng, n = np.random.default_rng(seed), len(answers)
    order = np.lexsort((weight, *answers.T))
    answers, weight = answers[order], weight[order]
    found: dict[str, list[float]] = {"pmc": [], "opp": [], "idp": [], "pme": []}
    for _ in range(draws):
        picked = rng.integers(n, size=n)
        drawn = price_points(price_curves(answers[picked], weight=weight[picked]), narrow=narrow)
        for key, price in drawn.items():
            found[key] += [] if price is None else [price]
    return {
        key: _middle(prices) if 2 * len(prices) >= draws else (None, None)
        for key, prices in found.items()
    }


def _middle(prices: list[float]) -> tuple[float, float]:
    low, high = np.quantile(prices, [0.025, 0.975]).tolist()
    return low, high
