"""Code 50, the tool codes the rest: rules corrected by what people coded, from 50 on beside a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insight.coding.features import Features
from insight.text.vectors import Floats

Flags = NDArray[np.bool_]
LEARN_FROM = 50  # coded texts
CUT = 0.35  # probability from which a text counts as raising the need
FOLDS, _LEAST_POSITIVE = 5, 3
_WEAK_WEIGHT, _MOST_WEAK = 0.15, 1_500  # of a text that only the rules have coded
_PRIOR = 2.0  # coded texts that the first guess of a rule's precision counts as
_RIGHT, _MISSED = 0.7, 0.1  # first guesses: a hit is right, a text without a hit raises the need
_MEANT = 4.0  # what a sentence vector of length 1 counts beside the flags of the rules


@dataclass(frozen=True, slots=True)
class Judge:
    """What was learnt, as numbers: the same text is judged alike whatever stands beside it.

    Attributes
    ----------
    rates : (2 x n_needs) how likely a need is raised where its rule hits, and where it does not
    models : none, where the rules alone judge; else weights for words and for meaning, each
        (n_needs x (n_features + n_needs + 1)): of the features, of the hits, and the constant
    is_ruled : (n_needs) whether it is left to the rules all the same: too few coded texts raise it
    """

    rates: Floats
    models: tuple[Floats, ...]
    is_ruled: Flags


@dataclass(frozen=True, slots=True)
class Learned:
    """A judge, and how it does.

    Attributes
    ----------
    held_out : (n_coded x n_needs) what is likely for the coded texts by judges that had not seen them
    """

    judge: Judge
    held_out: Floats


def likely(judge: Judge, hits: Flags, given: Features | None) -> Floats:
    """How likely each text raises each need (n x n_needs).

    Parameters
    ----------
    hits : (n x n_needs) what the rules say
    given : the texts as numbers; None where no model asks for them
    """
    hit, other = judge.rates
    ruled: Floats = np.where(hits, hit, other)
    if given is None or not judge.models:
        return ruled
    both = [_chance(table, hits, weights) for table, weights in zip(_tables(given), judge.models, strict=True)]  # fmt: skip
    return np.where(judge.is_ruled, ruled, np.mean(both, axis=0))


def _tables(given: Features) -> tuple[Any, Floats]:
    return given.words, given.meaning * _MEANT


def _chance(table: Any, hits: Flags, weights: Floats) -> Floats:  # noqa: ANN401
    from scipy.special import expit

    n = table.shape[1]
    of_rules = hits.astype(float) @ weights[:, n:-1].T
    return np.asarray(expit(table @ weights[:, :n].T + of_rules + weights[:, -1]))


def by_rules(hits: Flags, *, coded: Sequence[int], truth: Flags) -> Learned:
    """Each hit is as likely right as the hits of its need among the coded texts.

    Parameters
    ----------
    hits : (n x n_needs) what the rules say
    coded : (n_coded) rows of the coded texts
    truth : (n_coded x n_needs) what people say of them
    """
    seen = hits[list(coded)]
    held_out = np.zeros(truth.shape)
    for train, test in _folds(len(coded)):
        held_out[test] = np.where(seen[test], *_rates(seen[train], truth[train]))
    every = np.ones(hits.shape[1], dtype=bool)
    return Learned(Judge(_rates(seen, truth), (), every), held_out)


def _rates(seen: Flags, truth: Flags) -> Floats:
    """(2 x n_needs) share of the hits that are right, and of the others that raise the need all the same."""
    right, missed = (seen & truth).sum(axis=0), (~seen & truth).sum(axis=0)
    hit = (right + _PRIOR * _RIGHT) / (seen.sum(axis=0) + _PRIOR)
    other = (missed + _PRIOR * _MISSED) / ((~seen).sum(axis=0) + _PRIOR)
    return np.stack([np.maximum(hit, 0.5), np.minimum(other, 0.49)])


def by_model(
    hits: Flags, given: Features, *, coded: Sequence[int], truth: Flags, seed: int
) -> Learned:
    """The mean of two logistic regressions: one on words and hits, one on meaning and hits.

    They learn from the coded texts and, at a seventh of their weight, from what the rules say of others.
    Needs that fewer than three coded texts raise are left to the rules.
    """
    weak = _weak_rows(hits, coded, seed=seed)
    inputs, rows = _inputs(given, hits), np.asarray(coded)
    ruled, none = by_rules(hits, coded=coded, truth=truth), np.zeros(hits.shape[1], dtype=bool)
    held_out = np.zeros(truth.shape)
    for train, test in _folds(len(coded)):
        models = _fitted(inputs, hits, weak=weak, coded=rows[train], truth=truth[train])
        unseen = Features(given.words[rows[test]], given.meaning[rows[test]])
        held_out[test] = likely(Judge(ruled.judge.rates, models, none), hits[rows[test]], unseen)
    models = _fitted(inputs, hits, weak=weak, coded=rows, truth=truth)
    rare = truth.sum(axis=0) < _LEAST_POSITIVE
    return Learned(Judge(ruled.judge.rates, models, rare), np.where(rare, ruled.held_out, held_out))


def _inputs(given: Features, hits: Flags) -> tuple[Any, ...]:
    """Both feature tables, each beside the hits."""
    from scipy import sparse

    of_words, meaning = _tables(given)
    flags = hits.astype(float)
    words = sparse.csr_matrix(sparse.hstack([of_words, sparse.csr_array(flags)]))
    words.indices, words.indptr = words.indices.astype(np.int32), words.indptr.astype(np.int32)
    return words, np.hstack([meaning, flags])


def _fitted(inputs: tuple[Any, ...], hits: Flags, *, weak: list[int], coded: NDArray[np.int64], truth: Flags) -> tuple[Floats, ...]:  # fmt: skip
    """The weights of both regressions, see ``Judge.models``."""
    rows = np.concatenate([coded, np.asarray(weak, dtype=np.int64)]).astype(np.int64)
    target = np.vstack([truth, hits[weak]])
    weight = np.concatenate([np.ones(len(coded)), np.full(len(weak), _WEAK_WEIGHT)])
    return tuple(
        np.stack([_weights(table[rows], target[:, need], weight) for need in range(truth.shape[1])])
        for table in inputs
    )


def _weights(table: Any, target: Flags, weight: Floats) -> Floats:  # noqa: ANN401 (dense or sparse)
    """What each column weighs, and the constant; beyond all doubt where all texts are alike."""
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        return np.append(np.zeros(table.shape[1]), np.inf if target.all() else -np.inf)
    model = LogisticRegression(C=4.0, solver="liblinear", random_state=0)
    model.fit(table, target, sample_weight=weight)
    return np.append(model.coef_[0], model.intercept_[0])


def _weak_rows(hits: Flags, coded: Sequence[int], *, seed: int) -> list[int]:
    """Some of the texts that only the rules have coded; where they are silent, they may miss something."""
    others = np.setdiff1d(np.flatnonzero(hits.any(axis=1)), np.asarray(coded, dtype=np.int64))
    if len(others) > _MOST_WEAK:
        others = np.sort(np.random.default_rng(seed).choice(others, _MOST_WEAK, replace=False))
    return [int(row) for row in others]


def _folds(n: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Five parts of n rows, every fifth row each; rows are given in an order without a pattern."""
    place = np.arange(n) % FOLDS
    return [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(FOLDS) if (place == k).any()]  # fmt: skip
