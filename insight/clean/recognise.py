"""Which canonical table a file holds, and which platform exported it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from insight.clean.contents import Profile, few_answers, share
from insight.clean.headers import fold, is_numbered, is_unmistakable, question_header, tidy
from insight.clean.mapping import Match
from insight.schema import ORDERS, TABLES, Kind

_ENOUGH_QUESTIONS = 3
_OPTION_COLUMN = re.compile(r"第\s*\d+\s*题\s*[(（].+[)）]$|\d{1,3}\s*、\s*[(（].+[)）]$")


@dataclass(frozen=True, slots=True)
class Platform:
    """An exporting platform, the headers that give it away, and how many of them it takes."""

    name: str
    table: str
    marks: tuple[str, ...]
    least: int = 3


PLATFORMS = (
    Platform("问卷星", "responses", ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")),
    Platform("腾讯问卷", "responses", ("编号", "开始答题时间", "结束答题时间", "答题时长")),
    Platform("见数", "responses", ("作答ID", "被试ID", "作答时长(秒)", "信用分", "审核状态", "IP归属地")),
    Platform("Qualtrics", "responses", ("StartDate", "EndDate", "Progress", "Finished", "RecordedDate", "ResponseId", "DistributionChannel", "UserLanguage"), 4),
    Platform("SurveyMonkey", "responses", ("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Custom Data 1")),
    Platform("LimeSurvey", "responses", ("submitdate", "lastpage", "startlanguage", "startdate", "datestamp", "seed")),
    Platform("淘宝/天猫", "orders", ("买家会员名", "买家应付货款", "总金额", "买家实际支付金额", "买家实付金额", "订单创建时间", "订单付款时间", "宝贝标题", "宝贝总数量", "支付单号")),
    Platform("京东", "orders", ("京东价", "下单帐号", "商家应收", "订购数量", "下单时间", "付款确认时间")),
    Platform("有赞", "orders", ("归属店铺", "推广方式", "全部商品名称", "订单实付金额", "商品种类数", "买家付款时间")),
    Platform("抖店", "orders", ("主订单编号", "子订单编号", "订单应付金额", "达人昵称", "选购商品", "订单提交时间", "支付完成时间")),
    Platform("拼多多", "orders", ("商品总价(元)", "店铺优惠折扣(元)", "平台优惠折扣(元)", "用户实付金额(元)", "商家实收金额(元)")),
    Platform("Shopify", "orders", ("Financial Status", "Fulfillment Status", "Lineitem name", "Lineitem quantity", "Lineitem price")),
)  # fmt: skip


def platform(headers: list[str]) -> tuple[Platform, tuple[str, ...]] | None:
    """The platform most of whose marks are among the headers, with those marks; None if too few."""
    folded = {fold(h) for h in headers}
    hits = [(p, tuple(m for m in p.marks if fold(m) in folded)) for p in PLATFORMS]
    enough = [(p, marks) for p, marks in hits if len(marks) >= p.least]
    return max(enough, key=lambda found: len(found[1]), default=None)


def platform_label(seen: Mapping[str, Profile], table: str) -> str:
    """ "问卷星·按文本（依据：序号、提交答卷时间）", or "" where no platform of ``table`` is recognised."""
    exporter = platform(list(seen))
    if exporter is None or exporter[0].table != table:
        return ""
    name, marks = exporter[0].name, "、".join(exporter[1][:4])
    if name == "问卷星":
        questions = tuple(h for h in seen if is_numbered(h))
        name += "·按序号" if is_coded(seen, questions) else "·按文本"
    return f"{name}（依据：{marks}）"


def table_of(seen: Mapping[str, Profile], found: Mapping[str, Match]) -> str | None:
    """The canonical table a file holds, or None where nothing fits.

    Parameters
    ----------
    seen : raw column -> profile
    found : canonical table -> the roles its columns would play
    """
    roles = {table: frozenset(match.roles.values()) for table, match in found.items()}
    exporter = platform(list(seen))
    if exporter and exporter[0].table == "responses":
        return "responses"
    n_numbered = sum(is_numbered(h) for h in seen)
    others = len(seen) - len(found["responses"].roles)
    if n_numbered and n_numbered >= min(_ENOUGH_QUESTIONS, others):
        return "responses"
    if {"text", "text_id"} <= roles["texts"]:
        return "texts"
    if exporter or is_orders(roles["orders"]):
        return "orders"
    if "text" in roles["texts"]:
        return "texts"
    return "orders" if _says_orders(list(seen)) else _by_grain(seen, found)


def is_orders(roles: frozenset[str]) -> bool:
    """Whether there is a time and money, or quantity and price."""
    return "ordered_at" in roles and ("amount" in roles or {"quantity", "unit_price"} <= roles)


def _says_orders(headers: list[str]) -> bool:
    """Whether time, money and whose they are stand in the header, readable or not."""
    named = {c.name for c in ORDERS.columns if any(is_unmistakable(h, c) for h in headers)}
    return {"ordered_at", "amount"} <= named and bool(named & {"order_id", "customer_id", "phone"})


def _by_grain(seen: Mapping[str, Profile], found: Mapping[str, Match]) -> str | None:
    orders = frozenset(found["orders"].roles.values())
    if "order_id" in orders and orders & {"ordered_at", "amount", "unit_price", "product"}:
        return "orders"
    people = found["customers"].roles
    keys = {c for c, r in people.items() if _is_identity(r)}
    if any(seen[c].distinct >= 0.9 * seen[c].rows for c in keys) and len(seen) > 1:
        return "customers"
    answered = [c for c, p in seen.items() if few_answers(p) or question_header(c).part]
    few_facts = not keys and len(orders) < 2
    return "responses" if few_facts and 2 * len(answered) >= len(seen) else None


def _is_identity(role: str) -> bool:
    column = TABLES["customers"].column(role)
    return column is not None and column.kind is Kind.IDENTITY


def is_coded(seen: Mapping[str, Profile], headers: tuple[str, ...]) -> bool:
    """Whether the file is a 问卷星 export of option numbers (按序号) rather than their text (按文本).

    Option columns (``第6题(运动)``, ``5、(乘车不安全)``) say so; else the file must be from 问卷星
    and the answers that come again and again must be integers.
    """
    if any(_OPTION_COLUMN.match(tidy(h)) for h in headers):
        return True
    exporter = platform(list(seen))
    if exporter is None or exporter[0].name != "问卷星":
        return False
    filled = [seen[h] for h in headers if seen[h].filled]
    repeated = [p for p in filled if few_answers(p)] or filled
    return bool(repeated) and all(share(p.sample, r"^-?\d+$") == 1 for p in repeated)
