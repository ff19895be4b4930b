"""Groups of customers that their orders make: RFM, value tiers, high-ticket, number of orders, clusters, stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from insight import ledger
from insight.schema import Definitions
from insight.segmentation import (
    clusters,
    clusters_definition,
    high_ticket,
    lifecycle,
    lifecycle_definition,
    rfm,
    rfm_definition,
    tiers,
)
from insight.segmentation.names import SCHEME_LABELS, Scheme, group_order

BY_ORDERS = "（按全部订单计算）"


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups in display order, who is in them, and what their name does not say.

    Attributes
    ----------
    members : (n_customers) customer_id [unique], group
    """

    groups: tuple[str, ...]
    members: pl.DataFrame
    note: str = BY_ORDERS


def labels(definitions: Definitions) -> dict[str, str]:
    """Break key -> Chinese label; "rfm" and "high_ticket" mean what the study recorded."""
    scheme = definitions.rfm.get("names", "eight")
    rfm_label = f"RFM {SCHEME_LABELS['eight']}" if scheme == "eight" else "RFM 分层（研究的设定）"
    return {"rfm": rfm_label} | dict(_LABELS)


def named(definitions: Definitions) -> dict[str, tuple[str, ...]]:
    """Break key -> its groups, of the breaks whose groups are known before anybody is counted."""
    scheme = rfm_definition.recorded(definitions).names
    return {
        "high_ticket": high_ticket.GROUPS,
        "value_tier": tiers.TIERS,
        "frequency": tiers.FREQUENCIES,
        "lifecycle": lifecycle_definition.STAGES,
        "rfm": group_order(scheme, edited=definitions.names),
    }


def grouped(orders: ledger.Orders, key: str, *, definitions: Definitions) -> Grouped:
    """The purchase groups called ``key``.

    Raises
    ------
    InsightError : a recorded definition cannot be used, or nobody bought.
    """
    return _MADE[key](orders, definitions)


def _rfm(scheme: Scheme | None) -> Callable[[ledger.Orders, Definitions], Grouped]:
    def made(orders: ledger.Orders, definitions: Definitions) -> Grouped:
        chosen = rfm_definition.recorded(definitions)
        if scheme:
            chosen = chosen.model_copy(update={"names": scheme})
        named = rfm.named_customers(orders, chosen, names=definitions.names)
        members = named.customers.select("customer_id", group="segment")
        order = group_order(chosen.names, edited=definitions.names)
        return Grouped(order, members, f"（按{chosen.period}计算）")

    return made


def _high_ticket(orders: ledger.Orders, definitions: Definitions) -> Grouped:
    chosen = high_ticket.recorded(definitions)
    split = high_ticket.tickets(orders, chosen)
    note = high_ticket.flat_words(chosen) if split.is_flat else f"{chosen.in_words}为高客单"
    return Grouped(
        high_ticket.GROUPS, split.customers.select("customer_id", "group"), f"（{note}）"
    )


def _clusters(orders: ledger.Orders, definitions: Definitions) -> Grouped:
    chosen = clusters_definition.recorded(definitions)
    made = clusters.clustered(orders, chosen)
    members = made.customers.select("customer_id", group="segment")
    return Grouped(made.names, members, f"（按{chosen.period}的购买行为聚类）")


def _lifecycle(orders: ledger.Orders, definitions: Definitions) -> Grouped:
    chosen = lifecycle_definition.recorded(definitions)
    made = lifecycle.staged(orders, chosen)
    members = made.customers.select("customer_id", group="stage")
    return Grouped(lifecycle_definition.STAGES, members, f"（{chosen.in_words}）")


def _by_customer(
    assign: Callable[[pl.DataFrame], pl.DataFrame], groups: tuple[str, ...]
) -> Callable[[ledger.Orders, Definitions], Grouped]:
    def made(orders: ledger.Orders, _definitions: Definitions) -> Grouped:
        return Grouped(groups, assign(ledger.customer_table(orders)))

    return made


_LABELS: Mapping[str, str] = MappingProxyType({
    "rfm11": "RFM 十一类", "value_tier": "消费层级", "high_ticket": "高客单客户", "frequency": "购买次数",
    "clusters": "行为分群", "lifecycle": "生命周期阶段",
})  # fmt: skip
_MADE: Mapping[str, Callable[[ledger.Orders, Definitions], Grouped]] = MappingProxyType(
    {
        "rfm": _rfm(None),
        "rfm11": _rfm("eleven"),
        "value_tier": _by_customer(tiers.value_tier, tiers.TIERS),
        "high_ticket": _high_ticket,
        "frequency": _by_customer(tiers.frequency, tiers.FREQUENCIES),
        "clusters": _clusters,
        "lifecycle": _lifecycle,
    }
)
KEYS = tuple(_MADE)
