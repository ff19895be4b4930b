"""How many people of a list stand alone in what is known of them besides their number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

QUASI_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "gender": "性别", "age": "年龄", "birth_date": "生日", "region": "地区", "city": "城市", "level": "会员等级",
        "segment": "分层", "channel": "渠道", "buying_channel": "渠道",
    }
)  # fmt: skip
"""Columns that others may know of a person, too (quasi-identifiers)."""


def alone(people: pl.DataFrame, *, fewest: int) -> tuple[int, tuple[str, ...]]:
    """How many people share what is known of them with fewer than ``fewest`` - 1 others of the list.

    Parameters
    ----------
    people : (n_people) any columns; those of ``QUASI_LABELS`` count, an unknown value is a value

    Returns
    -------
    n_people in groups smaller than ``fewest``, the columns that make the groups; 0 where there are none

    Notes
    -----
    Sweeney (2002), k-anonymity: a model for protecting privacy.
    """
    known = [
        name
        for name in QUASI_LABELS
        if name in people.columns and people[name].null_count() < people.height
    ]
    if not known:
        return 0, ()
    sizes = people.group_by(known).agg(n=pl.len())["n"]
    return int(sizes.filter(sizes < fewest).sum()), tuple(known)
