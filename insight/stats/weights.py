"""What weights cost: the base that a weighted sample is worth."""

from __future__ import annotations

import polars as pl


def effective_base(weight: pl.Expr) -> pl.Expr:
    """Size of the unweighted sample that would be as precise as this weighted one.

    Parameters
    ----------
    weight : positive numbers; their scale does not matter

    Returns
    -------
    (sum w)^2 / sum w^2 as Float64: the plain count where all weights are equal,
    null where there is no weight at all.

    Notes
    -----
    Kish (1965), *Survey Sampling*, section 11.7.

    Examples
    --------
    >>> pl.select(effective_base(pl.lit(pl.Series([1.0, 1.0, 2.0])))).item()
    2.6666666666666665
    """
    squares = (weight * weight).sum()
    return pl.when(squares > 0).then(weight.sum() * weight.sum() / squares)
