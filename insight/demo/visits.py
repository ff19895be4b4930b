"""What the invented customers did in the online shop in its last two months: looked, put aside, ordered, paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from insight.demo.chance import of_shares, one_of
from insight.demo.orders import HEADER as ORDERS
from insight.demo.people import BUYERS, PRODUCTS, START, Person

HEADER = ("会员号", "行为类型", "发生时间", "商品名称", "会话编号")
SINCE, DAYS = datetime(2026, 1, 1), 58
VISITS = 1.5  # mean number of visits in which nothing is bought
CARTED = {"high_ticket": 0.06}  # share of those visits that leave something in the cart
ELSEWHERE = 0.34
SHOP = "门店"  # has no log
_AT = ORDERS.index("下单时间")

_Visit = tuple[str, list[tuple[str, datetime, str]]]


def visits(
    rng: np.random.Generator, everyone: Sequence[Person], lines: Sequence[Sequence[object]]
) -> list[list[object]]:
    """The log of the online shop in the order of time, in the columns of ``HEADER``.

    Parameters
    ----------
    lines : of the orders, as ``orders`` makes them; every paid online order is the end of a visit
    """
    made = [*_buying(rng, lines), *(v for p in everyone for v in _looking(rng, p))]
    rows = [
        (at, member, what, product, f"S{number:06d}")
        for number, (member, events) in enumerate(made, start=1)
        for what, at, product in events
    ]
    return [
        [m, what, f"{at:%Y-%m-%d %H:%M:%S}", product, s] for at, m, what, product, s in sorted(rows)
    ]


def _buying(rng: np.random.Generator, lines: Sequence[Sequence[object]]) -> Iterator[_Visit]:
    """The visits that end in the orders of these lines."""
    seen: set[str] = set()
    for line in lines:
        if (at := datetime.fromisoformat(str(line[_AT]))) < SINCE:
            continue
        told = {name: str(value) for name, value in zip(ORDERS, line, strict=True)}
        if told["渠道"] == SHOP or told["订单编号"] in seen:
            continue
        seen.add(told["订单编号"])
        product = told["商品名称"]
        begun = at - _minutes(rng, 8, 60)
        events = [("浏览", begun, product)]
        if rng.random() < 0.3:
            events.append(("收藏", begun + _minutes(rng, 1, 3), product))
        if rng.random() < 0.85:  # the others buy at once
            events.append(("加购", at - _minutes(rng, 1, 4), product))
        events.append(("下单", at, product))
        if told["订单状态"] != "交易关闭":
            events.append(("支付", at + _minutes(rng, 0.2, 6), product))
        yield told["会员号"], events


def _looking(rng: np.random.Generator, person: Person) -> Iterator[_Visit]:
    """The visits of a person who has not left in which nothing is bought."""
    if person.last_day < (SINCE - START).days:
        return
    buyer = BUYERS[person.kind]
    for _ in range(int(rng.poisson(VISITS))):
        at = SINCE + timedelta(days=int(rng.integers(DAYS)), seconds=int(rng.integers(8 * 3600, 86_000)))  # fmt: skip
        events = []
        for _ in range(1 + int(rng.poisson(0.8))):
            category = of_shares(rng, buyer.categories)
            events.append(("浏览", at, one_of(rng, PRODUCTS[category])))
            at += _minutes(rng, 0.5, 6)
        if rng.random() < CARTED.get(person.kind, ELSEWHERE):
            events.append(("加购", at, events[-1][2]))
        yield person.member, events


def _minutes(rng: np.random.Generator, low: float, high: float) -> timedelta:
    return timedelta(seconds=int(60 * rng.uniform(low, high)))
