"""Importance beside performance, item by item, and the test of the gap between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.ratings.items import scored
from insight.schema import Question
from insight.stats.multiple import Correction, adjusted
from insight.stats.paired import Paired, paired_t
from insight.stats.proportions import Rule
from insight.stats.scores import mean_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands on each axis: the items, how important each is, and what the notes say of it."""

    labels: tuple[str, ...]
    performance: tuple[Question, ...]
    stated: tuple[Question, ...]  # empty where importance is derived
    derived: tuple[float, ...]
    note: str


def item_table(people: Sample, plan: Plan, *, correction: Correction, rule: Rule) -> pl.DataFrame:
    """One row per item.

    Returns
    -------
    (n_items) item, base, importance [mean rating; derived: share x 100], performance [mean rating],
        gap, gap_low, gap_high [performance - importance with its 95 % interval], t, p_value,
        p_adjusted, flag; of derived importance there is no gap; figures are null where the base is tiny
    """
    rows = [_row(people, plan, at, rule) for at in range(len(plan.labels))]
    table = pl.DataFrame(rows, schema=_SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
    raw = table["p_value"].fill_null(np.nan).to_numpy()
    corrected = pl.Series("p_adjusted", adjusted(raw, correction)).fill_nan(None)
    table = table.insert_column(table.columns.index("flag"), corrected)
    return table if plan.stated else table.drop("gap", "gap_low", "gap_high", "t", "p_value", "p_adjusted")  # fmt: skip


_SCHEMA = {
    "item": pl.String, "base": pl.Int64,
    **dict.fromkeys(("importance", "performance", "gap", "gap_low", "gap_high", "t", "p_value"), pl.Float64),
    "flag": pl.String,
}  # fmt: skip


def _row(people: Sample, plan: Plan, at: int, rule: Rule) -> dict[str, object]:
    known = answered(people, plan, at)
    base = int(known.sum())
    flag = "—" if base < rule.tiny_base else "*" if base < rule.small_base else ""
    row: dict[str, object] = {"item": plan.labels[at], "base": base, "flag": flag}
    if base < max(rule.tiny_base, 1):
        return row
    weight = people.weight.filter(known)
    performance = scored(people.responses, plan.performance[at]).filter(known)
    row["performance"] = mean_of(performance, weight=weight).mean
    if not plan.stated:
        return row | {"importance": plan.derived[at]}
    importance = scored(people.responses, plan.stated[at]).filter(known)
    found = paired_t(performance.to_numpy(), importance.to_numpy(), weight.to_numpy())
    return row | {"importance": mean_of(importance, weight=weight).mean} | _tested(found)


def _tested(found: Paired) -> dict[str, float]:
    return {"gap": found.difference, "gap_low": found.low, "gap_high": found.high, "t": found.t, "p_value": found.p_value}  # fmt: skip


def answered(people: Sample, plan: Plan, at: int) -> pl.Series:
    asked = [plan.performance[at], *([plan.stated[at]] if plan.stated else [])]
    known = [scored(people.responses, q).is_not_null() for q in asked]
    return known[0] & known[-1]
