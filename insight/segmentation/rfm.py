"""Who buys much, often and lately: recency, frequency and money, their scores and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.segmentation import scoring
from insight.segmentation.names import Groups, groups_of, named_codes
from insight.segmentation.rfm_definition import Definition, cut_points

FREQUENCY_BANDS = (2, 3, 4, 6)  # n_orders 1 | 2 | 3 | 4-5 | 6+, used where quintiles of F collapse
TOP_SCORES = 4  # scores from here on are high
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Named:
    """Every customer with its scores and its group.

    Attributes
    ----------
    customers : (n_customers) customer_id, days_since_last, n_orders, spend [CNY], r, f, m, segment
    last_day : the snapshot [epoch s of the day's beginning]
    frequency_in_bands : whether F followed fixed bands because quintiles of it say nothing
    """

    customers: pl.DataFrame
    last_day: int
    frequency_in_bands: bool


def named_customers(
    orders: ledger.Orders, definition: Definition, *, names: Mapping[str, Groups]
) -> Named:
    """Score and name every customer of the window as of the snapshot.

    Parameters
    ----------
    names : the user's maps; a scheme that is absent has its default map

    Raises
    ------
    BadParameter : the snapshot is no date, or a cut point cannot be used.
    TooFewRows : nobody bought in the window.
    """
    last_day = snapshot(orders, definition)
    counted = ledger.within(orders, start=_start(last_day, definition), end=last_day + ledger.DAY)
    if definition.refunds == "void":
        counted = ledger.without_refunded(counted)
    customers = ledger.customer_table(counted)
    if customers.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    if definition.refunds == "gross":
        customers = customers.with_columns(spend=pl.col("spend") + pl.col("refunded"))
    table = rfm_table(customers, as_of=last_day)
    in_bands = definition.scoring == "quintile" and frequency_is_degenerate(table)
    named = name_groups(score(table, definition), definition, names=names)
    return Named(named, last_day, in_bands)


def snapshot(orders: ledger.Orders, definition: Definition) -> int:
    """The last day that counts, as the epoch seconds of its beginning (BadParameter: no date)."""
    if not definition.as_of:
        return ledger.span(orders)[1] // ledger.DAY * ledger.DAY
    try:
        return (date.fromisoformat(definition.as_of) - _EPOCH).days * ledger.DAY
    except ValueError as error:
        raise BadParameter("统计日（rfm.as_of）", "应为 2025-12-31 这样的日期") from error


def _start(last_day: int, definition: Definition) -> int | None:
    days = definition.window_days
    return last_day + ledger.DAY - days * ledger.DAY if days else None


def rfm_table(customers: pl.DataFrame, *, as_of: int | None = None) -> pl.DataFrame:
    """Summarise each customer's buying in three numbers.

    Parameters
    ----------
    customers : (n_customers) customer_id, last_at [epoch s], n_orders, spend [CNY]
    as_of : moment the table is for [epoch s]; default: the last order of all

    Returns
    -------
    (n_customers) customer_id, days_since_last [whole days between calendar dates, >= 0],
        n_orders [count, >= 1], spend [CNY, net]

    Notes
    -----
    Hughes (1994), *Strategic Database Marketing*.
    """
    last = pl.col("last_at").max() if as_of is None else pl.lit(as_of)
    days = (last // ledger.DAY - pl.col("last_at") // ledger.DAY).alias("days_since_last")
    return customers.select("customer_id", days, "n_orders", "spend").sort("customer_id")


def frequency_is_degenerate(table: pl.DataFrame) -> bool:
    """Whether quintiles of n_orders say nothing: one value holds 80 % or fewer than three scores come out."""
    if table.is_empty():
        return False
    commonest = table.group_by("n_orders").len()["len"].max()
    few = scoring.by_rank(table["n_orders"]).n_unique() < 3
    return few or (isinstance(commonest, int) and commonest >= 0.8 * table.height)


def score(table: pl.DataFrame, definition: Definition | None = None) -> pl.DataFrame:
    """Add r, f and m, each 1 (worst) to 5 (best).

    Parameters
    ----------
    table : (n_customers) as ``rfm_table`` gives it

    Returns
    -------
    the same rows with r, f, m. Where quintiles of the frequency collapse, f follows fixed bands 1, 2,
        3, 4-5, 6+.

    Raises
    ------
    BadParameter : a fixed cut point cannot be used.
    """
    chosen = definition or Definition()
    days, orders, money = _better_is_more(table, chosen)
    match chosen.scoring:
        case "fixed":
            cuts = cut_points(chosen.r_cuts, name="R 的固定分界（rfm.r_cuts）")
            r = scoring.by_cuts(days, [-c for c in reversed(cuts)])
            f = scoring.by_cuts(
                orders, cut_points(chosen.f_cuts, name="F 的固定分界（rfm.f_cuts）")
            )
            m = scoring.by_cuts(money, cut_points(chosen.m_cuts, name="M 的固定分界（rfm.m_cuts）"))
        case "jenks":
            r, f, m = (scoring.by_natural_breaks(v) for v in (days, orders, money))
        case "kmeans":
            r, f, m = (scoring.by_clusters(v, seed=chosen.seed) for v in (days, orders, money))
        case "quintile":
            r, m = scoring.by_rank(days), scoring.by_rank(money)
            in_bands = frequency_is_degenerate(table)
            f = scoring.by_cuts(orders, FREQUENCY_BANDS) if in_bands else scoring.by_rank(orders)
    return table.with_columns(r.alias("r"), f.alias("f"), m.alias("m"))


def name_groups(
    scored: pl.DataFrame,
    definition: Definition | None = None,
    *,
    names: Mapping[str, Groups] | None = None,
) -> pl.DataFrame:
    """Add ``segment``, the group's name.

    Parameters
    ----------
    scored : (n_customers) with days_since_last, n_orders, spend, r, f, m
    definition : its ``names`` "eight" compares each number with the middle that ``split`` says (equal
        counts as low, save for "top_score"); "eleven" reads the three scores.
    """
    chosen = definition or Definition()
    if chosen.names == "eleven":
        code = pl.concat_str("r", "f", "m")
    else:
        code = pl.concat_str(*(h.cast(pl.Int64) for h in _high(scored, chosen)))
    known = named_codes(groups_of(chosen.names, names or {}), scheme=chosen.names)
    segment = code.replace_strict(list(known), list(known.values()), return_dtype=pl.String)
    return scored.with_columns(segment=segment)


def _better_is_more(
    table: pl.DataFrame, definition: Definition
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """R, F and M with the better value the larger one; money is rounded where it was divided."""
    money = table["spend"]
    if definition.money == "mean":
        money = (money / table["n_orders"]).round(4)
    return -table["days_since_last"], table["n_orders"], money


def _high(scored: pl.DataFrame, definition: Definition) -> tuple[pl.Series, ...]:
    """Of R, F and M, whether each customer's is high."""
    scores = (scored["r"], scored["f"], scored["m"])
    match definition.split:
        case "top_score":
            return tuple(s >= TOP_SCORES for s in scores)
        case "mean_score":
            return tuple(_above_mean(s) for s in scores)
        case "mean":
            return tuple(_above_mean(v) for v in _better_is_more(scored, definition))
        case "median":
            return tuple(v > v.median() for v in _better_is_more(scored, definition))


def _above_mean(values: pl.Series) -> pl.Series:
    """Above the mean by more than its rounding error, so that equal values are never above it."""
    mean = float(values.cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
    return values - mean > 1e-9 * max(1.0, abs(mean))
