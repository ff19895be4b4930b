"""The same customers' words and deeds side by side: by where the money goes, or by what satisfaction goes with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.dataset import Dataset
from insight.errors import QuestionsMissing, TooFewRows
from insight.needs.doing import Done
from insight.needs.gaps import LEAST_ATTRIBUTES, Both, Deed
from insight.needs.satisfied import rated
from insight.needs.saying import Stated
from insight.ratings import importance_and_satisfaction, scored
from insight.settings import settings

BY_SATISFACTION = "满意度评分"


def by_spending(said: Stated, did: Done, weights: pl.DataFrame | None) -> Both:
    """What customers say beside the share of their spending that goes to it.

    Parameters
    ----------
    weights : (n) customer_id, weight; None = everybody counts the same

    Raises
    ------
    TooFewRows : too few customers are known on both sides.
    """
    keys = sorted(did.told, key=int)
    named = {key: f"{key} done" for key in keys}
    deeds = did.people.select("customer_id", "sales", *keys).rename(named | {"sales": "outcome"})
    people = said.people.join(deeds, on="customer_id").sort("customer_id")
    labels = [said.labels[int(key)] for key in keys]
    return _both(people, labels, told=[did.told[key] for key in keys], keys=keys, deed="spend", weights=weights)  # fmt: skip


def by_satisfaction(
    dataset: Dataset,
    said: Stated,
    did: Done,
    *,
    deed: Deed,
    weights: pl.DataFrame | None,
    title: str,
) -> Both:
    """What customers say beside their satisfaction with it, and what that goes with.

    Parameters
    ----------
    deed : "buying": compared with what they spent; "overall": with their rating of everything

    Raises
    ------
    QuestionsMissing : too few of the attributes are rated.
    TooFewRows : too few customers are known on both sides.
    """
    assert dataset.responses is not None
    responses = dataset.responses
    pairs = importance_and_satisfaction(dataset.questionnaire, responses, title=title)
    found = {one.label: one.satisfaction for one in pairs if one.label in said.labels}
    if len(found) < LEAST_ATTRIBUTES:
        raise QuestionsMissing(
            title, "能在订单里找到的属性，或对同样几项打分的满意度题",
            "在“属性对应的词”里写明每项属性对应哪些品类或商品，或加一道满意度矩阵题，行与重要性题相同",
        )  # fmt: skip
    keys = [str(said.labels.index(label)) for label in found]
    columns = [scored(responses, q).alias(f"{key} done") for key, q in zip(keys, found.values(), strict=True)]  # fmt: skip
    table = pl.DataFrame([responses["customer_id"], *columns]).drop_nulls("customer_id")
    happy = table.group_by("customer_id").agg(pl.all().mean())
    spent = did.people.select("customer_id", outcome="sales")
    whole = rated(dataset)[0].select("customer_id", outcome="satisfaction").drop_nulls()
    outcome = spent if deed == "buying" else whole.join(spent, on="customer_id", how="semi")
    people = said.people.join(happy, on="customer_id").join(outcome, on="customer_id").sort("customer_id")  # fmt: skip
    return _both(people, [*found], told=[BY_SATISFACTION] * len(found), keys=keys, deed=deed, weights=weights)  # fmt: skip


def _both(
    people: pl.DataFrame,
    labels: Sequence[str],
    *,
    told: Sequence[str],
    keys: Sequence[str],
    deed: Deed,
    weights: pl.DataFrame | None,
) -> Both:
    """Those who count; whoever nobody weighted is left out where anybody is."""
    one = people.select("customer_id", "outcome", weight=pl.lit(1.0))
    if weights is not None:
        one = one.drop("weight").join(weights, on="customer_id", how="left", maintain_order="left")
    counts = (one["weight"] > 0).fill_null(value=False)
    least = max(settings().tiny_base, 2)
    if counts.sum() < least:
        raise TooFewRows("既答了题又有订单的客户", int(counts.sum()), least)
    known = people.filter(counts)
    says, does = (
        known.select(names).cast(pl.Float64).fill_null(np.nan).to_numpy() for names in (keys, [f"{key} done" for key in keys])
    )  # fmt: skip
    return Both(labels, told, one.filter(counts), says, does, deed)
