"""Who meets a rule: met, not met, or cannot be judged, for customers, respondents or texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Protocol

import polars as pl

from insight.audiences import purchases, voicing
from insight.audiences.linking import Unit, carried, everyone
from insight.audiences.obstacles import obstacle, told_obstacle
from insight.audiences.purchases import Customers, customers_of
from insight.dataset import Dataset
from insight.errors import InsightError
from insight.schema.audiences import Rules, conditions
from insight.schema.conditions import (
    Answer,
    Bought,
    Buying,
    Condition,
    InGroup,
    Ordered,
    Responded,
    Said,
    Score,
    Trait,
    TraitDate,
    TraitNumber,
)


class Grouped(Protocol):
    """The groups of a break: their names, and (n) unit, group."""

    @property
    def groups(self) -> tuple[str, ...]: ...
    @property
    def members(self) -> pl.DataFrame: ...


Groups = Callable[[Dataset, str, Unit], Grouped]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule says of everybody.

    Attributes
    ----------
    members : (n_units) unit [unique, sorted], met [null: cannot be judged]
    parts : (n_units x n_parts) "0", "1" ...: met, for each part of the rule by itself
    unclear : conditions that nobody can be judged by, each as a sentence that says why
    """

    unit: Unit
    members: pl.DataFrame
    parts: pl.DataFrame
    unclear: tuple[str, ...]

    @property
    def ids(self) -> pl.Series:
        """Who is in."""
        return self.members.filter("met")[self.unit]


def judged(
    dataset: Dataset,
    rule: Rules,
    *,
    unit: Unit,
    groups: Groups,
    bought: pl.DataFrame | None = None,
) -> Judged:
    """Judge everybody by a rule.

    Parameters
    ----------
    unit : what is counted. A condition on another unit is met by whoever has one that meets it (a
        customer one of whose texts holds the word), not met where all that is known does not
        meet it, and cannot be judged where nothing is known; "not" turns that round.
    groups : the groups of a break for a unit (``segmentation.breaks.break_of``)
    bought : ``ledger.customer_table``, where it is there already

    Notes
    -----
    and, or, not in Kleene's three values: who fails one condition of "and" is out, whatever the others.
    """
    customers = customers_of(dataset, bought=bought)
    people = everyone(dataset, unit, base=customers.base)
    found: dict[Condition, pl.Series] = {}
    unclear: list[str] = []
    for condition in dict.fromkeys(conditions(_plain(rule))):
        met = _met(dataset, condition, unit=unit, customers=customers, groups=groups)
        if isinstance(met, str):
            unclear.append(told_obstacle(condition, met))
            met = people.select(unit, met=pl.lit(None, pl.Boolean))
        found[condition] = _aligned(people, met, unit)
    parts = [_folded(_plain_part(part), found) for part in rule.parts]
    whole = _joined(rule, parts)
    return Judged(
        unit,
        people.with_columns(whole.alias("met")),
        pl.DataFrame([part.alias(str(at)) for at, part in enumerate(parts)]),
        tuple(unclear),
    )


def _plain(rule: Rules) -> Rules:
    """The same rule without "none of" and without several words in one condition."""
    return rule.model_copy(update={"parts": tuple(_plain_part(part) for part in rule.parts)})


def _plain_part(part: Condition | Rules) -> Condition | Rules:
    match part:
        case Rules():
            return _plain(part)
        case (
            Bought(how="none")
            | Trait(how="none")
            | InGroup(how="none")
            | Answer(how="none")
            | Said(how="none")
        ):
            return Rules(parts=(part.model_copy(update={"how": "any"}),), negated=True)
        case Responded(has=False):
            return Rules(parts=(part.model_copy(update={"has": True}),), negated=True)
        case Said(how="all"):
            single = {"how": "any"}
            return Rules(parts=tuple(part.model_copy(update={**single, "values": (word,)}) for word in part.values))  # fmt: skip
    return part


def _folded(part: Condition | Rules, found: Mapping[Condition, pl.Series]) -> pl.Series:
    if isinstance(part, Rules):
        return _joined(part, [_folded(one, found) for one in part.parts])
    return found[part]


def _joined(rule: Rules, parts: list[pl.Series]) -> pl.Series:
    """Three-valued and, or, not: those of polars are Kleene's."""
    whole = reduce(and_ if rule.on == "and" else or_, parts)
    return ~whole if rule.negated else whole


def _aligned(people: pl.DataFrame, met: pl.DataFrame, unit: Unit) -> pl.Series:
    return people.join(met, on=unit, how="left", maintain_order="left")["met"]


def _met(
    dataset: Dataset, condition: Condition, *, unit: Unit, customers: Customers, groups: Groups
) -> pl.DataFrame | str:
    """(n) unit [unique], met; or why nobody can be judged."""
    if why := obstacle(dataset, condition):
        return why
    if isinstance(condition, InGroup):
        return _in_group(dataset, condition, unit=unit, groups=groups)
    own, met = _own(dataset, condition, customers)
    known = carried(dataset, met, own=own, unit=unit)
    if not isinstance(condition, Responded):
        return known
    people = everyone(
        dataset, unit, base=customers.base
    )  # whoever has no questionnaire has not answered it
    return people.join(known, on=unit, how="left").with_columns(pl.col("met").fill_null(value=False))  # fmt: skip


def _own(dataset: Dataset, condition: Condition, customers: Customers) -> tuple[Unit, pl.DataFrame]:
    """The unit a condition is about, and (n) that unit, met."""
    match condition:
        case Buying():
            return "customer_id", purchases.buying(dataset, condition, customers=customers)
        case Ordered():
            return "customer_id", purchases.ordered(condition, customers=customers)
        case Bought():
            return "customer_id", purchases.bought(dataset, condition, base=customers.base)
        case Trait() | TraitNumber() | TraitDate():
            return "customer_id", purchases.trait(dataset, condition)
        case Said():
            assert dataset.texts is not None
            asked = voicing.question_called(dataset, condition.question)
            wording = asked.wording if asked else condition.question
            return "text_id", voicing.said(dataset.texts, condition, wording=wording)
    return "respondent_id", _answered(dataset, condition)


def _answered(dataset: Dataset, condition: Condition) -> pl.DataFrame:
    assert dataset.responses is not None
    assert isinstance(condition, Answer | Score | Responded)
    question = voicing.question_called(dataset, condition.question)
    if isinstance(condition, Responded):
        return voicing.responded(dataset.responses, question)
    assert question is not None
    if isinstance(condition, Score):
        return voicing.score(dataset.responses, question, condition)
    return voicing.answer(dataset.responses, question, condition)


def _in_group(
    dataset: Dataset, condition: InGroup, *, unit: Unit, groups: Groups
) -> pl.DataFrame | str:
    try:
        made = groups(dataset, condition.by, unit)
    except InsightError as error:
        return error.message.rstrip("。")
    if absent := [value for value in condition.values if value not in made.groups]:
        return f"现在没有“{'”、“'.join(absent)}”这一组"
    return made.members.select(unit, met=pl.col("group").is_in(list(condition.values)))
