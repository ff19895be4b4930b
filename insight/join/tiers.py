"""Less than the same identity: masked phones and nicknames that fit one person on either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

MASKED = ("key_masked34", "key_masked14")  # the longer form first
PLACES = ("match_region", "match_city")
_SUFFIX = r"(维吾尔|回族|壮族)?(省|市|自治区|特别行政区|地区)$"


def facts(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What is known of each customer that can confirm or refute a tie.

    Parameters
    ----------
    frames : orders and customers, with customer_id and any of key_*, match_region, match_city

    Returns
    -------
    (n_facts) customer_id, field, value; each once
    """
    parts = [_long(f.filter(pl.col("customer_id").is_not_null()), "customer_id") for f in frames]
    return pl.concat(parts).unique() if parts else _long(pl.DataFrame({"customer_id": []}), "customer_id")  # fmt: skip


def _long(frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    """(n x fields) unit, field, value: keys as they are, places without 省, 市, 自治区."""
    fields = [c for c in frame.columns if c.startswith("key_") or c in PLACES]
    values = frame.select(
        pl.col(unit).cast(pl.String),
        *(pl.col(c).cast(pl.String) for c in fields if c not in PLACES),
        *(pl.col(c).cast(pl.String).str.replace(_SUFFIX, "") for c in fields if c in PLACES),
    )
    return values.unpivot(
        fields, index=unit, variable_name="field", value_name="value"
    ).drop_nulls()


def candidates(rows: pl.DataFrame, known: pl.DataFrame, *, key: str) -> pl.DataFrame:
    """Which customer the weak key of a row fits, how many fit, and what else speaks for or against it.

    Parameters
    ----------
    rows : (n) __row__, key_*, match_region, match_city of rows without an exact tie
    known : as ``facts`` gives it
    key : the weak key to tie by

    Returns
    -------
    (n_rows_with_a_fit) __row__, customer_id [null unless one], n_customers, n_rows [rows of the
        same key, those of one exact identity counted once], is_confirmed, is_refuted
    """
    asked = _long(rows.rename({"__row__": "row"}), "row")
    own = asked.filter(field=key).select("row", token="value")
    if own.is_empty() or known.is_empty():
        return _NO_CANDIDATES
    fits = known.filter(field=key).select("customer_id", token="value")
    people = _distinct_people(rows, key)
    one = fits.group_by("token").agg(
        customer_id=pl.when(pl.len() == 1).then(pl.col("customer_id").first()), n_customers=pl.len()
    )
    tied = own.join(one, on="token").join(people, on="token")
    spoken = _spoken(tied.select("row", "customer_id").drop_nulls(), asked, known, key=key)
    found = tied.join(spoken, on="row", how="left").with_columns(
        pl.col("is_confirmed", "is_refuted").fill_null(value=False)
    )
    return found.select(pl.col("row").cast(pl.UInt32).alias("__row__"), *_NO_CANDIDATES.columns[1:])


_NO_CANDIDATES = pl.DataFrame(
    schema={
        "__row__": pl.UInt32, "customer_id": pl.String, "n_customers": pl.UInt32, "n_rows": pl.UInt32,
        "is_confirmed": pl.Boolean, "is_refuted": pl.Boolean,
    }
)  # fmt: skip
_IDENTITIES = ("key_customer_id", "key_phone", "key_email")


def _distinct_people(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """(n_tokens) token, n_rows: how many people have it, rows of one identity being one person."""
    own = [pl.col(c) for c in _IDENTITIES if c in rows.columns]
    person = pl.coalesce(*own, pl.col("__row__").cast(pl.String))
    return (
        rows.filter(pl.col(key).is_not_null())
        .group_by(token=pl.col(key))
        .agg(n_rows=person.n_unique())
    )


def _spoken(
    tied: pl.DataFrame, asked: pl.DataFrame, known: pl.DataFrame, *, key: str
) -> pl.DataFrame:
    """(n_rows) row, is_confirmed [a second field agrees], is_refuted [an identity or a place differs]."""
    both = tied.join(asked, on="row").join(known, on=["customer_id", "field"], suffix="_known")
    agree = (pl.col("value") == pl.col("value_known")).any()
    fields = both.filter(~pl.col("field").is_in((key, *MASKED))).group_by("row", "field").agg(agree=agree)  # fmt: skip
    differs = ~pl.col("agree") & pl.col("field").is_in((*_IDENTITIES, *PLACES))
    return fields.group_by("row").agg(is_confirmed=pl.col("agree").any(), is_refuted=differs.any())


def decided(found: pl.DataFrame, *, needs_second: bool) -> pl.DataFrame:
    """What becomes of each candidate.

    Returns
    -------
    (n) __row__, customer_id [null unless tied], outcome: "tied", "shared" (several people have this
        key), "refuted" (another field differs), "unconfirmed" (nothing else agrees)
    """
    shared = (pl.col("n_customers") > 1) | (pl.col("n_rows") > 1)
    outcome = (
        pl.when(shared).then(pl.lit("shared"))
        .when("is_refuted").then(pl.lit("refuted"))
        .when(~pl.col("is_confirmed") & needs_second).then(pl.lit("unconfirmed"))
        .otherwise(pl.lit("tied"))
    )  # fmt: skip
    rows = found.with_columns(outcome=outcome)
    tied = pl.when(pl.col("outcome") == "tied").then("customer_id")
    return rows.select("__row__", tied.alias("customer_id"), "outcome")


OUTCOMES: Mapping[str, str] = {
    "tied": "已匹配", "shared": "多人共有，未合并", "refuted": "其他信息不一致，未合并", "unconfirmed": "没有第二项信息佐证，未合并",
}  # fmt: skip
