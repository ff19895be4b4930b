"""How well people were tied together, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight.join.owners import KEYS, KINDS, SURE, looked_up, with_all_keys

STATUS = ("matched", "only_here", "ambiguous", "no_key")


def key_counts(name: str, frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """(n_keys) what each key of a table tied, in the order of trust; see ``Joined.keys``."""
    rows = looked_up(with_all_keys(frame).select(KEYS), owners)
    rows = rows.with_columns(pl.coalesce(
        pl.when(pl.col(f"owner_{key}").is_not_null()).then(pl.lit(key)) for key in SURE
    ).alias("first"))  # fmt: skip
    counted = [
        (name, kind, rows.height, rows[key].count(), rows[f"owner_{key}"].count(), int((rows["first"] == key).sum()))
        for kind, key in zip(KINDS, KEYS, strict=True)
        if rows[key].count()
    ]  # fmt: skip
    return pl.DataFrame(counted, schema=KEY_SCHEMA, orient="row")


KEY_SCHEMA = {
    "table": pl.String, "key": pl.String, "n_rows": pl.Int64, "n_with_key": pl.Int64, "n_matched": pl.Int64, "n_decided": pl.Int64,
}  # fmt: skip


def conflicts(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Every row whose keys point to different customers."""
    parts = [
        f.with_row_index("row", offset=1)
        .filter("is_conflict")
        .select(table=pl.lit(name), row=pl.col("row").cast(pl.UInt32), customers="owners")
        for name, f in tables.items()
        if "owners" in f.columns
    ]
    none = pl.DataFrame(schema=_CONFLICT_SCHEMA)
    return pl.concat([none, *parts])


_CONFLICT_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "table": pl.String, "row": pl.UInt32, "customers": pl.List(pl.String),
}  # fmt: skip


def statuses(asked: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """(tables x statuses) table, status, n."""
    counted = [(t, s, int((f["match_status"] == s).sum())) for t, f in asked.items() for s in STATUS]  # fmt: skip
    schema = {"table": pl.String, "status": pl.String, "n": pl.Int64}
    return pl.DataFrame(counted, schema=schema, orient="row")
