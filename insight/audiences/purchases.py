"""Conditions on what customers bought and who they are: met or not, customer by customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import polars as pl

from insight import ledger
from insight.customers import base_of
from insight.dataset import Dataset
from insight.schema.conditions import Bought, Buying, Ordered, Score, Trait, TraitDate, TraitNumber

Numbered = Buying | TraitNumber | Score


@dataclass(frozen=True, slots=True)
class Customers:
    """What is known of all customers, looked up once for a rule.

    Attributes
    ----------
    bought : as ``ledger.customer_table`` gives it; None without orders
    base : (n) customer_id, spend [CNY] of everybody who is a customer
    """

    bought: pl.DataFrame | None
    base: pl.DataFrame


def customers_of(dataset: Dataset, *, bought: pl.DataFrame | None = None) -> Customers:
    """The customers of the data; ``bought`` where the customer table is there already."""
    if bought is None and dataset.orders is not None and "customer_id" in dataset.columns("orders"):
        bought = ledger.customer_table(dataset.orders)
    return Customers(bought, base_of(bought, dataset.customers))


def buying(dataset: Dataset, condition: Buying, *, customers: Customers) -> pl.DataFrame:
    """Whether each customer's buying meets a bound; who bought nothing in the window spent 0 in 0 orders.

    Returns
    -------
    (n) customer_id, met [null: there is no such number, e.g. the last order of who never ordered]
    """
    assert dataset.orders is not None
    table = customers.bought
    if condition.since or condition.until:
        table = ledger.customer_table(_within(dataset.orders, condition))
    assert table is not None
    known = customers.base.select("customer_id").join(table, on="customer_id", how="left")
    value = pl.col(condition.measure)
    if condition.measure == "average_order_value":
        value = pl.col("spend") / pl.col("n_orders")
    elif condition.measure in ("spend", "n_orders"):
        value = value.fill_null(0)
    else:
        at = "last_at" if condition.measure == "days_since_last" else "first_at"
        value = ledger.span(dataset.orders)[1] // ledger.DAY - pl.col(at) // ledger.DAY
    return known.select("customer_id", met=compared(value, condition))


def ordered(condition: Ordered, *, customers: Customers) -> pl.DataFrame:
    """(n_buyers) customer_id, met: whether the first or last order was paid within the days."""
    assert customers.bought is not None
    column = "first_at" if condition.which == "first" else "last_at"
    return customers.bought.select("customer_id", met=_dated(column, condition))


def bought(dataset: Dataset, condition: Bought, *, base: pl.DataFrame) -> pl.DataFrame:
    """(n) customer_id of ``base``, met: whether one, or all, of the values were paid for in the days."""
    assert dataset.orders is not None
    column, values = condition.column, condition.values
    lines = ledger.among(_within(dataset.orders, condition), column, values)
    paid = ledger.spend_by(lines, column).filter(pl.col("n_orders") > 0)
    least = len(values) if condition.how == "all" else 1
    enough = paid.group_by("customer_id").len().filter(pl.col("len") >= least)["customer_id"]
    return base.select("customer_id", met=pl.col("customer_id").is_in(enough.implode()))


def trait(dataset: Dataset, condition: Trait | TraitNumber | TraitDate) -> pl.DataFrame:
    """(n) customer_id, met: whether the attribute fits; null where it is unknown."""
    assert dataset.customers is not None
    value = pl.col(condition.name)
    match condition:
        case Trait():
            met = value.cast(pl.String).is_in(list(condition.values))
        case TraitNumber():
            met = compared(value.cast(pl.Float64), condition)
        case _:
            met = _dated(condition.name, condition)
    return dataset.customers.select("customer_id", met=met)


def sold_nothing(dataset: Dataset, condition: Bought) -> tuple[str, ...]:
    """The values that no customer ever paid for."""
    assert dataset.orders is not None
    lines = ledger.among(dataset.orders, condition.column, condition.values)
    found = set(ledger.values_of(lines, condition.column, most=len(condition.values)))
    return tuple(value for value in condition.values if value not in found)


def compared(value: pl.Expr, condition: Numbered) -> pl.Expr:
    """Whether a number meets the bound, to the hundredth of a cent; null where there is none."""
    value, bound = value.cast(pl.Float64).round(4), round(condition.value, 4)
    match condition.comparison:
        case ">=":
            return value >= bound
        case "<=":
            return value <= bound
        case ">":
            return value > bound
        case "<":
            return value < bound
        case "=":
            return value == bound
    return value.is_between(bound, condition.to)


def _within(orders: ledger.Orders, condition: Buying | Bought) -> ledger.Orders:
    start, end = _epochs(condition.since, condition.until)
    return ledger.within(orders, start=start, end=end)


def _dated(column: str, condition: Ordered | TraitDate) -> pl.Expr:
    start, end = _epochs(condition.since, condition.until)
    at = pl.col(column)
    bounds = ([at >= start] if start is not None else []) + ([at < end] if end is not None else [])
    return pl.when(at.is_not_null()).then(pl.all_horizontal(pl.lit(value=True), *bounds))


def _epochs(since: date | None, until: date | None) -> tuple[int | None, int | None]:
    """First second of ``since``, and first second after ``until``."""
    start = None if since is None else _epoch(since)
    return start, None if until is None else _epoch(until) + ledger.DAY


def _epoch(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
