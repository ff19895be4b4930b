"""Resolve identity tokens to customers; ambiguous ones are never merged, and everything is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight.join import tiers
from insight.join.counts import KEY_SCHEMA, conflicts, key_counts, statuses
from insight.join.owners import BASE, KEYS, SURE, directory, looked_up, with_all_keys
from insight.schema import Matching

_WEAKER = (("masked", "key_masked34"), ("masked", "key_masked14"), ("weak", "key_nickname"))


@dataclass(frozen=True, slots=True)
class Joined:
    """Tables whose identity tokens were replaced by ``customer_id``, and how well that went.

    Attributes
    ----------
    tables : the given tables without key_* columns, with customer_id (null where unknown; absent
        from orders and customers that have no key column at all); responses and texts also carry
        match_status, one of ``STATUS``, match_tier ["exact" | "masked" | "weak", null unless matched],
        match_key [the key that decided] and is_conflict
    keys : (tables x keys) table, key, n_rows, n_with_key, n_matched [by this key alone],
        n_decided [not by a more trusted one]
    statuses : (tables x statuses) table, status, n
    outcomes : (tables x weaker keys x outcomes) table, tier, key, outcome (``tiers.OUTCOMES``), n
    conflicts : (n_conflicts) table, row [1-based], customers [whose each key is, best key first]
    """

    tables: Mapping[str, pl.DataFrame]
    keys: pl.DataFrame
    statuses: pl.DataFrame
    outcomes: pl.DataFrame
    conflicts: pl.DataFrame

    @property
    def n_conflicts(self) -> int:
        """Rows whose keys point to different customers; the most trusted key decided."""
        return self.conflicts.height


def _resolved(
    frame: pl.DataFrame, owners: pl.DataFrame, *, trusted: tuple[str, ...]
) -> pl.DataFrame:
    """Unique key rows with customer_id, match_status, match_key and owners [whose each key is]."""
    rows = looked_up(with_all_keys(frame).select(KEYS).unique(), owners)
    owned = [f"owner_{key}" for key in trusted]
    is_ambiguous = pl.any_horizontal(pl.col(f"n_{key}") > 1 for key in trusted).fill_null(False)
    owner, own = pl.coalesce(owned), pl.coalesce(trusted)
    first = pl.coalesce(
        pl.when(pl.col(f"owner_{key}").is_not_null()).then(pl.lit(key)) for key in trusted
    )
    status = (
        pl.when(owner.is_not_null())
        .then(pl.lit("matched"))
        .when(own.is_null())
        .then(pl.lit("no_key"))
        .when(is_ambiguous)
        .then(pl.lit("ambiguous"))
        .otherwise(pl.lit("only_here"))
    )
    named = rows.with_columns(
        match_status=status, match_key=first, owners=pl.concat_list(owned).list.drop_nulls()
    )
    known = pl.coalesce(owner, *KEYS)
    return named.with_columns(
        customer_id=pl.when(pl.col("match_status") != "ambiguous").then(known),
        is_conflict=pl.col("owners").list.n_unique() > 1,
    )


def _assigned(
    frame: pl.DataFrame, owners: pl.DataFrame, *, trusted: tuple[str, ...] = SURE
) -> pl.DataFrame:
    people = _resolved(frame, owners, trusted=trusted)
    people = people.select(
        *KEYS, "customer_id", "match_status", "match_key", "is_conflict", "owners"
    )
    rows = with_all_keys(frame).join(
        people, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left"
    )
    return rows.select("customer_id", pl.exclude("customer_id"))


def _of_base(frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Orders and customers are customers by themselves: a shared phone alone stays its own person."""
    if not set(KEYS) & set(frame.columns):
        return frame.with_columns(is_conflict=pl.lit(False))
    rows = _assigned(frame, owners, trusted=KEYS)
    named = rows.with_columns(customer_id=pl.coalesce("customer_id", *KEYS))
    return named.drop("match_status", "match_key")


def _less_surely(
    frame: pl.DataFrame, known: pl.DataFrame, matching: Matching, *, name: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tie what no sure key tied by the weaker ones that count; and what became of each candidate."""
    tier = pl.when(pl.col("match_status") == "matched").then(pl.lit("exact"))
    frame = frame.with_row_index("__row__").with_columns(match_tier=tier)
    outcomes = [pl.DataFrame(schema=_OUTCOME_SCHEMA)]
    for tier_name, key in _WEAKER:
        free = frame.filter(pl.col("match_status").is_in(["no_key", "only_here"]))
        found = tiers.candidates(free, known, key=key)
        ruled = tiers.decided(found, needs_second=tier_name == "masked")
        if tier_name in matching.tiers:
            frame = _tied(frame, ruled, tier=tier_name, key=key)
        counted = ruled.group_by("outcome").agg(n=pl.len().cast(pl.Int64)).sort("outcome")
        outcomes.append(
            counted.select(table=pl.lit(name), tier=pl.lit(tier_name), key=pl.lit(key.removeprefix("key_")), outcome="outcome", n="n")
        )  # fmt: skip
    return frame.drop("__row__"), pl.concat(outcomes)


def _tied(frame: pl.DataFrame, ruled: pl.DataFrame, *, tier: str, key: str) -> pl.DataFrame:
    rows = frame.join(ruled.rename({"customer_id": "tied"}), on="__row__", how="left", maintain_order="left")  # fmt: skip
    is_tied = pl.col("outcome") == "tied"
    is_shared = (pl.col("outcome") == "shared") & (pl.col("match_status") == "no_key")
    changed = {
        "customer_id": pl.when(is_tied).then("tied").otherwise("customer_id"),
        "match_tier": pl.when(is_tied).then(pl.lit(tier)).otherwise("match_tier"),
        "match_key": pl.when(is_tied).then(pl.lit(key)).otherwise("match_key"),
        "match_status": pl.when(is_tied).then(pl.lit("matched")).when(is_shared).then(pl.lit("ambiguous")).otherwise("match_status"),
    }  # fmt: skip
    return rows.with_columns(**changed).drop("tied", "outcome")


_OUTCOME_SCHEMA = {"table": pl.String, "tier": pl.String, "key": pl.String, "outcome": pl.String, "n": pl.Int64}  # fmt: skip


def join(tables: Mapping[str, pl.DataFrame], matching: Matching | None = None) -> Joined:
    """Give every row of every table its customer.

    Parameters
    ----------
    tables : any of orders, customers, responses, texts, as ``insight.clean`` makes them (key_* tokens;
        match_region and match_city where known, which confirm or refute a masked phone);
        texts with a respondent_id but no key of their own take the respondent's customer
    matching : which ties count; default: the same identity, and confirmed masked phones

    Returns
    -------
    Joined; row order of each table is kept

    Notes
    -----
    Deterministic matching on keyed hashes: Christen (2012), *Data Matching*, ch. 2 and 8.
    """
    owners = directory(tables)
    based = {t: _of_base(tables[t], owners) for t in BASE if t in tables}
    known = tiers.facts([f for f in based.values() if "customer_id" in f.columns])
    asked, outcomes = {}, [pl.DataFrame(schema=_OUTCOME_SCHEMA)]
    for t, frame in tables.items():
        if t not in BASE:
            sure = _assigned(frame, owners)
            asked[t], ruled = _less_surely(sure, known, matching or Matching(), name=t)
            outcomes.append(ruled)
    if "texts" in asked and "responses" in asked:
        asked["texts"] = _through_respondent(asked["texts"], asked["responses"])
    everything = {**asked, **based}
    return Joined(
        {t: _without_keys(f, is_base=t in BASE) for t, f in everything.items()},
        pl.concat([pl.DataFrame(schema=KEY_SCHEMA), *(key_counts(t, tables[t], owners) for t in asked)]),
        statuses(asked),
        pl.concat(outcomes),
        conflicts(everything),
    )  # fmt: skip


def _without_keys(frame: pl.DataFrame, *, is_base: bool) -> pl.DataFrame:
    gone = (*KEYS, *tiers.MASKED, *tiers.PLACES, "owners", *(["is_conflict"] if is_base else []))
    bare = frame.drop(*gone, strict=False)
    key = pl.col("match_key").str.strip_prefix("key_")
    return bare if is_base else bare.with_columns(match_key=key)


def _through_respondent(texts: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Texts without a key of their own take all that is known of their respondent."""
    if "respondent_id" not in texts.columns:
        return texts
    told = ("customer_id", "match_status", "match_tier", "match_key")
    through = responses.select("respondent_id", *(pl.col(c).alias(f"via_{c}") for c in told))
    rows = texts.join(through, on="respondent_id", how="left", maintain_order="left")
    keyless = (pl.col("match_status") == "no_key") & pl.col("via_match_status").is_not_null()
    return rows.with_columns(
        pl.when(keyless).then(f"via_{c}").otherwise(c).alias(c) for c in told
    ).drop(f"via_{c}" for c in told)
