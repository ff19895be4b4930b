"""Weighted correlations of columns, of the data as they are and of bootstrap samples of their rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]  # single precision is enough for the ends of an interval
_DRAWN = 100  # bootstrap samples drawn together


def correlations(data: Floats, weight: Floats) -> Floats:
    """Correlations of the columns (p, p); those of a constant column are 0.

    Parameters
    ----------
    data : (n, p) without missing values
    weight : (n) positive
    """
    spread = np.maximum(data.std(axis=0), 1e-12)
    centred = (data - np.average(data, axis=0, weights=weight)) / spread
    means = np.average(_products(centred), axis=0, weights=weight)[None, :]
    found = _as_correlations(_covariances(means, data.shape[1]))
    return np.asarray(found[0], dtype=np.float64)


def resampled(data: Floats, weight: Floats, *, n_samples: int, seed: int) -> Iterator[Reals]:
    """Correlations of bootstrap samples of the rows, in pieces of (at most 100, p, p).

    Each sample draws n rows with replacement; a row keeps its weight. Only the sums of products of
    the columns are made again, as one matrix product for many samples, in single precision.
    """
    rng = np.random.default_rng(seed)
    n = len(data)
    spread = np.maximum(data.std(axis=0), 1e-12)
    products = _products((data - np.average(data, axis=0, weights=weight)) / spread)
    single = (weight[:, None] * np.hstack([products, np.ones((n, 1))])).astype(np.float32)
    for first in range(0, n_samples, _DRAWN):
        times = np.empty((min(_DRAWN, n_samples - first), n), dtype=np.float32)
        for sample in times:
            sample[:] = np.bincount(rng.integers(0, n, size=n, dtype=np.int32), minlength=n)
        sums = times @ single
        yield _as_correlations(_covariances(sums[:, :-1] / sums[:, -1:], data.shape[1]))


def _products(data: Floats) -> Floats:
    """(n, p (p + 1) / 2 + p) the products of every two columns, then the columns."""
    left, right = np.triu_indices(data.shape[1])
    return np.hstack([data[:, left] * data[:, right], data])


def _covariances(means: Reals, n_columns: int) -> Reals:
    """(k, p, p) from the weighted means of ``_products``."""
    left, right = np.triu_indices(n_columns)
    products, own = means[:, : len(left)], means[:, len(left) :]
    found = np.empty((len(means), n_columns, n_columns), dtype=means.dtype)
    found[:, left, right] = products - own[:, left] * own[:, right]
    found[:, right, left] = found[:, left, right]
    return found


def _as_correlations(covariances: Reals) -> Reals:
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    deviations = np.sqrt(np.maximum(variances, 0.0))
    constant = np.sqrt(10 * np.finfo(covariances.dtype).eps)
    scale = np.where(deviations > constant, deviations, np.inf).astype(covariances.dtype)
    found = covariances / (scale[:, :, None] * scale[:, None, :])
    at = np.arange(found.shape[1])
    found[:, at, at] = 1.0
    return found
