"""Who owns which category, and what is missing beside it, segment by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight import ledger
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.stats.propensity import Ints
from insight.stats.proportions import Flags, Floats

EVERYBODY = "全部客户"
_ORDERS = (1, 4)  # the last number of orders of the first two bands of activity
N_GROUPS = 3 * 3  # bands of orders x of how long ago the last one was


@dataclass(frozen=True, slots=True)
class Owned:
    """Who had bought what at a moment.

    Attributes
    ----------
    people : (n) customer_id [sorted], n_orders, spend, days_since_last
    has : (n x n_items)
    activity : (n) group of how many orders and how long ago the last one was, 0 to ``N_GROUPS`` - 1
    """

    people: pl.DataFrame
    has: Flags
    activity: Ints


def owned(orders: ledger.Orders, column: str, items: Sequence[str], *, at: int, days: int) -> Owned:
    """What customers had bought before ``at`` [epoch s]; ``days`` is the stretch that counts as recent."""
    before = ledger.within(orders, end=at)
    people = ledger.customer_table(before)
    away = (at - 1) // ledger.DAY - pl.col("last_at") // ledger.DAY
    people = people.select("customer_id", "n_orders", "spend", days_since_last=away)
    n, last = people["n_orders"].to_numpy(), people["days_since_last"].to_numpy()
    bands = np.searchsorted(_ORDERS, n), np.searchsorted([days, 2 * days], last)
    return Owned(people, grid(before, column, items, people)[0], (3 * bands[0] + bands[1]).astype(np.int64))  # fmt: skip


def grid(
    orders: ledger.Orders, column: str, items: Sequence[str], people: pl.DataFrame
) -> tuple[Flags, Floats]:
    """(n_people x n_items) who bought what in a stretch of the ledger, and for how much [CNY, net]."""
    bought = ledger.spend_by(ledger.among(orders, column, items), column).filter(
        pl.col("n_orders") > 0
    )
    row = people.select("customer_id").with_row_index("row")
    column_of = pl.DataFrame({column: items}).with_row_index("item")
    placed = bought.join(row, on="customer_id").join(column_of, on=column)
    has, spent = np.zeros((people.height, len(items)), dtype=bool), np.zeros((people.height, len(items)))  # fmt: skip
    where = placed["row"].to_numpy(), placed["item"].to_numpy()
    has[where], spent[where] = True, placed["spend"].to_numpy()
    return has, spent


def segments_of(people: pl.DataFrame, groups: Break) -> Mapping[str, Flags]:
    """Segment -> who is in it (n), everybody first."""
    group = people.join(groups.members, on="customer_id", how="left", maintain_order="left")[
        "group"
    ]
    everybody = {EVERYBODY: np.ones(people.height, dtype=bool)}
    return everybody | {name: (group == name).fill_null(value=False).to_numpy() for name in groups.groups}  # fmt: skip


def gaps(has: Flags, segments: Mapping[str, Flags], items: Sequence[str]) -> pl.DataFrame:
    """Of the owners of each item, how many lack each other one, segment by segment.

    Returns
    -------
    (n_segments x n_items x others) owned, missing, segment, base [own the first], n_customers [of them, who
        lack the other], share [of the base], both_share [of the base, who own both], share_all [of the
        segment, who own the other], lift, p_adjusted [Fisher's exact test, one-sided, over the whole
        table; null with the shares where the base is too small]
    """
    from scipy.stats import hypergeom

    parts = []
    first, second = np.where(~np.eye(len(items), dtype=bool))
    for name, inside in segments.items():
        mine = has[inside].astype(float)
        both = (mine.T @ mine)[first, second]
        n, base, other = len(mine), mine.sum(axis=0)[first], mine.sum(axis=0)[second]
        p_value = np.asarray(hypergeom.sf(both - 1, n, base, other))
        columns = {"first": first, "second": second, "base": base, "both": both, "other": other, "p_value": p_value}  # fmt: skip
        parts.append(pl.DataFrame(columns).with_columns(segment=pl.lit(name), n=pl.lit(n)))
    counted = pl.concat(parts)
    shown = pl.col("base") >= settings().tiny_base
    tested = counted.select(pl.when(shown).then("p_value"))["p_value"].fill_null(np.nan).to_numpy()
    both, share_all = pl.col("both") / pl.col("base"), pl.col("other") / pl.col("n")
    names = dict(enumerate(items))
    lift = pl.when(share_all > 0).then(both / share_all)
    return counted.select(
        owned=pl.col("first").replace_strict(names, return_dtype=pl.String),
        missing=pl.col("second").replace_strict(names, return_dtype=pl.String),
        segment="segment",
        base=pl.col("base").cast(pl.Int64),
        n_customers=(pl.col("base") - pl.col("both")).cast(pl.Int64),
        share=pl.when(shown).then(1 - both),
        both_share=pl.when(shown).then(both),
        share_all=pl.when(shown).then(share_all),
        lift=pl.when(shown).then(lift),
        p_adjusted=pl.Series(adjusted(tested, "bh")).fill_nan(None),
    )


def matrix(has: Flags, segments: Mapping[str, Flags], items: Sequence[str], worth: Floats | None) -> pl.DataFrame:  # fmt: skip
    """How many of each segment lack each item, and what those are expected to spend on it.

    Parameters
    ----------
    worth : (n x n_items) expected spend of those who lack it [CNY], 0 of the others; None: not known

    Returns
    -------
    (n_segments x n_items) segment, missing, base [customers of the segment], n_customers [who lack it],
        owned_share [of the base; null where it is too small], expected_amount [CNY]
    """
    rows = []
    for name, inside in segments.items():
        mine, n = has[inside], int(inside.sum())
        for at, item in enumerate(items):
            has_it = int(mine[:, at].sum())
            share = has_it / n if n >= settings().tiny_base else None
            expected = None if worth is None else round(float(worth[inside, at].sum()), 4)
            rows.append((name, item, n, n - has_it, share, expected))
    return pl.DataFrame(rows, schema=_MATRIX, orient="row")


_MATRIX = {
    "segment": pl.String, "missing": pl.String, "base": pl.Int64, "n_customers": pl.Int64, "owned_share": pl.Float64,
    "expected_amount": pl.Float64,
}  # fmt: skip


def lacking(now: Owned, segments: Mapping[str, Flags], items: Sequence[str]) -> pl.DataFrame:
    """The customers whom ``matrix`` counts as lacking an item: segment, missing, customer_id."""
    ids = now.people.select("customer_id")
    return pl.concat(
        ids.filter(pl.Series(inside & ~now.has[:, at])).select(segment=pl.lit(name), missing=pl.lit(item), customer_id="customer_id")
        for name, inside in segments.items()
        for at, item in enumerate(items)
    )  # fmt: skip


def lacking_beside(now: Owned, segments: Mapping[str, Flags], items: Sequence[str]) -> pl.DataFrame:
    """The customers whom ``gaps`` counts: segment, owned, missing, customer_id."""
    owners = [lacking(now, {n: i & now.has[:, at] for n, i in segments.items()}, items).with_columns(owned=pl.lit(item)) for at, item in enumerate(items)]  # fmt: skip
    return pl.concat(owners).select("segment", "owned", "missing", "customer_id")
