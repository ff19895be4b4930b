"""Who buys on discount only, and whether those whom a discount won come back."""

from __future__ import annotations

import polars as pl

from insight.deals.rest import against_rest
from insight.settings import settings
from insight.stats.proportions import wilson

ONLY, SOMETIMES, NEVER = (
    "每单都有优惠（两单以上）",
    "有时用优惠（两单以上）",
    "从不用优惠（两单以上）",
)
ONCE_DEAL, ONCE_FULL = "只买过一单，有优惠", "只买过一单，原价"
KINDS = (ONLY, SOMETIMES, NEVER, ONCE_DEAL, ONCE_FULL)
WON, FULL = "首单有优惠", "首单原价"


def kinds_of(buyers: pl.DataFrame) -> pl.DataFrame:
    """Add group: whether a customer buys only, sometimes or never on discount; of one order which it was.

    Parameters
    ----------
    buyers : (n_customers) as ``ledger.discount_buyers`` gives them
    """
    once, deals = pl.col("n_orders") == 1, pl.col("n_deals")
    group = (
        pl.when(once & (deals == 1)).then(pl.lit(ONCE_DEAL)).when(once).then(pl.lit(ONCE_FULL))
        .when(deals == pl.col("n_orders")).then(pl.lit(ONLY)).when(deals == 0).then(pl.lit(NEVER))
        .otherwise(pl.lit(SOMETIMES))
    )  # fmt: skip
    return buyers.with_columns(group=group)


def dependence(kinds: pl.DataFrame) -> pl.DataFrame:
    """How many customers buy only, sometimes or never on discount.

    Returns
    -------
    (n_kinds present) group [in the order of ``KINDS``], n_customers, share_of_customers, n_orders,
        n_deals, deal_rate, sales_amount, share_of_sales
    """
    sums = kinds.group_by("group").agg(
        pl.col("n_orders", "n_deals").sum(),
        n_customers=pl.len().cast(pl.Int64),
        sales_amount=pl.col("sales").sum(),
    )
    return sums.sort(pl.col("group").replace_strict(KINDS, range(len(KINDS)))).select(
        "group",
        "n_customers",
        share_of_customers=pl.col("n_customers") / pl.col("n_customers").sum(),
        n_orders="n_orders",
        n_deals="n_deals",
        deal_rate=pl.col("n_deals") / pl.col("n_orders"),
        sales_amount="sales_amount",
        share_of_sales=pl.col("sales_amount") / pl.col("sales_amount").sum(),
    )


def by_segment(kinds: pl.DataFrame, members: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    """What each segment buys on discount, and how many of it never buy without one.

    Parameters
    ----------
    kinds : (n_customers) as ``kinds_of`` gives them
    members : (n) customer_id, group
    groups : in display order

    Returns
    -------
    (n_segments) segment, n_customers, n_orders, n_deals, deal_rate, saved_amount, n_repeat_customers [two
        orders or more], n_only [of them, only on discount], only_rate, ci_low, ci_high [95 %, Wilson],
        rest_rate [of all others], q_value [against all others, BH; null where a side is too small]
    """
    joined = kinds.join(members.rename({"group": "segment"}), on="customer_id")
    sums = joined.group_by("segment").agg(
        pl.col("n_orders", "n_deals").sum(),
        n_customers=pl.len().cast(pl.Int64),
        saved_amount=pl.col("saved").sum(),
        n_repeat_customers=(pl.col("n_orders") > 1).sum().cast(pl.Int64),
        n_only=(pl.col("group") == ONLY).sum().cast(pl.Int64),
    )
    ordered = sums.sort(pl.col("segment").replace_strict(groups, range(len(groups)), default=len(groups)), "segment")  # fmt: skip
    rates = ordered.with_columns(deal_rate=pl.when(pl.col("n_orders") >= settings().tiny_base).then(pl.col("n_deals") / pl.col("n_orders")))  # fmt: skip
    tested = against_rest(rates, n="n_only", base="n_repeat_customers", rate="only_rate")
    columns = ("segment", "n_customers", "n_orders", "n_deals", "deal_rate", "saved_amount", "n_repeat_customers", "n_only")  # fmt: skip
    return tested.select(*columns, "only_rate", "ci_low", "ci_high", "rest_rate", "q_value")


def won(buyers: pl.DataFrame, *, days: int, last_day: int) -> pl.DataFrame:
    """Whether customers whose first order was on discount come back, against those who paid the full price.

    Parameters
    ----------
    buyers : (n_customers) as ``ledger.discount_buyers`` gives them within ``days``
    last_day : of the data [days since 1970]; who came less than ``days`` before is not rated

    Returns
    -------
    (<= 2) group, n_customers, n_mature [observed for ``days``], n_again [of them, bought again],
        repurchase_rate, ci_low, ci_high [95 %, Wilson], n_again_full [of n_mature, again without a
        discount], full_again_rate, later_amount [CNY per mature customer within ``days``]
    """
    mature = pl.col("first_day") + days <= last_day
    told = buyers.with_columns(group=pl.when(pl.col("first_deal") == 1).then(pl.lit(WON)).otherwise(pl.lit(FULL)))  # fmt: skip
    sums = told.group_by("group").agg(
        n_customers=pl.len().cast(pl.Int64),
        n_mature=mature.sum().cast(pl.Int64),
        n_again=(mature & (pl.col("n_later") > 0)).sum().cast(pl.Int64),
        n_again_full=(mature & (pl.col("n_later_full") > 0)).sum().cast(pl.Int64),
        later=pl.col("sales_later").filter(mature).sum(),
    )
    enough, base = pl.col("n_mature") >= settings().tiny_base, pl.col("n_mature")
    rates = sums.sort("group", descending=True).with_columns(
        repurchase_rate=pl.when(enough).then(pl.col("n_again") / base),
        full_again_rate=pl.when(enough).then(pl.col("n_again_full") / base),
        later_amount=pl.when(enough).then((pl.col("later") / base).round(2)),
    )
    shares = rates["repurchase_rate"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    low, high = wilson(shares, rates["n_mature"].cast(pl.Float64).to_numpy())
    ends = (pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None))
    columns = ("group", "n_customers", "n_mature", "n_again", "repurchase_rate", "ci_low", "ci_high", "n_again_full", "full_again_rate", "later_amount")  # fmt: skip
    return rates.with_columns(*ends).select(columns)


def acquisition(buyers: pl.DataFrame) -> pl.DataFrame:
    """How many of the orders with and without a discount were somebody's first.

    Returns
    -------
    (2) deal [有优惠的订单, 原价订单], n_orders, n_first_orders, first_rate [null where there are no orders]
    """
    row = buyers.select(
        pl.col("n_orders", "n_deals").sum(), pl.col("first_deal").sum(), n=pl.len()
    ).row(0, named=True)
    orders = [row["n_deals"], row["n_orders"] - row["n_deals"]]
    first = [row["first_deal"], row["n"] - row["first_deal"]]
    table = pl.DataFrame(
        {"deal": ["有优惠的订单", "原价订单"], "n_orders": orders, "n_first_orders": first}
    )
    return table.with_columns(first_rate=pl.when(pl.col("n_orders") >= settings().tiny_base).then(pl.col("n_first_orders") / pl.col("n_orders")))  # fmt: skip
