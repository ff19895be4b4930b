"""The reductions of order lines to small tables, written once and run lazily on any engine."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

Orders = nw.LazyFrame[Any]
DAY = 86_400  # seconds


def _collect(frame: Orders) -> pl.DataFrame:
    collected: pl.DataFrame = frame.collect("polars").to_native()
    return collected


_UNITS = 10_000  # money is summed in whole hundredths of a cent: the same to the last digit on every engine


def _yuan(units: nw.Expr) -> nw.Expr:
    return units.cast(nw.Float64) / _UNITS


def _by_order(orders: Orders, *keys: str) -> Orders:
    """One row per order.

    ``net``: refunds taken off; ``paid``: the sales before refunds; ``refunded``: refunds of the
    lines and negative lines; all in 1/10,000 CNY. ``at``: its first moment; ``n_lines``.
    """
    refund = (
        nw.col("refund").fill_null(0.0)
        if "refund" in orders.collect_schema().names()
        else nw.lit(0.0)
    )
    lines = orders.with_columns(
        net=(nw.col("amount") * _UNITS).round(0).cast(nw.Int64),
        back=(refund * _UNITS).round(0).cast(nw.Int64),
    )
    is_sale = nw.col("net") > 0
    lines = lines.with_columns(
        paid=nw.when(is_sale).then(nw.col("net") + nw.col("back")).otherwise(nw.col("back")),
        refunded=nw.when(nw.col("net") < 0)
        .then(nw.col("back") - nw.col("net"))
        .otherwise(nw.col("back")),
    )
    return lines.group_by(*keys, "order_id").agg(
        net=nw.col("net").sum(),
        paid=nw.col("paid").sum(),
        refunded=nw.col("refunded").sum(),
        at=nw.col("ordered_at").min(),
        n_lines=nw.len(),
    )


def within(orders: Orders, *, start: int | None = None, end: int | None = None) -> Orders:
    """The lines from ``start`` (inclusive) to ``end`` (exclusive), both epoch seconds."""
    if start is not None:
        orders = orders.filter(nw.col("ordered_at") >= start)
    return orders if end is None else orders.filter(nw.col("ordered_at") < end)


def without_refunded(orders: Orders) -> Orders:
    """The lines without those of orders that were paid and then refunded to the last cent."""
    per_order = _by_order(orders.filter(~nw.col("customer_id").is_null()), "customer_id")
    refunded = per_order.filter(nw.col("paid") > 0, nw.col("net") <= 0)
    return orders.join(refunded.select("customer_id", "order_id"), on=["customer_id", "order_id"], how="anti")  # fmt: skip


def span(orders: Orders) -> tuple[int, int]:
    """First and last paid moment of the ledger [epoch s]; (0, 0) where nothing was paid."""
    paid = orders.filter(nw.col("amount") > 0)
    first, last = _collect(
        paid.select(first=nw.col("ordered_at").min(), last=nw.col("ordered_at").max())
    ).row(0)
    return int(first or 0), int(last or 0)


def customer_table(orders: Orders) -> pl.DataFrame:
    """Summarise each customer's paid orders.

    Parameters
    ----------
    orders : (n_lines) customer_id, order_id, ordered_at [epoch s], amount [CNY, net of refunds,
        returns negative] and, where known, refund [CNY, >= 0, already taken off amount];
        lines without a customer are left out.

    Returns
    -------
    (n_customers) customer_id, first_at, last_at [epoch s of paid orders],
        n_orders [count, >= 1] distinct orders that were paid, whether refunded later or not,
        spend [CNY] paid minus refunded, refunded [CNY, >= 0], n_lines;
        sorted by customer_id. Customers who never paid are absent.
    """
    per_order = _by_order(orders.filter(~nw.col("customer_id").is_null()), "customer_id")
    is_order = nw.col("paid") > 0
    summary = per_order.group_by("customer_id").agg(
        first_at=nw.when(is_order).then(nw.col("at")).min(),
        last_at=nw.when(is_order).then(nw.col("at")).max(),
        n_orders=nw.when(is_order).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        spend=_yuan(nw.col("net").sum()),
        refunded=_yuan(nw.col("refunded").sum()),
        n_lines=nw.col("n_lines").sum(),
    )
    table = _collect(summary.filter(nw.col("n_orders") > 0))
    return table.cast({"n_orders": pl.Int64, "n_lines": pl.Int64}).sort("customer_id")


def monthly(orders: Orders) -> pl.DataFrame:
    """Sales month by month.

    Parameters
    ----------
    orders : (n_lines) order_id, ordered_at, ordered_month [yyyymm], amount and, where the ledger
        knows customers, customer_id

    Returns
    -------
    (n_months) month [date, its first day], n_orders (distinct paid orders), amount [CNY, net],
        n_customers (distinct known buyers; absent where the ledger knows no customers);
        months without a line are filled with zeros
    """
    known = "customer_id" in orders.collect_schema().names()
    per_order = _by_order(orders, "ordered_month", *(["customer_id"] if known else []))
    is_order = nw.col("paid") > 0
    sums = {
        "n_orders": nw.when(is_order).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        "amount": _yuan(nw.col("net").sum()),
    }
    table = _collect(per_order.group_by("ordered_month").agg(**sums))
    if known:
        buyers = per_order.filter(is_order, ~nw.col("customer_id").is_null())
        buyers = buyers.select("ordered_month", "customer_id").unique()
        counted = _collect(buyers.group_by("ordered_month").agg(n_customers=nw.len()))
        table = table.join(counted, on="ordered_month", how="left", coalesce=True)
    return _every_month(table)


def orders_of_months(orders: Orders) -> pl.DataFrame:
    """The paid orders that ``monthly`` counts.

    Returns
    -------
    (n_orders) month [date], order_id, customer_id [null where unknown]
    """
    known = "customer_id" in orders.collect_schema().names()
    per_order = _by_order(orders, "ordered_month", *(["customer_id"] if known else []))
    table = _collect(per_order.filter(nw.col("paid") > 0))
    ids = pl.col("customer_id") if known else pl.lit(None, pl.String).alias("customer_id")
    month = pl.date(pl.col("ordered_month") // 100, pl.col("ordered_month") % 100, 1)
    return table.select(month.alias("month"), "order_id", ids)


def lines_of(orders: Orders, column: str, ids: pl.Series, *, most: int) -> tuple[pl.DataFrame, int]:
    """The newest lines of some customers or orders, and how many lines they have.

    Parameters
    ----------
    column : "customer_id" or "order_id"
    most : lines to return; newest first

    Returns
    -------
    (<= most) the columns of the ledger; the number of all their lines
    """
    wanted = orders.filter(nw.col(column).is_in(ids.to_list()))
    found = wanted.sort("ordered_at", "order_id", "amount", descending=True).head(most)
    total = _collect(wanted.select(n=nw.len())).item()
    return _collect(found), int(total)


def _every_month(table: pl.DataFrame) -> pl.DataFrame:
    month = pl.date(pl.col("ordered_month") // 100, pl.col("ordered_month") % 100, 1)
    table = table.with_columns(month=month).drop("ordered_month").sort("month")
    filled = table.upsample("month", every="1mo") if table.height else table
    counts = pl.selectors.starts_with("n_").fill_null(0).cast(pl.Int64)
    return filled.select("month", counts, pl.col("amount").fill_null(0.0))


def spend_by(orders: Orders, column: str) -> pl.DataFrame:
    """What each customer paid per value of ``column`` (category, channel, region, city ...).

    Returns
    -------
    (n_customers x values bought) customer_id, ``column``, n_orders, spend [CNY, net];
        sorted by both; lines without a customer or a value are left out
    """
    known = orders.filter(~nw.col("customer_id").is_null(), ~nw.col(column).is_null())
    per_order = _by_order(known, "customer_id", column)
    is_order = nw.col("paid") > 0
    summary = per_order.group_by("customer_id", column).agg(
        n_orders=nw.when(is_order).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        spend=_yuan(nw.col("net").sum()),
    )
    return _collect(summary).cast({"n_orders": pl.Int64}).sort("customer_id", column)


def order_sizes(orders: Orders, *, by: str | None = None) -> pl.DataFrame:
    """How large each customer's paid orders are, all together or per value of ``by``.

    Returns
    -------
    (n_customers [x values of ``by``]) customer_id, ``by``, n_orders [count, >= 1],
        spend [CNY, net], largest_order_amount [CNY, net of the order's own refunds];
        sorted; lines without a customer or a value of ``by`` are left out
    """
    keys = ["customer_id", *([by] if by else [])]
    known = orders.filter(*(~nw.col(key).is_null() for key in keys))
    per_order = _by_order(known, *keys)
    is_order = nw.col("paid") > 0
    summary = per_order.group_by(*keys).agg(
        n_orders=nw.when(is_order).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        spend=_yuan(nw.col("net").sum()),
        largest_order_amount=_yuan(nw.when(is_order).then(nw.col("net")).max()),
    )
    table = _collect(summary.filter(nw.col("n_orders") > 0))
    return table.cast({"n_orders": pl.Int64}).sort(keys)


def values_of(orders: Orders, column: str, *, most: int = 200) -> tuple[str, ...]:
    """The values of ``column`` that lines of a known customer carry, most money first, at most ``most``."""
    known = orders.filter(~nw.col("customer_id").is_null(), ~nw.col(column).is_null())
    sums = known.group_by(column).agg(amount=nw.col("amount").sum().round(2))
    found = _collect(sums.sort("amount", column, descending=[True, False]).head(most))
    return tuple(found[column].cast(pl.String))


def totals(orders: Orders) -> dict[str, float]:
    """Lines, distinct paid orders, net amount [CNY] and the amount of lines with a known customer."""
    known = "customer_id" in orders.collect_schema().names()
    per_order = _by_order(orders, *(["customer_id"] if known else []))
    has_customer = ~nw.col("customer_id").is_null() if known else nw.lit(False)
    return (
        _collect(
            per_order.select(
                n_lines=nw.col("n_lines").sum(),
                amount=_yuan(nw.col("net").sum()),
                known_amount=_yuan(
                    nw.when(has_customer).then(nw.col("net")).otherwise(nw.lit(0)).sum()
                ),
                n_orders=nw.when(nw.col("paid") > 0).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
            )
        )
        .cast({"n_lines": pl.Int64, "n_orders": pl.Int64})
        .row(0, named=True)
    )
