"""Latent classes of people by their answers: a mixture in which every class answers each item with its own chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.stats.kmeans import Labels
from insight.stats.proportions import Floats

STARTS, TRIED, KEPT = 24, 25, 5  # random starts, their rounds, and how many of them go on
ROUNDS, CLOSE = 1_000, 1e-7
SAME = 1e-3  # log-likelihoods that are the same maximum
_LEAST = 1e-10  # chance of an answer that a class never gave

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """k classes, the largest first.

    Attributes
    ----------
    sizes : (k) share of each class, as estimated
    chances : one (k x n_levels) array for each item: how likely each answer is in each class
    posterior : (n x k) how likely each person is in each class
    log_likelihood : of all answers
    n_parameters : free ones
    n_same : of the ``KEPT`` starts, how many ended at this likelihood; 1 = it may not be the highest
    """

    sizes: Floats
    chances: tuple[Floats, ...]
    posterior: Floats
    log_likelihood: float
    n_parameters: int
    n_same: int

    @property
    def labels(self) -> Labels:
        """(n) the likeliest class of each person."""
        return np.asarray(self.posterior.argmax(axis=1), dtype=np.int64)

    @property
    def bic(self) -> float:
        """Bayesian information criterion; the lower, the better (Schwarz 1978)."""
        return float(np.log(len(self.posterior)) * self.n_parameters - 2 * self.log_likelihood)

    @property
    def aic(self) -> float:
        """Akaike's criterion; the lower, the better."""
        return float(2 * self.n_parameters - 2 * self.log_likelihood)

    @property
    def entropy_r2(self) -> float:
        """How clearly people part [1 = everybody for certain, 0 = not at all]; NaN for one class (Ramaswamy 1993)."""
        n, k = self.posterior.shape
        unsure = -(self.posterior * np.log(np.clip(self.posterior, 1e-300, None))).sum()
        return float(1 - unsure / (n * np.log(k))) if k > 1 else float("nan")


def n_parameters(levels: Sequence[int], k: int) -> int:
    """Free parameters of k classes over items with so many answers each."""
    return k - 1 + k * sum(one - 1 for one in levels)


def is_determined(levels: Sequence[int], k: int) -> bool:
    """Whether there are as many different ways to answer as the model has parameters: the least it needs."""
    ways = float(np.prod(np.asarray(levels, dtype=np.float64)))
    return n_parameters(levels, k) <= ways - 1


def fit(answers: Codes, k: int, *, seed: int) -> LatentClasses:
    """Estimate k latent classes by maximum likelihood.

    Parameters
    ----------
    answers : (n x n_items) each answer as 0, 1, 2 ...; every number up to an item's highest is an answer of it

    Notes
    -----
    Lazarsfeld & Henry (1968); Goodman (1974), by EM (Dempster et al. 1977) over the different ways to answer.
    The tests hold the likelihoods that poLCA publishes (Linzer & Lewis 2011) and those of the package StepMix,
    which gives the same and needs five times as long, since it follows every start to its end.
    """
    ways, of_whom, n = np.unique(answers, axis=0, return_inverse=True, return_counts=True)
    levels = [int(top) + 1 for top in answers.max(axis=0)]
    marks = np.hstack([np.eye(size)[ways[:, at]] for at, size in enumerate(levels)])
    counts = n.astype(np.float64)
    with threadpool_limits(limits=1):  # several threads add up in an order that changes
        found, likelihoods = _best(marks, counts, k, seed=seed)
    shares, flat = _estimated(marks, counts, found)
    order = np.lexsort((*flat[::-1], -shares.round(9)))
    chances = tuple(np.split(flat.T[order], np.cumsum(levels)[:-1], axis=1))
    best = float(likelihoods.max())
    same = int((likelihoods > best - SAME).sum())
    posterior = found[:, order][of_whom.ravel()]
    return LatentClasses(shares[order], chances, posterior, best, n_parameters(levels, k), same)


def _best(marks: Floats, counts: Floats, k: int, *, seed: int) -> tuple[Floats, Floats]:
    """The posterior of the best start (n_ways x k), and the log-likelihoods of all that were followed to the end."""
    drawn = np.random.default_rng(seed).random((STARTS, len(marks), k))
    tried, likelihoods = _climbed(marks, counts, drawn / drawn.sum(axis=2, keepdims=True), rounds=TRIED)  # fmt: skip
    best = np.argsort(-likelihoods, kind="stable")[:KEPT]
    followed, likelihoods = _climbed(marks, counts, tried[best], rounds=ROUNDS)
    return followed[likelihoods.argmax()], likelihoods


def _climbed(
    marks: Floats, counts: Floats, posterior: Floats, *, rounds: int
) -> tuple[Floats, Floats]:
    """Starts (n_starts x n_ways x k) after EM, each until it gains nothing, and their log-likelihoods."""
    ends, held = np.full(len(posterior), -np.inf), posterior.copy()
    going = np.arange(len(posterior))
    for _ in range(rounds):
        joint = _joint(marks, counts, held[going])
        top = joint.max(axis=2, keepdims=True)
        parts = np.exp(joint - top)
        whole = parts.sum(axis=2, keepdims=True)
        held[going] = parts / whole
        now = (top + np.log(whole))[:, :, 0] @ counts
        gains, ends[going] = now - ends[going], now
        going = going[gains > CLOSE]
        if not len(going):
            break
    return held, ends


def _joint(marks: Floats, counts: Floats, posterior: Floats) -> Floats:
    """(n_starts x n_ways x k) ln P(class, way to answer), with the chances that the posterior tells."""
    weighted = posterior * counts[:, None]
    size = weighted.sum(axis=1)
    chances = np.log(np.clip(marks.T @ weighted / size[:, None, :], _LEAST, 1.0))
    return np.asarray(marks @ chances + np.log(size / counts.sum())[:, None, :])


def _estimated(marks: Floats, counts: Floats, posterior: Floats) -> tuple[Floats, Floats]:
    """(k) shares of the classes and (n_answers x k) chances of each answer."""
    weighted = posterior * counts[:, None]
    size = weighted.sum(axis=0)
    return size / counts.sum(), marks.T @ weighted / size
