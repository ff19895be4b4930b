"""The people of a table of needs: in which segment each of them is, what is known of them, how much they count."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight.needs.raised import Raised
from insight.needs.worth import Vote, votes
from insight.segmentation.breaks import Break
from insight.stats.proportions import Rule


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the customers beside their needs.

    Attributes
    ----------
    worth : (n_customers) customer_id, spend, expected_amount [CNY]; absent customers spent nothing
    weights : (n) customer_id, weight [null: does not count]; absent customers count as one. None: nothing is weighted
    happy : (n) at, customer_id, satisfaction, is_dissatisfied, see ``satisfied``
    away : (n) customer_id, time, is_back, n, see ``ledger.absences``
    """

    worth: pl.DataFrame
    weights: pl.DataFrame | None
    happy: pl.DataFrame
    away: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Wanted:
    """How voices are counted and money is priced.

    Attributes
    ----------
    vote : what a voice counts beside its weight
    churn_days : without a purchase, after which a customer is lost
    n_draws, seed : of the bootstrap
    """

    rule: Rule
    vote: Vote = "person"
    churn_days: int = 180
    n_draws: int = 300
    seed: int = 0


def placed(raised: Raised, known: Known, *, banner: Break, vote: Vote) -> pl.DataFrame:
    """The people whose segment is known: customer_id, one column per need, group, spend, expected_amount, weight.

    Raises
    ------
    BadParameter : nobody's voice counts.
    """
    groups = banner.members.select("customer_id", "group").unique("customer_id", keep="first")
    people = raised.people.join(groups, on="customer_id", how="inner")
    people = people.join(known.worth, on="customer_id", how="left")
    people = people.with_columns(pl.col("spend", "expected_amount").fill_null(0.0))
    if known.weights is None:
        people = people.with_columns(weight=pl.lit(1.0))
    else:
        weights = known.weights.with_columns(is_weighted=pl.lit(value=True))
        people = people.join(weights, on="customer_id", how="left")
        outside = pl.col("is_weighted") & pl.col("weight").is_null()
        people = people.filter(~outside.fill_null(value=False)).drop("is_weighted").with_columns(pl.col("weight").fill_null(1.0))  # fmt: skip
    people = people.sort("customer_id")
    return people.with_columns(votes(people, vote).alias("weight")) if len(people) else people
