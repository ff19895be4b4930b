"""What every customer spent and is expected to spend, and how much each voice counts for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.lifetime.definition import Definition
from insight.lifetime.valuing import spent_lately, valued

Worth = Literal["lately", "model"]
WORTHS: Mapping[Worth, str] = MappingProxyType(
    {"lately": "最近 12 个月的消费", "model": "模型预计"}
)
Vote = Literal["person", "spend", "value"]
VOTES: Mapping[Vote, str] = MappingProxyType({"person": "一人一票", "spend": "按消费金额", "value": "按预期价值"})  # fmt: skip


def worth_of(orders: ledger.Orders, worth: Worth) -> pl.DataFrame:
    """What every customer spent altogether, and what is expected of them in the next twelve months.

    Parameters
    ----------
    worth : "lately": what they spent in the last twelve months; "model": the value of the model of
        repeat buying where it stood its test, else the same

    Returns
    -------
    (n_customers) customer_id, spend [CNY, net], expected_amount [CNY, >= 0]; sorted

    Raises
    ------
    TooFewRows, TooShort : there is too little to fit the model to.
    """
    definition = Definition(margin=100)
    table = ledger.customer_table(orders).select("customer_id", "spend")
    if worth == "model":
        coming = valued(orders, definition).customers.select("customer_id", coming="clv")
    else:
        last = ledger.span(orders)[1] // ledger.DAY
        coming = spent_lately(orders, definition, until=last).rename({"lately": "coming"})
    joined = table.join(coming, on="customer_id", how="left").sort("customer_id")
    expected = pl.col("coming").fill_null(0.0).clip(0).round(2)
    return joined.select("customer_id", "spend", expected_amount=expected)


def weights_of(dataset: Dataset) -> pl.DataFrame | None:
    """(n) customer_id, weight: the mean weight of each customer's answers [null: outside the weighting]; None where nothing is weighted."""
    if not {"customer_id", "weight"} <= dataset.columns("responses"):
        return None
    assert dataset.responses is not None
    usable = pl.when(pl.col("weight") > 0).then("weight").mean()
    return dataset.responses.drop_nulls("customer_id").group_by("customer_id").agg(weight=usable)


def votes(people: pl.DataFrame, vote: Vote) -> pl.Series:
    """How much the voice of each of these customers counts; 1 on average.

    Parameters
    ----------
    people : (n) weight, spend, expected_amount
    vote : what a voice counts beside its weight

    Raises
    ------
    BadParameter : nobody's voice would count.
    """
    factor = {
        "person": pl.lit(1.0),
        "spend": pl.col("spend").clip(0),
        "value": pl.col("expected_amount"),
    }[vote]
    heavy = people.select(weight=pl.col("weight") * factor)["weight"]
    if not (heavy > 0).any():
        raise BadParameter(
            "每个人的分量", f"{VOTES[vote]}时，说过需求的客户分量全部为 0，没有人能计入"
        )
    if heavy.n_unique() == 1:
        return pl.repeat(1.0, len(heavy), dtype=pl.Float64, eager=True).alias("weight")
    total = heavy.sort().sum()  # whatever the order of the rows
    return heavy * (len(heavy) / total)
