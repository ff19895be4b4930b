"""Needs along the lifecycle: what customers of each stage raise, and what changes from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.needs.matrix import tabulated
from insight.needs.raised import Raised
from insight.stats.banner import SUPPRESSED, TOTAL
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats, Rule, pooled_z, two_sided, wilson
from insight.stats.share_trend import share_trend

RISES, FALLS, LEVEL = "越往后越多", "越往后越少", "没有明显趋势"
STAGES = ("need", "source", "stage", "n", "base", "effective_base", "share", "letters", "p_adjusted", "revenue", "flag")  # fmt: skip
TRENDS = (
    "need", "source", "early_share", "late_share", "pair_difference", "low_difference", "high_difference", "q_value",
    "step_difference", "z", "p_value", "p_adjusted", "stage_trend", "n", "base", "revenue",
)  # fmt: skip


def staged_needs(
    raised: Raised, people: pl.DataFrame, *, stages: Sequence[str], rule: Rule
) -> pl.DataFrame:
    """Cross needs with stages.

    Parameters
    ----------
    people : as ``placing.placed`` gives them, their group being the stage

    Returns
    -------
    (n_needs x (1 + n_stages)) columns of STAGES, all customers first within each need; revenue [CNY, all spend
        of the n; null where suppressed]
    """
    keys = [str(at) for at in range(len(raised.needs))]
    cells = tabulated(people, keys, stages, rule=rule)
    told = people.select("customer_id", "group", "spend", *keys).unpivot(
        keys, index=("customer_id", "group", "spend"), variable_name="row"
    ).filter("value").sort("customer_id")  # fmt: skip
    both = pl.concat([told.with_columns(group=pl.lit(TOTAL)), told])
    spent = both.group_by("row", column="group").agg(revenue=pl.col("spend").sum().round(2))
    named = pl.DataFrame({
        "row": keys, "need": [n.label for n in raised.needs], "source": [n.source for n in raised.needs],
    }, schema=dict.fromkeys(("row", "need", "source"), pl.String))  # fmt: skip
    table = cells.join(spent, on=("row", "column"), how="left", maintain_order="left").join(
        named, on="row", how="left", maintain_order="left"
    )
    shown = pl.when(pl.col("flag") != SUPPRESSED).then(pl.col("revenue").fill_null(0.0))
    return table.with_columns(revenue=shown).rename({"column": "stage"}).select(STAGES)


def need_trends(
    table: pl.DataFrame, *, stages: Sequence[str], first: str, second: str, rule: Rule
) -> pl.DataFrame:
    """How every need changes along the stages.

    Parameters
    ----------
    table : as ``staged_needs`` gives it
    first, second : the two stages that are set against each other

    Returns
    -------
    (n_needs) columns of TRENDS: early_share, late_share, pair_difference [second less first] with its 95 %
        interval and q_value [its pooled z, adjusted over the needs]; step_difference [change of the share
        from one stage to the next], z, p_value, p_adjusted of the trend; the most certain trend first
    """
    wide = len(stages) + 1
    cells = table.filter(pl.col("stage") != TOTAL)
    shape = (len(table) // wide, len(stages))
    share, base = (
        cells[c].cast(pl.Float64).fill_null(float("nan")).to_numpy().reshape(shape)
        for c in ("share", "effective_base")
    )
    trend = share_trend(share, base)
    low, difference, high, p = _apart(share, base, stages.index(first), stages.index(second))
    columns = {
        "early_share": share[:, stages.index(first)], "late_share": share[:, stages.index(second)],
        "pair_difference": difference, "low_difference": low, "high_difference": high, "q_value": adjusted(p, rule.correction),
        "step_difference": trend.step, "z": trend.z, "p_value": trend.p_value,
        "p_adjusted": adjusted(trend.p_value, rule.correction),
    }  # fmt: skip
    totals = table.filter(pl.col("stage") == TOTAL).select("need", "source", "n", "base", "revenue")
    told = totals.with_columns(pl.Series(name, values) for name, values in columns.items())
    clear = pl.col("p_adjusted") <= max(rule.levels)
    word = pl.when(clear & (pl.col("z") > 0)).then(pl.lit(RISES)).when(clear).then(pl.lit(FALLS))
    named = told.with_columns(pl.col(pl.Float64).fill_nan(None)).with_columns(
        stage_trend=pl.when(pl.col("z").is_not_null()).then(word.otherwise(pl.lit(LEVEL))).otherwise(pl.lit(SUPPRESSED))
    )  # fmt: skip
    certain = named.with_columns(away=pl.col("z").abs()).sort("p_adjusted", "away", descending=[False, True], nulls_last=True, maintain_order=True)  # fmt: skip
    return certain.select(TRENDS)


def _apart(share: Floats, base: Floats, first: int, second: int) -> tuple[Floats, ...]:
    """low, difference, high [95 %, Newcombe 1998] of second less first, and p."""
    p0, p1, b0, b1 = share[:, first], share[:, second], base[:, first], base[:, second]
    known = ~np.isnan(p0) & ~np.isnan(p1)
    (low0, high0), (low1, high1) = wilson(p0, b0), wilson(p1, b1)
    difference = np.where(known, p1 - p0, np.nan)
    low = difference - np.hypot(p1 - low1, high0 - p0)
    high = difference + np.hypot(high1 - p1, p0 - low0)
    z = pooled_z(np.where(known, p1, np.nan), b1, against=(p0, b0))
    return low, difference, high, two_sided(z)
