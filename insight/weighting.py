"""Whom the respondents stand for: weights that give the matched ones the make-up of all customers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.schema import Weighting
from insight.segmentation.breaks import Break, break_of
from insight.stats.raking import Raked, rake


@dataclass(frozen=True, slots=True)
class Weighted:
    """Respondents with weights, and how well the margins are met.

    Attributes
    ----------
    weights : (n_respondents) respondent_id, weight [mean 1]; who is in no group of a margin is absent
    margins : (n_groups) margin, group, n_respondents, share_of_respondents, share_of_weights,
        share_of_customers
    raked : efficiency, gaps, rounds
    """

    weights: pl.DataFrame
    margins: pl.DataFrame
    raked: Raked


def weights_of(dataset: Dataset, weighting: Weighting) -> Weighted:
    """Rake the matched respondents to the customers.

    Parameters
    ----------
    weighting : breaks of customers ("rfm", "orders.region" …) and the caps

    Raises
    ------
    TooFewRows : fewer than two respondents are in a group of every margin.
    UnknownName, MissingColumns : there is no such break.
    """
    breaks = [break_of(dataset, key, unit="customer_id") for key in weighting.margins]
    people = _respondents(dataset, breaks)
    if people.height < 2:
        raise TooFewRows("能对应到这些人群的答卷", people.height, 2)
    targets = {b.key: _shares(b.members["group"]) for b in breaks}
    groups = {b.key: people[b.key].to_list() for b in breaks}
    raked = rake(groups, targets, caps=(weighting.smallest, weighting.largest))
    weighted = people.with_columns(weight=pl.Series(raked.weights))
    margins = [_margin(weighted, b, targets[b.key]) for b in breaks]
    return Weighted(weighted.select("respondent_id", "weight"), pl.concat(margins), raked)


def _respondents(dataset: Dataset, breaks: list[Break]) -> pl.DataFrame:
    """(n) respondent_id and the group of each margin; one respondent of several answers counts each."""
    assert dataset.responses is not None
    matched = dataset.responses.filter(pl.col("match_status") == "matched")
    people = matched.select("respondent_id", "customer_id")
    for one in breaks:
        people = people.join(
            one.members.rename({"group": one.key}), on="customer_id", maintain_order="left"
        )
    return people


def _shares(groups: pl.Series) -> dict[str, float]:
    counted = groups.value_counts(name="n", sort=False)
    return {group: n / len(groups) for group, n in counted.sort(groups.name).rows()}


def _margin(people: pl.DataFrame, one: Break, target: dict[str, float]) -> pl.DataFrame:
    n, total = people.height, people["weight"].sum()
    counted = people.group_by(group=pl.col(one.key)).agg(
        n_respondents=pl.len().cast(pl.Int64), weight=pl.col("weight").sum()
    )
    wanted = pl.DataFrame({"group": list(target), "share_of_customers": list(target.values())})
    order = {group: at for at, group in enumerate(one.groups)}
    rows = wanted.join(counted, on="group", how="left").with_columns(
        margin=pl.lit(one.label),
        n_respondents=pl.col("n_respondents").fill_null(0),
        share_of_respondents=pl.col("n_respondents").fill_null(0) / n,
        share_of_weights=pl.col("weight").fill_null(0.0) / total,
        at=pl.col("group").replace_strict(order, default=len(order)),
    )
    columns = ("margin", "group", "n_respondents", "share_of_respondents", "share_of_weights", "share_of_customers")  # fmt: skip
    return rows.sort("at", "group").select(columns)


def weighted(dataset: Dataset, weighting: Weighting) -> Dataset:
    """``dataset`` whose responses carry the weights; respondents outside every group have none.

    A weight column of the file gives way: both at once would correct twice.
    """
    if not weighting.margins or dataset.responses is None:
        return dataset
    weights = weights_of(dataset, weighting).weights
    bare = dataset.responses.drop("weight", strict=False)
    return replace(
        dataset, responses=bare.join(weights, on="respondent_id", how="left", maintain_order="left")
    )
