"""Which words to quote, and who says them: typical of many, said by those who spend, and easy to take in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.segmentation.breaks import available, break_of
from insight.text.tokenize import Tagger, content_words, plain_form
from insight.wording import count, money

RECENT = 90  # days of purchases that a portrait tells
HANDY = (12, 80)  # characters that are taken in at a glance
MOST_JUDGED = 400  # of many texts: those of the people who spend most
SHOWN = 6  # last characters of an id
_FACTS = (("gender", "性别"), ("age", "年龄"))


def best(said: pl.DataFrame, tag: Tagger) -> pl.DataFrame:
    """Order texts by how well they stand for all of them.

    Parameters
    ----------
    said : (n) text_id, text, spend [CNY; null where unknown]
    tag : made by ``insight.text.tokenize.tagger``

    Returns
    -------
    the same rows with fit [0..1], the best first: how typical its words are of all (cosine with their
        mean) x the rank of the speaker's spending x how handy its length is. Of more than 400 texts those
        of the smallest spenders come last, unjudged (null).
    """
    by_spend = said.sort("spend", "text_id", descending=[True, False], nulls_last=True)
    judged, rest = by_spend.head(MOST_JUDGED), by_spend.slice(MOST_JUDGED)
    ranks = judged["spend"].fill_null(-1.0).rank("average") / max(len(judged), 1)
    typical = pl.Series(_typical(judged["text"].to_list(), tag), dtype=pl.Float64)
    length = judged["text"].str.len_chars()
    handy = pl.select(pl.min_horizontal(pl.lit(1.0), length / HANDY[0], HANDY[1] / length.clip(1))).to_series()  # fmt: skip
    ordered = judged.with_columns(fit=(typical * ranks * handy).round(9))
    ordered = ordered.sort("fit", "text_id", descending=[True, False])
    return pl.concat([ordered, rest.with_columns(fit=pl.lit(None, pl.Float64))])


def _typical(texts: Sequence[str], tag: Tagger) -> list[float]:
    """The cosine of the words of each text with the mean of all; 0 where a text says nothing."""
    words = [frozenset(content_words(tag(plain_form(text)))) for text in texts]
    often = Counter(word for one in words for word in one)
    norm = sqrt(sum(n * n for n in often.values())) or 1.0
    return [sum(often[w] for w in one) / (norm * sqrt(len(one))) if one else 0.0 for one in words]


def portraits(dataset: Dataset, customers: pl.Series, *, by: str = "") -> pl.DataFrame:
    """Who these customers are, in a few words and under a mask.

    Parameters
    ----------
    customers : ids
    by : the break whose group is told; "" = that of RFM

    Returns
    -------
    (n_customers) customer_id, portrait ["客户 1a2b3c · 女 · 25-34岁 · 高客单 · 近 90 天 2 单 ¥6,480"]; what is
        not known is left out
    """
    people = pl.DataFrame({"customer_id": customers.drop_nulls().unique().sort()})
    parts = [pl.format("客户 {}", pl.col("customer_id").str.tail(SHOWN))]
    known = available(dataset)
    keys = {name: _key_of(known, name, word) for name, word in _FACTS}
    keys["segment"] = by if by in known else "rfm" if "rfm" in known else ""
    for name, key in keys.items():
        if key:
            groups = break_of(dataset, key, unit="customer_id").members
            people = people.join(groups.rename({"group": name}), on="customer_id", how="left")
            parts.append(pl.col(name))
    if dataset.orders is not None:
        people = people.join(_bought(dataset.orders), on="customer_id", how="left")
        parts.append(pl.col("bought"))
    return people.select("customer_id", portrait=pl.concat_str(parts, separator=" · ", ignore_nulls=True))  # fmt: skip


def _key_of(known: dict[str, str], name: str, word: str) -> str:
    """The break that tells a fact: the attribute of the customers, else the question that asks for it."""
    own = f"customers.{name}"
    asked = (key for key, label in known.items() if word in label)
    return own if own in known else next(asked, "")


def _bought(orders: ledger.Orders) -> pl.DataFrame:
    """(n_customers) customer_id, bought: what they bought lately, else altogether."""
    end = ledger.span(orders)[1] + 1
    recent = ledger.customer_table(ledger.within(orders, start=end - RECENT * ledger.DAY))
    table = ledger.customer_table(orders).select("customer_id", "spend")
    both = table.join(recent.select("customer_id", "n_orders", lately="spend"), on="customer_id", how="left")  # fmt: skip
    told = [
        f"近 {RECENT} 天 {count(n)} 单 {money(lately)}"
        if n
        else f"累计消费 {money(spend)}，近 {RECENT} 天没有买"
        for spend, n, lately in both.select("spend", "n_orders", "lately").iter_rows()
    ]
    return both.select("customer_id", bought=pl.Series(told, dtype=pl.String))
