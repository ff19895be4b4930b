"""What customers do anyway: how many buy in some days, and for how much."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight import ledger


@dataclass(frozen=True, slots=True)
class Usual:
    """What some customers did in the last days of the ledger.

    Attributes
    ----------
    n_customers : who had bought before those days began
    n_bought : of them, who bought in those days
    order_amount : mean net amount of an order in those days [CNY]; of the whole ledger where there were none
    """

    n_customers: int
    n_bought: int
    order_amount: float

    @property
    def share(self) -> float:
        """Of those customers, who bought."""
        return self.n_bought / self.n_customers if self.n_customers else 0.0


def usual(orders: ledger.Orders, *, days: int, ids: pl.Series | None = None) -> Usual:
    """Look at the last ``days`` of the ledger.

    Parameters
    ----------
    ids : customers that count; None: everybody
    """
    start = ledger.span(orders)[1] // ledger.DAY + 1 - days
    before, now = (
        ledger.customer_table(part)
        for part in (ledger.within(orders, end=start * ledger.DAY), ledger.within(orders, start=start * ledger.DAY))
    )  # fmt: skip
    if ids is not None:
        before, now = (t.filter(pl.col("customer_id").is_in(ids.implode())) for t in (before, now))
    again = now.join(before, on="customer_id", how="semi").height
    told = now if now.height else before
    n_orders = int(told["n_orders"].sum())
    amount = float(told["spend"].sort().sum()) / n_orders if n_orders else 0.0
    return Usual(before.height, again, amount)
