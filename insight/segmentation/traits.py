"""What can be said of each customer beside its group: what it buys, where, through which channel, who it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.segmentation.breaks import available, break_of
from insight.segmentation.tiers import frequency

NUMBERS = ("spend", "n_orders", "average_order_value", "days_since_last")
TIMES_BOUGHT, _BOUGHT = "购买次数", "买过的品类"


def numbers(dataset: Dataset) -> pl.DataFrame:
    """Each customer's buying in numbers.

    Returns
    -------
    (n_customers) customer_id, spend [CNY], n_orders, average_order_value [CNY], days_since_last [days
        before the last order of all]; sorted by customer_id
    """
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    today = ledger.span(dataset.orders)[1] // ledger.DAY
    return customers.select(
        "customer_id",
        "spend",
        "n_orders",
        average_order_value=(pl.col("spend") / pl.col("n_orders")).round(4),
        days_since_last=today - pl.col("last_at") // ledger.DAY,
    )


def traits(dataset: Dataset) -> pl.DataFrame:
    """What each customer has, one line a trait.

    Returns
    -------
    (n) measure [in Chinese: 购买次数, 买过的品类, 主要购买地区, 性别 ...], feature [one value of it],
        customer_id; a customer has one value of a measure, or none, save for 买过的品类
    """
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders).select("customer_id", "n_orders")
    parts = [_tagged(frequency(customers), TIMES_BOUGHT)]
    if "category" in dataset.columns("orders"):
        bought = ledger.spend_by(dataset.orders, "category").filter(pl.col("n_orders") > 0)
        most = ledger.values_of(dataset.orders, "category", most=MOST_CATEGORIES)
        kept = bought.filter(pl.col("category").is_in(most))
        parts.append(_tagged(kept.select("customer_id", group="category"), _BOUGHT))
    known = available(dataset)
    for key in known:
        if key in ("orders.region", "orders.channel") or key.startswith("customers."):
            made = break_of(dataset, key, unit="customer_id")
            parts.append(_tagged(made.members, made.label))
    buyers = customers.select("customer_id")
    return pl.concat(parts).join(buyers, on="customer_id", how="semi", maintain_order="left")


MOST_CATEGORIES = 20
_SINCE, _TIMES = "days_since_last", "n_orders"
_MADE_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "rfm": ("spend", _TIMES, _SINCE), "rfm11": ("spend", _TIMES, _SINCE), "clusters": NUMBERS, "lifecycle": (_TIMES, _SINCE),
    "frequency": (_TIMES,), "value_tier": ("spend",), "high_ticket": ("average_order_value",),
    "orders.category": (_BOUGHT,), "orders.city": ("主要购买地区",),
})  # fmt: skip


def made_of(key: str, label: str) -> frozenset[str]:
    """The measures and numbers that tell the groups of a break apart because they make them.

    Parameters
    ----------
    key, label : of the break
    """
    return frozenset({label, *_MADE_OF.get(key, ())})


def has_one_value(measure: str) -> bool:
    """Whether a customer has one value of the measure at most, so that those without one are no base."""
    return measure != _BOUGHT


def _tagged(members: pl.DataFrame, measure: str) -> pl.DataFrame:
    return members.select(measure=pl.lit(measure), feature=pl.col("group").cast(pl.String), customer_id="customer_id")  # fmt: skip
