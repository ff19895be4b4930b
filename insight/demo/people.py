"""The invented customers: what kind of buyer each is, and what that kind buys and asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import median
from types import MappingProxyType

import numpy as np

from insight.demo.chance import weighted

START, DAYS = datetime(2024, 3, 1), 730
LIFT = 1.7  # how much more often the need of one's kind is raised by those who stayed away longest
LEAVING = 0.4  # share of the tasters who have a last day
PLACES = (
    ("上海", "上海"), ("北京", "北京"), ("广东", "广州"), ("广东", "深圳"), ("浙江", "杭州"),
    ("江苏", "南京"), ("四川", "成都"), ("湖北", "武汉"), ("山东", "青岛"), ("云南", "昆明"),
)  # fmt: skip
CHANNELS = ("天猫旗舰店", "微信小程序", "门店", "京东旗舰店")
AGES = ("18-24岁", "25-34岁", "35-44岁", "45岁以上")


@dataclass(frozen=True, slots=True)
class Buyer:
    """How a kind of customer buys and what it asks for (theme -> share who raise it)."""

    share: float
    orders: float  # mean number of orders beyond the first in two years
    ticket: float  # median amount of an order line [CNY]
    categories: Mapping[str, float]
    raises: Mapping[str, float]
    on_discount: float  # share of the orders outside June and November that are on discount


_OTHERS = {"delivery": 0.25, "taste": 0.22, "fresh": 0.2, "packaging": 0.3}
BUYERS: Mapping[str, Buyer] = MappingProxyType({
    "high_ticket": Buyer(0.2, 4.0, 620.0, {"咖啡器具": 0.6, "礼盒": 0.25, "咖啡豆": 0.15},
                         {"service": 0.55, "discount": 0.15, **_OTHERS}, 0.1),
    "regular": Buyer(0.25, 9.0, 75.0, {"咖啡豆": 0.6, "挂耳咖啡": 0.3, "冷萃液": 0.1},
                     {"service": 0.12, "discount": 0.5, **_OTHERS}, 0.3),
    "taster": Buyer(0.55, 0.7, 68.0, {"挂耳咖啡": 0.5, "冷萃液": 0.25, "咖啡豆": 0.25},
                    {"service": 0.12, "discount": 0.5, **_OTHERS}, 0.7),
})  # fmt: skip
OWN_NEED: Mapping[str, str] = MappingProxyType(
    {"high_ticket": "service", "regular": "discount", "taster": "discount"}
)
PRODUCTS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "咖啡器具": ("手冲壶套装", "电动磨豆机", "家用意式机", "冷萃壶"),
    "礼盒": ("年节臻选礼盒", "商务礼盒"),
    "咖啡豆": ("耶加雪菲 250g", "曼特宁 250g", "云南小粒 500g", "瑰夏 100g"),
    "挂耳咖啡": ("挂耳拼配 10 包", "挂耳耶加 10 包"),
    "冷萃液": ("冷萃液 12 杯", "燕麦冷萃 6 杯"),
})  # fmt: skip
GOES_WITH: Mapping[str, str] = MappingProxyType({
    "曼特宁 250g": "云南小粒 500g", "云南小粒 500g": "曼特宁 250g",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One invented customer."""

    member: str
    phone: str
    kind: str
    gender: str
    age: str
    place: int
    needs: tuple[str, ...]
    last_day: int  # of the two years, on which the person may still buy


def people(rng: np.random.Generator, *, n: int) -> list[Person]:
    """Invent ``n`` customers; phone numbers are of a range that is not in use."""
    kinds = rng.choice(list(BUYERS), size=n, p=[b.share for b in BUYERS.values()])
    leaving = rng.spawn(1)[0]
    is_leaving = (kinds == "taster") & (leaving.random(n) < LEAVING)
    last = np.where(is_leaving, leaving.integers(30, 540, size=n), DAYS - 1)
    return [_person(rng, i, str(kinds[i - 1]), int(last[i - 1])) for i in range(1, n + 1)]


def _person(rng: np.random.Generator, i: int, kind: str, last_day: int) -> Person:
    raises = BUYERS[kind].raises
    needs = tuple(theme for theme, share in raises.items() if rng.random() < share)
    return Person(
        member=f"M{i:06d}",
        phone=f"19900{i:06d}",
        kind=kind,
        gender=weighted(rng, ("女", "男"), (0.58, 0.42)),
        age=weighted(rng, AGES, (0.2, 0.42, 0.26, 0.12)),
        place=int(rng.integers(len(PLACES))),
        needs=needs,
        last_day=last_day,
    )


def with_troubles(
    rng: np.random.Generator, everyone: Sequence[Person], bought: Mapping[str, Sequence[datetime]]
) -> list[Person]:
    """Let the half of each kind that stayed away longest raise its need more often, the others less; as many do.

    Parameters
    ----------
    bought : member -> the times of the purchases, sorted
    """
    end = START + timedelta(days=DAYS)
    longest = {p.member: _longest([*bought[p.member], end]) for p in everyone}
    usual = {kind: median(longest[p.member] for p in everyone if p.kind == kind) for kind in {p.kind for p in everyone}}  # fmt: skip
    return [_troubled(rng, p, is_slow=longest[p.member] > usual[p.kind]) for p in everyone]


def _longest(times: Sequence[datetime]) -> int:
    """Days of the longest absence."""
    return max((after - before).days for before, after in pairwise(times))


def _troubled(rng: np.random.Generator, person: Person, *, is_slow: bool) -> Person:
    own = OWN_NEED[person.kind]
    share = BUYERS[person.kind].raises[own] * (LIFT if is_slow else 2 - LIFT)
    raised = {need for need in person.needs if need != own} | ({own} if rng.random() < share else set())  # fmt: skip
    return replace(person, needs=tuple(n for n in BUYERS[person.kind].raises if n in raised))


def moments(rng: np.random.Generator, *, n: int, last_day: int) -> list[datetime]:
    """``n`` sorted times of purchase up to a day of the two years; June and November are sought after."""
    chosen = np.sort(rng.choice(DAYS, size=n, p=_sought(last_day)))
    seconds = _hours(rng, n=n) * 3600
    return [
        START + timedelta(days=int(d), seconds=int(s)) for d, s in zip(chosen, seconds, strict=True)
    ]


@cache
def _sought(last_day: int) -> np.ndarray:
    """How likely a purchase falls on each of the days."""
    weight = np.where(np.arange(DAYS) <= last_day, _seasons(), 0.0)
    return np.asarray(weight / weight.sum())


@cache
def _seasons() -> np.ndarray:
    days = np.arange(DAYS)
    months = np.array([(START + timedelta(int(d))).month for d in days])
    return np.where(months == 11, 2.2, np.where(months == 6, 1.6, 1.0)) * (1 + days / (2 * DAYS))


def _hours(rng: np.random.Generator, *, n: int) -> np.ndarray:
    """``n`` hours of the day around 19:00; nobody buys before 8:00."""
    hours, again = rng.normal(loc=19, scale=4, size=n), rng.spawn(1)[0]
    while (outside := (hours < 8) | (hours >= 24)).any():
        hours[outside] = again.normal(loc=19, scale=4, size=int(outside.sum()))
    return hours
