"""Which rules hold on which groups, what each then says, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from insight.strategy.conditions import Compared, fired
from insight.strategy.facts import DIMENSIONS, EVERYBODY, told
from insight.strategy.groups import OVER, groups, people_of
from insight.strategy.people import Customers
from insight.strategy.playbook import Playbook, Rule, filled
from insight.strategy.scoring import confidence, impact, priority

FIELDS = ("offer", "owner", "timing", "readout", "risk", "effort")
ACTIONS: dict[str, pl.DataType] = {
    "rank": pl.Int64(), "section": pl.String(), **{d: pl.String() for d in ("segment", "stage", "need")}, "action": pl.String(),
    "because": pl.String(), "kpi": pl.String(), "n_customers": pl.Int64(), "expected_spend": pl.Float64(),
    "channel": pl.String(), "offer": pl.String(), "owner": pl.String(), "timing": pl.String(), "readout": pl.String(),
    "risk": pl.String(), "impact": pl.Int64(), "low_impact_amount": pl.Float64(), "impact_amount": pl.Float64(), "high_impact_amount": pl.Float64(),
    "confidence": pl.Float64(), "effort": pl.Int64(), "priority": pl.Float64(), "brief": pl.String(), "target": pl.String(),
    "buying_channel": pl.String(), "region": pl.String(), "age": pl.String(), "rule": pl.String(), "facts_row": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advised:
    """What the rule book says about the customers.

    Attributes
    ----------
    actions : (n) columns of ACTIONS, highest priority first; facts_row: row of ``groups`` that it is about
    groups : (n_groups) see ``groups.groups``
    reasons : rule and group -> the comparisons that made it hold
    """

    actions: pl.DataFrame
    groups: pl.DataFrame
    reasons: Mapping[tuple[str, int], tuple[Compared, ...]]


def advised(known: Customers, book: Playbook) -> Advised:
    """Judge every rule on every group that it is about."""
    table = groups(known, (rule.over for rule in book.rules))
    rows = table.with_row_index("facts_row").rows(named=True)
    expected = float(known.frame.sort("customer_id")["expected_spend"].sum())
    calls = [(rule, row) for rule in book.rules for row in _called(rule, rows)]
    made = [_action(rule, row, expected=expected) for rule, row in calls]
    frame = pl.DataFrame([{c: one.get(c) for c in ACTIONS} for one in made], schema=ACTIONS)
    order = [rule.key for rule in book.rules]
    place = pl.col("rule").replace_strict(order, range(len(order)), return_dtype=pl.Int64)
    ranked = frame.sort("priority", "impact_amount", place, "facts_row", descending=[True, True, False, False])  # fmt: skip
    numbered = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    reasons = {(rule.key, row["facts_row"]): fired(rule.condition, row) for rule, row in calls}
    return Advised(numbered, table, reasons)


def _called(rule: Rule, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups on which a rule holds, the most expected spend first, as many as it wants."""
    own = (row for row in rows if row[OVER] == "+".join(rule.over))
    return [row for row in own if rule.condition.holds(row)][: rule.most]


def _action(rule: Rule, row: Mapping[str, Any], *, expected: float) -> dict[str, Any]:
    """One suggestion: the words of the rule, the people and money of the group, its place on the board."""
    low, middle, high = (round(row["expected_spend"] * share / 100, 2) for share in rule.gain)
    sure = confidence(row)
    score = impact(middle, of=expected)
    names = {d: row[d] for d in DIMENSIONS}
    facts = fired(rule.condition, row)
    words = {name: getattr(rule, name) for name in FIELDS}
    return words | {
        "section": rule.section, "segment": row["segment"], "stage": row["stage"], "need": row["need"],
        "buying_channel": row["channel"], "region": row["region"], "age": row["age"], "channel": rule.channel,
        "action": filled(rule.action, names), "brief": filled(rule.brief, names), "kpi": rule.kpi,
        "because": "；".join(f"{told(c.fact, row[c.fact])}（{c.words}）" for c in facts),
        "n_customers": row["n_customers"], "expected_spend": row["expected_spend"], "target": target(row, rule.over),
        "low_impact_amount": low, "impact_amount": middle, "high_impact_amount": high, "impact": score,
        "confidence": sure, "priority": round(priority(score, confidence=sure, effort=rule.effort), 2),
        "rule": rule.key, "facts_row": row["facts_row"],
    }  # fmt: skip


def target(row: Mapping[str, Any], over: tuple[str, ...]) -> str:
    """Whom an action is for: "重要价值客户 · 衰退期", "提到“包装”的客户"."""
    if not over:
        return "全部客户"
    told = list(_named(row, over))
    return " · ".join(told)


def _named(row: Mapping[str, Any], over: tuple[str, ...]) -> Iterator[str]:
    for dimension in over:
        name = str(row[dimension])
        match dimension:
            case "need":
                yield f"提到“{name}”的客户"
            case "stage":
                yield f"{name}阶段"
            case "channel":
                yield f"主要在{name}购买"
            case _:
                yield name


def members_of(known: Customers, advice: Advised) -> pl.DataFrame:
    """(n) rank, customer_id: whom each action is for."""
    parts = [pl.DataFrame(schema={"rank": pl.Int64, "customer_id": pl.String})]
    for row in advice.actions.rows(named=True):
        group = advice.groups.row(row["facts_row"], named=True)
        parts.append(who(known, group).select(rank=pl.lit(row["rank"], pl.Int64), customer_id="customer_id"))  # fmt: skip
    return pl.concat(parts)


def who(known: Customers, group: Mapping[str, Any]) -> pl.DataFrame:
    """The customers of one row of the table of groups."""
    over = tuple(filter(None, str(group[OVER]).split("+")))
    people = people_of(known, over)
    same = [pl.col(d) == group[d] for d in over]
    return people.filter(same) if same else people


__all__ = ["ACTIONS", "EVERYBODY", "Advised", "advised", "members_of", "target", "who"]
