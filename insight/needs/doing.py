"""What customers do about what they say: how much of their spending goes to it, or how spending goes with their satisfaction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from insight import ledger
from insight.deals.discounts import tells_of
from insight.errors import BadParameter, TooFewRows, UnknownName

DEALS = "打折的订单明细"
_CHEAP = re.compile(r"(?i)优惠|折扣|打折|促销|满减|便宜|价格|性价比|discount|promo|price")
_SHORTEST = 2  # characters of a name that tells


@dataclass(frozen=True, slots=True)
class Done:
    """Which share of their spending goes to each attribute.

    Attributes
    ----------
    people : (n_customers) customer_id [sorted], sales [CNY, before refunds, > 0], then the place of each attribute
        that is found in the orders: the share of ``sales`` that goes to it [0..1]
    told : place of the attribute -> by what it is found, for the reader
    """

    people: pl.DataFrame
    told: Mapping[str, str]


def words_of(text: str, attributes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Attribute -> words, as the user wrote them.

    >>> words_of("口味=果香、坚果；价格=折扣", ["口味", "价格"])
    {'口味': ('果香', '坚果'), '价格': ('折扣',)}

    Raises
    ------
    BadParameter : a part has no "=".
    UnknownName : there is no such attribute.
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (one.strip() for one in re.split("[；;\n]", text))):
        name, sign, words = (one.strip() for one in part.partition("="))
        if not (sign and words):
            raise BadParameter("属性对应的词", f"“{part}”应写成 属性=词、词")
        if name not in attributes:
            raise UnknownName("属性", name, tuple(attributes))
        found[name] = tuple(one.strip() for one in re.split("[、,，]", words) if one.strip())
    return found


def done(
    orders: ledger.Orders, attributes: Sequence[str], words: Mapping[str, Sequence[str]]
) -> Done:
    """Find each attribute in the order lines and add up what every customer spent on it.

    Parameters
    ----------
    attributes : (k) as people are asked about them
    words : attribute -> words that its products or categories contain; those without are found by their name, and
        what speaks of prices by discounts
    """
    table = _sales(orders)
    parts: dict[str, tuple[pl.DataFrame, str]] = {}
    values: dict[str, pl.DataFrame] = {c: ledger.cross(orders, "customer_id", c) for c in ("category", "product") if c in ledger.columns(orders)}  # fmt: skip
    for at, name in enumerate(attributes):
        own = tuple(words.get(name, ()))
        if found := _named(values, name, own):
            parts[str(at)] = found
        elif _CHEAP.search("、".join(own) or name) and (deals := _on_deals(orders)) is not None:
            parts[str(at)] = (deals, DEALS)
    for key, (sums, _) in parts.items():
        share = (pl.col("part").fill_null(0.0) / pl.col("sales")).clip(0, 1)
        joined = table.join(sums, on="customer_id", how="left", maintain_order="left")
        table = joined.with_columns(share.alias(key)).drop("part")
    return Done(table, {key: told for key, (_, told) in parts.items()})


def _sales(orders: ledger.Orders) -> pl.DataFrame:
    paid = ledger.discounts(orders, ledger.Tells(), by="customer_id").drop_nulls("group")
    table = paid.select(customer_id=pl.col("group").cast(pl.String), sales="sales")
    return table.filter(pl.col("sales") > 0).sort("customer_id")


def _on_deals(orders: ledger.Orders) -> pl.DataFrame | None:
    """(n) customer_id, part [CNY, of lines on discount]; None where no line tells of one."""
    try:
        told = tells_of(orders, written="auto", least=0.01)
    except TooFewRows:
        return None
    table = ledger.discounts(orders, told, by="customer_id").drop_nulls("group")
    return table.select(customer_id=pl.col("group").cast(pl.String), part="deal_sales")


def _named(
    values: Mapping[str, pl.DataFrame], name: str, words: Sequence[str]
) -> tuple[pl.DataFrame, str] | None:
    """What was spent on the categories, else products, that are called so, and which they are."""
    for column, table in values.items():
        known = table[column].cast(pl.String).unique().sort().to_list()
        hits = [one for one in known if _fits(one, name, words)]
        if hits:
            own = table.filter(pl.col(column).cast(pl.String).is_in(hits))
            sums = own.group_by(customer_id=pl.col("customer_id").cast(pl.String)).agg(part=pl.col("sales").sum())  # fmt: skip
            return sums, "、".join(hits[:5]) + ("等" if len(hits) > 5 else "")
    return None


def _fits(value: str, name: str, words: Sequence[str]) -> bool:
    if words:
        return any(word in value for word in words)
    short = min(len(value), len(name))
    return short >= _SHORTEST and (value in name or name in value)
