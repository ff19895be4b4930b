"""What was sold below its price: how often, how deep, and who buys so first, again or only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals as nw
import polars as pl

from insight.ledger.lines import DAY, UNITS, Lines, Orders, all_lines, collect, has, priced, yuan
from insight.ledger.periods import whole_lengths
from insight.ledger.pieces import thousandths

Meaning = Literal["money", "off", "pay"]
NO_PROMOTION = (
    "", "无", "否", "没有", "未使用", "未使用优惠券", "未参加", "无优惠", "无活动", "不参加", "0", "-", "--", "/",
    "no", "No", "NO", "none", "None", "N/A", "n/a", "FALSE", "False", "false",
)  # fmt: skip
_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Tells:
    """What of a line tells that it was sold below its price; what is absent is not looked at.

    Attributes
    ----------
    discount : the column ``discount`` is "money" [CNY off the line], the share taken "off" or the share
        left to "pay"; None where it is not looked at
    list_price : the price of one piece before anything is taken off is looked at
    promotion : the name of a coupon or campaign is looked at
    least : the share of the full price from which a saving counts
    """

    discount: Meaning | None = None
    list_price: bool = False
    promotion: bool = False
    least: float = 0.01


def discount_values(orders: Orders) -> dict[str, float]:
    """What stands in the columns that may tell of a discount.

    Returns
    -------
    n_discounts [lines with a value], n_nothing [of them 0], n_whole [of them 1], most [the largest, without
        its sign], n_list_prices [lines with one above 0], n_promotions [lines that name one]
    """
    lines, number = all_lines(orders), nw.lit(None, nw.Float64)
    off = nw.col("discount").abs() if has(orders, "discount") else number
    price = nw.col("list_price") if has(orders, "list_price") else number
    lines = lines.with_columns(off=off, price=price, named=_named(has(orders, "promotion")))
    table = lines.select(
        n_discounts=nw.col("off").count(),
        n_nothing=_count(nw.col("off") == 0),
        n_whole=_count(nw.col("off") == 1),
        most=nw.col("off").max(),
        n_list_prices=_count(nw.col("price") > 0),
        n_promotions=nw.col("named").sum(),
    )
    return collect(table).fill_null(0).row(0, named=True)


def discounts(orders: Orders, told: Tells, *, by: str = "") -> pl.DataFrame:
    """Paid orders and sales, and how much of them was on discount; refunds not taken off.

    Parameters
    ----------
    by : a column of the lines; "day" for the day of the order; "" for one row

    Returns
    -------
    (n_values) group [as the column is, days since 1970 for "day"; "" for one row], n_orders, n_deals
        [orders with a line on discount], sales [CNY], deal_sales [CNY, of the lines on discount], saved
        [CNY, taken off those lines]; sorted
    """
    keys = [by] if by not in ("", "day") else []
    bought = _by_order(orders, told, *keys)
    group = {"": nw.lit(""), "day": nw.col("day")}.get(by, nw.col(by) if by else nw.lit(""))
    summed = bought.with_columns(group=group).group_by("group")
    table = summed.agg(
        n_orders=nw.len(), n_deals=nw.col("deal").sum(), sales=yuan(nw.col("paid").sum()),
        deal_sales=yuan(nw.col("deal_paid").sum()), saved=yuan(nw.col("saved").sum()),
    )  # fmt: skip
    columns = ("group", "n_orders", "n_deals", "sales", "deal_sales", "saved")
    return collect(table).select(columns).sort("group")


def discount_depths(orders: Orders, told: Tells) -> pl.DataFrame:
    """How many of the orders on discount saved how much of their full price.

    Returns
    -------
    (n_depths) depth [whole percent of the order's full price, the nearest; null where only the name
        of a promotion is known], n_orders, sales [CNY]; sorted
    """
    deals = _by_order(orders, told).filter(nw.col("deal") == 1)
    twice = (nw.col("saved") + nw.col("paid")) * 2
    raised = (
        nw.col("saved") * 200 + nw.col("saved") + nw.col("paid")
    )  # half a percent up, then cut off
    depth = ((raised - raised % twice) / twice).round(0).cast(nw.Int64)
    rows = deals.with_columns(depth=nw.when(nw.col("saved") > 0).then(depth))
    table = rows.group_by("depth").agg(n_orders=nw.len(), sales=yuan(nw.col("paid").sum()))
    return collect(table).select("depth", "n_orders", "sales").sort("depth", nulls_last=True)


def discount_buyers(orders: Orders, told: Tells, *, within_days: int) -> pl.DataFrame:
    """What each customer bought on discount, whether first so, and what came soon after.

    Parameters
    ----------
    within_days : after the day of the first order, which itself is not counted

    Returns
    -------
    (n_customers with a paid order) customer_id, n_orders, n_deals [orders with a line on discount], sales,
        saved [CNY], first_deal [1 where the first order was on discount, else 0], first_day [days since
        1970], n_later, n_later_full [orders, those without discount, on a later day at most
        ``within_days`` after the first], sales_later [CNY, of n_later]; sorted by customer_id
    """
    bought = _by_order(orders, told).filter(~nw.col("customer_id").is_null())
    bought = bought.with_columns(
        first_at=nw.col("at").min().over("customer_id"),
        first_day=nw.col("day").min().over("customer_id"),
    )
    gap = nw.col("day") - nw.col("first_day")
    later, deal = (gap > 0) & (gap <= within_days), nw.col("deal")
    table = bought.group_by("customer_id", "first_day").agg(
        n_orders=nw.len(),
        n_deals=deal.sum(),
        sales=yuan(nw.col("paid").sum()),
        saved=yuan(nw.col("saved").sum()),
        first_deal=_where(nw.col("at") == nw.col("first_at"), deal).max(),
        n_later=_where(later, nw.lit(1)).sum(),
        n_later_full=_where(later, 1 - deal).sum(),
        sales_later=yuan(_where(later, nw.col("paid")).sum()),
    )
    columns = (
        "customer_id", "n_orders", "n_deals", "sales", "saved", "first_deal", "first_day", "n_later", "n_later_full",
        "sales_later",
    )  # fmt: skip
    return collect(table).select(columns).sort("customer_id")


def _by_order(orders: Orders, told: Tells, *keys: str) -> Lines:
    """(n_paid_orders) customer_id, order_id, ``keys``, at, day, deal [0, 1], paid, deal_paid, saved [units]."""
    lines = _deals(orders, told)
    named = list(dict.fromkeys(("customer_id", "order_id", *keys)))
    table = lines.group_by(named).agg(
        at=nw.col("ordered_at").min(), deal=nw.col("deal").max(), paid=nw.col("paid").sum(),
        deal_paid=(nw.col("paid") * nw.col("deal")).sum(), saved=(nw.col("saved") * nw.col("deal")).sum(),
    )  # fmt: skip
    return table.with_columns(day=whole_lengths(nw.col("at"), DAY))


def _deals(orders: Orders, told: Tells) -> Lines:
    """The paid lines with saved [units] and deal [1 where they were on discount, else 0]."""
    if not has(orders, "customer_id"):
        lines = priced(orders).with_columns(customer_id=nw.lit(None, nw.String))
    else:
        lines = priced(orders)
    lines = lines.filter(nw.col("paid") > 0)
    lines = lines.with_columns(*_savings(orders, told), named=_named(told.promotion))
    lines = lines.with_columns(saved=nw.max_horizontal("saved_discount", "saved_list"))
    full = (nw.col("saved") + nw.col("paid")).cast(nw.Float64)
    enough = (nw.col("saved") > 0) & (nw.col("saved").cast(nw.Float64) >= full * told.least)
    return lines.with_columns(deal=_where(enough | (nw.col("named") == 1), nw.lit(1)))


def _savings(orders: Orders, told: Tells) -> tuple[nw.Expr, nw.Expr]:
    """What was taken off each line [units] as its discount and as its list price tell."""
    paid, value = nw.col("paid").cast(nw.Float64), nw.col("discount").abs() if told.discount else nw.lit(0.0)  # fmt: skip
    partly = (value > 0) & (value < 1)
    by_meaning = {
        "money": value * UNITS,
        "off": _where(partly, paid * value / (1 - value)),
        "pay": _where(partly, paid * (1 - value) / value),
    }
    off = by_meaning[told.discount] if told.discount else nw.lit(0.0)
    above = nw.lit(0.0)
    if told.list_price:
        above = nw.col("list_price") * UNITS * thousandths(orders) / _PARTS - paid
    return _units(off).alias("saved_discount"), _units(above).alias("saved_list")


def _units(money: nw.Expr) -> nw.Expr:
    """Whole units, at least 0; 0 where nothing is known."""
    return _where(money > 0, money.round(0)).cast(nw.Int64)


def _named(looked_at: bool) -> nw.Expr:
    """1 where a line names a promotion, else 0."""
    if not looked_at:
        return nw.lit(0)
    name = nw.col("promotion").str.strip_chars()
    return _where(~nw.col("promotion").is_null() & ~name.is_in(list(NO_PROMOTION)), nw.lit(1))


def _where(flag: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(flag).then(value).otherwise(nw.lit(0))


def _count(flag: nw.Expr) -> nw.Expr:
    return _where(flag, nw.lit(1)).sum()
