"""What is bought after what: from one purchase day to the next, and from the first one to what follows."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from insight.ledger.intervals import apart
from insight.ledger.lines import (
    DAY,
    Lines,
    Orders,
    among,
    by_order,
    collect,
    is_paid,
    known,
    yuan,
)
from insight.ledger.periods import whole_lengths
from insight.ledger.whole import span

_PAIR = ("bought", "bought_next")


def transitions(orders: Orders, column: str, *, values: Sequence[str]) -> pl.DataFrame:
    """How often a purchase day with one value is followed by one with another.

    A step leads from a purchase day of a known customer to the next one, whatever both hold; the orders
    of one day are one purchase, as they are in ``intervals``.

    Parameters
    ----------
    column : "product", "category", "channel" ...
    values : of ``column``, those that are told

    Returns
    -------
    (n_pairs of what some step begins and some ends with) bought, bought_next [of ``values``], n_both [steps from one
        to the other], n_customers [who made them], n_bought, n_next [steps that begin with one, that
        end with the other], n_beginners [customers of n_bought], n_steps [all], median_days [of the
        steps from one to the other; null: none];
        and the sums over customers of the products of their own counts, b = n_both, x = n_bought,
        y = n_next, s = n_steps: bb, bx, by, bs, xx, xy, xs, yy, ys, ss; sorted
    """
    steps, first, last = _sides(orders, column, values)
    own = steps.group_by("customer_id").agg(s=nw.len())
    begun = first.group_by("customer_id", "bought").agg(x=nw.len()).join(own, on="customer_id")
    ended = last.group_by("customer_id", "bought_next").agg(y=nw.len()).join(own, on="customer_id")
    both = _both(first, last)
    done = both.group_by("customer_id", *_PAIR).agg(b=nw.len())
    possible = begun.join(ended.drop("s"), on="customer_id")
    grid = possible.join(done, on=["customer_id", *_PAIR], how="left")
    pairs = _counted(grid.with_columns(b=nw.col("b").fill_null(0)), _PAIR)
    days = collect(both.group_by(*_PAIR).agg(median_days=nw.col("days").median().cast(nw.Float64)))
    starts = {"n_bought": nw.col("x").sum(), "n_beginners": nw.len()}
    begins = collect(begun.group_by("bought").agg(**starts, **_products("xx", "xs")))
    ends = collect(
        ended.group_by("bought_next").agg(n_next=nw.col("y").sum(), **_products("yy", "ys"))
    )
    whole = collect(own.select(n_steps=nw.col("s").sum(), **_products("ss")))
    every = begins.join(ends, how="cross").join(whole, how="cross")
    found = every.join(pairs, on=_PAIR, how="left").with_columns(
        pl.selectors.integer().fill_null(0)
    )
    found = found.join(days, on=_PAIR, how="left")
    return found.select(_TRANSITIONS).sort(_PAIR)


_TRANSITIONS = (
    *_PAIR, "n_both", "n_customers", "n_bought", "n_beginners", "n_next", "n_steps", "median_days",
    "bb", "bx", "by", "bs", "xx", "xy", "xs", "yy", "ys", "ss",
)  # fmt: skip


def transition_buyers(orders: Orders, column: str, *, values: Sequence[str]) -> pl.DataFrame:
    """The customers whom ``transitions`` counts.

    Returns
    -------
    (n_customers x pairs they made) bought, bought_next, customer_id; sorted
    """
    _, first, last = _sides(orders, column, values)
    found = collect(_both(first, last).select(*_PAIR, "customer_id").unique())
    return found.sort(*_PAIR, "customer_id")


def beginnings(orders: Orders, *, days: int) -> pl.DataFrame:
    """What customers paid on their first purchase day, and in the days after it.

    Parameters
    ----------
    days : after the first purchase day, itself not counted

    Returns
    -------
    (n_customers) customer_id, first_day [days since 1970], first_spend [CNY, net], n_later [paid orders
        of the ``days`` after it], later_spend [CNY, net]; sorted; only customers whose ``days`` are over
        at the end of the ledger. Refunds count on the day of the order that carries them.
    """
    rows = by_order(known(orders, "customer_id"), "customer_id")
    rows = rows.with_columns(day=whole_lengths(nw.col("at"), DAY), is_paid=is_paid())
    start = (
        rows.filter(nw.col("is_paid")).group_by("customer_id").agg(first_day=nw.col("day").min())
    )
    seen = start.filter(nw.col("first_day") + days <= span(orders)[1] // DAY)
    since = nw.col("day") - nw.col("first_day")
    is_first, is_later = since == 0, (since > 0) & (since <= days)
    one, nothing, net = nw.lit(1), nw.lit(0), nw.col("net")
    sums = (
        rows.join(seen, on="customer_id")
        .group_by("customer_id", "first_day")
        .agg(
            first_spend=yuan(nw.when(is_first).then(net).otherwise(nothing).sum()),
            n_later=nw.when(is_later & nw.col("is_paid")).then(one).otherwise(nothing).sum(),
            later_spend=yuan(nw.when(is_later).then(net).otherwise(nothing).sum()),
        )
    )
    return collect(sums).sort("customer_id")


def first_held(orders: Orders, column: str, *, values: Sequence[str]) -> pl.DataFrame:
    """What each customer bought on the first purchase day.

    Parameters
    ----------
    values : of ``column``, those that are told

    Returns
    -------
    (n_customers x values of that day) ``column``, customer_id; sorted
    """
    return _held_on(nw.col("day").min(), orders, column, values=values)


def last_held(orders: Orders, column: str, *, values: Sequence[str]) -> pl.DataFrame:
    """What each customer bought on the last purchase day; see ``first_held``."""
    return _held_on(nw.col("day").max(), orders, column, values=values)


def _held_on(day: nw.Expr, orders: Orders, column: str, *, values: Sequence[str]) -> pl.DataFrame:
    its = _days(orders).group_by("customer_id").agg(day=day)
    held = _held(orders, column, values).join(its, on=["customer_id", "day"], how="semi")
    return collect(held.select(column, "customer_id")).sort(column, "customer_id")


def _days(orders: Orders) -> Lines:
    """(n_paid_orders) customer_id, order_id, day [since 1970]."""
    paid = by_order(known(orders, "customer_id"), "customer_id").filter(is_paid())
    return paid.select("customer_id", "order_id", day=whole_lengths(nw.col("at"), DAY))


def _held(orders: Orders, column: str, values: Sequence[str]) -> Lines:
    """(n) customer_id, day, ``column``: what each purchase day holds of ``values``, each once."""
    keys = ("customer_id", column)
    bought = by_order(known(among(orders, column, values), *keys), *keys).filter(is_paid())
    dated = bought.select(*keys, "order_id").join(_days(orders), on=["customer_id", "order_id"])
    return dated.select("customer_id", "day", column).unique()


def _sides(orders: Orders, column: str, values: Sequence[str]) -> tuple[Lines, Lines, Lines]:
    """The steps, those that begin with a value and those that end with one: customer_id, day, next_day."""
    steps = apart(orders, "customer_id").filter(~nw.col("next_day").is_null())
    held = _held(orders, column, values)
    first = held.rename({column: "bought"}).join(steps, on=["customer_id", "day"])
    ending = held.rename({column: "bought_next", "day": "next_day"})
    return steps, first, ending.join(steps, on=["customer_id", "next_day"])


def _both(first: Lines, last: Lines) -> Lines:
    """(n) customer_id, bought, bought_next, days [between both]: every pair of every step."""
    found = first.join(last.drop("next_day"), on=["customer_id", "day"])
    return found.select("customer_id", *_PAIR, days=nw.col("next_day") - nw.col("day"))


def _counted(grid: Lines, keys: Sequence[str]) -> pl.DataFrame:
    """Of each pair: its steps, the customers who made them, and products of their counts."""
    someone = nw.when(nw.col("b") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    counts = {"n_both": nw.col("b").sum(), "n_customers": someone.sum()}
    return collect(grid.group_by(*keys).agg(**counts, **_products("bb", "bx", "by", "bs", "xy")))


def _products(*names: str) -> dict[str, nw.Expr]:
    """Name -> the sum over customers of the product of the two counts whose letters it has."""
    return {name: (nw.col(name[0]) * nw.col(name[1])).sum() for name in names}
