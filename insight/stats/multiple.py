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
_STATSMODELS: Mapping[Correction, str] = MappingProxyType({
    "bonferroni": "bonferroni", "holm": "holm", "bh": "fdr_bh",
})  # fmt: skip


def adjusted(p_values: NDArray[np.float64], correction: Correction) -> NDArray[np.float64]:
    """Correct the p values of one family of tests for their number.

    Parameters
    ----------
    p_values : any shape; NaN stands for a test that was not made: it stays NaN and is not counted
    correction : "none"; "bonferroni" and "holm" (family-wise error); "bh" (false discovery rate)

    Returns
    -------
    adjusted p values of the same shape, at most 1.

    Notes
    -----
    Holm (1979), Scand J Stat 6; Benjamini & Hochberg (1995), J R Stat Soc B 57.
    """
    from statsmodels.stats.multitest import multipletests

    made = ~np.isnan(p_values)
    if correction == "none" or not made.any():
        return p_values.copy()
    corrected = p_values.copy()
    corrected[made] = multipletests(p_values[made], method=_STATSMODELS[correction])[1]
    return corrected
