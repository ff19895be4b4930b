"""Which steps a funnel has, of which units, how soon; and what the log of a dataset says to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.journeys.stages import proposed
from insight.segmentation.breaks import Break, available, break_of
from insight.segmentation.fitting import break_or_first

MOST_STEPS = 8
MOST_KNOWN = 40  # kinds of events that ways are told of


@dataclass(frozen=True, slots=True)
class Asked:
    """A funnel as it is asked for.

    Attributes
    ----------
    steps : different events, in their order
    unit : columns that tell apart what is counted: customer_id, and item where the same goods must
        go all the way
    window : seconds from the first step to the last
    in_order : each step at or after the one before, within the window; else whenever
    kinds : (n_events) event, n_times, n_customers
    is_known : the user or the names of the events tell the order
    """

    steps: tuple[str, ...]
    unit: tuple[str, ...]
    window: int
    in_order: bool
    kinds: pl.DataFrame
    is_known: bool


def asked(
    dataset: Dataset, steps: Sequence[str], *, unit: tuple[str, ...], window: int, in_order: bool
) -> Asked:
    """What is asked, with proposed steps where none are named.

    Raises
    ------
    TooFewRows : the log knows fewer than two kinds of events of known customers.
    MissingColumns : the log does not know the goods that are the unit.
    UnknownName, BadParameter : the named steps make no funnel.
    """
    assert dataset.events is not None
    kinds = ledger.event_counts(dataset.events).rename({"n_events": "n_times"})
    if len(kinds) < 2:
        raise TooFewRows("能对应到客户的行为种类", len(kinds), 2)
    if not dataset.columns("events").issuperset(unit):
        raise MissingColumns("按客户 × 商品的漏斗", ("行为记录：商品",))
    chosen, is_known = (list(steps), True) if steps else proposed(kinds)
    _check(chosen, kinds["event"].to_list())
    return Asked(tuple(chosen), unit, window, in_order, kinds, is_known)


def _check(steps: Sequence[str], known: Sequence[str]) -> None:
    for step in steps:
        if step not in known:
            raise UnknownName("行为", step, known)
    if len(set(steps)) != len(steps):
        raise BadParameter("漏斗的步骤", "同一种行为只能是一步")
    if not 2 <= len(steps) <= MOST_STEPS:
        raise BadParameter("漏斗的步骤", f"要有 2 到 {MOST_STEPS} 步，现在是 {len(steps)} 步")


def reached(dataset: Dataset, of: Asked) -> pl.DataFrame:
    """How far each unit came, as ``ledger.reached_in_order`` tells it."""
    assert dataset.events is not None
    if of.in_order:
        return ledger.reached_in_order(dataset.events, of.steps, window=of.window, unit=of.unit)
    return ledger.reached_at_all(dataset.events, of.steps, unit=of.unit)


def ways(dataset: Dataset, of: Asked) -> pl.DataFrame:
    """What each customer did before the last step: customer_id, path."""
    assert dataset.events is not None
    others = [e for e in of.kinds["event"] if e not in of.steps][: MOST_KNOWN - len(of.steps)]
    known = [*of.steps[:-1], *others, of.steps[-1]]
    return ledger.ways(dataset.events, known, goal=of.steps[-1], window=of.window)


def groups_of(dataset: Dataset, by: str) -> Break | None:
    """The groups of customers; None where the user named none and nothing divides the data.

    High-ticket customers come first: what they paid for one order says little of whether they went all
    the way, as buying lately and often would.
    """
    if not by and "high_ticket" in available(dataset):
        return break_of(dataset, "high_ticket", unit="customer_id")
    try:
        return break_or_first(dataset, by, unit="customer_id")
    except MissingColumns:
        if by:
            raise
        return None
