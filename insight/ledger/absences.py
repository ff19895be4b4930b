"""How long each of some customers stayed away after every purchase, and whether they came back."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from insight.ledger.intervals import apart
from insight.ledger.lines import DAY, Orders, collect
from insight.ledger.whole import span


def absences(orders: Orders, customers: Sequence[str]) -> pl.DataFrame:
    """The days after every purchase of these customers, person by person (``intervals`` counts them).

    Returns
    -------
    (n_distinct) customer_id, time [days, >= 0], is_back [bought again after so many days; else not yet by
        the end of the ledger], n [times so]; sorted. Every customer with a purchase has one open absence.
    """
    own = apart(orders, "customer_id").filter(nw.col("customer_id").is_in(list(customers)))
    is_back = ~nw.col("next_day").is_null()
    until = nw.when(is_back).then(nw.col("next_day")).otherwise(nw.lit(span(orders)[1] // DAY))
    away = own.with_columns(
        time=nw.max_horizontal(until - nw.col("day"), nw.lit(0)), is_back=is_back
    )
    keys = ["customer_id", "time", "is_back"]
    found = collect(away.group_by(*keys).agg(n=nw.len()))
    return found.with_columns(pl.col("time", "n").cast(pl.Int64)).select(*keys, "n").sort(keys)
