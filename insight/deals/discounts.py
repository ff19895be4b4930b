"""What counts as a discount, and how much is sold so: by month, by festival, by depth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

import polars as pl

from insight import ledger
from insight.errors import TooFewRows
from insight.periods.festivals import festivals
from insight.settings import settings

Written = Literal["auto", "money", "off", "pay"]
WRITTEN: Mapping[Written, str] = MappingProxyType({
    "auto": "自动判断", "money": "优惠了多少元", "off": "减去的比例（八折写 0.2）", "pay": "实付的比例（八折写 0.8）",
})  # fmt: skip
MEANT = MappingProxyType({"money": "优惠的金额（元）", "off": "减去的比例", "pay": "实付的比例"})
EPOCH = date(1970, 1, 1)
USUAL = "平日"
DEPTHS = ("不到 10%", "10%–20%", "20%–30%", "30%–50%", "50% 及以上", "不知道幅度")
_EDGES = (10, 20, 30, 50)  # percent


def tells_of(orders: ledger.Orders, *, written: Written, least: float) -> ledger.Tells:
    """What in these order lines tells of a discount.

    Parameters
    ----------
    written : how the discount is written; "auto": values of at most 1 are shares. They are what is left to
        pay where 1 is commoner than 0, else what is taken off.
    least : share of the full price from which a saving counts

    Raises
    ------
    TooFewRows : the columns are there, but no line tells of a discount.
    """
    had, seen = ledger.columns(orders), ledger.discount_values(orders)
    is_told = "discount" in had and seen["most"] > 0
    meaning: ledger.Meaning = "money" if written == "auto" else written
    if written == "auto" and seen["most"] <= 1:
        meaning = "pay" if seen["n_whole"] > seen["n_nothing"] else "off"
    told = ledger.Tells(
        meaning if is_told else None,
        list_price="list_price" in had and seen["n_list_prices"] > 0,
        promotion="promotion" in had and seen["n_promotions"] > 0,
        least=least,
    )
    if told.discount is None and not told.list_price and not told.promotion:
        raise TooFewRows("写有折扣、标价或优惠券的订单明细", 0, 1)
    return told


def rated(table: pl.DataFrame) -> pl.DataFrame:
    """Turn counts and sums into shares.

    Parameters
    ----------
    table : (n) n_orders, n_deals, sales, deal_sales, saved, as ``ledger.discounts`` gives them

    Returns
    -------
    (n) what else the table has, n_orders, n_deals, deal_rate [of the orders], sales_amount [CNY],
        deal_sales_share, full_price_share [of the sales], saved_amount [CNY], off_share [of the full price of
        what was on discount; null where only names of promotions are known]; shares are null below the
        smallest base
    """
    enough = pl.col("n_orders") >= settings().tiny_base
    deal, full = pl.col("deal_sales") / pl.col("sales"), pl.col("saved") + pl.col("deal_sales")
    return table.with_columns(
        deal_rate=pl.when(enough).then(pl.col("n_deals") / pl.col("n_orders")),
        sales_amount="sales",
        deal_sales_share=pl.when(enough).then(deal),
        full_price_share=pl.when(enough).then(1 - deal),
        saved_amount="saved",
        off_share=pl.when(enough & (pl.col("saved") > 0)).then(pl.col("saved") / full),
    ).drop("sales", "deal_sales", "saved")


def by_month(orders: ledger.Orders, told: ledger.Tells) -> pl.DataFrame:
    """(n_months) month [first day] and the columns of ``rated``."""
    table = rated(ledger.discounts(orders, told, by="ordered_month"))
    month = pl.date(pl.col("group") // 100, pl.col("group") % 100, 1).alias("month")
    return table.select(month, pl.exclude("group"))


def by_festival(orders: ledger.Orders, told: ledger.Tells) -> pl.DataFrame:
    """The days on which each festival is felt, all years together, and all other days.

    Returns
    -------
    (n_festivals + 1) festival [平日 last], n_days [with sales] and the columns of ``rated``; a day within
        two festivals belongs to the major one, else to the one that began last
    """
    days = ledger.discounts(orders, told, by="day")
    names = _festival_days(days["group"].to_list())
    named = days.with_columns(
        festival=pl.col("group").replace_strict(names, default=USUAL, return_dtype=pl.String)
    )
    sums = named.group_by("festival").agg(n_days=pl.len().cast(pl.Int64), **_SUMS)
    order = [*dict.fromkeys(f.name for f in festivals(date(2000, 1, 1), date(2000, 12, 31))), USUAL]
    at = pl.col("festival").replace_strict(order, range(len(order)), default=0)
    return rated(sums.sort(at, "festival"))


_SUMS: Mapping[str, pl.Expr] = {
    name: pl.col(name).sum() for name in ("n_orders", "n_deals", "sales", "deal_sales", "saved")
}


def _festival_days(days: list[int]) -> dict[int, str]:
    """Day [since 1970] -> name of the festival it belongs to."""
    if not days:
        return {}
    first, last = EPOCH + timedelta(min(days) - 30), EPOCH + timedelta(max(days) + 30)
    found: dict[int, str] = {}
    for one in sorted(festivals(first, last), key=lambda f: (f.is_major, f.start)):
        start, end = (one.start - EPOCH).days, (one.end - EPOCH).days
        found |= dict.fromkeys(range(start, end + 1), one.name)
    return found


def by_depth(orders: ledger.Orders, told: ledger.Tells) -> pl.DataFrame:
    """(n_bands with orders) depth, n_orders, share_of_orders [on discount], sales_amount."""
    table = ledger.discount_depths(orders, told)
    band = pl.sum_horizontal(*(pl.col("depth") >= edge for edge in _EDGES))
    at = pl.when(pl.col("depth").is_null()).then(len(_EDGES) + 1).otherwise(band)
    sums = table.group_by(at=at.cast(pl.Int64)).agg(pl.col("n_orders").sum(), sales_amount=pl.col("sales").sum())  # fmt: skip
    share = pl.col("n_orders") / pl.col("n_orders").sum()
    depth = pl.col("at").replace_strict(range(len(DEPTHS)), DEPTHS, return_dtype=pl.String)
    return sums.sort("at").select(depth=depth, n_orders="n_orders", share_of_orders=share, sales_amount="sales_amount")  # fmt: skip
