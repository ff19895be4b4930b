"""The words in which customers raise each need, on cards: who says it, under a mask, and what they buy."""

from __future__ import annotations

import polars as pl

from insight.dataset import Dataset
from insight.needs.raised import Raised
from insight.quotes import best, portraits
from insight.text.telling import excerpt
from insight.text.tokenize import tagger

MOST_CARDS = 3
CARDS = {"need": pl.String, "source": pl.String, "portrait": pl.String, "quote": pl.String, "fit": pl.Float64, "text_id": pl.String}  # fmt: skip


def cards_of(
    dataset: Dataset, raised: Raised, *, texts: pl.DataFrame, worth: pl.DataFrame, by: str
) -> pl.DataFrame:
    """The best quotes of every need, each of another customer.

    Parameters
    ----------
    texts : (n) text_id, text [personal data masked]
    worth : (n_customers) customer_id, spend
    by : the break whose group a card tells

    Returns
    -------
    (<= 3 x n_needs) need, source, portrait, quote, fit [0..1, see ``quotes.best``], text_id
    """
    said = raised.said.drop_nulls(["customer_id", "text_id"]).select("at", "customer_id", "text_id").unique()  # fmt: skip
    known = said.join(texts.select("text_id", "text"), on="text_id").join(
        worth.select("customer_id", "spend"), on="customer_id", how="left"
    )
    tag = tagger(dataset.lexicon)
    chosen = [
        best(known.filter(pl.col("at") == str(at)).drop("at"), tag)
        .unique("customer_id", keep="first", maintain_order=True)
        .unique("text", keep="first", maintain_order=True)
        .head(MOST_CARDS)
        .with_columns(need=pl.lit(need.label), source=pl.lit(need.source))
        for at, need in enumerate(raised.needs)
    ]
    told = pl.concat(chosen)
    who = portraits(dataset, told["customer_id"], by=by)
    cards = told.join(who, on="customer_id", how="left", maintain_order="left")
    quotes = [excerpt(text, ()) for text in cards["text"]]
    return cards.with_columns(quote=pl.Series(quotes, dtype=pl.String)).select(CARDS.keys())
