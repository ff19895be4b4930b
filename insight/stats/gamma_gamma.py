"""What a customer's next order will be worth: the Gamma-Gamma model of spending."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insight.stats.likelihood import ROUGH, maximise

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted model: order values are gamma around a customer's mean, the means inverse gamma (p, q, v).

    Attributes
    ----------
    errors : standard errors of p, q, v
    is_regularised : the likelihood alone had no inner maximum, so a weak prior was added
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    errors: tuple[float, ...]
    is_regularised: bool

    @property
    def mean(self) -> float:
        """What an order of a customer nobody knows is worth."""
        return self.p * self.v / (self.q - 1)


def fit(
    x: Floats, mean_value: Floats, *, n: Floats | None = None, penalty: float = 0.0
) -> GammaGamma:
    """Estimate p, q and v from customers with repeat orders; q is kept above 1, so that a mean exists.

    Parameters
    ----------
    x : (n) repeat orders, > 0
    mean_value : (n) what they were worth on average [money, > 0]
    n : (n) customers of each row; default: one
    penalty : see ``bgnbd.fit``

    Notes
    -----
    Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025.
    """
    counts = np.ones(len(x)) if n is None else n
    unit = float(np.exp(np.average(np.log(mean_value), weights=counts)))
    rows = (x, mean_value / unit, counts)
    few = slice(None, None, max(1, len(x) // ROUGH))
    rough = _Likelihood(*(column[few] for column in rows))
    found = maximise(_Likelihood(*rows), rough, n_parameters=3, penalty=penalty)
    p, above_one, v = found.parameters.tolist()
    errors = tuple((found.errors * np.array([1.0, 1.0, unit])).tolist())
    log_likelihood = found.log_likelihood - float(counts.sum() * np.log(unit))
    return GammaGamma(p, 1 + above_one, v * unit, log_likelihood, errors, found.is_regularised)


class _Likelihood:
    """Log-likelihood of p, q - 1 and v, and its gradient; what only x decides is worked out once per x."""

    def __init__(self, x: Floats, mean_value: Floats, n: Floats) -> None:
        self.total, self.n = x * mean_value, n
        self.x, self.at = np.unique(x, return_inverse=True)
        self.n_of_x = np.bincount(self.at, weights=n)
        self.log_mean = float((n * np.log(mean_value)).sum())
        self.log_total = float((n * x * np.log(self.total)).sum())

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import digamma, gammaln

        p, q, v = parameters[0], parameters[1] + 1, parameters[2]
        x, n_of_x, n = self.x, self.n_of_x, self.n_of_x.sum()
        beyond = self.total + v
        grown = np.bincount(self.at, weights=self.n * np.log(beyond))
        shrunk = np.bincount(self.at, weights=self.n / beyond)
        of_x = gammaln(p * x + q) - gammaln(p * x)
        value = n_of_x @ of_x + n * (q * np.log(v) - gammaln(q)) + p * self.log_total
        value -= self.log_mean + (p * x + q) @ grown
        common = digamma(p * x + q)
        gradient = (
            n_of_x @ (x * (common - digamma(p * x))) + self.log_total - x @ grown,
            n_of_x @ common + n * (np.log(v) - digamma(q)) - grown.sum(),
            n * q / v - (p * x + q) @ shrunk,
        )
        return float(value), np.array(gradient)


def expected_value(model: GammaGamma, x: Floats, mean_value: Floats) -> Floats:
    """What the next order is worth, given x repeat orders of ``mean_value``: the shrunken mean.

    Parameters
    ----------
    x : (n) repeat orders, >= 0
    mean_value : (n) their mean [money]; no meaning where x = 0; refunds below 0 count as 0
    """
    own = model.p * x / (model.p * x + model.q - 1)
    return np.asarray((1 - own) * model.mean + own * np.where(x > 0, np.maximum(mean_value, 0), 0))
