"""What is known of some people: who they are under a mask, what they are worth, bought and said."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.quotes import best, portraits
from insight.segmentation.breaks import available, break_of
from insight.text.tokenize import tagger
from insight.voices import voices

MOST_LINES = 200  # order lines of a group
SHOWN = 6  # last characters of an id
_KINDS: Mapping[str, str] = MappingProxyType(
    {"customer_id": "客户", "respondent_id": "答卷", "text_id": "文本"}
)
_WORTH = ("days_since_last", "n_orders", "spend", "segment", "region")
_BOUGHT = ("ordered_at", "order_id", "product", "category", "quantity", "amount", "status")
_SAID = ("question", "document", "rating", "said_at")


def persons(dataset: Dataset, ids: pl.DataFrame) -> pl.DataFrame:
    """The different people behind some ids.

    Parameters
    ----------
    ids : (n) any of customer_id, respondent_id, text_id, person; the most telling id counts

    Returns
    -------
    (n_people) key, person ["客户 1a2b3c"], customer_id [null where unknown], days_since_last [days],
        n_orders, spend [CNY], segment [RFM], region; highest spend first
    """
    keys = _keys(dataset, ids).drop_nulls().unique().to_frame()
    is_customer = pl.col("key").str.starts_with("customer_id:")
    token = pl.col("key").str.strip_prefix("customer_id:")
    named = keys.with_columns(_masked(), customer_id=pl.when(is_customer).then(token))
    known = named.join(_worth(dataset), on="customer_id", how="left")
    return known.select("key", "person", "customer_id", *_WORTH).sort(
        ["spend", "key"], descending=[True, False], nulls_last=True
    )


def _keys(dataset: Dataset, ids: pl.DataFrame) -> pl.Series:
    """(n) "customer_id:…", "respondent_id:…", "speaker:…|…" or "text_id:…"; null where nobody is known."""
    told = [pl.col("person")] if "person" in ids.columns else []
    if "customer_id" in ids.columns:
        told.append(pl.format("customer_id:{}", "customer_id"))
    if "text_id" in ids.columns:
        said = voices(dataset).select("text_id", said_by="person")
        ids = ids.join(said, on="text_id", how="left", maintain_order="left")
        told += [pl.col("said_by")]
    if "respondent_id" in ids.columns and dataset.responses is not None:
        had = [c for c in ("respondent_id", "customer_id") if c in dataset.responses.columns]
        answered = dataset.responses.select(had).rename({"customer_id": "answered_by"}, strict=False)  # fmt: skip
        ids = ids.join(answered, on="respondent_id", how="left", maintain_order="left")
        told += [pl.format("customer_id:{}", "answered_by")] if len(had) > 1 else []
        told += [pl.format("respondent_id:{}", "respondent_id")]
    told += [pl.format("text_id:{}", "text_id")] if "text_id" in ids.columns else []
    return ids.select(key=pl.coalesce(told) if told else pl.lit(None, pl.String))["key"]


def _masked() -> pl.Expr:
    """What is shown of a person: the kind and the end of the id; of a speaker, the interview and an initial."""
    key = pl.col("key")
    shown = pl.coalesce(
        pl.when(key.str.starts_with(f"{kind}:")).then(
            pl.format("{} {}", pl.lit(label), key.str.strip_prefix(f"{kind}:").str.tail(SHOWN))
        )
        for kind, label in _KINDS.items()
    )
    spoken = key.str.strip_prefix("speaker:").str.splitn("|", 2).struct
    initial = spoken.field("field_1").str.head(1)
    return shown.fill_null(pl.format("{}·{}*", spoken.field("field_0"), initial)).alias("person")


def _worth(dataset: Dataset) -> pl.DataFrame:
    """(n_customers) customer_id and ``_WORTH`` of everybody who bought."""
    schema = {"customer_id": pl.String, "days_since_last": pl.Int64, "n_orders": pl.Int64, "spend": pl.Float64}  # fmt: skip
    bought = pl.DataFrame(schema=schema)
    known = available(dataset)
    if dataset.orders is not None and "rfm" in known:
        last = ledger.span(dataset.orders)[1] // ledger.DAY
        days = (last - pl.col("last_at") // ledger.DAY).alias("days_since_last")
        bought = ledger.customer_table(dataset.orders).with_columns(days).select(*schema)
    for name, breaks in (("segment", ("rfm",)), ("region", ("orders.region", "customers.region"))):
        bought = _with_group(dataset, bought, name, by=next((b for b in breaks if b in known), ""))
    return bought


def _with_group(dataset: Dataset, people: pl.DataFrame, name: str, *, by: str) -> pl.DataFrame:
    if not by:
        return people.with_columns(pl.lit(None, pl.String).alias(name))
    members = break_of(dataset, by, unit="customer_id").members.rename({"group": name})
    return people.join(members, on="customer_id", how="full", coalesce=True)


def orders_of(
    dataset: Dataset, ids: pl.DataFrame, people: pl.DataFrame
) -> tuple[pl.DataFrame, int]:
    """The newest order lines of these people, or of these orders where the ids name orders.

    Returns
    -------
    (<= 200) key, person, ordered_at [datetime], and what is known of order_id, product, category,
        quantity, amount [CNY], status; the number of all their lines
    """
    owners = people.drop_nulls("customer_id").select("customer_id", "key", "person")
    if dataset.orders is None or (owners.is_empty() and "order_id" not in ids.columns):
        return pl.DataFrame(schema={"key": pl.String, "person": pl.String}), 0
    column = "order_id" if "order_id" in ids.columns else "customer_id"
    wanted = (ids if column == "order_id" else owners)[column].drop_nulls().unique()
    lines, n = ledger.lines_of(dataset.orders, column, wanted, most=MOST_LINES)
    if "customer_id" not in lines.columns:
        lines = lines.with_columns(customer_id=pl.lit(None, pl.String))
    lines = lines.with_columns(pl.from_epoch("ordered_at"))
    named = lines.join(owners, on="customer_id", how="left", maintain_order="left")
    return named.select("key", "person", *(c for c in _BOUGHT if c in lines.columns)), n


def quotes_of(dataset: Dataset, ids: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """What these people said; only the texts that the ids name, where they name any.

    Returns
    -------
    (n_texts) key, person, quote [personal data masked], segment, spend [CNY], and what is known of
        question, document, rating, said_at; text_id, portrait [null where the customer is unknown]; the most
        typical words of those who spend most first (see ``quotes.best``)
    """
    who = people.select("key", "person", "segment", "spend")
    if dataset.texts is None or not {"text_id", "text"} <= dataset.columns("texts"):
        return who.clear().with_columns(
            pl.lit(None, pl.String).alias(name) for name in ("quote", "text_id", "portrait")
        )
    said = voices(dataset).rename({"text": "quote"})
    named = ids["text_id"].drop_nulls() if "text_id" in ids.columns else ids.to_series().clear()
    if len(named):
        said = said.filter(pl.col("text_id").is_in(named.implode()))
    about = ["text_id", *(c for c in _SAID if c in dataset.texts.columns)]
    found = said.rename({"person": "key"}).join(who, on="key")
    found = best(found.rename({"quote": "text"}), tagger(dataset.lexicon)).rename({"text": "quote"})
    told = found.join(dataset.texts.select(about), on="text_id", how="left", maintain_order="left")
    told = told.join(_portrayed(dataset, people), on="key", how="left", maintain_order="left")
    if "said_at" in told.columns:
        told = told.with_columns(pl.from_epoch("said_at"))
    return told.select(
        "key", "person", "quote", "segment", "spend", *about[1:], "text_id", "portrait"
    )


def _portrayed(dataset: Dataset, people: pl.DataFrame) -> pl.DataFrame:
    """(n) key, portrait of the customers among these people."""
    known = people.select("key", "customer_id").drop_nulls()
    return known.join(portraits(dataset, known["customer_id"]), on="customer_id").select(
        "key", "portrait"
    )
