"""What the invented respondents think of services and of every side of the shop: Kano pairs and ratings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from insight.demo.chance import weighted

ANSWERS = ("喜欢", "理应如此", "无所谓", "可以忍受", "不喜欢")
HALVES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "M": ("理应如此", "不喜欢"), "O": ("喜欢", "不喜欢"), "A": ("喜欢", "无所谓"), "I": ("无所谓", "无所谓"),
    "R": ("不喜欢", "喜欢"),
})  # fmt: skip
PLANTED = 0.62  # of the respondents see a service as its kind says; the others see it any other way
SERVICES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "24 小时内发货": ("M", "M"), "一对一专属客服": ("O", "I"), "会员满减券": ("I", "O"),
    "免费试饮装": ("A", "A"), "礼盒丝带": ("I", "I"),
})  # service -> what it is to high-ticket customers, and to the others  # fmt: skip
# side -> importance to high-ticket customers and to the others, mean satisfaction, how far it goes with the overall
SIDES: Mapping[str, tuple[float, float, float, float]] = MappingProxyType({
    "客服响应": (4.6, 3.6, 2.9, 0.75), "优惠力度": (2.6, 4.5, 3.0, 0.2), "包装": (3.0, 3.0, 3.6, 0.1),
    "配送速度": (3.8, 3.9, 3.4, 0.3), "口味选择": (3.5, 3.6, 3.7, 0.4), "新鲜程度": (4.2, 4.3, 3.5, 0.55),
})  # fmt: skip
_STEMS = (
    ("如果我们具备以下服务，您的感受是？", SERVICES), ("如果我们不具备以下服务，您的感受是？", SERVICES),
    ("以下各方面对您有多重要？（1=很不重要，5=非常重要）", SIDES), ("您对我们以下各方面有多满意？（1-5分）", SIDES),
)  # fmt: skip


def header(first: int) -> tuple[str, ...]:
    """The columns of the four matrices; ``first`` is the number of the first of them."""
    return tuple(f"{first + at}、{stem}—{row}" for at, (stem, rows) in enumerate(_STEMS) for row in rows)  # fmt: skip


def opinions(rng: np.random.Generator, *, is_high_ticket: bool, overall: int) -> list[object]:
    """One respondent's answers to the four matrices.

    Parameters
    ----------
    overall : the satisfaction with everything [1 to 5] that the single ratings go with
    """
    pairs = [HALVES[_seen(rng, kinds[0 if is_high_ticket else 1])] for kinds in SERVICES.values()]
    important = [_rating(rng, side[0 if is_high_ticket else 1], 0.7) for side in SIDES.values()]
    satisfied = [_rating(rng, mean + slope * (overall - 3.4), 0.8) for _, _, mean, slope in SIDES.values()]  # fmt: skip
    return [
        *(having for having, _ in pairs),
        *(lacking for _, lacking in pairs),
        *important,
        *satisfied,
    ]


def _seen(rng: np.random.Generator, kind: str) -> str:
    if rng.random() < PLANTED:
        return kind
    return weighted(rng, tuple(HALVES), (0.24, 0.24, 0.24, 0.24, 0.04))


def _rating(rng: np.random.Generator, mean: float, spread: float) -> int:
    return int(np.clip(round(rng.normal(mean, spread)), 1, 5))
