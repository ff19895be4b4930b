"""How many tests were made, and what that does to each of their p values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Correction = Literal["none", "bonferroni", "holm", "bh"]

CORRECTION_LABELS: Mapping[Correction, str] = MappingProxyType({
    "none": "不校正", "bonferroni": "Bonferroni", "holm": "Holm", "bh": "Benjamini–Hochberg（FDR）",
})  # fmt: skip


def adjusted(
    p_values: NDArray[np.float64], correction: Correction, *, axis: int | None = None
) -> NDArray[np.float64]:
    """Correct the p values of a family of tests for their number.

    Parameters
    ----------
    p_values : any shape; NaN stands for a test that was not made: it stays NaN and is not counted
    correction : "none"; "bonferroni" and "holm" (family-wise error); "bh" (false discovery rate)
    axis : along which the tests of one family lie; None: all of them are one family

    Returns
    -------
    adjusted p values of the same shape, at most 1.

    Notes
    -----
    Holm (1979), Scand J Stat 6; Benjamini & Hochberg (1995), J R Stat Soc B 57. Written out because
    statsmodels corrects one family a call, and a book of tables has thousands.
    """
    if correction == "none" or not p_values.size:
        return p_values.copy()
    if axis is None:
        return adjusted(p_values.reshape(1, -1), correction, axis=1).reshape(p_values.shape)
    lines = np.moveaxis(p_values, axis, -1)
    n_made = (~np.isnan(lines)).sum(axis=-1, keepdims=True)
    if correction == "bonferroni":
        return np.moveaxis(np.minimum(lines * n_made, 1.0), -1, axis)
    order = np.argsort(lines, axis=-1, kind="stable")  # NaN comes last
    stepped = _stepped(np.take_along_axis(lines, order, axis=-1), n_made, correction)
    corrected = np.empty_like(lines)
    np.put_along_axis(corrected, order, np.minimum(stepped, 1.0), axis=-1)
    corrected[np.isnan(lines)] = np.nan
    return np.moveaxis(corrected, -1, axis)


def _stepped(
    ascending: NDArray[np.float64], n_made: NDArray[np.int64], correction: Correction
) -> NDArray[np.float64]:
    """Each p of an ascending line times its factor, never less (Holm) or more (BH) than the next one in turn."""
    rank = np.arange(1, ascending.shape[-1] + 1)
    if correction == "holm":
        factors = np.maximum(n_made - rank + 1, 1)
        return np.maximum.accumulate(np.nan_to_num(ascending * factors, nan=1.0), axis=-1)
    scaled = np.nan_to_num(ascending * n_made / rank, nan=np.inf)
    return np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
