"""Code 50, the tool codes the rest: rules corrected by what people coded, from 100 on beside a model."""

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


@dataclass(frozen=True, slots=True)
class Learned:
    """What is likely for every text.

    Attributes
    ----------
    probability : (n x n_needs) that the text raises the need
    held_out : (n_coded x n_needs) the same for the coded texts by models that had not seen them
    """

    probability: Floats
    held_out: Floats


def by_rules(hits: Flags, *, coded: Sequence[int], truth: Flags) -> Learned:
    """Each hit is as likely right as the hits of its need among the coded texts.

    Parameters
    ----------
    hits : (n x n_needs) what the rules say
    coded : (n_coded) rows of the coded texts
    truth : (n_coded x n_needs) what people say of them
    """
    seen = hits[list(coded)]
    probability = np.where(hits, *_rates(seen, truth))
    held_out = np.zeros(truth.shape)
    for train, test in _folds(len(coded)):
        held_out[test] = np.where(seen[test], *_rates(seen[train], truth[train]))
    return Learned(probability, held_out)


def _rates(seen: Flags, truth: Flags) -> tuple[Floats, Floats]:
    """(n_needs) share of the hits that are right, and of the others that raise the need all the same."""
    right, missed = (seen & truth).sum(axis=0), (~seen & truth).sum(axis=0)
    hit = (right + _PRIOR * _RIGHT) / (seen.sum(axis=0) + _PRIOR)
    other = (missed + _PRIOR * _MISSED) / ((~seen).sum(axis=0) + _PRIOR)
    return np.maximum(hit, 0.5), np.minimum(other, 0.49)


def by_model(
    hits: Flags, given: Features, *, coded: Sequence[int], truth: Flags, seed: int
) -> Learned:
    """The mean of two logistic regressions: one on words and hits, one on meaning and hits.

    They learn from the coded texts and, at a seventh of their weight, from what the rules say of others.
    Needs that fewer than three coded texts raise are left to the rules.
    """
    weak = _weak_rows(hits, coded, seed=seed)
    inputs = _inputs(given, hits)
    probability = _fitted(inputs, hits, weak=weak, coded=list(coded), truth=truth)(np.arange(len(hits)))  # fmt: skip
    held_out = np.zeros(truth.shape)
    rows = np.asarray(coded)
    for train, test in _folds(len(coded)):
        model = _fitted(inputs, hits, weak=weak, coded=rows[train].tolist(), truth=truth[train])
        held_out[test] = model(rows[test])
    ruled = by_rules(hits, coded=coded, truth=truth)
    rare = truth.sum(axis=0) < _LEAST_POSITIVE
    return Learned(
        np.where(rare, ruled.probability, probability), np.where(rare, ruled.held_out, held_out)
    )


def _inputs(given: Features, hits: Flags) -> tuple[Any, Any]:
    """Both feature tables, each beside the hits."""
    from scipy import sparse

    flags = hits.astype(float)
    words = sparse.csr_matrix(sparse.hstack([given.words, sparse.csr_array(flags)]))
    words.indices, words.indptr = words.indices.astype(np.int32), words.indptr.astype(np.int32)
    return words, np.hstack([given.meaning * 4, flags])


def _fitted(inputs: tuple[Any, Any], hits: Flags, *, weak: list[int], coded: list[int], truth: Flags) -> Any:  # noqa: ANN401  # fmt: skip
    """A function rows -> probabilities (n_rows x n_needs)."""
    rows = np.array([*coded, *weak], dtype=np.int64)
    target = np.vstack([truth, hits[weak]])
    weight = np.concatenate([np.ones(len(coded)), np.full(len(weak), _WEAK_WEIGHT)])

    def predict(asked: NDArray[np.int64]) -> Floats:
        columns = [
            np.mean([_one(x, rows, target[:, need], weight=weight, asked=asked) for x in inputs], axis=0)
            for need in range(truth.shape[1])
        ]  # fmt: skip
        return np.stack(columns, axis=1)

    return predict


def _one(table: Any, rows: NDArray[np.int64], target: Flags, *, weight: Floats, asked: NDArray[np.int64]) -> Floats:  # noqa: ANN401  # fmt: skip
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        return np.full(len(asked), float(target[0]))
    model = LogisticRegression(C=4.0, solver="liblinear", random_state=0)
    model.fit(table[rows], target, sample_weight=weight)
    return np.asarray(model.predict_proba(table[asked])[:, 1])


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
