"""Which channels a customer uses, online or in shops, and what the users of one or several are worth."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from insight import ledger
from insight.errors import BadParameter
from insight.settings import settings
from insight.stats.differences import RankDifference, ranks_differ
from insight.wording import listed

MOST_CHANNELS, OTHERS = 20, "其他渠道"
ONLINE, OFFLINE = "线上", "线下"
ONCE, ONE, SEVERAL = "一个渠道（只有一单）", "一个渠道（两单以上）", "多个渠道"
SIDES = ("只在线上", "只在线下", "线上线下都买")
_SHOP = re.compile(r"线下|门店|专卖店$|实体|专柜|柜台|商场|超市|直营店|收银|自提|offline|store|retail|shop floor|\bpos\b", re.I)  # fmt: skip
_NET = re.compile(r"线上|网|天猫|淘宝|京东|拼多多|抖音|快手|小红书|小程序|旗舰店|app|online|web|e-?store", re.I)  # fmt: skip


def bought(orders: ledger.Orders) -> pl.DataFrame:
    """What each known customer paid in each channel.

    Returns
    -------
    (n_customers x channels) customer_id, channel, n_orders [>= 1], spend [CNY, net]; the channels after
        the first ``MOST_CHANNELS`` are one
    """
    table = ledger.spend_by(orders, "channel").filter(pl.col("n_orders") > 0)
    named = table.group_by("channel").agg(pl.col("spend").sum()).sort("spend", "channel", descending=[True, False])  # fmt: skip
    kept = named["channel"].head(MOST_CHANNELS).to_list()
    channel = pl.when(pl.col("channel").is_in(kept)).then("channel").otherwise(pl.lit(OTHERS))
    keys = ("customer_id", "channel")
    return table.with_columns(channel=channel).group_by(keys).agg(pl.col("n_orders", "spend").sum()).sort(keys)  # fmt: skip


def shops(channels: list[str], wanted: str) -> frozenset[str]:
    """The channels that are shops: those named by the user, else told by their names.

    Raises
    ------
    BadParameter : one is named that does not exist.
    """
    named = frozenset(filter(None, re.split(r"[、，,;；\s]+", wanted)))
    if unknown := sorted(named.difference(channels)):
        raise BadParameter(
            "线下渠道", f"订单里没有渠道{listed(unknown)}，现有：{'、'.join(channels)}"
        )
    return named or frozenset(c for c in channels if _SHOP.search(c) and not _NET.search(c))


def grouped(table: pl.DataFrame, offline: frozenset[str]) -> pl.DataFrame:
    """Each customer with the group that tells how many channels and which sides are used.

    Returns
    -------
    (n_customers) customer_id, n_orders, spend, group [``ONCE``, ``ONE``, ``SEVERAL``], side [of ``SIDES``]
    """
    is_shop = pl.col("channel").is_in(sorted(offline))
    people = table.group_by("customer_id").agg(
        pl.col("n_orders", "spend").sum(), n=pl.len(), in_shop=is_shop.any(), on_net=(~is_shop).any()
    )  # fmt: skip
    alone = pl.when(pl.col("n_orders") > 1).then(pl.lit(ONE)).otherwise(pl.lit(ONCE))
    both, shop = pl.col("in_shop") & pl.col("on_net"), pl.col("in_shop")
    side = pl.when(both).then(pl.lit(SIDES[2])).when(shop).then(pl.lit(SIDES[1])).otherwise(pl.lit(SIDES[0]))  # fmt: skip
    group = pl.when(pl.col("n") > 1).then(pl.lit(SEVERAL)).otherwise(alone)
    return people.select("customer_id", "n_orders", "spend", group=group, side=side).sort("customer_id")  # fmt: skip


def summed(people: pl.DataFrame, by: str) -> pl.DataFrame:
    """How many customers each value of ``by`` has and what they are worth.

    Returns
    -------
    (n_values) ``by``, n_customers, share_of_customers, n_orders, spend, share_of_spend [null where
        nothing is left after refunds], orders_per_customer, spend_per_customer, average_order_value
    """
    n, total = people["customer_id"].n_unique(), float(people["spend"].sum())
    spend, n_customers, n_orders = pl.col("spend"), pl.col("n_customers"), pl.col("n_orders")
    sums = people.group_by(by).agg(n_customers=pl.len().cast(pl.Int64), n_orders=n_orders.sum(), spend=spend.sum().round(4))  # fmt: skip
    return sums.select(
        by, "n_customers", share_of_customers=n_customers / n, n_orders="n_orders", spend="spend",
        share_of_spend=pl.when(pl.lit(total > 0)).then(spend / (total or 1.0)),
        orders_per_customer=n_orders / n_customers, spend_per_customer=spend / n_customers,
        average_order_value=spend / n_orders,
    )  # fmt: skip


def mix(table: pl.DataFrame, people: pl.DataFrame, offline: frozenset[str]) -> pl.DataFrame:
    """The channels, most money first.

    Returns
    -------
    (n_channels) as ``summed``, with side and only_share [of its customers who buy nowhere else]
    """
    alone = people.select("customer_id", is_alone=pl.col("group") != SEVERAL)
    only = table.join(alone, on="customer_id").group_by("channel").agg(only_share=pl.col("is_alone").mean())  # fmt: skip
    side = pl.when(pl.col("channel").is_in(sorted(offline))).then(pl.lit(OFFLINE)).otherwise(pl.lit(ONLINE))  # fmt: skip
    told = summed(table, "channel").join(only, on="channel")
    order = told.sort("spend", "channel", descending=[True, False])
    return order.select("channel", pl.all().exclude("channel"), side=side)


def buyers(people: pl.DataFrame) -> tuple[pl.DataFrame, RankDifference]:
    """Customers by the number of channels; several channels tested against one, both with two orders or more."""
    spend = {g: people.filter(pl.col("group") == g)["spend"].to_numpy() for g in (SEVERAL, ONE)}
    least = settings().tiny_base
    enough = min(map(len, spend.values())) >= least
    found = ranks_differ(spend[SEVERAL], spend[ONE]) if enough else RankDifference(np.nan, np.nan)
    tested = {"effect": found.effect, "p_value": found.p_value}
    told = [pl.when(pl.col("group") == SEVERAL).then(pl.lit(v)).fill_nan(None).alias(c) for c, v in tested.items()]  # fmt: skip
    place = pl.col("group").replace_strict({ONCE: 0, ONE: 1, SEVERAL: 2}, return_dtype=pl.Int64)
    return summed(people, "group").sort(place).with_columns(told), found


def crossing(table: pl.DataFrame, channels: list[str]) -> pl.DataFrame:
    """Of the customers of each channel, how many also buy in each other one.

    Returns
    -------
    (n_channels x others) channel, other_channel, n_customers [in both], base [in the first],
        share [null where the base is too small]
    """
    pairs = pairs_of(table).group_by("channel", "other_channel").agg(n_customers=pl.len().cast(pl.Int64))  # fmt: skip
    base = table.group_by("channel").agg(base=pl.len().cast(pl.Int64))
    names = pl.DataFrame({"channel": channels}).with_row_index("place")
    others = names.rename({"channel": "other_channel", "place": "other_place"})
    grid = names.join(others, how="cross").filter(pl.col("place") != pl.col("other_place"))
    found = grid.join(pairs, on=["channel", "other_channel"], how="left").join(base, on="channel")
    n, enough = pl.col("n_customers").fill_null(0), pl.col("base") >= settings().tiny_base
    return found.sort("place", "other_place").select(
        "channel", "other_channel", n, "base", share=pl.when(enough).then(n / pl.col("base"))
    )


def pairs_of(table: pl.DataFrame) -> pl.DataFrame:
    one = table.select("customer_id", "channel")
    both = one.join(one.rename({"channel": "other_channel"}), on="customer_id")
    return both.filter(pl.col("channel") != pl.col("other_channel"))
