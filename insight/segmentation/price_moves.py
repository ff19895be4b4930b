"""Who came from one band of prices to a dearer or a cheaper one, between the first and the last day of buying."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.segmentation.price_bands import named
from insight.settings import settings
from insight.stats.proportions import wilson
from insight.stats.signs import sign_test

UP, SAME, DOWN = "更贵的价格带", "同一价格带", "更便宜的价格带"
DIRECTIONS = (UP, SAME, DOWN)


def journeys(prices: pl.DataFrame, edges: Sequence[int], names: Sequence[str]) -> pl.DataFrame:
    """The band in which each customer began, and the one of the last day.

    Parameters
    ----------
    prices : as ``ledger.first_and_last_prices`` gives it

    Returns
    -------
    (n_customers) customer_id, first_band, last_band, direction [of ``DIRECTIONS``]
    """
    first, last = (
        sum(((pl.col(c) >= edge).cast(pl.Int64) for edge in edges), pl.lit(0, pl.Int64))
        for c in ("first_price", "last_price")
    )
    banded = prices.select("customer_id", first_band=first, last_band=last)
    direction = _direction(pl.col("last_band") - pl.col("first_band"))
    return banded.with_columns(direction=direction).with_columns(
        named(names, "first_band"), named(names, "last_band")
    )


def _direction(rose: pl.Expr) -> pl.Expr:
    up = pl.when(rose > 0).then(pl.lit(UP))
    return up.when(rose < 0).then(pl.lit(DOWN)).otherwise(pl.lit(SAME))


def paths(made: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """From which band to which.

    Returns
    -------
    (n_first_bands x n_bands) first_band, last_band, direction, n_customers, base [who began in first_band], share of
        them with its Wilson 95 % interval ci_low and ci_high [null below the smallest base]
    """
    starts = pl.DataFrame({"first_band": names}, schema={"first_band": pl.String})
    bases = made.group_by("first_band").agg(base=pl.len().cast(pl.Int64))
    ends = starts.rename({"first_band": "last_band"})
    grid = starts.join(bases, on="first_band", how="inner", maintain_order="left")
    grid = grid.join(ends, how="cross", maintain_order="left_right")
    pair = ("first_band", "last_band")
    counted = made.group_by(*pair).agg(n_customers=pl.len().cast(pl.Int64))
    table = grid.join(counted, on=pair, how="left", maintain_order="left")
    place = [
        pl.col(c).replace_strict(names, range(len(names)), return_dtype=pl.Int64) for c in pair
    ]
    told = table.with_columns(pl.col("n_customers").fill_null(0), direction=_direction(place[1] - place[0]))  # fmt: skip
    return _with_interval(told).select(
        *pair, "direction", "n_customers", "base", "share", "ci_low", "ci_high"
    )


def moves(made: pl.DataFrame) -> pl.DataFrame:
    """How many came to dearer bands and how many to cheaper ones.

    Returns
    -------
    (3) direction, n_customers, base [all who bought on two days], share with its Wilson 95 % interval ci_low
        and ci_high [null below the smallest base], p_value [sign test of 更贵 against 更便宜; null for 同一]
    """
    counts = dict(made.group_by("direction").len().iter_rows())
    n = [int(counts.get(name, 0)) for name in DIRECTIONS]
    table = pl.DataFrame({"direction": DIRECTIONS, "n_customers": n}, schema_overrides={"n_customers": pl.Int64})  # fmt: skip
    based = table.with_columns(base=pl.lit(made.height, pl.Int64))
    p_value = sign_test(n[0], n[2]) if made.height >= settings().tiny_base else float("nan")
    moved = pl.when(pl.col("direction") != SAME).then(pl.lit(p_value)).fill_nan(None)
    return _with_interval(based).with_columns(p_value=moved)


def _with_interval(table: pl.DataFrame) -> pl.DataFrame:
    bases = table["base"].cast(pl.Float64).to_numpy()
    known = bases >= settings().tiny_base
    n = table["n_customers"].cast(pl.Float64).to_numpy()
    shares = np.divide(n, bases, out=np.full_like(bases, np.nan), where=known)
    low, high = wilson(shares, bases)
    found = {"share": shares, "ci_low": low, "ci_high": high}
    return table.with_columns(pl.Series(k, v).fill_nan(None) for k, v in found.items())
