"""A small market: products written as levels of a conjoint design, and how it divides between them."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from insight.errors import BadParameter
from insight.stats.conjoint import first_choices, logit_shares
from insight.stats.part_worths import Coding
from insight.tasks.worths import Worths

_NAME = "比较的产品"


def market(written: str, worths: Worths, coding: Coding) -> pl.DataFrame:
    """Shares of a few products.

    Parameters
    ----------
    written : "价格=9 元，口味=原味；价格=12 元，口味=辣味"; an attribute that is left out counts as its average
    worths : what the levels are worth

    Returns
    -------
    (n_products) product, utility, share [logit], and of ratings first_choice_share; the last is "都不选"
        where it could be chosen

    Raises
    ------
    BadParameter : fewer than two products, or words that are not in the design.
    """
    products = [_product(one, coding) for one in re.split(r"[；;\n]", written) if one.strip()]
    if len(products) < 2:
        raise BadParameter(_NAME, "至少要写两个产品，用；隔开")
    held = np.zeros((len(coding.named), len(products)))
    for column, levels in enumerate(products):
        held[[coding.named.index(pair) for pair in levels], column] = 1
    utility = worths.individual @ held
    names = ["，".join(f"{a}={level}" for a, level in pairs) for pairs in products]
    if worths.none is not None:
        utility = np.column_stack([utility, np.full(len(utility), worths.none)])
        names.append("都不选")

    def mean(values: np.ndarray) -> np.ndarray:
        return np.average(values, axis=0, weights=worths.weight)

    table = {"product": names, "utility": mean(utility), "share": mean(logit_shares(utility))}
    if len(utility) > 1:
        table["first_choice_share"] = mean(first_choices(utility))
    return pl.DataFrame(table)


def _product(written: str, coding: Coding) -> list[tuple[str, str]]:
    known, pairs = dict(coding.levels), []
    for piece in re.split(r"[，,]", written):
        attribute, _, level = (word.strip() for word in piece.partition("="))
        if attribute not in known:
            raise BadParameter(_NAME, f"设计里没有“{attribute}”这个属性，可选：{'、'.join(known)}")
        if level not in known[attribute]:
            raise BadParameter(
                _NAME, f"“{attribute}”没有“{level}”这个取值，可选：{'、'.join(known[attribute])}"
            )
        pairs.append((attribute, level))
    return pairs
