"""Which group somebody is in, from what they answered: multinomial logit, judged on people it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.stats.kmeans import Labels, sampled
from insight.stats.proportions import Floats

FOLDS, INNER = 5, 3
STRENGTHS = (0.003, 0.03, 0.3, 3.0)  # inverse strength of the ridge penalty, weakest last
MOST_TAUGHT = 4_000  # people that are enough to learn from
_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model.

    Attributes
    ----------
    constants, slopes : (k), (k x p) log-odds of each group for features in standard scores; groups that
        nobody was taught have a constant of minus infinity
    means, spreads : (p) what turns features into standard scores
    """

    constants: Floats
    slopes: Floats
    means: Floats
    spreads: Floats


@dataclass(frozen=True, slots=True)
class Judged:
    """How well people were told apart that the model had not seen.

    Attributes
    ----------
    hit_rate, base_rate : share of right guesses; share of the largest group, which is what guessing
        always the largest gets
    p_value : one-sided exact McNemar test that the model is right more often than that
    log_loss, base_log_loss : mean -ln of the chance given to the right group, by the model and by the
        shares of the groups alone
    balanced_rate : mean over the groups of the share that was recognised
    """

    hit_rate: float
    base_rate: float
    p_value: float
    log_loss: float
    base_log_loss: float
    balanced_rate: float

    @property
    def lift(self) -> float:
        """How many times as many right guesses as always guessing the largest group."""
        return self.hit_rate / self.base_rate


def fit(features: Floats, groups: Labels, *, n_groups: int, strength: float) -> Model:
    """Learn the groups.

    Parameters
    ----------
    features : (n x p); NaN = unknown, taken for the mean
    groups : (n) 0 to ``n_groups`` - 1; at least two of them
    strength : inverse strength of the ridge penalty on the slopes

    Notes
    -----
    Multinomial logit with an L2 penalty, scikit-learn (L-BFGS).
    """
    from sklearn.linear_model import LogisticRegression

    means, spreads = _moments(features)
    learner = LogisticRegression(C=strength, max_iter=_STEPS, tol=1e-5)
    with threadpool_limits(limits=1):  # several threads add up in an order that changes
        fitted = learner.fit(_standard(features, means, spreads), groups)
    slopes, constants = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # one line stands for both
        slopes, constants = np.vstack([-slopes, slopes]) / 2, np.hstack([-constants, constants]) / 2
    every = np.full(n_groups, -np.inf), np.zeros((n_groups, features.shape[1]))
    every[0][fitted.classes_], every[1][fitted.classes_] = constants, slopes
    return Model(*every, means, spreads)


def chances(model: Model, features: Floats) -> Floats:
    """The chance of each group (n x k); the rows add up to 1."""
    from scipy.special import softmax

    z = _standard(features, model.means, model.spreads)
    return np.asarray(softmax(z @ model.slopes.T + model.constants, axis=1))


def strength_of(features: Floats, groups: Labels, people: NDArray[np.int64], *, seed: int) -> float:
    """The penalty under which the groups of unseen people are told best (log loss, three folds)."""
    n_groups, parts = int(groups.max()) + 1, folds(groups, people, n_folds=INNER, seed=seed)
    losses = []
    for strength in STRENGTHS:
        told = np.empty((len(groups), n_groups))
        for seen, unseen in parts:
            model = fit(features[seen], groups[seen], n_groups=n_groups, strength=strength)
            told[unseen] = chances(model, features[unseen])
        losses.append(log_loss(told, groups))
    return STRENGTHS[int(np.argmin(losses))]


def folds(
    groups: Labels, people: NDArray[np.int64], *, n_folds: int, seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Positions to learn from and to judge by; rows of one person always stay together."""
    from sklearn.model_selection import StratifiedGroupKFold

    made = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return list(made.split(groups[:, None], groups, people))


def unseen_chances(features: Floats, groups: Labels, people: NDArray[np.int64], *, seed: int) -> Floats:  # fmt: skip
    """The chance of each group by models that have not seen the person (n x k); the penalty is found anew in each."""
    told = np.empty((len(groups), int(groups.max()) + 1))
    for seen, unseen in folds(groups, people, n_folds=FOLDS, seed=seed):
        taught = seen[sampled(len(seen), MOST_TAUGHT, seed=seed)]
        known = features[taught], groups[taught]
        strength = strength_of(*known, people[taught], seed=seed)
        told[unseen] = chances(fit(*known, n_groups=told.shape[1], strength=strength), features[unseen])  # fmt: skip
    return told


def judged(told: Floats, groups: Labels) -> Judged:
    """Compare chances that were told without having seen the people with their groups.

    Parameters
    ----------
    told : (n x k); groups : (n)

    Notes
    -----
    McNemar (1947), Psychometrika 12, as a binomial test of the people only one of the two gets right.
    """
    from scipy.stats import binomtest

    sizes = np.bincount(groups, minlength=told.shape[1])
    is_hit, is_largest = told.argmax(axis=1) == groups, groups == sizes.argmax()
    better, worse = int((is_hit & ~is_largest).sum()), int((~is_hit & is_largest).sum())
    p = binomtest(better, better + worse, alternative="greater").pvalue if better + worse else 1.0
    shares = sizes[sizes > 0] / len(groups)
    recognised = [is_hit[groups == k].mean() for k in np.flatnonzero(sizes)]
    return Judged(
        hit_rate=float(is_hit.mean()),
        base_rate=float(shares.max()),
        p_value=float(p),
        log_loss=log_loss(told, groups),
        base_log_loss=float(-(shares * np.log(shares)).sum()),
        balanced_rate=float(np.mean(recognised)),
    )


def log_loss(told: Floats, groups: Labels) -> float:
    """Mean -ln of the chance that was given to the right group."""
    right = told[np.arange(len(groups)), groups]
    return float(-np.log(np.maximum(right, 1e-15)).mean())


def _moments(features: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(features)
    n = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, features, 0.0).sum(axis=0) / n
    spreads = np.sqrt(np.where(known, (features - means) ** 2, 0.0).sum(axis=0) / n)
    return means, np.where(spreads > 1e-9, spreads, 1.0)


def _standard(features: Floats, means: Floats, spreads: Floats) -> Floats:
    return np.asarray(np.nan_to_num((features - means) / spreads, nan=0.0))
