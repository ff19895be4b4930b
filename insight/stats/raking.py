"""Weights whose margins are those of the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
TOLERANCE = 1e-4  # 0.01 points
MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Raked:
    """Weights and how good they are.

    Attributes
    ----------
    weights : (n) positive, mean 1
    gaps : margin -> largest absolute difference between share and target [0..1]
    efficiency : effective base / n [0..1] (Kish)
    n_rounds : rounds it took
    n_capped : weights at a cap
    """

    weights: Floats
    gaps: Mapping[str, float]
    efficiency: float
    n_rounds: int
    n_capped: int

    @property
    def is_close(self) -> bool:
        """Whether every margin is met to 0.01 points."""
        return all(gap < TOLERANCE for gap in self.gaps.values())


def rake(
    groups: Mapping[str, Sequence[str | None]],
    targets: Mapping[str, Mapping[str, float]],
    *,
    caps: tuple[float, float] = (0.2, 5.0),
) -> Raked:
    """Adjust weights margin by margin until all margins are met, or 50 rounds.

    Units of the same groups get the same weight, whatever the order of the rows.

    Parameters
    ----------
    groups : margin -> (n) group of each unit; a margin leaves those alone of whom it is not known (None)
    targets : margin -> group -> share in the population; groups nobody is in are left out and the
        rest is scaled to 1
    caps : smallest and largest weight, as multiples of the mean; applied in every round

    Notes
    -----
    Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. None as in DeBell & Krosnick (2009),
    ANES Technical Report nes012427: the other margins weight such a unit, and it keeps its weight where none does.
    """
    margins = {name: _coded(g) for name, g in groups.items()}
    wanted = [_wanted(labels, targets[name]) for name, (labels, _) in margins.items()]
    codes = np.column_stack([at for _, at in margins.values()])
    cells, cell_of, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    weights, n_rounds = _raked(cells, counts.astype(np.float64), wanted, caps)
    shares = zip(margins, cells.T, wanted, strict=True)
    gaps = {name: _gap(weights * counts, at, want) for name, at, want in shares}
    total, squares = (weights * counts).sum(), (weights**2 * counts).sum()
    at_cap = np.isclose(weights, caps[0]) | np.isclose(weights, caps[1])
    efficiency = float(total**2 / squares / counts.sum())
    return Raked(weights[cell_of.ravel()], gaps, efficiency, n_rounds, int(counts[at_cap].sum()))


def _coded(groups: Sequence[str | None]) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.intp]]:
    """The groups in order, and (n) which of them each unit is in; -1 where that is not known."""
    labels = sorted({group for group in groups if group is not None})
    places: dict[str | None, int] = {label: at for at, label in enumerate(labels)} | {None: -1}
    return np.array(labels), np.array([places[group] for group in groups], dtype=np.intp)


def _raked(
    cells: npt.NDArray[np.intp], counts: Floats, wanted: Sequence[Floats], caps: tuple[float, float]
) -> tuple[Floats, int]:
    """Weight of each cell, mean 1 over the units, and the rounds it took."""
    weights, n_rounds, gap = np.ones(len(counts)), 0, np.inf
    while gap >= TOLERANCE and n_rounds < MOST_ROUNDS:
        for at, want in zip(cells.T, wanted, strict=True):
            factors = want / _shares(weights * counts, at)
            weights = weights * np.append(factors, 1.0)[at]  # -1, the last: not known
        weights = _capped(weights, counts, caps)
        gap = max(_gap(weights * counts, at, w) for at, w in zip(cells.T, wanted, strict=True))
        n_rounds += 1
    return weights, n_rounds


def _capped(weights: Floats, counts: Floats, caps: tuple[float, float]) -> Floats:
    """Weights of mean 1 between the caps: clipping moves the mean, so it is done until nothing moves."""
    for _ in range(1000):
        weights = weights * counts.sum() / (weights * counts).sum()
        clipped = np.clip(weights, *caps)
        if np.allclose(clipped, weights, rtol=1e-12, atol=0):
            break
        weights = clipped
    return weights


def _wanted(labels: npt.NDArray[np.str_], target: Mapping[str, float]) -> Floats:
    shares = np.array([target.get(str(label), 0.0) for label in labels], dtype=np.float64)
    scaled: Floats = shares / shares.sum()
    return scaled


def _shares(weights: Floats, at: npt.NDArray[np.intp]) -> Floats:
    totals = np.bincount(at + 1, weights)[1:]
    shares: Floats = totals / totals.sum()
    return shares


def _gap(weights: Floats, at: npt.NDArray[np.intp], wanted: Floats) -> float:
    return float(np.abs(_shares(weights, at) - wanted).max())
