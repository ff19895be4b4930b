"""Money of a whole order shared among its lines, exact to the cent."""

from __future__ import annotations

from functools import reduce

import polars as pl

_TELL_LINES_APART = ("product", "sku", "line_id", "quantity", "unit_price")


def shared(lines: pl.DataFrame, money: str, *, group: str) -> pl.Series:
    """Share each amount of a group once among the lines that bear it.

    Parameters
    ----------
    lines : (n) ``money``, ``group`` and, where known, own_amount [what the line itself cost], quantity,
        unit_price and what tells lines apart
    money : amount of the whole group [CNY]; a line without one bears that of its group
    group : lines of one order; null stands for a line of its own

    Returns
    -------
    (n) Float64, whose sum over the lines that bear one amount is that amount to the cent. Shares go by
    what the lines themselves cost, by quantity x price, or by quantity: the first that all these
    lines have; else evenly

    Notes
    -----
    Largest remainder (Hamilton): whole cents are cut off, the cents left over go to the largest
    remainders; of equal ones to the line that comes first by its contents, never by its place.
    """
    several = lines.with_row_index("__row__").filter(
        pl.col(group).is_not_null() & pl.col(group).is_duplicated()
    )
    if several.is_empty():
        return lines[money]
    several = several.with_columns(pl.coalesce(money, pl.max(money).over(group)).alias("__whole__"))
    several = several.drop_nulls("__whole__")
    bearers = [group, "__whole__"]
    weighed = several.with_columns(_weight(several, over=bearers))
    scale = _scale(weighed["__whole__"])
    cents = (pl.col("__whole__").abs() * scale).round().cast(pl.Int64)
    exact = cents * pl.col("__weight__") / pl.col("__weight__").sum().over(bearers)
    cut = weighed.with_columns(cents=cents, exact=exact, whole=exact.floor().cast(pl.Int64))
    left = pl.col("cents") - pl.col("whole").sum().over(bearers)
    cut = cut.with_columns(left=left, remainder=(pl.col("exact") - pl.col("whole")).round(6))
    ties = [c for c in _TELL_LINES_APART if c in lines.columns]
    places = cut.filter(pl.col("left") > 0).sort(
        [*bearers, "remainder", *ties],
        descending=[False, False, True, *[False] * len(ties)],
        nulls_last=True,
        maintain_order=True,
    )
    extra = places.filter(pl.int_range(pl.len()).over(bearers) < pl.col("left"))["__row__"]
    cents = pl.col("whole") + pl.col("__row__").is_in(extra.implode()).cast(pl.Int64)
    amount = cut.select("__row__", a=cents.cast(pl.Float64) / scale * pl.col("__whole__").sign())
    return lines[money].clone().scatter(amount["__row__"], amount["a"])


def _weight(lines: pl.DataFrame, *, over: list[str]) -> pl.Expr:
    """Own money, quantity x price, quantity, 1: the first that all lines of a group have."""
    known = [pl.col(c).abs() for c in ("quantity", "unit_price") if c in lines.columns]
    choices = [pl.col("own_amount").abs()] if "own_amount" in lines.columns else []
    choices += [reduce(lambda a, b: a * b, known)] if known else []
    choices += [pl.col("quantity").abs()] if "quantity" in lines.columns else []
    weights = [
        pl.when(c.is_not_null().all().over(over) & (c.sum().over(over) > 0)).then(
            c.cast(pl.Float64)
        )
        for c in choices
    ]
    return pl.coalesce(*weights, pl.lit(1.0)).alias("__weight__")


def _scale(money: pl.Series) -> int:
    """Units of 1 CNY: cents, or hundredths of a cent where the amounts are finer."""
    cents = money * 100
    return 100 if ((cents - cents.round()).abs() < 1e-6).all() else 10_000
