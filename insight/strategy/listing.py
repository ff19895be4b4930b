"""The list of a campaign: who, why, with what, through which channel, when, and in which arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from insight.dataset import Dataset
from insight.errors import NobodyListed
from insight.strategy.assigning import arms
from insight.strategy.contact import EXCLUDED, ContactRules, suppressed
from insight.strategy.firing import Advised, advised, who
from insight.strategy.moments import best_times
from insight.strategy.people import Customers
from insight.strategy.playbook import Playbook, Rule
from insight.wording import count, money

LIST: dict[str, pl.DataType] = {
    "customer_id": pl.String(), "reason": pl.String(), "evidence": pl.String(), "offer": pl.String(), "channel": pl.String(),
    "best_time": pl.String(), "arm": pl.String(), "expected_spend": pl.Float64(), "target": pl.String(), "segment": pl.String(),
    "buying_channel": pl.String(), "days_since_last": pl.Int64(), "n_orders": pl.Int64(), "spend": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a campaign is for, before the contact rules.

    Attributes
    ----------
    people : (n) customer_id, target, reason, offer, channel
    target : all of them in a few words
    """

    people: pl.DataFrame
    target: str


def of_actions(
    known: Customers, book: Playbook, *, rule: str = "", only: str = ""
) -> Called | None:
    """The people of the suggestions of one rule, each by the most urgent one that is about them.

    Parameters
    ----------
    rule : key; "" = that of the most urgent suggestion about somebody in particular
    only : target of one of its suggestions; "" = all of them

    Returns
    -------
    None where no such suggestion is made
    """
    advice = advised(known, book)
    chosen = _chosen(advice, rule=rule, only=only)
    if chosen.is_empty():
        return None
    own = {one.key: one for one in book.rules}
    parts = [_people(known, advice, row, own[row["rule"]]) for row in chosen.rows(named=True)]
    everybody = pl.concat(parts).unique("customer_id", keep="first", maintain_order=True)
    return Called(everybody, "、".join(chosen["target"]))


def _chosen(advice: Advised, *, rule: str, only: str) -> pl.DataFrame:
    actions = advice.actions
    particular = actions.join(advice.groups.with_row_index("facts_row").with_columns(pl.col("facts_row").cast(pl.Int64)).filter(pl.col("over") != ""), on="facts_row", how="semi", maintain_order="left")  # fmt: skip
    key = rule or (particular["rule"][0] if particular.height else "")
    mine = actions.filter(pl.col("rule") == key)
    return mine.filter(pl.col("target") == only) if only else mine


def _people(known: Customers, advice: Advised, row: Mapping[str, Any], rule: Rule) -> pl.DataFrame:
    group = advice.groups.row(row["facts_row"], named=True)
    return who(known, group).select(
        "customer_id",
        target=pl.lit(row["target"]),
        reason=pl.lit(row["brief"]),
        offer=pl.lit(rule.offer),
        channel=pl.lit(rule.channel),
    )


def of_group(ids: pl.Series, *, name: str, rule: str) -> Called:
    """The people of a purchase group or an audience; ``rule`` says what makes them so."""
    reason = f"{name}{rule}" if rule else name
    named = {"target": pl.lit(name), "reason": pl.lit(reason), "offer": pl.lit(""), "channel": pl.lit("")}  # fmt: skip
    return Called(pl.DataFrame({"customer_id": ids}).with_columns(**named), name)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that may be handed out, and who is not on it.

    Attributes
    ----------
    people : (n) columns of LIST, highest expected spend first
    left_out : (n_left_out) customer_id, reason
    """

    people: pl.DataFrame
    left_out: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Terms:
    """How a list is made: its name, arms, size, and own words instead of those of the rule book."""

    campaign: str
    hold_out: int
    seed: int
    most: int = 0
    offer: str = ""
    channel: str = ""


def listed(
    dataset: Dataset, known: Customers, called: Called, *, rules: ContactRules, terms: Terms, excluded: pl.Series | None = None
) -> Listed:  # fmt: skip
    """Apply the contact rules, take those with the highest expected spend, and draw the arms.

    Raises
    ------
    NobodyListed : the contact rules leave nobody.
    """
    assert dataset.orders is not None
    people = called.people.join(known.frame, on="customer_id", how="inner", suffix="_buying")
    out = [suppressed(dataset, people, rules, until=known.until)]
    if excluded is not None:
        mine = people.filter(pl.col("customer_id").is_in(excluded.implode())).select("customer_id", reason=pl.lit(EXCLUDED))  # fmt: skip
        out.append(mine)
    left_out = pl.concat(out).unique("customer_id", keep="first", maintain_order=True).sort("customer_id")  # fmt: skip
    allowed = people.join(left_out, on="customer_id", how="anti")
    if allowed.is_empty():
        raise NobodyListed(called.target, people.height)
    ranked = allowed.sort("expected_spend", "customer_id", descending=[True, False])
    taken = ranked.head(terms.most) if terms.most else ranked
    return Listed(_written(taken, best_times(dataset.orders), terms), left_out)


def _written(people: pl.DataFrame, times: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    drawn = arms(people["customer_id"], campaign=terms.campaign, hold_out=terms.hold_out, seed=terms.seed)  # fmt: skip
    told = people.join(times, on="customer_id", how="left", maintain_order="left")
    own = {name: pl.lit(text) for name, text in (("offer", terms.offer), ("channel", terms.channel)) if text}  # fmt: skip
    evidence = pl.Series([_evidence(row) for row in told.iter_rows(named=True)], dtype=pl.String)
    complete = told.with_columns(drawn, evidence=evidence, buying_channel=_buying_channel(told), **own)  # fmt: skip
    return complete.select(pl.col(c).cast(t) for c, t in LIST.items())


def _buying_channel(people: pl.DataFrame) -> pl.Expr:
    return pl.col("channel_buying" if "channel_buying" in people.columns else "channel")


def _evidence(row: Mapping[str, Any]) -> str:
    stage = f"，{row['stage']}阶段" if row["stage"] else ""
    return f"最近一单 {count(row['days_since_last'])} 天前，共 {count(row['n_orders'])} 单 {money(row['spend'])}{stage}"  # fmt: skip
