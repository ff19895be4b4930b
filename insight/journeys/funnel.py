"""How many units reach each step, how long it takes them, and in which groups more of them do."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.banner import TOTAL, tabulate
from insight.stats.proportions import Rule, wilson

_MINUTE = 60


def measured(reached: pl.DataFrame, steps: Sequence[str]) -> pl.DataFrame:
    """The steps of the funnel.

    Parameters
    ----------
    reached : (n_units x steps) customer_id, step, seconds_from_first, seconds_from_previous, as
        ``ledger.reached_in_order`` gives them
    steps : the events, in order

    Returns
    -------
    (n_steps) step, event, n [units], n_customers, share_of_first, share_of_previous, share_low,
        share_high [Wilson 95 % of share_of_previous; all null where the base is too small], n_lost
        [reached the step before, not this one], median_minutes [from the step before],
        median_minutes_from_first
    """
    counts = reached.group_by("step").agg(
        n=pl.len().cast(pl.Int64),
        n_customers=pl.col("customer_id").n_unique().cast(pl.Int64),
        median_minutes=pl.col("seconds_from_previous").median() / _MINUTE,
        median_minutes_from_first=pl.col("seconds_from_first").median() / _MINUTE,
    )
    every = pl.DataFrame({"step": range(1, len(steps) + 1), "event": steps})
    table = every.join(counts, on="step", how="left", maintain_order="left")
    table = table.with_columns(pl.col("n", "n_customers").fill_null(0))
    n, before, least = pl.col("n"), pl.col("n").shift(1), settings().tiny_base
    table = table.with_columns(
        share_of_first=pl.when(n.first() >= least).then(n / n.first()),
        share_of_previous=pl.when(before >= least).then(n / before),
        n_lost=before - n,
        __base__=before,
    )
    shares, bases = (table[c].cast(pl.Float64).fill_null(float("nan")).to_numpy() for c in ("share_of_previous", "__base__"))  # fmt: skip
    low, high = wilson(shares, bases)
    bounds = [pl.Series("share_low", low).fill_nan(None), pl.Series("share_high", high).fill_nan(None)]  # fmt: skip
    return table.with_columns(bounds).select(
        "step", "event", "n", "n_customers", "share_of_first", "share_of_previous", "share_low", "share_high", "n_lost",
        "median_minutes", "median_minutes_from_first",
    )  # fmt: skip


def by_group(
    reached: pl.DataFrame, steps: Sequence[str], *, groups: Break, unit: Sequence[str], rule: Rule
) -> pl.DataFrame:
    """From each step to the next, and all the way: who goes on, group by group, with letters.

    Returns
    -------
    (n_legs x (1 + n_groups)) as ``banner.tabulate``, rows called as ``legs`` calls them; the base of a leg is
        who reached its first step. Empty where nobody belongs to a group
    """
    came = reached.group_by(*unit).agg(pl.col("step").max()).sort(unit)
    told = came.join(groups.members, on="customer_id", how="left", maintain_order="left")
    if told["group"].null_count() == told.height:
        return pl.DataFrame()
    at = pl.col("step")
    stub = told.select(
        pl.when(at >= begin).then(at >= end).alias(name)
        for name, (begin, end) in legs(steps).items()
    )
    alike = pl.repeat(1.0, len(told), dtype=pl.Float64, eager=True)
    return tabulate(stub, column=told["group"], columns=groups.groups, weight=alike, rule=rule)


def legs(steps: Sequence[str]) -> dict[str, tuple[int, int]]:
    """ "浏览 → 加购": (1, 2), from each step to the next; then from the first to the last."""
    ends = [(k, k + 1) for k in range(1, len(steps))] + [(1, len(steps))]
    return {f"{steps[a - 1]} → {steps[b - 1]}": (a, b) for a, b in ends}


def most_taken(ways: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """The ways to a goal that most customers take.

    Parameters
    ----------
    ways : customer_id, path; one row per customer who reached the goal

    Returns
    -------
    (<= most) path, n_customers, base [all who reached it], share [null where the base is too small];
        most first
    """
    n, base = pl.col("n_customers"), len(ways)
    counts = ways.group_by("path").agg(n_customers=pl.len().cast(pl.Int64))
    top = counts.sort("n_customers", "path", descending=[True, False]).head(most)
    is_enough = pl.lit(base >= settings().tiny_base)
    return top.with_columns(base=pl.lit(base, pl.Int64), share=pl.when(is_enough).then(n / (base or 1)))  # fmt: skip


def customers_at(reached: pl.DataFrame, steps: Sequence[str]) -> pl.DataFrame:
    """(n) event, customer_id: each customer once at every step reached."""
    return reached.select(_named(steps), "customer_id").unique().sort("event", "customer_id")


def in_groups(reached: pl.DataFrame, steps: Sequence[str], *, groups: Break) -> pl.DataFrame:
    """(n) path [as ``legs`` calls it], segment [a group, or the total of all groups], customer_id of who goes on."""
    ends = {"path": list(legs(steps)), "step": [end for _, end in legs(steps).values()]}
    told = groups.members.rename({"group": "segment"})
    came = reached.select("step", "customer_id").unique().join(pl.DataFrame(ends), on="step")
    inside = came.join(told, on="customer_id").select("path", "segment", "customer_id")
    return pl.concat([inside, inside.with_columns(segment=pl.lit(TOTAL))])


def furthest(reached: pl.DataFrame, steps: Sequence[str]) -> pl.DataFrame:
    """(n_customers) event [the last step each customer reached], customer_id; sorted."""
    last = reached.group_by("customer_id").agg(pl.col("step").max()).sort("customer_id")
    return last.select(_named(steps), "customer_id")


def stopped(reached: pl.DataFrame, steps: Sequence[str]) -> pl.DataFrame:
    """Where the customers went no further.

    Returns
    -------
    (n_steps) event, n_customers [whose last step it is], share_of_customers [of all in the funnel]
    """
    counts = furthest(reached, steps).group_by("event").agg(n_customers=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"event": steps}).join(
        counts, on="event", how="left", maintain_order="left"
    )
    n = pl.col("n_customers").fill_null(0)
    return every.select("event", n, share_of_customers=n / n.sum())


def _named(steps: Sequence[str]) -> pl.Expr:
    names = dict(enumerate(steps, start=1))
    return pl.col("step").replace_strict(names, return_dtype=pl.String).alias("event")
