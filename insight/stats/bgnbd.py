"""How often customers will buy again and whether they still do: the BG/NBD model and its modification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from insight.stats.likelihood import ROUGH, Fitted, maximise

Floats = npt.NDArray[np.float64]
Variant = Literal["bg", "mbg"]
_NEVER = -1e300  # log odds of what cannot be
_NEAR_ONE = 1e-4  # E[Y] is 0/0 at a = 1 and smooth around it: a straight line through both sides


@dataclass(frozen=True, slots=True)
class Histories:
    """Buying histories, each with the number of customers who have it.

    Attributes
    ----------
    x : (n) repeat purchases, >= 0
    t_x : (n) age at the last purchase, 0 where x = 0 [any time unit]
    T : (n) age now, >= t_x [the same unit]
    n : (n) customers
    """

    x: Floats
    t_x: Floats
    T: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class BgNbd:
    """A fitted model: purchases at a gamma rate (r, alpha), dropouts with a beta chance (a, b).

    Attributes
    ----------
    errors : standard errors of r, alpha, a, b
    is_regularised : the likelihood alone had no inner maximum, so a weak prior was added
    variant : "bg": dropout after each repeat purchase; "mbg": after the first purchase, too
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    errors: tuple[float, ...]
    is_regularised: bool
    variant: Variant


def fit(histories: Histories, *, variant: Variant = "bg", penalty: float = 0.0) -> BgNbd:
    """Estimate r, alpha, a and b by maximum likelihood, or with a prior on their logarithms.

    Time is measured in mean ages while it is fitted, so the unit of ``histories`` only scales alpha.

    Parameters
    ----------
    penalty : weight of the prior: the squared logarithms of r, alpha / mean age, a and b are taken
        off the log-likelihood this many times. With 0 a weak one (a standard deviation of 2) steps
        in where the likelihood has no inner maximum.

    Notes
    -----
    Fader, Hardie & Lee (2005), Marketing Science 24, 275-284; Batislam, Denizel & Filiztekin (2007),
    International Journal of Research in Marketing 24, 201-209.
    """
    age = float(np.average(histories.T, weights=histories.n)) or 1.0
    scaled = Histories(histories.x, histories.t_x / age, histories.T / age, histories.n)
    rough = _Likelihood(_sample(scaled), variant)
    found: Fitted = maximise(_Likelihood(scaled, variant), rough, n_parameters=4, penalty=penalty)
    r, alpha, a, b = found.parameters.tolist()
    rescaled = float(
        (histories.n * histories.x).sum() * np.log(age)
    )  # density of x times in a unit
    errors = tuple((found.errors * np.array([1.0, age, 1.0, 1.0])).tolist())
    log_likelihood = found.log_likelihood - rescaled
    return BgNbd(r, alpha * age, a, b, log_likelihood, errors, found.is_regularised, variant)


def _sample(h: Histories) -> Histories:
    """About ``ROUGH`` histories, evenly from all."""
    few = slice(None, None, max(1, len(h.x) // ROUGH))
    return Histories(h.x[few], h.t_x[few], h.T[few], h.n[few])


class _Likelihood:
    """Log-likelihood of the histories and its gradient.

    Histories share few different x, t_x and T (whole days), so all but the odds of having dropped out is
    worked out once per value and looked up. Long sums avoid BLAS, whose threads change the last digit.
    """

    def __init__(self, histories: Histories, variant: Variant) -> None:
        x, t_x, age, self.n = histories.x, histories.t_x, histories.T, histories.n
        self.x, self.at_x = np.unique(x, return_inverse=True)
        self.t_x, self.at_t = np.unique(t_x, return_inverse=True)
        self.age, self.at_age = np.unique(age, return_inverse=True)
        self.survived = survivals(self.x, variant)
        self.could_die = self.survived > 0
        self.n_of_x = np.bincount(self.at_x, weights=self.n)
        self.n_of_age = np.bincount(self.at_age, weights=self.n)
        self.bought_of_age = np.bincount(self.at_age, weights=self.n * x)

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import betaln, digamma, gammaln

        r, alpha, a, b = parameters
        x, s, n_of_x = self.x, self.survived, self.n_of_x
        now, then = np.log(alpha + self.age), np.log(alpha + self.t_x)
        gap = now[self.at_age] - then[self.at_t]
        growth = self._base(a, b)[self.at_x] + (r + x)[self.at_x] * gap  # log odds of being gone
        small = np.exp(-np.abs(growth))
        dead = self.n * np.where(growth > 0, 1.0, small) / (1 + small)
        of_x = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + s) - betaln(a, b)
        weight = r * self.n_of_age + self.bought_of_age
        value = (
            n_of_x @ of_x
            - weight @ now
            + (self.n * (np.maximum(growth, 0) + np.log1p(small))).sum()
        )
        dead_of_x = np.bincount(self.at_x, weights=dead)
        moved = dead * (r + x)[self.at_x]
        sooner = (1 / (alpha + self.t_x))[self.at_t] - (1 / (alpha + self.age))[self.at_age]
        both = digamma(a + b) - digamma(a + b + s)
        gradient = (
            n_of_x @ (digamma(r + x) - digamma(r) + np.log(alpha)) + (dead * gap).sum() - self.n_of_age @ now,
            n_of_x.sum() * r / alpha - weight @ (1 / (alpha + self.age)) - (moved * sooner).sum(),
            n_of_x @ both + dead_of_x.sum() / a,
            n_of_x @ (digamma(b + s) - digamma(b) + both) - dead_of_x @ _inverse(b + s - 1, s),
        )  # fmt: skip
        return float(value), np.array(gradient)

    def _base(self, a: float, b: float) -> Floats:
        """Per x, the log odds of being gone that time adds to; far below any number where nobody could be."""
        return np.log(a * _inverse(b + self.survived - 1, self.survived), where=self.could_die, out=np.full(len(self.x), _NEVER))  # fmt: skip


def survivals(x: Floats, variant: Variant) -> Floats:
    """How many chances to drop out a customer of x repeat purchases has passed while alive."""
    return x if variant == "bg" else x + 1


def _inverse(value: Floats, survived: Floats) -> Floats:
    """1 / value where there was a chance to drop out, else 0."""
    return np.divide(1.0, value, out=np.zeros_like(value), where=survived > 0)


def p_alive(model: BgNbd, histories: Histories) -> Floats:
    """The chance that customers of each history still buy; 1 for x = 0 by the BG/NBD."""
    from scipy.special import expit

    h, s = histories, survivals(histories.x, model.variant)
    odds = model.a * _inverse(model.b + s - 1, s)
    gap = np.log(model.alpha + h.T) - np.log(model.alpha + h.t_x)
    return np.asarray(expit(-(np.log(odds, where=odds > 0, out=np.full(len(s), -np.inf)) + (model.r + h.x) * gap)))  # fmt: skip


def orders_if_alive(model: BgNbd, histories: Histories, *, within: float | Floats) -> Floats:
    """Purchases expected in the next ``within`` time units of customers who still buy.

    Notes
    -----
    Fader, Hardie & Lee (2005), equation 10, after Euler's transformation of the Gaussian
    hypergeometric function: the published form overflows for buyers of many orders.
    """
    if abs(model.a - 1) >= _NEAR_ONE:
        return _expected(model, histories, a=model.a, within=within)
    low, high = (
        _expected(model, histories, a=1 + side * _NEAR_ONE, within=within) for side in (-1, 1)
    )
    return low + (high - low) * (model.a - 1 + _NEAR_ONE) / (2 * _NEAR_ONE)


def _expected(model: BgNbd, h: Histories, a: float, within: float | Floats) -> Floats:
    from scipy.special import hyp2f1

    c = a + model.b + survivals(h.x, model.variant) - 1
    z = within / (model.alpha + h.T + within)
    tail = (1 - z) ** (a - 1) * hyp2f1(c - model.r - h.x, a - 1, c, z)
    return np.asarray(np.maximum(c / (a - 1) * (1 - tail), 0.0))


def expected_orders(model: BgNbd, histories: Histories, *, within: float | Floats) -> Floats:
    """Purchases expected in the next ``within`` time units, given each history."""
    return p_alive(model, histories) * orders_if_alive(model, histories, within=within)


def repeat_orders_by_age(model: BgNbd, ages: Floats) -> Floats:
    """Repeat purchases expected of a new customer until each age."""
    nothing = np.zeros_like(ages)
    new = Histories(nothing, nothing, nothing, nothing)
    return expected_orders(model, new, within=ages)
