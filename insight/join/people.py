"""Resolve identity tokens to customers; ambiguous ones are never merged, and everything is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

KINDS = ("customer_id", "phone", "email", "nickname")  # in the order they are trusted
KEYS = tuple(f"key_{kind}" for kind in KINDS)
BASE = ("customers", "orders")  # the tables that say who the customers are
STATUS = ("matched", "only_here", "ambiguous", "no_key")


@dataclass(frozen=True, slots=True)
class Joined:
    """Tables whose identity tokens were replaced by ``customer_id``, and how well that went.

    Attributes
    ----------
    tables : the given tables without key_* columns, with customer_id (null where unknown; absent
        from orders and customers that have no key column at all); responses and texts also carry match_status, one of ``STATUS``
    keys : (tables x kinds) table, key, n_rows, n_with_key, n_matched
    statuses : (tables x statuses) table, status, n
    n_conflicts : rows whose keys point to different customers; the most trusted key decided
    """

    tables: Mapping[str, pl.DataFrame]
    keys: pl.DataFrame
    statuses: pl.DataFrame
    n_conflicts: int


def _with_all_keys(frame: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, pl.String).alias(k) for k in KEYS if k not in frame.columns]
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
    seen = [_with_all_keys(tables[t]).select(KEYS).unique() for t in BASE if t in tables]
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


def _looked_up(rows: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Add owner_<key> and n_<key>, the customer behind each token and how many share it."""
    for key in KEYS:
        known = owners.filter(pl.col("key") == key).select(
            pl.col("token").alias(key),
            pl.col("owner").alias(f"owner_{key}"),
            pl.col("n_owners").alias(f"n_{key}"),
        )
        rows = rows.join(known, on=key, how="left", maintain_order="left")
    return rows


_OWNERS = tuple(f"owner_{key}" for key in KEYS)


def _resolved(frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Unique key rows with customer_id, match_status and is_conflict."""
    rows = _looked_up(_with_all_keys(frame).select(KEYS).unique(), owners)
    is_ambiguous = pl.any_horizontal(pl.col(f"n_{key}") > 1 for key in KEYS).fill_null(False)
    owner, own = pl.coalesce(_OWNERS), pl.coalesce(KEYS)
    distinct = pl.concat_list(_OWNERS).list.drop_nulls().list.n_unique()
    status = (
        pl.when(owner.is_not_null())
        .then(pl.lit("matched"))
        .when(own.is_null())
        .then(pl.lit("no_key"))
        .when(is_ambiguous)
        .then(pl.lit("ambiguous"))
        .otherwise(pl.lit("only_here"))
    )
    return rows.with_columns(match_status=status, is_conflict=distinct > 1).with_columns(
        customer_id=pl.when(pl.col("match_status") != "ambiguous").then(pl.coalesce(owner, own))
    )


def _assigned(frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    people = _resolved(frame, owners).select(*KEYS, "customer_id", "match_status", "is_conflict")
    rows = _with_all_keys(frame).join(
        people, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left"
    )
    return rows.select("customer_id", pl.exclude("customer_id"))


def _of_base(frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Orders and customers are customers by themselves: a shared phone alone stays its own person."""
    if not set(KEYS) & set(frame.columns):
        return frame.with_columns(is_conflict=pl.lit(False))
    own = pl.coalesce(KEYS)
    rows = _assigned(frame, owners)
    return rows.with_columns(customer_id=pl.coalesce("customer_id", own)).drop("match_status")


def _key_counts(name: str, frame: pl.DataFrame, owners: pl.DataFrame) -> list[dict[str, object]]:
    rows = _looked_up(_with_all_keys(frame).select(KEYS), owners)
    return [
        {
            "table": name,
            "key": kind,
            "n_rows": rows.height,
            "n_with_key": rows[key].count(),
            "n_matched": rows[f"owner_{key}"].count(),
        }
        for kind, key in zip(KINDS, KEYS, strict=True)
        if rows[key].count()
    ]


_KEY_SCHEMA = {
    "table": pl.String, "key": pl.String, "n_rows": pl.Int64, "n_with_key": pl.Int64, "n_matched": pl.Int64,
}  # fmt: skip


def join(tables: Mapping[str, pl.DataFrame]) -> Joined:
    """Give every row of every table its customer.

    Parameters
    ----------
    tables : any of orders, customers, responses, texts, as ``insight.clean`` makes them (key_* tokens);
        texts with a respondent_id but no key of their own take the respondent's customer

    Returns
    -------
    Joined; row order of each table is kept

    Notes
    -----
    Deterministic matching on keyed hashes: Christen (2012), *Data Matching*, ch. 2 and 8.
    """
    owners = directory(tables)
    based = {t: _of_base(tables[t], owners) for t in BASE if t in tables}
    asked = {t: _assigned(f, owners) for t, f in tables.items() if t not in BASE}
    if "texts" in asked and "responses" in asked:
        asked["texts"] = _through_respondent(asked["texts"], asked["responses"])
    counts = [row for t in asked for row in _key_counts(t, tables[t], owners)]
    statuses = [
        {"table": t, "status": s, "n": int((f["match_status"] == s).sum())}
        for t, f in asked.items()
        for s in STATUS
    ]
    conflicts = sum(int(f["is_conflict"].sum()) for f in (*based.values(), *asked.values()))
    return Joined(
        {t: f.drop(*KEYS, strict=False) for t, f in asked.items()}
        | {t: f.drop(*KEYS, "is_conflict", strict=False) for t, f in based.items()},
        pl.DataFrame(counts, schema=_KEY_SCHEMA),
        pl.DataFrame(statuses, schema={"table": pl.String, "status": pl.String, "n": pl.Int64}),
        conflicts,
    )


def _through_respondent(texts: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    if "respondent_id" not in texts.columns:
        return texts
    through = responses.select("respondent_id", via="customer_id", via_status="match_status")
    rows = texts.join(through, on="respondent_id", how="left", maintain_order="left")
    keyless = (pl.col("match_status") == "no_key") & pl.col("via_status").is_not_null()
    return rows.with_columns(
        customer_id=pl.when(keyless).then("via").otherwise("customer_id"),
        match_status=pl.when(keyless).then("via_status").otherwise("match_status"),
    ).drop("via", "via_status")
