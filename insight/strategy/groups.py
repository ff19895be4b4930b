"""The facts of every group of customers that some rule asks about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from insight.stats.multiple import adjusted
from insight.stats.proportions import pooled_z, two_sided
from insight.strategy.facts import DIMENSIONS, EVERYBODY, FACTS
from insight.strategy.people import Customers

NEED = "need"
OVER = "over"  # which dimensions a row is made by
_SCHEMA: dict[str, pl.DataType] = {
    OVER: pl.String(), **dict.fromkeys(DIMENSIONS, pl.String()), "segment_default": pl.String(),
    **{name: pl.Int64() if name.startswith("n_") else pl.Float64() for name in FACTS},
}  # fmt: skip


def groups(known: Customers, overs: Iterable[Sequence[str]]) -> pl.DataFrame:
    """Judge every combination of dimensions.

    Parameters
    ----------
    overs : combinations of DIMENSIONS; () = all customers together

    Returns
    -------
    (n_groups) over ["segment+stage"], DIMENSIONS ["全部" where a group is not made by it], segment_default,
        FACTS [null: not known]; of a group that a need makes, people are those who raise it. Combinations in the
        order of DIMENSIONS, within them the highest expected spend first.
    """
    parts = [_made(known, over) for over in sorted({tuple(over) for over in overs}, key=_order)]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *parts])


def _order(over: Sequence[str]) -> tuple[int, list[int]]:
    return len(over), [list(DIMENSIONS).index(d) for d in over]


def people_of(known: Customers, over: Sequence[str]) -> pl.DataFrame:
    """(n) customer_id and every dimension of ``over``: who is in which group; who raises a need for it."""
    own = [d for d in over if d != NEED]
    frame = known.frame.drop_nulls(own)
    if NEED in over:
        if known.mentions is None:
            return frame.clear().with_columns(need=pl.lit(None, pl.String))
        frame = known.mentions.filter("is_raised").drop("is_raised").join(frame, on="customer_id")
    return frame


def _made(known: Customers, over: tuple[str, ...]) -> pl.DataFrame:
    """The groups of one combination."""
    people = people_of(known, over)
    keys = [*over, *(["segment_default"] if "segment" in over else [])]
    counted = _counted(people, keys) if keys else _counted(people.with_columns(all=0), ["all"])
    table = _beside_all(counted, known.frame)
    table = _asked(table, known, over) if NEED in over else _beside_rest(table, known.frame)
    made_by_buying = bool({"segment", "stage"} & set(over)) and NEED not in over
    tested = _untested(table) if made_by_buying else _tested(table, need=NEED in over)
    table = table.with_columns(p_adjusted=tested, n_sources=_sources(table, known))  # fmt: skip
    named = {d: pl.lit(EVERYBODY) for d in DIMENSIONS if d not in over}
    whole = table.with_columns(pl.lit("+".join(over)).alias(OVER), **named)
    absent = {c: pl.lit(None, t) for c, t in _SCHEMA.items() if c not in whole.columns}
    ordered = whole.with_columns(**absent).select(pl.col(c).cast(t) for c, t in _SCHEMA.items())
    return ordered.sort("expected_spend", *over, descending=[True, *[False] * len(over)], nulls_last=True)  # fmt: skip


def _counted(people: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    spend, n = pl.col("spend").sum(), pl.len().cast(pl.Int64)
    gross = spend + pl.col("refunded").sum()
    # sums of money over sorted rows, so that the order of the data changes no digit
    return people.sort("customer_id").group_by(keys, maintain_order=True).agg(
        n_customers=n,
        n_repeat=pl.col("is_repeat").sum().cast(pl.Int64),
        spend=spend.round(2),
        spend_per_customer=(spend / n).round(4),
        average_order_value=(spend / pl.col("n_orders").sum()).round(4),
        orders_per_customer=pl.col("n_orders").sum() / n,
        repurchase_rate=pl.col("is_repeat").mean(),
        median_days_since_last=pl.col("days_since_last").median(),
        slipping_share=pl.col("is_slipping").mean(),
        new_share=pl.col("is_new").mean(),
        refund_rate=pl.when(gross > 0).then(pl.col("refunded").sum() / gross),
        expected_spend=pl.col("expected_spend").sum().round(2),
        spoke_share=pl.col("has_spoken").mean(),
        n_spoke=pl.col("has_spoken").sum().cast(pl.Int64),
    )  # fmt: skip


def _beside_all(table: pl.DataFrame, everybody: pl.DataFrame) -> pl.DataFrame:
    ordered, n = everybody.sort("customer_id"), everybody.height
    spend, expected = (float(ordered[c].sum()) for c in ("spend", "expected_spend"))
    return table.with_columns(
        share_of_customers=pl.col("n_customers") / n,
        share_of_spend=_over(pl.col("spend"), spend),
        times_average=_over(pl.col("spend_per_customer"), spend / n),
        share_of_expected=_over(pl.col("expected_spend"), expected),
    )


def _over(value: pl.Expr, whole: float) -> pl.Expr:
    return value / whole if whole > 0 else pl.lit(None, pl.Float64)


def _beside_rest(table: pl.DataFrame, everybody: pl.DataFrame) -> pl.DataFrame:
    """The repurchase rate of everybody else."""
    n, n_repeat = everybody.height, int(everybody["is_repeat"].sum())
    others = n - pl.col("n_customers")
    rest = pl.when(others > 0).then((n_repeat - pl.col("n_repeat")) / others)
    with_rest = table.with_columns(rest_repurchase_rate=rest, n_asked=pl.col("n_spoke"))
    gap = pl.col("repurchase_rate") - pl.col("rest_repurchase_rate")
    return with_rest.with_columns(repurchase_difference=gap)


def _asked(table: pl.DataFrame, known: Customers, over: tuple[str, ...]) -> pl.DataFrame:
    """How many could have raised the need, in the group and among the others."""
    assert known.mentions is not None or table.is_empty()
    if known.mentions is None:
        return table
    own = [d for d in over if d != NEED]
    told = known.mentions.join(known.frame.select("customer_id", *own), on="customer_id").drop_nulls(own)  # fmt: skip
    counts = {"n_asked": pl.len().cast(pl.Int64), "n_raised": pl.col("is_raised").sum().cast(pl.Int64)}  # fmt: skip
    mine = told.group_by(*own, NEED).agg(**counts)
    whole = told.group_by(NEED).agg(n_all=pl.len().cast(pl.Int64), n_true=pl.col("is_raised").sum().cast(pl.Int64))  # fmt: skip
    both = table.join(mine, on=[*own, NEED], how="left", maintain_order="left").join(whole, on=NEED, how="left", maintain_order="left")  # fmt: skip
    others = pl.col("n_all") - pl.col("n_asked")
    rest = pl.when(others > 0).then((pl.col("n_true") - pl.col("n_raised")) / others)
    share = pl.col("n_raised") / pl.col("n_asked")
    return both.with_columns(
        n_rest=others, mention_share=share, rest_mention_share=rest, mention_difference=share - rest, raised_spend=pl.col("spend")
    )  # fmt: skip


def _tested(table: pl.DataFrame, *, need: bool) -> pl.Series:
    """p of the difference to everybody else: of the share who raise the need, else of those who bought again."""
    if table.is_empty() or (need and "n_rest" not in table.columns):
        return _untested(table)
    if need:
        columns = ("mention_share", "n_asked", "rest_mention_share", "n_rest")
    else:
        whole = pl.col("n_customers") / pl.col("share_of_customers")
        table = table.with_columns(n_rest=(whole - pl.col("n_customers")).round())
        columns = ("repurchase_rate", "n_customers", "rest_repurchase_rate", "n_rest")
    first, n, rest, m = (table[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in columns)
    p = two_sided(pooled_z(first, n, against=(rest, m)))
    return pl.Series(adjusted(p, "bh")).fill_nan(None)


def _untested(table: pl.DataFrame) -> pl.Series:
    """No p values: groups that the number of purchases makes differ in it by definition."""
    return pl.Series([None] * table.height, dtype=pl.Float64)


def _sources(table: pl.DataFrame, known: Customers) -> pl.Series:
    """Orders are one source; a need adds those in which it was heard."""
    if NEED not in table.columns:
        return pl.Series([1] * table.height, dtype=pl.Int64)
    return pl.Series([1 + known.sources.get(need, 0) for need in table[NEED]], dtype=pl.Int64)
