"""How two groups of customers differ, trait by trait and number by number, with tests and effect sizes."""

from __future__ import annotations

from math import nan

import numpy as np
import polars as pl

from insight.segmentation.traits import NUMBERS, has_one_value
from insight.settings import settings
from insight.stats.differences import (
    RankDifference,
    ShareDifference,
    ranks_differ,
    shares_differ,
    size_of_rank,
    size_of_share,
)
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats
from insight.units import label_of

LEVEL = 0.05
_SHARES = {
    "measure": pl.String, "feature": pl.String, "first_share": pl.Float64, "second_share": pl.Float64,
    "pair_difference": pl.Float64, "low_difference": pl.Float64, "high_difference": pl.Float64, "effect": pl.Float64,
    "effect_size": pl.String, "p_value": pl.Float64, "n_first": pl.Int64, "n_second": pl.Int64,
}  # fmt: skip
_NUMBERS = {
    "feature": pl.String, "first_mean": pl.Float64, "second_mean": pl.Float64, "first_median": pl.Float64,
    "second_median": pl.Float64, "effect": pl.Float64, "effect_size": pl.String, "p_value": pl.Float64,
    "n_first": pl.Int64, "n_second": pl.Int64,
}  # fmt: skip


def share_differences(traits: pl.DataFrame, sides: pl.DataFrame) -> pl.DataFrame:
    """Every trait's share in the first and the second group.

    Parameters
    ----------
    traits : (n) measure, feature, customer_id
    sides : (n_customers) customer_id [unique], is_first

    Returns
    -------
    (n_features) measure, feature, first_share, second_share, pair_difference with its 95 % interval
        low_difference and high_difference, effect [Cohen's h], effect_size, p_value [z test, not
        corrected], n_first, n_second [bases: of a measure with one value those who have one, else
        the whole group]; shares and tests are null where a base is below the smallest that is shown
    """
    placed = traits.join(sides, on="customer_id", maintain_order="left")
    own = [_side(placed, is_first=side) for side in (True, False)]
    counted = placed.select("measure", "feature").unique().sort("measure", "feature")
    for frame, name in zip(own, ("x", "y"), strict=True):
        counted = counted.join(frame.rename({"n": name}), on=["measure", "feature"], how="left", maintain_order="left")  # fmt: skip
    everybody = {side: sides.filter(is_first=side).height for side in (True, False)}
    rows = []
    for measure, part in counted.partition_by("measure", as_dict=True, maintain_order=True).items():
        n, m = _bases(placed, str(measure[0]), everybody)
        rows += [_share_row(r, n=n, m=m) for r in part.fill_null(0).iter_rows(named=True)]
    return pl.DataFrame(rows, schema=_SHARES)


def _side(placed: pl.DataFrame, *, is_first: bool) -> pl.DataFrame:
    own = placed.filter(pl.col("is_first") == is_first)
    return own.group_by("measure", "feature").agg(n=pl.col("customer_id").n_unique().cast(pl.Int64))


def _bases(placed: pl.DataFrame, measure: str, everybody: dict[bool, int]) -> tuple[int, int]:
    if not has_one_value(measure):
        return everybody[True], everybody[False]
    known = placed.filter(pl.col("measure") == measure)
    first = known.filter("is_first")["customer_id"].n_unique()
    return first, known.filter(~pl.col("is_first"))["customer_id"].n_unique()


def _share_row(row: dict[str, object], *, n: int, m: int) -> dict[str, object]:
    x, y = int(str(row["x"])), int(str(row["y"]))
    enough = min(n, m) >= settings().tiny_base
    found = shares_differ((x, n), (y, m)) if enough else ShareDifference(nan, nan, nan, nan, nan)
    return {
        "measure": row["measure"], "feature": row["feature"], "first_share": _shown(x, n), "second_share": _shown(y, m),
        "pair_difference": _known(found.difference), "low_difference": _known(found.low), "high_difference": _known(found.high),
        "effect": _known(found.effect), "effect_size": size_of_share(found.effect), "p_value": _known(found.p_value),
        "n_first": n, "n_second": m,
    }  # fmt: skip


def _shown(x: int, n: int) -> float | None:
    return x / n if n >= settings().tiny_base else None


def number_differences(numbers: pl.DataFrame, sides: pl.DataFrame) -> pl.DataFrame:
    """The middle of every number in the first and the second group.

    Parameters
    ----------
    numbers : (n_customers) customer_id and the columns of ``NUMBERS``
    sides : (n_customers) customer_id [unique], is_first

    Returns
    -------
    (n_numbers) feature [with its unit], first_mean, second_mean, first_median, second_median, effect
        [Cliff's delta], effect_size, p_value [Mann-Whitney, not corrected], n_first, n_second; middles
        and tests are null where a group is below the smallest base that is shown
    """
    placed = numbers.join(sides, on="customer_id").sort("customer_id")
    first, second = placed.filter("is_first"), placed.filter(~pl.col("is_first"))
    enough = min(first.height, second.height) >= settings().tiny_base
    rows = []
    for name in NUMBERS:
        one, other = (part[name].cast(pl.Float64).to_numpy() for part in (first, second))
        found = ranks_differ(one, other) if enough else RankDifference(nan, nan)
        mean, median = _middles(one, enough=enough)
        other_mean, other_median = _middles(other, enough=enough)
        rows.append({
            "feature": label_of(name), "first_mean": mean, "second_mean": other_mean,
            "first_median": median, "second_median": other_median,
            "effect": _known(found.effect), "effect_size": size_of_rank(found.effect), "p_value": _known(found.p_value),
            "n_first": len(one), "n_second": len(other),
        })  # fmt: skip
    return pl.DataFrame(rows, schema=_NUMBERS)


def corrected(*tables: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """The tables with q_value behind p_value: Benjamini-Hochberg over all tests of all tables."""
    pooled = np.concatenate([t["p_value"].fill_null(nan).to_numpy() for t in tables])
    q_values = adjusted(pooled, "bh")
    ends = np.cumsum([t.height for t in tables])
    told = []
    for table, values in zip(tables, np.split(q_values, ends[:-1]), strict=True):
        at = table.columns.index("p_value") + 1
        q_value = pl.Series("q_value", values, dtype=pl.Float64).fill_nan(None)
        told.append(table.insert_column(at, q_value))
    return tuple(told)


def _middles(values: Floats, *, enough: bool) -> tuple[float | None, float | None]:
    """Mean and median; None where the group is too small to be shown."""
    return (float(np.mean(values)), float(np.median(values))) if enough else (None, None)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
