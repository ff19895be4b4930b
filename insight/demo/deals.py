"""What the invented shop takes off its prices and takes back: discounts, their depth, refunds and their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np

from insight.demo.chance import one_of, weighted
from insight.demo.people import BUYERS

FESTIVALS: Mapping[int, str] = MappingProxyType({6: "618 满减", 11: "双 11 满减"})
MORE = 0.25  # so much greater is the share of orders on discount in June and November
DEPTHS = (0.1, 0.15, 0.2, 0.3)
REFUNDED: Mapping[str, float] = MappingProxyType(
    {"咖啡器具": 0.07}
)  # share of the lines given back
ELSEWHERE = 0.03
REASONS = ("收到时破损", "七天无理由退货", "与描述不符", "发货太慢", "多拍或错拍")
OF_TOOLS, OF_THE_REST = (0.5, 0.2, 0.15, 0.1, 0.05), (0.1, 0.35, 0.2, 0.2, 0.15)


@dataclass(frozen=True, slots=True)
class Deal:
    """What an order is bought with: the coupon's name, "" for none, and the share taken off."""

    coupon: str = ""
    depth: float = 0.0


def deal(rng: np.random.Generator, *, kind: str, month: int, is_first: bool) -> Deal:
    """Whether an order is on discount, and how deep."""
    share = min(BUYERS[kind].on_discount + MORE * (month in FESTIVALS), 1.0)
    depth = one_of(rng, DEPTHS)
    if rng.random() >= share:
        return Deal()
    return Deal(FESTIVALS.get(month, "新人券" if is_first else "会员券"), depth)


def refund_share(category: str) -> float:
    """Which share of the lines of a category comes back."""
    return REFUNDED.get(category, ELSEWHERE)


def given_back(rng: np.random.Generator, *, category: str, at: datetime) -> tuple[str, str]:
    """When and why a line bought ``at`` came back, as the shop's file writes them."""
    weights = OF_TOOLS if category in REFUNDED else OF_THE_REST
    day = at + timedelta(hours=int(rng.integers(20, 15 * 24)))
    return f"{day:%Y-%m-%d %H:%M:%S}", weighted(rng, REASONS, weights)
