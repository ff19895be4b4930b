"""Who buys much, often and lately: recency, frequency and money, their scores and their names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import polars as pl

from insight.ledger import DAY

Names = Literal["eight", "eleven"]
FREQUENCY_BANDS = (2, 3, 4, 6)  # n_orders 1 | 2 | 3 | 4-5 | 6+, used where quintiles of F collapse


@cache
def names(scheme: Names) -> Mapping[str, str]:
    """Code -> group name, most valuable group first; 125 codes for "eleven", 8 for "eight"."""
    groups = tomllib.loads(Path(__file__).with_name("rfm_names.toml").read_text("utf-8"))[scheme]
    return MappingProxyType({code: g["name"] for g in groups for code in g["codes"].split()})


def group_order(scheme: Names) -> tuple[str, ...]:
    """The group names of ``scheme``, most valuable first."""
    return tuple(dict.fromkeys(names(scheme).values()))


def rfm_table(customers: pl.DataFrame, *, as_of: int | None = None) -> pl.DataFrame:
    """Summarise each customer's buying in three numbers.

    Parameters
    ----------
    customers : (n_customers) customer_id, last_at [epoch s], n_orders, spend [CNY]
    as_of : moment the table is for [epoch s]; default: the last order of all

    Returns
    -------
    (n_customers) customer_id, days_since_last [whole days between calendar dates, >= 0],
        n_orders [count, >= 1], spend [CNY, net]

    Notes
    -----
    Hughes (1994), *Strategic Database Marketing*.
    """
    snapshot = pl.col("last_at").max() if as_of is None else pl.lit(as_of)
    days = (snapshot // DAY - pl.col("last_at") // DAY).alias("days_since_last")
    return customers.select("customer_id", days, "n_orders", "spend").sort("customer_id")


def quintile(values: pl.Expr) -> pl.Expr:
    """Score 1 (lowest) to 5 by average rank, so equal values get equal scores: 1 + floor(5 (rank - 0.5) / n)."""
    return (((values.rank("average") - 0.5) * 5 / pl.len()).floor() + 1).cast(pl.Int64)


def frequency_is_degenerate(table: pl.DataFrame) -> bool:
    """Whether quintiles of n_orders say nothing: one value holds 80 % or fewer than three scores come out."""
    if table.is_empty():
        return False
    commonest = table.group_by("n_orders").len()["len"].max()
    few = table.select(quintile(pl.col("n_orders")))["n_orders"].n_unique() < 3
    return few or (isinstance(commonest, int) and commonest >= 0.8 * table.height)


def score(table: pl.DataFrame) -> pl.DataFrame:
    """Add r, f and m, each 1 (worst) to 5 (best).

    Parameters
    ----------
    table : (n_customers) as ``rfm_table`` gives it

    Returns
    -------
    the same rows with r, f, m. Where frequency is degenerate, f follows fixed bands 1, 2, 3, 4-5, 6+.
    """
    bands = 1 + sum((pl.col("n_orders") >= b).cast(pl.Int64) for b in FREQUENCY_BANDS)
    return table.with_columns(
        r=quintile(-pl.col("days_since_last")),
        f=bands if frequency_is_degenerate(table) else quintile(pl.col("n_orders")),
        m=quintile(pl.col("spend")),
    )


def name_groups(scored: pl.DataFrame, *, scheme: Names = "eight") -> pl.DataFrame:
    """Add ``segment``, the group's name.

    Parameters
    ----------
    scored : (n_customers) with days_since_last, n_orders, spend, r, f, m
    scheme : "eight" compares each number with its median (equal to the median counts as low; the
        Chinese textbook's 八类); "eleven" reads the three quintile scores.
    """
    if scheme == "eleven":
        code = pl.concat_str("r", "f", "m")
    else:
        high = (-pl.col("days_since_last"), pl.col("n_orders"), pl.col("spend"))
        code = pl.concat_str(*((v > v.median()).cast(pl.Int64) for v in high))
    known = names(scheme)
    segment = code.replace_strict(list(known), list(known.values()), return_dtype=pl.String)
    return scored.with_columns(segment=segment)
