"""Who of those that were sent a coupon used it, and what they and the others spent before and after."""

from __future__ import annotations

import polars as pl

from insight.analysis import Cell, Finding
from insight.dataset import Dataset
from insight.errors import BadParameter, UnknownName
from insight.schema.conditions import AUDIENCE
from insight.segmentation.breaks import break_of
from insight.settings import settings
from insight.stats.proportions import wilson
from insight.strategy.assigning import HELD_OUT, TOUCHED
from insight.wording import count, money, percent

USED, UNUSED = "触达且兑换", "触达未兑换"
GROUPS = (USED, UNUSED, HELD_OUT)


def used_by(dataset: Dataset, key: str, value: str) -> pl.Series:
    """The customers of one group of a break.

    Parameters
    ----------
    value : the group; "" = those inside, where the break is an audience

    Raises
    ------
    UnknownName : there is no such break, or no such group.
    BadParameter : it is no audience, and the group is not said: any of its values could mean redeemed.
    """
    made = break_of(dataset, key, unit="customer_id")
    if not value and not key.startswith(AUDIENCE):
        known = "、".join(f"“{one}”" for one in made.groups)
        raise BadParameter(
            "兑换的人叫什么（uplift.used_as）",
            f"“{made.label}”里表示兑换了的是哪一个？可以填 {known}",
        )
    if value and value not in made.groups:
        raise UnknownName(f"“{made.label}”的值", value, made.groups)
    own = value or key.removeprefix(AUDIENCE)
    return made.members.filter(pl.col("group") == own)["customer_id"]


def redemption(after: pl.DataFrame, before: pl.DataFrame, *, used: pl.Series) -> pl.DataFrame:
    """How many redeemed, and the money of both kinds and of those who were left alone.

    Parameters
    ----------
    after, before : (n) customer_id, arm, spend [CNY], as ``reading.bought_in`` gives them for both windows
    used : ids of the customers who redeemed

    Returns
    -------
    (3) group, n_customers, share [of all who were touched; null for those left alone], ci_low, ci_high [Wilson],
        previous_spend, mean_spend [CNY a person in as many days before, and after], change_amount [CNY a person]
    """
    has_used = pl.col("customer_id").is_in(used.implode())
    group = (
        pl.when(pl.col("arm") != TOUCHED).then(pl.lit(HELD_OUT))
        .when(has_used).then(pl.lit(USED)).otherwise(pl.lit(UNUSED))
    )  # fmt: skip
    both = after.join(before.select("customer_id", was="spend"), on="customer_id").with_columns(group=group)  # fmt: skip
    told = both.group_by("group").agg(
        n_customers=pl.len().cast(pl.Int64), previous_spend=pl.col("was").sort().mean(), mean_spend=pl.col("spend").sort().mean(),
    )  # fmt: skip
    rows = pl.DataFrame({"group": GROUPS}).join(told, on="group", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("n_customers").fill_null(0))
    n_touched = rows["n_customers"][:2].sum()
    is_touched = pl.col("group") != HELD_OUT
    shares = rows.with_columns(share=pl.when(is_touched).then(pl.col("n_customers") / n_touched))
    low, high = wilson(*shares.select("share", base=pl.lit(float(n_touched))).to_numpy().T)
    bounds = shares.with_columns(
        pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None)
    )
    change = pl.col("mean_spend") - pl.col("previous_spend")
    return bounds.with_columns(change_amount=change).select(
        "group", "n_customers", "share", "ci_low", "ci_high", "previous_spend", "mean_spend", "change_amount",
    )  # fmt: skip


def redeemed(table: pl.DataFrame) -> Finding:
    """How many redeemed; what they spent is told beside it, never as the effect of the coupon."""
    row, n_touched = table.row(0, named=True), int(table["n_customers"][:2].sum())
    told = ["n_customers", "share", "ci_low", "ci_high"]
    text = (
        f"触达的客户里有 {count(row['n_customers'])} 人兑换，占 {percent(row['share'])}"
        f"（95% 区间 {percent(row['ci_low'])} 至 {percent(row['ci_high'])}）"
    )
    if row["n_customers"] >= settings().tiny_base:
        text += (
            f"；他们活动前人均消费 {money(row['previous_spend'])}，期间 {money(row['mean_spend'])}"
        )
        told += ["previous_spend", "mean_spend"]
    text += "。兑不兑换是客户自己选的，两者之差不能当作活动的效果。"
    return Finding(text, n_touched, tuple(Cell("redemption", 0, c) for c in told), "兑换比例的 Wilson 95% 区间")  # fmt: skip
