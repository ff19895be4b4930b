"""Which customer each identity token belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight.join.tiers import MASKED

KINDS = ("customer_id", "phone", "email", "nickname")  # in the order they are trusted
KEYS = tuple(f"key_{kind}" for kind in KINDS)
SURE = KEYS[:3]  # a nickname is nobody's own
BASE = ("customers", "orders")  # the tables that say who the customers are


def with_all_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with every key column, null where it had none."""
    wanted = (*KEYS, *MASKED)
    absent = [pl.lit(None, pl.String).alias(k) for k in wanted if k not in frame.columns]
    return frame.with_columns(absent)


def directory(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Which customer each token belongs to.

    Parameters
    ----------
    tables : "customers" and "orders", each with key_* columns

    Returns
    -------
    (n_tokens) key, token, owner (the most trusted token ever seen with it; null where tokens of
        several people share it), n_owners; sorted
    """
    seen = [with_all_keys(tables[t]).select(KEYS).unique() for t in BASE if t in tables]
    rows = pl.concat(seen).unique() if seen else pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String))
    pairs = (
        rows.with_columns(owner=pl.coalesce(KEYS))
        .unpivot(KEYS, index="owner", variable_name="key", value_name="token")
        .drop_nulls()
        .unique()
    )
    others = pl.col("owner").filter(pl.col("owner") != pl.col("token"))
    owner = (
        pl.when(others.len() == 0)
        .then(pl.col("token").first())
        .when(others.len() == 1)
        .then(others.first())
    )
    return (
        pairs.group_by("key", "token")
        .agg(owner=owner, n_owners=pl.max_horizontal(others.len(), 1))
        .sort("key", "token")
    )


def looked_up(rows: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Add owner_<key> and n_<key>, the customer behind each token and how many share it."""
    for key in KEYS:
        known = owners.filter(pl.col("key") == key).select(
            pl.col("token").alias(key),
            pl.col("owner").alias(f"owner_{key}"),
            pl.col("n_owners").alias(f"n_{key}"),
        )
        rows = rows.join(known, on=key, how="left", maintain_order="left")
    return rows
