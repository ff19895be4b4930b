"""What customers buy after what: the next purchase of each pair, and what becomes of each first purchase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from insight import ledger
from insight.settings import settings
from insight.stats.following import followed
from insight.stats.means import mean_interval, means_differ
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats, wilson

LEVEL = 0.05
ALL, EVERYBODY = "全部", "全部客户"
OF_FIRST = {"category": "品类", "product": "商品", "channel": "渠道"}
_STEPS = (
    "bought", "bought_next", "n_both", "base", "n_customers", "share", "share_all", "lift", "z", "p_adjusted",
    "reading", "median_days", "n_reverse",
)  # fmt: skip
_FIRSTS = {
    "dimension": pl.String, "subject": pl.String, "n_customers": pl.Int64, "n_repeat_customers": pl.Int64,
    "returned_share": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64, "first_spend": pl.Float64,
    "later_spend": pl.Float64, "low_later_spend": pl.Float64, "high_later_spend": pl.Float64,
    "median_later_spend": pl.Float64, "rest_later_spend": pl.Float64, "p_adjusted": pl.Float64,
    "reading": pl.String,
}  # fmt: skip


def tested_steps(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of ``ledger.transitions`` beside what independence expects.

    Returns
    -------
    (n_pairs) bought, bought_next, n_both, base [steps that begin with ``bought``], n_customers, share,
        share_all, lift, z, p_adjusted [over all pairs tested], reading ["高于" | "低于" | ""],
        median_days, n_reverse [steps the other way round]; most unusual first. What rests on fewer steps than are shown is null.
    """
    least = settings().tiny_base
    found = followed(pairs, least=least).rename({"n_bought": "base"})
    p_value = found["p_value"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    corrected = pl.Series("p_adjusted", adjusted(p_value, "bh")).fill_nan(None)
    shown = pl.when(pl.col("base") >= least).then(pl.col("share", "lift"))
    back = found.select(bought="bought_next", bought_next="bought", n_reverse="n_both")
    told = found.with_columns(corrected, shown).join(back, on=["bought", "bought_next"], how="left")
    told = told.with_columns(pl.col("n_reverse").fill_null(0), reading=_reading(pl.col("z") > 0))
    return told.select(_STEPS).sort("z", "bought", "bought_next", descending=[True, False, False], nulls_last=True)  # fmt: skip


def _reading(is_above: pl.Expr) -> pl.Expr:
    is_real = (pl.col("p_adjusted") <= LEVEL).fill_null(value=False)
    above = pl.when(is_real & is_above).then(pl.lit("高于"))
    return above.when(is_real).then(pl.lit("低于")).otherwise(pl.lit(""))


def watched(orders: ledger.Orders, *, days: int, lead_days: int) -> pl.DataFrame:
    """The customers whose ``days`` after the first purchase are over, as ``ledger.beginnings``.

    Parameters
    ----------
    lead_days : at the start of the ledger; who appears in them may have bought before
    """
    earliest = ledger.span(orders)[0] // ledger.DAY + lead_days
    return ledger.beginnings(orders, days=days).filter(pl.col("first_day") >= earliest)


def opened_by(orders: ledger.Orders, people: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """What each of ``people`` bought on the first purchase day, one line a value.

    Parameters
    ----------
    people : (n_customers) customer_id, the observed ones
    most : values of a category, product or channel that are told

    Returns
    -------
    (n) dimension ["品类" | "商品" | "渠道", ``ALL`` for everybody], subject, customer_id
    """
    found = [
        people.select(dimension=pl.lit(ALL), subject=pl.lit(EVERYBODY), customer_id="customer_id")
    ]
    for column in (c for c in OF_FIRST if c in ledger.columns(orders)):
        values = ledger.values_of(orders, column, most=most)
        held = ledger.first_held(orders, column, values=values).join(people, on="customer_id", how="semi")  # fmt: skip
        found.append(held.select(dimension=pl.lit(OF_FIRST[column]), subject=column, customer_id="customer_id"))  # fmt: skip
    return pl.concat(found).sort("dimension", "subject", "customer_id")


def firsts(openers: pl.DataFrame, people: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """What becomes of customers by what their first purchase day held.

    Parameters
    ----------
    openers : (n) as ``opened_by`` gives them
    people : (n_customers) customer_id, first_spend, n_later, later_spend, as ``ledger.beginnings``

    Returns
    -------
    (n_values) dimension, subject, n_customers, n_repeat_customers, returned_share with ci_low and ci_high
        [Wilson], first_spend, later_spend [means, CNY] with low_later_spend and high_later_spend
        [``mean_interval``], median_later_spend, rest_later_spend [mean of everybody else], p_adjusted
        [Welch's t test against them, over all rows], reading; everybody first, then the highest
        later_spend of each dimension. Means of too few customers are null, tests too.
    """
    if people.is_empty():
        return pl.DataFrame(schema=_FIRSTS)
    grouped = openers.join(people, on="customer_id").sort("customer_id")
    keys = ["dimension", "subject"]
    rows = [
        {"dimension": name[0], "subject": name[1]} | _first(part, people, seed=seed)
        for name, part in sorted(grouped.partition_by(keys, as_dict=True, include_key=False).items())
    ]  # fmt: skip
    table = pl.DataFrame(rows, schema=_FIRSTS | {"p_value": pl.Float64}, orient="row")
    table = table.with_columns(pl.selectors.float().fill_nan(None))
    p_value = table["p_value"].fill_null(np.nan).to_numpy()
    corrected = pl.Series("p_adjusted", adjusted(p_value, "bh")).fill_nan(None)
    told = table.with_columns(corrected).with_columns(
        reading=_reading(pl.col("later_spend") > pl.col("rest_later_spend"))
    )
    order = pl.col("dimension").replace_strict(
        {d: n for n, d in enumerate((ALL, *OF_FIRST.values()))}
    )
    down = [False, True, True, False]
    return told.sort(order, "later_spend", "n_customers", "subject", descending=down, nulls_last=True).select(*_FIRSTS)  # fmt: skip


def _first(part: pl.DataFrame, people: pl.DataFrame, *, seed: int) -> dict[str, object]:
    n, n_back = part.height, int((part["n_later"] > 0).sum())
    counted: dict[str, object] = {"n_customers": n, "n_repeat_customers": n_back}
    if n < settings().tiny_base:
        return counted | dict.fromkeys(("returned_share", "p_value"))
    later = part["later_spend"].to_numpy()
    rest = people.join(part, on="customer_id", how="anti")["later_spend"].to_numpy()
    low, high = wilson(np.array([n_back / n]), np.array([float(n)]))
    return counted | {
        "returned_share": n_back / n, "ci_low": float(low[0]), "ci_high": float(high[0]),
        "first_spend": float(part["first_spend"].to_numpy().mean()), "later_spend": float(later.mean()),
        **dict(zip(("low_later_spend", "high_later_spend"), mean_interval(later, seed=seed), strict=True)),
        "median_later_spend": float(np.median(later)), **_beside(later, rest),
    }  # fmt: skip


def _beside(later: Floats, rest: Floats) -> dict[str, float | None]:
    if len(rest) < settings().tiny_base:
        return dict.fromkeys(("rest_later_spend", "p_value"))
    return {"rest_later_spend": float(rest.mean()), "p_value": means_differ(later, rest)}


def strongest(steps: pl.DataFrame, values: Sequence[str], *, most: int) -> list[str]:
    """The ``most`` of ``values`` that stand in most steps, in their order."""
    both = pl.concat([steps.select(value=c, n="n_both") for c in ("bought", "bought_next")])
    top = both.group_by("value").agg(pl.col("n").sum()).sort("n", "value", descending=[True, False])
    kept = set(top.head(most)["value"])
    return [value for value in values if value in kept]


def clearest_steps(steps: pl.DataFrame, *, most: int) -> list[dict[str, Any]]:
    """The steps made surely more often than usual, of both directions of a pair the surer one; with their row."""
    found = steps.with_row_index("at").filter(
        pl.col("reading") == "高于", pl.col("base") >= settings().small_base
    )
    pair = pl.concat_list("bought", "bought_next").list.sort()
    return found.filter(pair.is_first_distinct()).head(most).rows(named=True)


def clearest_firsts(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of each kind of first purchase, the one that leads furthest beyond others, and the one that falls shortest."""
    told = [row for row in rows if row["n_customers"] >= settings().small_base and row["reading"]]
    found: list[Mapping[str, Any]] = []
    for kind in OF_FIRST.values():
        above, below = ([r for r in told if (r["dimension"], r["reading"]) == (kind, reading)] for reading in ("高于", "低于"))  # fmt: skip
        found += [*above[:1], *below[-1:]]
    return found


def totals(pairs: pl.DataFrame, steps: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """(1) n_steps, n_tests, n_watched [customers whose first purchase is followed], n_unusual [steps]."""
    n_steps = pairs["n_steps"].item(0) if pairs.height else 0
    return pl.DataFrame({
        "n_steps": [n_steps], "n_tests": [steps["p_adjusted"].count()], "n_watched": [people.height],
        "n_unusual": [int((steps["reading"] != "").sum())],
    })  # fmt: skip
