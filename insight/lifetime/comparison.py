"""Groups of customers by how long it takes: how many, how soon, who is still followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight.errors import TooFewRows
from insight.lifetime.churn import followed
from insight.lifetime.waiting import counted, how_many
from insight.settings import settings
from insight.stats.log_rank import LogRank, log_rank
from insight.stats.multiple import adjusted
from insight.stats.survival import kaplan_meier, survival_at, time_of

MILESTONES = (0, 30, 60, 90, 180, 270, 365, 540, 730, 1095)
MOST_DRAWN, MOST_POINTS = 6, 100


@dataclass(frozen=True, slots=True)
class Waited:
    """What is waited for, by group.

    Attributes
    ----------
    groups : in the order of display
    customers : (n) customer_id, group, time, has_happened
    counts : of the groups with enough customers: time, n_events, n_censored
    """

    groups: tuple[str, ...]
    customers: pl.DataFrame
    counts: Mapping[str, pl.DataFrame]


def grouped(customers: pl.DataFrame, members: pl.DataFrame, *, order: tuple[str, ...]) -> Waited:
    """The customers by group, counted where there are enough of them.

    Parameters
    ----------
    customers : (n) customer_id, time, has_happened
    members : (n_members) customer_id, group

    Raises
    ------
    TooFewRows : no group has enough customers.
    """
    placed = customers.join(members, on="customer_id", how="inner", maintain_order="left")
    parts = {str(g): part for (g,), part in placed.partition_by("group", as_dict=True).items()}
    least = settings().tiny_base
    there = tuple(g for g in order if g in parts)
    counts = {g: counted(parts[g]) for g in there if parts[g].height >= least}
    if not counts:
        most = max((part.height for part in parts.values()), default=0)
        raise TooFewRows("最大一组的客户", most, least)
    return Waited(there, placed, counts)


def group_table(made: Waited, tested: LogRank | None, *, days: int) -> pl.DataFrame:
    """One row a group.

    Returns
    -------
    (n_groups) group, n_customers, n_happened, n_expected [if all groups were alike], happened_share
        [within ``days``; null where the group was not followed so long] with ci_low and ci_high,
        median_survival_days, median_low_days, median_high_days, flag ["*" small, "**" too small: no
        figures]
    """
    rule, rows = settings(), []
    expected = dict(zip(made.counts, tested.expected, strict=True)) if tested else {}
    sizes = made.customers.group_by("group").agg(n=pl.len(), happened=pl.col("has_happened").sum())
    known = {name: (n, happened) for name, n, happened in sizes.rows()}
    for name in made.groups:
        n, happened = known.get(name, (0, 0))
        flag = "**" if n < rule.tiny_base else "*" if n < rule.small_base else ""
        row = {"group": name, "n_customers": n, "n_happened": happened, "flag": flag, "n_expected": expected.get(name)}  # fmt: skip
        rows.append(row | (_figures(made.counts[name], days) if name in made.counts else {}))
    return pl.DataFrame(rows, schema=_GROUPS)


_GROUPS = {
    "group": pl.String, "n_customers": pl.Int64, "n_happened": pl.Int64, "n_expected": pl.Float64, "happened_share": pl.Float64, "ci_low": pl.Float64,
    "ci_high": pl.Float64, "median_survival_days": pl.Float64, "median_low_days": pl.Float64, "median_high_days": pl.Float64, "flag": pl.String,
}  # fmt: skip


def _figures(counts: pl.DataFrame, days: int) -> dict[str, float | None]:
    curve = kaplan_meier(counts)
    middle = time_of(curve, 0.5)
    figures = {"median_survival_days": middle.value, "median_low_days": middle.low, "median_high_days": middle.high}  # fmt: skip
    before = curve.filter(pl.col("time") <= days)
    if before.is_empty() or (before.height == curve.height and curve["survival"][-1] > 0):
        return figures  # nothing seen, or nobody followed so long
    low, high = before["ci_low"][-1], before["ci_high"][-1]
    return figures | {
        "happened_share": 1 - before["survival"][-1],
        "ci_low": None if high is None else 1 - high,
        "ci_high": None if low is None else 1 - low,
    }


def curve_table(counts: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The Kaplan–Meier curve of every group: group, days_after, n_at_risk ... ci_high."""
    names = {"time": "days_after", "n_events": "n_happened"}
    curves = [kaplan_meier(c).rename(names).select(pl.lit(g).alias("group"), pl.all()) for g, c in counts.items()]  # fmt: skip
    return pl.concat(curves)


def risk_table(counts: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """How many are still followed: group, days_after, n_at_risk, happened_share; the risk table of the curves."""
    longest = max(int(c["time"][-1]) for c in counts.values())
    rows = []
    for name, one in counts.items():
        curve = kaplan_meier(one)
        for day in (d for d in MILESTONES if d <= longest):
            left = how_many(one.filter(pl.col("time") >= day))
            rows.append((name, day, left, 1 - survival_at(curve, day) if left else None))
    schema = {"group": pl.String, "days_after": pl.Int64, "n_at_risk": pl.Int64, "happened_share": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def drawn(counts: Mapping[str, pl.DataFrame], value: str) -> pl.DataFrame:
    """The curves of the largest groups, as long as a tenth of each is still followed.

    Parameters
    ----------
    value : "survival" or "happened_share"

    Returns
    -------
    (n_points) group, days_after, n_at_risk, ``value``, ci_low, ci_high
    """
    sizes = {group: how_many(one) for group, one in counts.items()}
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[:MOST_DRAWN]
    parts = [_thinned(curve_table({group: counts[group]})) for group in largest]
    points = pl.concat(parts).with_columns(happened_share=1 - pl.col("survival"))
    if value != "survival":
        points = points.with_columns(ci_low=1 - pl.col("ci_high"), ci_high=1 - pl.col("ci_low"))
    return points.select("group", "days_after", "n_at_risk", value, "ci_low", "ci_high")


def _thinned(curve: pl.DataFrame) -> pl.DataFrame:
    seen = curve.filter(pl.col("days_after") <= followed(curve.rename({"days_after": "time"})))
    return seen.gather_every(max(1, -(-seen.height // MOST_POINTS)))


def need_table(
    customers: pl.DataFrame, people: pl.Series, raised: Mapping[str, pl.Series], *, days: int
) -> pl.DataFrame:
    """Those who raise each need against those who were asked and do not.

    Parameters
    ----------
    customers : (n) customer_id, time, has_happened
    people : customer ids of everybody who was asked
    raised : need -> customer ids that raise it

    Returns
    -------
    (n_needs) need, n_raised, n_silent, raised_share, silent_share [happened within ``days``], chi2,
        p_value, p_adjusted [log-rank, Holm over the needs]; needs with too small a side are left out
    """
    asked = customers.filter(pl.col("customer_id").is_in(people.implode()))
    rows = []
    for need, ids in raised.items():
        does = pl.col("customer_id").is_in(ids.implode())
        sides = [counted(asked.filter(side)) for side in (does, ~does)]
        sizes = [how_many(side) for side in sides]
        if min(sizes) < settings().tiny_base:
            continue
        shares = [_figures(side, days).get("happened_share") for side in sides]
        tested = log_rank(sides)
        rows.append((need, *sizes, *shares, tested.chi2, tested.p_value))
    schema = {"need": pl.String, "n_raised": pl.Int64, "n_silent": pl.Int64, "raised_share": pl.Float64, "silent_share": pl.Float64, "chi2": pl.Float64, "p_value": pl.Float64}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row")
    p = table["p_value"].fill_null(float("nan")).to_numpy()
    corrected = pl.Series("p_adjusted", adjusted(p, "holm"), pl.Float64).fill_nan(None)
    return table.with_columns(corrected).sort("p_value", "need", nulls_last=True)
