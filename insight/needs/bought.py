"""What those who raise a need bought around the day they said it, beside what other speakers bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.needs.outcomes import first_words, word_days
from insight.needs.raised import Raised
from insight.offers.items import Of
from insight.settings import settings
from insight.stats.banner import SMALL, SUPPRESSED, arrow
from insight.stats.multiple import Correction, adjusted
from insight.stats.proportions import Rule
from insight.text.keyness import fisher_mid_p

PAIRS = {
    "need": pl.String, "source": pl.String, "item": pl.String, "n": pl.Int64, "base": pl.Int64, "share": pl.Float64,
    "speakers_share": pl.Float64, "lift": pl.Float64, "rest_share": pl.Float64, "n_rest": pl.Int64,
    "share_difference": pl.Float64, "p_value": pl.Float64, "p_adjusted": pl.Float64, "arrow": pl.String,
    "revenue": pl.Float64, "flag": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Around:
    """What speakers bought around their words.

    Attributes
    ----------
    bought : (n) at [of the need, "0", ...], customer_id, does [whether they raise it], item [null: none of
        those looked at], spend [CNY, net, within the days]; one row per item, at least one for everybody
        who bought anything around the day
    items : those that most speakers bought, most first
    n_items : how many different ones speakers bought
    n_speakers : customers who say anything that has a day
    """

    bought: pl.DataFrame
    items: tuple[str, ...]
    n_items: int
    n_speakers: int


def around(dataset: Dataset, raised: Raised, *, of: Of, days: int, most: int) -> Around:
    """Join what is said to the speaker's own orders of the days before and after.

    Parameters
    ----------
    of : what is looked at
    days : before and after the day on which somebody first raises the need; of those who do not raise it,
        on which they first say or answer anything: everybody has one span of the same length
    most : items to look at
    """
    assert dataset.orders is not None
    first = first_words(dataset).filter(pl.col("customer_id").is_in(raised.people["customer_id"].implode()))  # fmt: skip
    paid = ledger.item_days(dataset.orders, of, customers=first["customer_id"].sort().to_list())
    counts = paid.group_by(item=of).agg(n=pl.col("customer_id").n_unique())
    items = tuple(counts.sort(["n", "item"], descending=[True, False])["item"].head(most))
    paid = paid.rename({of: "item"})
    parts = [_of_need(raised, at, first=first, said=_said(dataset, raised, at)) for at in range(len(raised.needs))]  # fmt: skip
    bought = pl.concat([_within(people, paid, days=days, items=items) for people in parts])
    return Around(bought, items, counts.height, first.height)


def _said(dataset: Dataset, raised: Raised, at: int) -> pl.DataFrame:
    """customer_id, said_day of everybody who raises a need on a known day: the first."""
    own = raised.said.filter(pl.col("at") == str(at)).drop_nulls("customer_id")
    texts, answers = word_days(dataset)
    spoken = own.drop_nulls("text_id").join(texts, on="text_id").select("customer_id", "said_day")
    ticked = own.filter(pl.col("text_id").is_null()).join(answers, on="customer_id").select("customer_id", "said_day")  # fmt: skip
    return pl.concat([spoken, ticked]).group_by("customer_id").agg(pl.col("said_day").min())


def _of_need(raised: Raised, at: int, *, first: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """at, customer_id, does, day: of everybody who was asked, the middle of their span."""
    asked = raised.people.select("customer_id", does=str(at)).drop_nulls().join(first, on="customer_id")  # fmt: skip
    told = asked.join(said.rename({"said_day": "own_day"}), on="customer_id", how="left")
    day = pl.when("does").then("own_day").otherwise("said_day")
    return told.select("customer_id", "does", at=pl.lit(str(at)), day=day).drop_nulls("day")


def _within(
    people: pl.DataFrame, paid: pl.DataFrame, *, days: int, items: tuple[str, ...]
) -> pl.DataFrame:
    near = (pl.col("day") - pl.col("day_right")).abs() <= days
    told = people.join(paid, on="customer_id").filter(near)
    shown = pl.when(pl.col("item").is_in(items)).then("item")
    sums = told.group_by("at", "customer_id", "does", item=shown).agg(pl.col("spend").sum().round(2))  # fmt: skip
    return sums.sort("at", "customer_id", "item")


def need_items(raised: Raised, found: Around, *, correction: Correction) -> pl.DataFrame:
    """Every need against every item.

    Returns
    -------
    (n_needs x n_items) columns of PAIRS: n [raise the need and bought the item], base [raise it and bought
        anything], share, speakers_share [of all speakers], lift = share / speakers_share, rest_share, n_rest
        [who do not raise it], p_value [Fisher's mid-p against them], p_adjusted, arrow, revenue [CNY, of the n
        for the item within the days]; the most certain first. Pairs with a base below the smallest have no share
    """
    bases = found.bought.group_by("at").agg(
        base=pl.col("customer_id").filter("does").n_unique().cast(pl.Int64),
        n_rest=pl.col("customer_id").filter(~pl.col("does")).n_unique().cast(pl.Int64),
    )
    counted = found.bought.drop_nulls("item").group_by("at", "item").agg(
        n=pl.col("does").sum().cast(pl.Int64), others=(~pl.col("does")).sum().cast(pl.Int64),
        revenue=pl.col("spend").filter("does").sort().sum().round(2),
    )  # fmt: skip
    every = pl.DataFrame(
        list(_named(raised)), schema=["at", "need", "source", "place"], orient="row"
    )
    pairs = every.join(pl.DataFrame({"item": found.items}, schema={"item": pl.String}), how="cross")
    table = pairs.join(bases, on="at").join(counted, on=("at", "item"), how="left")
    filled = table.with_columns(
        pl.col("n", "others").fill_null(0), pl.col("revenue").fill_null(0.0)
    )
    return _tested(filled.sort("place", "item"), correction)


def _named(raised: Raised) -> Iterator[tuple[str, str, str, int]]:
    for at, need in enumerate(raised.needs):
        yield str(at), need.label, need.source, at


def _tested(pairs: pl.DataFrame, correction: Correction) -> pl.DataFrame:
    small, tiny = settings().small_base, max(settings().tiny_base, 1)
    fewest = pl.min_horizontal("base", "n_rest")
    n, base, others, rest = (pairs[c].cast(pl.Float64).to_numpy() for c in ("n", "base", "others", "n_rest"))  # fmt: skip
    enough = (np.minimum(base, rest) >= tiny) & (n + others > 0)
    p = np.full(len(pairs), np.nan)
    p[enough] = fisher_mid_p(n[enough], base[enough], n_rest=others[enough], base_rest=rest[enough])  # fmt: skip
    p_values = pairs.with_columns(
        pl.Series("p_value", p), pl.Series("p_adjusted", adjusted(p, correction)),
        speakers_share=(pl.col("n") + pl.col("others")) / (pl.col("base") + pl.col("n_rest")),
        share=pl.col("n") / pl.col("base"), rest_share=pl.col("others") / pl.col("n_rest"),
        flag=pl.when(fewest < tiny).then(pl.lit(SUPPRESSED)).when(fewest < small).then(pl.lit(SMALL)).otherwise(pl.lit("")),
    )  # fmt: skip
    shown = pl.col("flag") != SUPPRESSED
    shares = [pl.when(shown).then(c).alias(c) for c in ("share", "rest_share", "speakers_share")]
    compared = p_values.with_columns(shares).with_columns(
        lift=pl.when(pl.col("speakers_share") > 0).then(pl.col("share") / pl.col("speakers_share")),
        share_difference=pl.col("share") - pl.col("rest_share"),
    ).with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip
    marked = compared.with_columns(arrow=arrow("share_difference", "p_adjusted", rule=Rule()))
    ranked = marked.sort(
        "p_adjusted", "lift", "place", "item", descending=[False, True, False, False], nulls_last=True
    )  # fmt: skip
    return ranked.select(pl.col(name).cast(dtype) for name, dtype in PAIRS.items())
