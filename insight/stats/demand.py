"""How many would buy at each price, and which price brings most: Gabor and Granger's ladder of prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand curve over the prices of a ladder.

    Attributes
    ----------
    price, share, gain : (k) prices ascending, share that buys [0..1], (price - cost) times share
    best : the place of the price with most gain; the lower of equals
    low, high : 95 % bounds of that price over resamples of the people
    n_reversed : people who take a price and refuse a lower one
    """

    price: Floats
    share: Floats
    gain: Floats
    best: int
    low: float
    high: float
    n_reversed: int


def demand(
    accepts: Floats, price: Floats, *, weight: Floats, cost: float, draws: int, seed: int
) -> Demand:
    """What is bought where everybody buys up to the highest price they accept.

    Parameters
    ----------
    accepts : (n x k) 1 = would buy, 0 = would not, NaN = was not asked
    price : (k) ascending
    weight : (n) positive numbers
    cost : of one piece, in the unit of the prices; 0 looks for most revenue
    draws : number of resamples

    Notes
    -----
    Gabor and Granger (1966), Economica 33. Percentile bootstrap over people (Efron 1979).
    """
    order = np.lexsort((weight, *np.nan_to_num(accepts, nan=-1).T))
    accepts, weight = accepts[order], weight[order]
    taken = accepts == 1
    buys = np.flip(np.maximum.accumulate(np.flip(taken, axis=1), axis=1), axis=1)
    share = weight @ buys / weight.sum()
    gain = (price - cost) * share
    prices = price[_best_of(buys * weight[:, None], price - cost, draws=draws, seed=seed)]
    low, high = np.quantile(prices, [0.025, 0.975], method="inverted_cdf")
    refused = accepts == 0
    reversed_ = (refused & buys).any(axis=1)
    best = int(np.argmax(np.round(gain, 12)))
    return Demand(price, share, gain, best, float(low), float(high), int(reversed_.sum()))


def _best_of(bought: Floats, gain: Floats, *, draws: int, seed: int) -> NDArray[np.int64]:
    """(draws) place of the best price in each resample."""
    rng, n = np.random.default_rng(seed), len(bought)
    found = []
    for start in range(0, draws, _CHUNK):
        times = rng.multinomial(n, np.full(n, 1 / n), size=min(_CHUNK, draws - start)).astype(float)
        found.append(np.argmax(np.round(gain * (times @ bought), 9), axis=1))
    return np.concatenate(found)
