"""How many people of a list stand alone in what is known of them besides their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

QUASI_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "gender": "性别", "age": "年龄", "birth_date": "生日", "region": "地区", "city": "城市", "level": "会员等级",
        "segment": "分层", "channel": "渠道", "buying_channel": "渠道",
    }
)  # fmt: skip
"""Columns that others may know of a person, too (quasi-identifiers)."""


@dataclass(frozen=True, slots=True)
class Rare:
    """How many rows are like few others, or like none.

    Attributes
    ----------
    n : rows
    n_unique : of them, without any other that is equal in ``columns``
    n_few : of them, in groups smaller than was asked for
    columns : those that make the groups, without those that are empty
    """

    n: int
    n_unique: int
    n_few: int
    columns: tuple[str, ...]


def rare(rows: pl.DataFrame, names: Iterable[str], *, fewest: int) -> Rare:
    """Group rows by everything that is known of them; an unknown value is a value.

    Parameters
    ----------
    rows : (n_rows) any columns
    names : those that others may know of a person, too
    fewest : the smallest group that hides its members

    Notes
    -----
    Sweeney (2002), k-anonymity: a model for protecting privacy.
    """
    known = [n for n in names if n in rows.columns and rows[n].null_count() < rows.height]
    if not known:
        return Rare(rows.height, 0, 0, ())
    sizes = rows.group_by(known).agg(n=pl.len())["n"]
    few = int(sizes.filter(sizes < fewest).sum())
    return Rare(rows.height, int((sizes == 1).sum()), few, tuple(known))


def alone(people: pl.DataFrame, *, fewest: int) -> tuple[int, tuple[str, ...]]:
    """How many people share what is known of them with fewer than ``fewest`` - 1 others of the list.

    Parameters
    ----------
    people : (n_people) any columns; those of ``QUASI_LABELS`` count

    Returns
    -------
    n_people in groups smaller than ``fewest``, the columns that make the groups; 0 where there are none
    """
    found = rare(people, QUASI_LABELS, fewest=fewest)
    return found.n_few, found.columns
