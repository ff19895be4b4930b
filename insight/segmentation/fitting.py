"""The groups to compare where the user named none: the first break that divides the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.segmentation import purchases
from insight.segmentation.breaks import MOST_GROUPS, Break, Unit, available, break_of
from insight.settings import settings

_LACKING = "能把人分成两组以上的变量（订单、客户属性，或另一道单选题、量表题）"


def break_or_first(dataset: Dataset, by: str, *, unit: Unit, besides: str = "") -> Break:
    """The groups of ``by``; where it is empty, those of the first break that fits.

    Parameters
    ----------
    by : a key of ``available``; "" = the first of RFM, the customers' attributes and the closed
        questions with two groups that are large enough to be shown, else the first with two groups
    besides : the question that is crossed, which is never its own break

    Raises
    ------
    UnknownName, MissingColumns : as ``break_of``; also where nothing divides the data.
    """
    if by:
        return break_of(dataset, by, unit=unit)
    first: Break | None = None
    for made in _dividing(dataset, unit=unit, besides=besides):
        if _is_solid(made):
            return made
        first = first or made
    if first is None:
        raise MissingColumns("人群比较", (_LACKING,))
    return first


def break_besides_purchases(dataset: Dataset, customers: pl.DataFrame) -> Break | None:
    """The first attribute or answer that divides the customers, else where they bought.

    For questions about purchases, which groups made of purchases would answer by themselves.

    Parameters
    ----------
    customers : (n) customer_id

    Returns
    -------
    None where nothing makes two groups that are large enough to be shown
    """
    linked = "customer_id" in dataset.columns("responses")
    keys = [key for key in available(dataset) if key not in purchases.KEYS]
    for key in sorted(keys, key=lambda key: key.startswith("orders.")):
        if not linked and not key.startswith(("orders.", "customers.")):
            continue
        made = break_of(dataset, key, unit="customer_id")
        there = made.members.join(customers, on="customer_id", how="semi")
        if _is_solid(replace(made, members=there)):
            return made
    return None


def _dividing(dataset: Dataset, *, unit: Unit, besides: str) -> Iterator[Break]:
    for key in available(dataset):
        is_purchase = dataset.questionnaire.find(key) is None and not key.startswith("customers.")
        if key == besides or (is_purchase and key != "rfm"):
            continue
        made = break_of(dataset, key, unit=unit)
        if 2 <= len(made.groups) <= MOST_GROUPS:
            yield made


def _is_solid(made: Break) -> bool:
    sizes = made.members.group_by("group").len()["len"]
    return int((sizes >= settings().tiny_base).sum()) >= 2
