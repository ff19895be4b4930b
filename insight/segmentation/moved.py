"""What the moves between two dates sum up to: pairs of groups, directions, what is left of a group, who fell."""

from __future__ import annotations

import polars as pl

from insight.segmentation.migration import BACK, DIRECTIONS, DOWN, GONE, LEFT, NEW, SAME, UP, Moves
from insight.settings import settings
from insight.stats.proportions import wilson


def matrix(moved: Moves) -> pl.DataFrame:
    """From which group to which.

    Returns
    -------
    (n_pairs) from_segment, to_segment, n_customers, base [customers of from_segment], share [of them;
        null below the smallest base], spend_before, spend_after, spend_change [CNY]; every pair of
        groups, also those of nobody
    """
    starts = pl.DataFrame({"from_segment": [*moved.groups, BACK, NEW]})
    ends = pl.DataFrame({"to_segment": [*moved.groups, GONE]})
    came = pl.col("from_segment").is_in([BACK, NEW])
    grid = starts.join(ends, how="cross").filter(~(came & (pl.col("to_segment") == GONE)))
    summed = _summed(moved.customers, "from_segment", "to_segment")
    keys = ("from_segment", "to_segment")
    table = grid.join(summed, on=keys, how="left", maintain_order="left")
    filled = table.with_columns(
        pl.col("n_customers").fill_null(0), pl.col("^spend_.*$").fill_null(0.0)
    )
    based = filled.with_columns(base=pl.col("n_customers").sum().over("from_segment"))
    there = based.filter(pl.col("base") > 0)
    enough = pl.col("base") >= settings().tiny_base
    share = pl.when(enough).then(pl.col("n_customers") / pl.col("base"))
    first = (*keys, "n_customers", "base")
    return there.select(*first, share.alias("share"), pl.col("^spend_.*$"))


def _summed(customers: pl.DataFrame, *keys: str) -> pl.DataFrame:
    return customers.group_by(*keys, maintain_order=True).agg(
        n_customers=pl.len().cast(pl.Int64),
        spend_before=pl.col("spend_before").sum().round(4),
        spend_after=pl.col("spend_after").sum().round(4),
        spend_change=(pl.col("spend_after").sum() - pl.col("spend_before").sum()).round(4),
    )


def directions(moved: Moves) -> pl.DataFrame:
    """How many rose, stayed, fell, left and came, and what that did to the spend."""
    order = pl.DataFrame({"direction": DIRECTIONS})
    summed = _summed(moved.customers, "direction")
    return order.join(summed, on="direction", how="inner", maintain_order="left")


def kept(moved: Moves) -> pl.DataFrame:
    """Of each group of the first date, who is still in it.

    Returns
    -------
    (n_groups) segment, n_customers, kept_rate with its Wilson 95 % interval ci_low and ci_high, up_rate,
        down_rate, gone_rate [null below the smallest base], n_fallen [lower or gone], spend_before and
        spend_after [CNY, of the whole group], spend_fallen_before, spend_fallen_after [of the fallen]
    """
    old = moved.customers.filter(pl.col("from_segment").is_in(moved.groups))
    fallen = pl.col("direction").is_in([DOWN, LEFT])
    enough = pl.len() >= settings().tiny_base
    rates = {name: pl.when(enough).then((pl.col("direction") == one).mean()) for name, one in _RATES.items()}  # fmt: skip
    table = old.group_by(segment="from_segment").agg(
        n_customers=pl.len().cast(pl.Int64),
        **rates,
        n_fallen=fallen.sum().cast(pl.Int64),
        spend_before=pl.col("spend_before").sum().round(4),
        spend_after=pl.col("spend_after").sum().round(4),
        spend_fallen_before=pl.col("spend_before").filter(fallen).sum().round(4),
        spend_fallen_after=pl.col("spend_after").filter(fallen).sum().round(4),
    )
    order = pl.DataFrame({"segment": moved.groups})
    table = order.join(table, on="segment", how="inner", maintain_order="left")
    shares = table["kept_rate"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    low, high = wilson(shares, table["n_customers"].cast(pl.Float64).to_numpy())
    ends = (pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None))
    told = ("segment", "n_customers", "kept_rate", "ci_low", "ci_high")
    return table.with_columns(*ends).select(*told, pl.exclude(*told))


_RATES = {"kept_rate": SAME, "up_rate": UP, "down_rate": DOWN, "gone_rate": LEFT}


def fallen(moved: Moves, high: str) -> pl.DataFrame:
    """Who was in ``high`` and is lower or gone, the largest loss first."""
    lost = moved.customers.filter(
        pl.col("from_segment") == high, pl.col("direction").is_in([DOWN, LEFT])
    )
    changed = lost.with_columns(
        spend_change=(pl.col("spend_after") - pl.col("spend_before")).round(4)
    )
    return changed.drop("direction").sort("spend_change", "customer_id")
