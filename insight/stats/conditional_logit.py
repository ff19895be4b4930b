"""What each choice among a few alternatives says of their worth: conditional logit by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS, CLOSE, FAR = 60, 1e-9, 15.0


@dataclass(frozen=True, slots=True)
class Choices:
    """Sets of alternatives and the one chosen of each, one row an alternative.

    Attributes
    ----------
    x : (n_rows x p) what is known of each alternative
    task : (n_rows) number of its set [0, 1, 2 ...], ascending
    chosen : (n_rows) whether it was chosen; exactly one row of a set
    person : (n_sets) who chose [0, 1, 2 ...]
    weight : (n_sets) positive numbers
    """

    x: Floats
    task: Ints
    chosen: NDArray[np.bool_]
    person: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimates of a conditional logit.

    Attributes
    ----------
    beta : (p) utilities
    covariance : (p x p) from the information matrix
    clustered : (p x p) sandwich that lets the answers of one person depend on each other; of full rank
        only where there are more people than estimates, else that of the information matrix
    log_likelihood, null_log_likelihood : of the estimates, and of choosing at random
    hit_rate : weighted share of the sets whose most useful alternative was the chosen one
    """

    beta: Floats
    covariance: Floats
    clustered: Floats
    log_likelihood: float
    null_log_likelihood: float
    hit_rate: float

    @property
    def mcfadden(self) -> float:
        """McFadden's (1974) share of the null log-likelihood that is explained."""
        return 1 - self.log_likelihood / self.null_log_likelihood


def fit(choices: Choices) -> Fit | None:
    """Estimate the utilities.

    Returns
    -------
    None where the likelihood has no maximum: the columns of ``x`` are collinear within the sets (see
        ``dependent``), or a column separates chosen from not chosen perfectly

    Notes
    -----
    McFadden (1974), *Frontiers in Econometrics*; gradient and information are exact. Clustered
    covariance: Liang and Zeger (1986), Biometrika 73, without small-sample factor.
    """
    beta = np.zeros(choices.x.shape[1])
    reached = _log_likelihood(choices, beta)
    for _ in range(STEPS):
        slope, information = _slopes(choices, beta)
        try:
            step: Floats = np.linalg.solve(information, slope).astype(np.float64)
        except np.linalg.LinAlgError:
            return None
        beta, reached = _uphill(choices, beta, step=step, reached=reached)
        if not np.isfinite(beta).all() or np.abs(beta).max(initial=0) > FAR / _spread(choices.x):
            return None
        if np.abs(step).max(initial=0) < CLOSE:
            return _fitted(choices, beta)
    return None


def dependent(x: Floats, task: Ints) -> list[int]:
    """Columns that, within the sets, are sums of columns before them: their utilities are unknown.

    Parameters
    ----------
    x : (n_rows x p)
    task : (n_rows) number of the set, ascending; all 0 where rows are not in sets
    """
    within = x - _per_row(_sums(x, task), task) / np.bincount(task)[task][:, None]
    scale = np.abs(within).max(axis=0, initial=0)
    upper: Floats = np.asarray(np.linalg.qr(within, mode="r"), dtype=np.float64)
    held: list[int] = []
    lost: list[int] = []
    for j in range(x.shape[1]):
        rest = upper[:, j]
        if held:
            known = upper[:, held]
            rest = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
        size = float(np.linalg.norm(upper[:, j]))
        is_new = scale[j] > 0 and float(np.linalg.norm(rest)) > 1e-8 * size
        (held if is_new else lost).append(j)
    return lost


def probabilities(x: Floats, task: Ints, beta: Floats) -> Floats:
    """(n_rows) how likely each alternative is chosen of its set."""
    return _shares(x @ beta, task)


def _spread(x: Floats) -> float:
    return float(np.abs(x).max(initial=1))


def _uphill(
    choices: Choices, beta: Floats, *, step: Floats, reached: float
) -> tuple[Floats, float]:
    """The next estimate: a whole Newton step, or half as much until the likelihood does not fall."""
    for _ in range(30):
        there = _log_likelihood(choices, beta + step)
        if there >= reached - 1e-9:
            break
        step = step / 2
    return beta + step, there


def _log_likelihood(choices: Choices, beta: Floats) -> float:
    chosen = _shares(choices.x @ beta, choices.task)[choices.chosen]
    return float(choices.weight @ np.log(np.maximum(chosen, 1e-300)))


def _shares(utility: Floats, task: Ints) -> Floats:
    """Softmax within each set; sets are runs of equal ``task``."""
    starts = _starts(task)
    raised = np.exp(utility - np.maximum.reduceat(utility, starts)[task])
    shares: Floats = raised / np.add.reduceat(raised, starts)[task]
    return shares


def _starts(task: Ints) -> Ints:
    return np.flatnonzero(np.diff(task, prepend=-1))


def _sums(values: Floats, task: Ints) -> Floats:
    sums: Floats = np.add.reduceat(values, _starts(task), axis=0)
    return sums


def _per_row(values: Floats, task: Ints) -> Floats:
    return values[task]


def _scores(choices: Choices, beta: Floats) -> tuple[Floats, Floats, Floats]:
    """(n_sets x p) gradients; (n_rows x p) alternatives less their expected one; (n_rows) probabilities."""
    share = _shares(choices.x @ beta, choices.task)
    expected = _sums(choices.x * share[:, None], choices.task)
    gradients = choices.weight[:, None] * (choices.x[choices.chosen] - expected)
    return gradients, choices.x - _per_row(expected, choices.task), share


def _slopes(choices: Choices, beta: Floats) -> tuple[Floats, Floats]:
    """Gradient of the log-likelihood and the information matrix."""
    gradients, away, share = _scores(choices, beta)
    weighted = away * (share * choices.weight[choices.task])[:, None]
    return gradients.sum(axis=0), weighted.T @ away


def _fitted(choices: Choices, beta: Floats) -> Fit:
    _, information = _slopes(choices, beta)
    inverse: Floats = np.linalg.inv(information).astype(np.float64)
    gradients, _, share = _scores(choices, beta)
    people = np.zeros((int(choices.person.max()) + 1, len(beta)))
    np.add.at(people, choices.person, gradients)
    sizes = np.bincount(choices.task)
    best = np.maximum.reduceat(share, _starts(choices.task))
    hits = share[choices.chosen] >= best - 1e-12
    return Fit(
        beta=beta,
        covariance=inverse,
        clustered=inverse @ (people.T @ people) @ inverse
        if len(people) > 2 * len(beta)
        else inverse,
        log_likelihood=_log_likelihood(choices, beta),
        null_log_likelihood=float(-choices.weight @ np.log(sizes)),
        hit_rate=float(np.average(hits, weights=choices.weight)),
    )
