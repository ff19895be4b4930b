"""What items are worth by best–worst choices: counts, and utilities of a conditional logit as shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.stats.conditional_logit import Choices, Fit, dependent, fit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Shown:
    """Items shown together in tasks, one row an item, the rows of a task together.

    Attributes
    ----------
    item, task, person : (n_rows) numbers from 0; task ascending
    best, worst : (n_rows) exactly one of each in a task, never the same row
    weight : (n_rows) of the person
    """

    item: Ints
    task: Ints
    person: Ints
    best: Flags
    worst: Flags
    weight: Floats


@dataclass(frozen=True, slots=True)
class Worth:
    """Utilities that add up to 0 (n_items), and shares that add up to 1 with their 95 % bounds."""

    utility: Floats
    share: Floats
    low: Floats
    high: Floats
    fit: Fit


def scores(shown: Shown, *, n_items: int) -> Floats:
    """(n_items) weighted (best - worst) / shown, from -1 to 1; NaN where never shown."""
    held = np.bincount(shown.item, weights=shown.weight, minlength=n_items)
    signed = (shown.best.astype(float) - shown.worst) * shown.weight
    net = np.bincount(shown.item, weights=signed, minlength=n_items)
    shares: Floats = np.divide(net, held, out=np.full(n_items, np.nan), where=held > 0)
    return shares


def worth(shown: Shown, *, n_items: int) -> Worth | None:
    """Utilities of all items from what was called best, and then worst of the rest.

    Returns
    -------
    None where they are not determined: an item always or never chosen, or items never compared

    Notes
    -----
    Sequential best–worst model: P(best i) = exp u_i / sum exp u; P(worst j) = exp -u_j / sum exp -u
    over the items without the best (Marley and Louviere 2005, J Math Psychol 49). Shares are
    exp u / sum exp u; their bounds come from the logit of the share, by the delta method on the covariance
    that is clustered by person.
    """
    choices = _choices(shown, n_items=n_items)
    if dependent(choices.x, choices.task):
        return None
    fitted = fit(choices)
    if fitted is None:
        return None
    spread = np.vstack([np.eye(n_items - 1), np.zeros(n_items - 1)])
    spread = spread - spread.mean(axis=0)
    utility = spread @ fitted.beta
    covariance = spread @ fitted.clustered @ spread.T
    raised = np.exp(utility - utility.max())
    share = raised / raised.sum()
    slope = np.eye(n_items) - share  # of u_i - log(sum of the others), up to the factor below
    logit = np.log(share / (1 - share))
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slope, covariance, slope), 0)) / (1 - share)
    low, high = (1 / (1 + np.exp(-(logit + sign * _Z * error))) for sign in (-1, 1))
    return Worth(utility, share, low, high, fitted)


def _choices(shown: Shown, *, n_items: int) -> Choices:
    """The sets of best choices, then those of worst choices with the sign of every item turned."""
    codes = np.eye(n_items)[:, : n_items - 1]
    rest = ~shown.best
    n_tasks = int(shown.task[-1]) + 1
    first = np.flatnonzero(np.diff(shown.task, prepend=-1))
    return Choices(
        x=np.vstack([codes[shown.item], -codes[shown.item[rest]]]),
        task=np.concatenate([shown.task, n_tasks + shown.task[rest]]),
        chosen=np.concatenate([shown.best, shown.worst[rest]]),
        person=np.tile(shown.person[first], 2),
        weight=np.tile(shown.weight[first], 2),
    )
