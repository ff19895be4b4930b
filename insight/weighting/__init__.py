"""Whom the respondents stand for: weights that give them the make-up of all customers, or shares the user names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.schema import Weighting
from insight.stats.raking import Floats, Raked, rake
from insight.weighting.margins import Margin, margins_known, margins_of, present_shares, suggested
from insight.weighting.targets import read_targets, written_targets

__all__ = [
    "Weighted", "margins_known", "present_shares", "read_targets", "suggested", "weighted", "weights_of", "written_targets",
]  # fmt: skip
NO_CAPS = (0.0, np.inf)
LEAST = 2  # respondents


@dataclass(frozen=True, slots=True)
class Weighted:
    """Respondents with weights, and how well the margins are met.

    Attributes
    ----------
    weights : (n_respondents) respondent_id [sorted], weight [mean 1]; who is in no group of a margin of the
        customers is absent, who gave no answer to a question with typed shares is left alone by that margin
    margins : (n_groups) weighed_by, group, n_respondents, share_of_respondents, share_of_target,
        share_of_weights, target_difference [of the last two]; shares of those who have a weight
    raked : efficiency, gaps, rounds
    uncapped : the same without caps: what these cost in closeness and give in efficiency
    n_outside : respondents without a weight
    n_partly : respondents with a weight who are in no group of some margin
    notes : Chinese sentences about groups that nobody is in
    """

    weights: pl.DataFrame
    margins: pl.DataFrame
    raked: Raked
    uncapped: Raked
    n_outside: int
    n_partly: int
    notes: tuple[str, ...]


def weights_of(dataset: Dataset, weighting: Weighting) -> Weighted:
    """Weight the respondents to the customers, to typed shares, or to both.

    Parameters
    ----------
    weighting : margins, how they are met, and the caps

    Raises
    ------
    TooFewRows : fewer than two respondents are in a group of every margin.
    UnknownName, MissingColumns : there is no such break.
    BadParameter : the targets or the caps cannot be used.
    """
    if not 0 < weighting.smallest <= 1 <= weighting.largest:
        raise BadParameter("权重上下限", "下限应大于 0、不超过 1，上限不小于 1（均值的倍数）")
    margins = margins_of(dataset, weighting)
    people = _respondents(dataset, margins)
    if people.height < LEAST:
        raise TooFewRows("能归入这些人群的答卷", people.height, LEAST)
    groups = {m.key: people[m.key].to_list() for m in margins}
    targets = {m.key: m.shares for m in margins}
    raked = rake(groups, targets, caps=(weighting.smallest, weighting.largest))
    assert dataset.responses is not None
    weights = people.select("respondent_id", weight=pl.Series(raked.weights))
    return Weighted(
        weights.sort("respondent_id"),
        pl.concat(_margin(people, m, raked.weights) for m in margins),
        raked,
        rake(groups, targets, caps=NO_CAPS),
        dataset.responses.height - people.height,
        people.filter(pl.any_horizontal(pl.col([m.key for m in margins]).is_null())).height,
        tuple(filter(None, (_empty(people, m) for m in margins))),
    )


def _respondents(dataset: Dataset, margins: tuple[Margin, ...]) -> pl.DataFrame:
    """(n) respondent_id and the group of each margin, null = not known; one customer of several answers counts each."""
    assert dataset.responses is not None
    people = dataset.responses.select("respondent_id").sort("respondent_id")
    for one in margins:
        own = one.members.rename({"group": one.key})
        how: Literal["left", "inner"] = "left" if one.is_typed else "inner"
        people = people.join(own, on="respondent_id", how=how, maintain_order="left")
    return people


def _margin(people: pl.DataFrame, one: Margin, weights: Floats) -> pl.DataFrame:
    """The groups of a margin before and after."""
    known = people.select(group=one.key, weight=pl.Series(weights)).drop_nulls("group")
    counted = known.group_by("group").agg(
        n_respondents=pl.len().cast(pl.Int64), weight=pl.col("weight").sum()
    )
    wanted = pl.DataFrame({"group": list(one.shares), "share_of_target": list(one.shares.values())})
    rows = wanted.join(counted, on="group", how="left", maintain_order="left")
    held = pl.col("n_respondents").fill_null(0)
    return rows.select(
        pl.lit(one.label).alias("weighed_by"),
        "group",
        n_respondents=held,
        share_of_respondents=held / known.height,
        share_of_target="share_of_target",
        share_of_weights=pl.col("weight").fill_null(0.0) / known["weight"].sum(),
    ).with_columns(target_difference=pl.col("share_of_weights") - pl.col("share_of_target"))


def _empty(people: pl.DataFrame, one: Margin) -> str:
    """A sentence about groups of the population that no respondent is in."""
    there = set(people[one.key])
    absent = [group for group in one.shares if group not in there]
    if not absent:
        return ""
    share = sum(one.shares[group] for group in absent)
    named = "、".join(absent[:5]) + ("等" if len(absent) > 5 else "")
    return f"“{one.label}”的{named}（{len(absent)} 组，目标占 {share:.1%}）没有答卷，其余各组按比例放大：这些人的意见无从代表。"


def weighted(dataset: Dataset, weighting: Weighting) -> Dataset:
    """``dataset`` whose responses carry the weights; respondents outside the customers have none.

    A weight column of the file gives way: both at once would correct twice.
    """
    if not weighting.is_on or dataset.responses is None:
        return dataset
    weights = weights_of(dataset, weighting).weights
    bare = dataset.responses.drop("weight", strict=False)
    return replace(
        dataset, responses=bare.join(weights, on="respondent_id", how="left", maintain_order="left")
    )
