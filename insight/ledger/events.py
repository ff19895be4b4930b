"""The log of events: what customers did, how far they came along some steps, and on which way they bought."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from insight.ledger.lines import Lines, collect

NEVER = -(2**62)  # before any time; a number, because a running maximum of nulls differs by engine
LONGEST = 5  # events of a way, the last included
UNIT = ("customer_id",)


def event_counts(events: Lines) -> pl.DataFrame:
    """How often each event happened, and how many customers it happened to.

    Returns
    -------
    (n_events) event, n_events, n_customers; most customers first
    """
    known = events.filter(~nw.col("customer_id").is_null())
    told = {"n_events": nw.len(), "n_customers": nw.col("customer_id").n_unique()}
    found = collect(known.group_by("event").agg(**told))
    return found.sort("n_customers", "n_events", "event", descending=[True, True, False])


def event_customers(events: Lines) -> pl.DataFrame:
    """(n) event, customer_id: to whom each event happened, each once; sorted."""
    known = events.filter(~nw.col("customer_id").is_null())
    return collect(known.select("event", "customer_id").unique()).sort("event", "customer_id")


def event_span(events: Lines) -> dict[str, int | None]:
    """First and last moment [epoch s], n_events, and n_unknown [of nobody who is known]."""
    at, is_unknown = nw.col("event_at"), nw.col("customer_id").is_null()
    unknown = nw.when(is_unknown).then(nw.lit(1)).otherwise(nw.lit(0)).sum()
    told = events.select(first=at.min(), last=at.max(), n_events=nw.len(), n_unknown=unknown)
    return collect(told).row(0, named=True)


def reached_in_order(
    events: Lines, steps: Sequence[str], *, window: int, unit: Sequence[str] = UNIT
) -> pl.DataFrame:
    """How far each unit came: every step at or after the one before, all within the window of the first.

    Parameters
    ----------
    steps : different events, in their order
    window : seconds from a first step within which the last must have happened
    unit : columns that tell units apart; rows without a value in one of them are left out

    Returns
    -------
    (n_units x the steps each reached) ``unit``, step [from 1], seconds_from_first,
        seconds_from_previous [of the first time the step was reached; null for step 1]; sorted

    Notes
    -----
    Of every step only the latest first step that leads to it is carried on: it never decreases with
    time, so a running maximum per step finds the longest chain in one pass, as ``windowFunnel`` of
    ClickHouse does. What happens in one second counts in the order of the steps.
    """
    rows = _placed(events, steps, unit).with_columns(start_0=_at_step(0))
    for k in range(1, len(steps)):
        begun = _so_far(nw.col(f"start_{k - 1}"), unit)
        is_begun = nw.col(f"start_{k - 1}") > NEVER
        moment = nw.when(is_begun).then(nw.col("event_at")).otherwise(nw.lit(NEVER))
        rows = rows.with_columns(__moment__=moment)
        rows = rows.with_columns(__begun__=begun, __before__=_so_far(nw.col("__moment__"), unit))
        in_time = nw.col("event_at") - nw.col("__begun__") <= window
        is_next = (nw.col("place") == k) & in_time
        rows = rows.with_columns(
            nw.when(is_next).then(nw.col("__begun__")).otherwise(nw.lit(NEVER)).alias(f"start_{k}"),
            nw.when(is_next).then(nw.col("__before__")).alias(f"before_{k}"),
        )
    firsts = [e for k in range(len(steps)) for e in _firsts(k)]
    wide = collect(rows.group_by(*unit).agg(*firsts))
    return pl.concat(_told(wide, k, unit) for k in range(len(steps))).sort(*unit, "step")


def reached_at_all(
    events: Lines, steps: Sequence[str], *, unit: Sequence[str] = UNIT
) -> pl.DataFrame:
    """The steps each unit took together with all steps before them, in whatever order and whenever.

    Returns
    -------
    as ``reached_in_order``; the seconds are null
    """
    taken = collect(_placed(events, steps, unit).select(*unit, "place").unique())
    turn = pl.col("place").sort().cum_count().over(unit, order_by="place") - 1
    found = taken.with_columns(turn=turn).filter(pl.col("place") == pl.col("turn"))
    nothing = pl.lit(None, pl.Int64)
    return found.select(
        *unit, step=pl.col("place") + 1, seconds_from_first=nothing, seconds_from_previous=nothing
    ).sort(*unit, "step")


def ways(events: Lines, known: Sequence[str], *, goal: str, window: int) -> pl.DataFrame:
    """What the customers did before they first reached a goal.

    Parameters
    ----------
    known : the events that are told, in the order in which those of one second count; others are left out
    goal : one of them
    window : seconds before the goal that count

    Returns
    -------
    (n_customers who reached it) customer_id, path ["浏览 → 加购 → 下单": the last ``LONGEST`` events, the
        same one again and again told once]; sorted
    """
    rows = _again_told_once(_placed(events, known, UNIT))
    place, at = nw.col("place"), nw.col("event_at")
    is_goal = nw.when(place == known.index(goal)).then(nw.lit(1)).otherwise(nw.lit(0))
    rows = rows.with_columns(is_goal=is_goal)
    lags = range(1, LONGEST)
    rows = rows.with_columns(
        nth=_over(nw.col("is_goal").cum_sum(), UNIT),
        **{f"place_{i}": _over(place.shift(i), UNIT) for i in lags},
        **{f"at_{i}": _over(at.shift(i), UNIT) for i in lags},
    )
    near = [
        nw.when(at - nw.col(f"at_{i}") <= window).then(nw.col(f"place_{i}")).alias(f"place_{i}")
        for i in lags
    ]
    first = rows.filter(nw.col("is_goal") == 1, nw.col("nth") == 1)
    found = collect(first.select("customer_id", "place", *near))
    names = dict(enumerate(known))
    parts = [pl.col(f"place_{i}") for i in reversed(lags)] + [pl.col("place")]
    told = [p.replace_strict(names, default=None, return_dtype=pl.String) for p in parts]
    path = pl.concat_str(told, separator=" → ", ignore_nulls=True)
    return found.select("customer_id", path=path).sort("customer_id")


def _placed(events: Lines, steps: Sequence[str], unit: Sequence[str]) -> Lines:
    """``unit``, event_at, place [of the event among the steps]; other events are left out."""
    place: nw.Expr = nw.lit(len(steps))
    for at in reversed(range(len(steps))):
        place = nw.when(nw.col("event") == steps[at]).then(nw.lit(at)).otherwise(place)
    rows = events.filter(*(~nw.col(c).is_null() for c in unit)).select(
        *unit, "event_at", place=place
    )
    return rows.filter(nw.col("place") < len(steps))


def _again_told_once(rows: Lines) -> Lines:
    """Of the same event again and again, with nothing in between, the last."""
    following = rows.with_columns(following=_over(nw.col("place").shift(-1), UNIT))
    return following.filter(
        nw.col("following").is_null() | (nw.col("following") != nw.col("place"))
    )


def _over(expr: nw.Expr, unit: Sequence[str]) -> nw.Expr:
    return expr.over(*unit, order_by=["event_at", "place"])


def _so_far(expr: nw.Expr, unit: Sequence[str]) -> nw.Expr:
    return _over(expr.cum_max(), unit)


def _at_step(k: int) -> nw.Expr:
    return nw.when(nw.col("place") == k).then(nw.col("event_at")).otherwise(nw.lit(NEVER))


def _firsts(k: int) -> list[nw.Expr]:
    """When step ``k`` was first reached, from which first step, and after which moment of the step before."""
    is_there = nw.col(f"start_{k}") > NEVER
    told = {f"at_{k}": "event_at", f"start_{k}": f"start_{k}"} | ({f"before_{k}": f"before_{k}"} if k else {})  # fmt: skip
    return [nw.when(is_there).then(nw.col(c)).min().alias(name) for name, c in told.items()]


def _told(wide: pl.DataFrame, k: int, unit: Sequence[str]) -> pl.DataFrame:
    at, start = pl.col(f"at_{k}"), pl.col(f"start_{k}")
    nothing = pl.lit(None, pl.Int64)
    return wide.filter(at.is_not_null()).select(
        *unit,
        step=pl.lit(k + 1, pl.Int64),
        seconds_from_first=at - start if k else nothing,
        seconds_from_previous=at - pl.col(f"before_{k}") if k else nothing,
    )
