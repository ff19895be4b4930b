"""The order lines of the example study, as a shop's back office exports them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from insight.demo.chance import of_shares, one_of, weighted
from insight.demo.deals import Deal, deal, given_back, refund_share
from insight.demo.people import BUYERS, CHANNELS, GOES_WITH, PLACES, PRODUCTS, Person, moments

HEADER = (
    "订单编号",
    "会员号",
    "手机号",
    "下单时间",
    "商品名称",
    "类别",
    "标价",
    "数量",
    "优惠金额",
    "优惠券",
    "实付金额",
    "退款金额",
    "退款时间",
    "退款原因",
    "渠道",
    "省份",
    "城市",
    "订单状态",
)


def orders(rng: np.random.Generator, everyone: Sequence[Person]) -> list[list[object]]:
    """The order lines of everyone, customer by customer, in the columns of ``HEADER``."""
    rows: list[list[object]] = []
    deals = rng.spawn(1)[0]
    for person in everyone:
        n = 1 + int(rng.poisson(BUYERS[person.kind].orders))
        for i, at in enumerate(moments(rng, n=n, last_day=person.last_day)):
            won = deal(deals, kind=person.kind, month=at.month, is_first=i == 0)
            rows += _lines(rng, person, at, (f"D{at:%Y%m%d}{len(rows):06d}", won, deals))
    return rows


def bought(lines: Sequence[Sequence[object]]) -> dict[str, list[datetime]]:
    """Member -> the times of the order lines, sorted."""
    member, at = HEADER.index("会员号"), HEADER.index("下单时间")
    times: dict[str, list[datetime]] = {}
    for who, when in sorted((str(row[member]), str(row[at])) for row in lines):
        times.setdefault(who, []).append(datetime.fromisoformat(when))
    return times


def _lines(
    rng: np.random.Generator,
    person: Person,
    at: datetime,
    order: tuple[str, Deal, np.random.Generator],
) -> list[list[object]]:
    buyer = BUYERS[person.kind]
    number, won, deals = order
    province, city = PLACES[person.place]
    channel = weighted(rng, CHANNELS, (0.4, 0.3, 0.18, 0.12))
    status = "交易关闭" if rng.random() < 0.02 else "交易成功"
    lines: list[list[object]] = []
    for _ in range(1 + int(rng.random() < 0.3)):
        category = of_shares(rng, buyer.categories)
        amount = round(float(buyer.ticket * rng.lognormal(0, 0.45)), 2)
        refund = amount if rng.random() < refund_share(category) else 0.0
        product = one_of(rng, PRODUCTS[category])
        mate = GOES_WITH.get(str(lines[0][4])) if lines else None
        if mate in PRODUCTS[category]:
            product = mate
        pieces = 1 + int(rng.random() < 0.2)
        price = round(amount / (1 - won.depth) / pieces, 2)
        saved = round(max(price * pieces - amount, 0.0), 2) if won.depth else 0.0
        back = given_back(deals, category=category, at=at) if refund else ("", "")
        lines.append([
            number, person.member, person.phone, f"{at:%Y-%m-%d %H:%M:%S}", product, category, price,
            pieces, saved, won.coupon, amount, refund, *back, channel, province, city, status,
        ])  # fmt: skip
    return lines
