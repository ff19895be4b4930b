"""What each level of an attribute is worth: effects coding, ratings by least squares, importance from ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coding:
    """Attributes with their levels, as columns of a design.

    ``levels`` holds (attribute, levels) in order; the last level of each is minus the sum of the others.
    """

    levels: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def spread(self) -> Floats:
        """(n_columns x n_levels) so that estimates @ spread are the part-worths of all levels, which add up to 0."""
        sizes = [len(levels) for _, levels in self.levels]
        spread = np.zeros((sum(sizes) - len(sizes), sum(sizes)))
        column = level = 0
        for size in sizes:
            spread[column : column + size - 1, level : level + size - 1] = np.eye(size - 1)
            spread[column : column + size - 1, level + size - 1] = -1
            column, level = column + size - 1, level + size
        return spread

    def coded(self, profiles: Sequence[Sequence[str | None]]) -> Floats:
        """(n_profiles x n_columns) effects codes; an absent level (no alternative at all) is all 0."""
        where = {name: at for at, name in enumerate(self.named)}
        picked = np.zeros((len(profiles), len(where)))
        for row, profile in enumerate(profiles):
            for (attribute, _), level in zip(self.levels, profile, strict=True):
                if level is not None:
                    picked[row, where[attribute, level]] = 1
        coded: Floats = picked @ self.spread.T
        return coded

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Attribute and level of every column of the codes."""
        return [(attribute, level) for attribute, levels in self.levels for level in levels[:-1]]

    @property
    def named(self) -> list[tuple[str, str]]:
        """Attribute and level of every part-worth."""
        return [(attribute, level) for attribute, levels in self.levels for level in levels]


def rated(x: Floats, ratings: Floats) -> tuple[Floats, Floats]:
    """Ordinary least squares of each person's ratings.

    Parameters
    ----------
    x : (n_profiles x p) effects codes, no constant
    ratings : (n x n_profiles) NaN = not rated

    Returns
    -------
    (n x p) estimates, NaN where a person rated too few profiles; (n) R-squared, NaN where the
        ratings are all the same
    """
    full = np.column_stack([np.ones(len(x)), x])
    estimates = np.full((len(ratings), full.shape[1]), np.nan)
    fits = np.full(len(ratings), np.nan)
    seen = ~np.isnan(ratings)
    for pattern in np.unique(seen, axis=0):
        rows, held = (seen == pattern).all(axis=1), full[pattern]
        if np.linalg.matrix_rank(held) < full.shape[1]:
            continue
        y = ratings[np.ix_(rows, pattern)].T
        found = np.linalg.lstsq(held, y, rcond=None)[0]
        estimates[rows], fits[rows] = found.T, _explained(y, held @ found)
    return estimates[:, 1:], fits


def _explained(y: Floats, fitted: Floats) -> Floats:
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    left = ((y - fitted) ** 2).sum(axis=0)
    return np.where(spread > 1e-12, 1 - left / np.where(spread > 1e-12, spread, 1), np.nan)


def importance(worths: Floats, coding: Coding) -> Floats:
    """(n x n_attributes) range of each attribute over the sum of ranges; NaN where all are 0.

    Parameters
    ----------
    worths : (n x n_levels) part-worths, one row a person or a draw
    """
    ranges, start = [], 0
    for _, levels in coding.levels:
        held = worths[:, start : start + len(levels)]
        ranges.append(held.max(axis=1) - held.min(axis=1))
        start += len(levels)
    together = np.column_stack(ranges)
    total = together.sum(axis=1, keepdims=True)
    total = np.where(total > 1e-12, total, np.nan)
    shares: Floats = together / total
    return shares
