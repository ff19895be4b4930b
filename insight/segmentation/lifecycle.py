"""How far each customer has come: new, growing, mature, declining or lost, by the pace of purchases."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.segmentation.lifecycle_definition import (
    DECLINING,
    GROWING,
    LOST,
    MATURE,
    NEW,
    Definition,
)
from insight.settings import settings

ALL = "全部品类"
OWN, OF_CATEGORY, OF_ALL, GIVEN = ("自己的间隔", "品类的周期", "全部品类的周期", "填写的周期")
MOST_CATEGORIES = 50


@dataclass(frozen=True, slots=True)
class Staged:
    """The customers in their stages.

    Attributes
    ----------
    customers : (n_customers) customer_id, stage, n_purchases [days with a paid order], days_since_last,
        cycle_days [usual days between two purchases], cycles_away [days_since_last / cycle_days],
        cycle_source, spend [CNY, net]; sorted by customer_id
    cycles : (1 + n_categories) category, n_gaps [repeat purchases], cycle_days [their median],
        declining_days, lost_days; all categories first, then the shortest; empty where the user gave one
    until : the day the stages are for [days since 1970]
    """

    customers: pl.DataFrame
    cycles: pl.DataFrame
    until: int


def staged(orders: ledger.Orders, definition: Definition) -> Staged:
    """Put every customer into a stage.

    Raises
    ------
    TooFewRows : nobody bought, or nobody bought twice and no cycle is given.
    BadParameter : lost customers would be lost before they decline, or the snapshot is no date.
    """
    if definition.lost <= definition.declining:
        raise BadParameter("流失（lifecycle.lost）", "流失的周期数必须大于衰退的周期数")
    end = definition.snapshot
    counted = ledger.within(orders, end=None if end is None else (end + 1) * ledger.DAY)
    bought = ledger.buying_days(counted, counting="paid")
    if bought.is_empty():
        raise TooFewRows("统计日之前有付款订单的客户", 0, 1)
    until = ledger.span(counted)[1] // ledger.DAY if end is None else end
    cycles = category_cycles(counted) if not definition.cycle_days else pl.DataFrame(schema=_CYCLES)
    paced = _paced(counted, bought, cycles, definition)
    customers = stages_of(paced.with_columns(days_since_last=until - pl.col("last_day")), definition)  # fmt: skip
    limits = {f"{name}_days": pl.col("cycle_days") * getattr(definition, name) for name in ("declining", "lost")}  # fmt: skip
    return Staged(customers, cycles.with_columns(**limits), until)


def stages_of(paced: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """The stage of each customer.

    Parameters
    ----------
    paced : (n_customers) n_purchases, days_since_last, cycle_days, and what else is known
    """
    away, times = pl.col("cycles_away"), pl.col("n_purchases")
    stage = (
        pl.when(away > definition.lost)
        .then(pl.lit(LOST))
        .when(away > definition.declining)
        .then(pl.lit(DECLINING))
        .when(times == 1)
        .then(pl.lit(NEW))
        .when(times < definition.mature_from)
        .then(pl.lit(GROWING))
        .otherwise(pl.lit(MATURE))
    )
    ratio = paced.with_columns(cycles_away=pl.col("days_since_last") / pl.col("cycle_days"))
    columns = ("n_purchases", "days_since_last", "cycle_days", "cycles_away", "cycle_source", "spend")  # fmt: skip
    return ratio.select("customer_id", stage.alias("stage"), *columns)


_CYCLES = {"category": pl.String, "n_gaps": pl.Int64, "cycle_days": pl.Float64}


def category_cycles(orders: ledger.Orders) -> pl.DataFrame:
    """The usual days from one purchase to the next, of everything and of the categories with most money.

    Returns
    -------
    (1 + n_categories) category, n_gaps [count], cycle_days [their median]; all together first, then the
        shortest; categories with fewer repeat purchases than the smallest base are left out

    Raises
    ------
    TooFewRows : nobody bought on two days.
    """
    everything = _medians(ledger.intervals(orders).with_columns(category=pl.lit(ALL)))
    if everything.is_empty():
        raise TooFewRows("买过两天以上的客户", 0, 1)
    if "category" not in ledger.columns(orders):
        return everything
    named = ledger.largest(orders, "category", most=MOST_CATEGORIES)
    each = _medians(ledger.intervals(orders, by="category", values=named))
    enough = each.filter(pl.col("n_gaps") >= settings().tiny_base)
    return pl.concat([everything, enough.sort("cycle_days", "category")])


def _medians(counts: pl.DataFrame) -> pl.DataFrame:
    """The median of counted times: category, n_gaps, cycle_days."""
    seen = counts.filter(pl.col("n_events") > 0).sort("category", "time")
    up_to, n = pl.col("n_events").cum_sum(), pl.col("n_events").sum()
    middle = [pl.col("time").filter(up_to >= place).first() for place in ((n + 1) // 2, n // 2 + 1)]
    found = seen.group_by("category", maintain_order=True).agg(
        n_gaps=n, cycle_days=(middle[0] + middle[1]) / 2
    )
    return found.select(pl.col(name).cast(dtype) for name, dtype in _CYCLES.items())


def _paced(
    orders: ledger.Orders, bought: pl.DataFrame, cycles: pl.DataFrame, definition: Definition
) -> pl.DataFrame:
    """The customers with cycle_days and where it comes from: their own gaps, their category, or everything."""
    own = ledger.usual_gaps(orders).filter(pl.col("n_gaps") >= definition.own_gaps)
    table = bought.join(own, on="customer_id", how="left", maintain_order="left")
    table = table.join(_of_favourites(orders, cycles), on="customer_id", how="left", maintain_order="left")  # fmt: skip
    rest = definition.cycle_days or cycles["cycle_days"][0]
    own_days, category_days = pl.col("usual_gap_days"), pl.col("category_days")
    source = (
        pl.when(own_days.is_not_null())
        .then(pl.lit(OWN))
        .when(category_days.is_not_null())
        .then(pl.lit(OF_CATEGORY))
        .otherwise(pl.lit(GIVEN if definition.cycle_days else OF_ALL))
    )
    days = pl.coalesce(own_days, category_days, pl.lit(float(rest)))
    return table.with_columns(cycle_days=days, cycle_source=source).rename({"n_days": "n_purchases"})  # fmt: skip


def _of_favourites(orders: ledger.Orders, cycles: pl.DataFrame) -> pl.DataFrame:
    """customer_id, category_days: the cycle of the category they spent most on, where it has one."""
    known = cycles.filter(pl.col("category") != ALL)
    if known.is_empty():
        return pl.DataFrame(schema={"customer_id": pl.String, "category_days": pl.Float64})
    spent = ledger.spend_by(orders, "category").filter(pl.col("n_orders") > 0)
    most = spent.sort(["spend", "category"], descending=[True, False])
    best = most.unique("customer_id", keep="first", maintain_order=True)
    paced = best.join(known, on="category")
    return paced.select("customer_id", category_days="cycle_days")
