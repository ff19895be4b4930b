"""Draws one of a few by chance: what ``Generator.choice`` draws, without its checks, which cost more than the draw."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def one_of(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def weighted(rng: np.random.Generator, choices: Sequence[T], weights: tuple[float, ...]) -> T:
    """One of ``choices``; ``weights`` add up to 1."""
    return choices[bisect_right(_steps(weights), rng.random())]


def of_shares(rng: np.random.Generator, shares: Mapping[T, float]) -> T:
    """One of the keys, as often as its share says."""
    return weighted(rng, tuple(shares), tuple(shares.values()))


@cache
def _steps(weights: tuple[float, ...]) -> list[float]:
    steps = np.cumsum(weights)
    return list((steps / steps[-1]).tolist())
