"""What every customer will be worth: the model's value where it stood its test, else what was spent of late."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import polars as pl

from insight import ledger
from insight.lifetime.definition import DAYS_OF_MONTH, Definition, last_day
from insight.lifetime.fitting import Models, check_enough, fit, histories
from insight.lifetime.holdout import Check, check
from insight.lifetime.prediction import predicted


@dataclass(frozen=True, slots=True)
class Margin:
    """What is kept of a yuan of sales.

    Attributes
    ----------
    rate : [share of net sales]
    source : "given" by the user, "data": profit or cost of the lines, "none": sales themselves
    covered : share of the net sales whose profit the data tell
    """

    rate: float
    source: str
    covered: float = 0.0


@dataclass(frozen=True, slots=True)
class Valued:
    """Customers with their value, and what it rests on.

    Attributes
    ----------
    customers : (n_customers) as ``prediction.predicted`` gives them, with clv [CNY] and
        clv_if_active [CNY: as if it were certain that the customer still buys]
    until : the last day that counts [days since 1970]
    """

    customers: pl.DataFrame
    models: Models
    check: Check
    margin: Margin
    until: int


def valued(orders: ledger.Orders, definition: Definition) -> Valued:
    """Value every customer.

    Raises
    ------
    TooFewRows, TooShort : there is too little to fit the model to, or to check it.
    BadParameter : the snapshot is no date.
    """
    until = last_day(orders, definition)
    customers = histories(orders, definition, until=until)
    first = customers["first_day"].min()
    check_enough(customers, days=until - int(first or 0) if customers.height else 0)  # type: ignore[arg-type]
    checked = check(orders, definition, customers=customers, until=until)
    models = fit(customers, definition)
    margin = margin_of(orders, definition, until=until)
    known = predicted(customers, models, definition)
    if checked.is_better:
        values = {"clv": pl.col("revenue"), "clv_if_active": pl.col("revenue_if_active")}
    else:
        known = known.join(spent_lately(orders, definition, until=until), on="customer_id", how="left", maintain_order="left")  # fmt: skip
        values = dict.fromkeys(("clv", "clv_if_active"), pl.col("lately").fill_null(0.0))
    worth = {name: (value * margin.rate).round(4) for name, value in values.items()}
    return Valued(known.with_columns(**worth), models, checked, margin, until)


def spent_lately(orders: ledger.Orders, definition: Definition, *, until: int) -> pl.DataFrame:
    """(n) customer_id, lately [CNY, net]: what was spent in as many months as are predicted."""
    start = until + 1 - ceil(definition.months * DAYS_OF_MONTH)
    window = ledger.within(orders, start=start * ledger.DAY, end=(until + 1) * ledger.DAY)
    return ledger.customer_table(window).select("customer_id", lately="spend")


def margin_of(orders: ledger.Orders, definition: Definition, *, until: int) -> Margin:
    """The margin that was given, or that of the lines that tell it, or all of the sales."""
    if definition.margin:
        return Margin(definition.margin / 100, "given")
    told = ledger.profits(orders, until=until)
    spend = float(told["spend"].sum())
    if spend <= 0:
        return Margin(1.0, "none")
    everything = ledger.totals(ledger.within(orders, end=(until + 1) * ledger.DAY))["known_amount"]
    return Margin(float(told["profit"].sum()) / spend, "data", min(spend / everything, 1.0))
