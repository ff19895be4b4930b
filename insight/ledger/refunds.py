"""What came back: how many orders and how much money of each product, how soon, why, and whose."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from insight.ledger.lines import (
    DAY,
    Lines,
    Orders,
    by_order,
    collect,
    has,
    is_paid,
    known,
    priced,
    yuan,
)
from insight.ledger.periods import whole_lengths

_OWNER = ["customer_id"]


def refund_counts(orders: Orders, *, by: str = "") -> pl.DataFrame:
    """Paid orders and how many of them came back, wholly or in part.

    A return that stands in an order of its own takes back one earlier paid order of the same customer
    and the same value of ``by``, as far as there is one; else it is alone.

    Parameters
    ----------
    by : a column of the lines; "" for one row

    Returns
    -------
    (n_values) group ["" for one row; null where unknown], n_orders [paid], n_refunded [of them], n_alone
        [returns without a paid order], n_customers [known, who gave back], sales [CNY, before refunds],
        refunded [CNY]; sorted
    """
    table = _by_owner(orders, by).group_by("group").agg(
        n_orders=nw.col("n_paid").sum(),
        n_refunded=nw.col("n_refunded").sum(),
        n_alone=nw.col("n_alone").sum(),
        n_customers=_where((nw.col("n_refunded") > 0) & ~nw.col("customer_id").is_null(), nw.lit(1)).sum(),
        sales=yuan(nw.col("paid").sum()),
        refunded=yuan(nw.col("refunded").sum()),
    )  # fmt: skip
    columns = ("group", "n_orders", "n_refunded", "n_alone", "n_customers", "sales", "refunded")
    return collect(table).select(columns).sort("group")


def refunders(orders: Orders, *, by: str = "") -> pl.DataFrame:
    """The customers who gave back, and how many orders.

    Returns
    -------
    (n_customers x values) customer_id, group, n_orders [paid], n_refunded [of them, >= 1]; sorted
    """
    rows = _by_owner(known(orders, *_OWNER), by).filter(nw.col("n_refunded") > 0)
    table = collect(rows.select("customer_id", "group", "n_paid", "n_refunded"))
    return table.rename({"n_paid": "n_orders"}).sort("group", "customer_id")


def refund_reasons(orders: Orders, *, by: str = "") -> pl.DataFrame:
    """Why lines came back, customer by customer.

    Parameters
    ----------
    orders : (n_lines) with refund_reason
    by : a column of the lines; "" for none

    Returns
    -------
    (n) customer_id [null where unknown], group ["" for none], refund_reason, n_orders, refunded [CNY];
        sorted; only what came back and tells why
    """
    back = _owned(orders, priced(known(orders, "refund_reason"))).filter(nw.col("refunded") > 0)
    back = back.with_columns(group=nw.col(by) if by else nw.lit(""))
    keys = ["customer_id", "group", "refund_reason"]
    per_order = back.group_by(*keys, "order_id").agg(refunded=nw.col("refunded").sum())
    table = per_order.group_by(keys).agg(n_orders=nw.len(), refunded=yuan(nw.col("refunded").sum()))
    return collect(table).select(*keys, "n_orders", "refunded").sort(keys)


def refund_waits(orders: Orders, *, by: str = "") -> pl.DataFrame:
    """How many days lay between a purchase and its return.

    The time is that of ``refunded_at`` where lines have it. A line of its own that came back is measured
    from the last paid line before it of the same customer and product.

    Returns
    -------
    (n) group ["" for none], days [>= 0], n [lines that came back]; sorted
    """
    lines = _owned(orders, priced(orders)).with_columns(
        group=nw.col(by) if by else nw.lit(""),
        thing=nw.col("product") if has(orders, "product") else nw.lit(""),
        day=whole_lengths(nw.col("ordered_at"), DAY),
    )
    waits = _measured(lines)
    if has(orders, "refunded_at"):
        told = lines.filter(nw.col("refunded") > 0, ~nw.col("refunded_at").is_null())
        wait = whole_lengths(nw.col("refunded_at"), DAY) - nw.col("day")
        waits = nw.concat([waits, told.select("group", wait=wait)])
    counted = waits.filter(nw.col("wait") >= 0).group_by("group", "wait").agg(n=nw.len())
    return collect(counted).rename({"wait": "days"}).sort("group", "days")


def _measured(lines: Lines) -> Lines:
    """(n) group, wait [days] of the lines that came back by themselves."""
    keys = ["customer_id", "thing"]
    known_owner = lines.filter(~nw.col("customer_id").is_null(), ~nw.col("thing").is_null())
    if "refunded_at" in lines.collect_schema().names():
        untold = nw.col("refunded_at").is_null()
    else:
        untold = nw.lit(True)
    back = known_owner.filter(nw.col("paid") <= 0, nw.col("refunded") > 0, untold)
    back = back.select(*keys, "order_id", "group", back_day="day")
    bought = known_owner.filter(nw.col("paid") > 0).select(*keys, "day")
    before = back.join(bought, on=keys).filter(nw.col("day") <= nw.col("back_day"))
    last = before.group_by(*keys, "order_id", "group", "back_day").agg(day=nw.col("day").max())
    return last.select("group", wait=nw.col("back_day") - nw.col("day"))


def _by_owner(orders: Orders, by: str) -> Lines:
    """(n_customers x values) customer_id, group, n_paid, n_refunded, n_alone, paid, refunded [units]."""
    owner = _OWNER if has(orders, *_OWNER) else []
    rows = _owned(orders, by_order(orders, *owner, *([by] if by and by not in owner else [])))
    rows = rows.with_columns(group=nw.col(by) if by else nw.lit(""))
    back = nw.col("refunded") > 0
    rows = rows.with_columns(
        bought_at=nw.when(is_paid()).then(nw.col("at")),
        is_bought=_where(is_paid(), nw.lit(1)),
        is_inside=_where(is_paid() & back, nw.lit(1)),
        is_apart=_where(~is_paid() & back, nw.lit(1)),
    )
    keys = ["customer_id", "group"]
    rows = rows.with_columns(first_at=nw.col("bought_at").min().over(*keys))
    after = (nw.col("at") >= nw.col("first_at")).fill_null(value=False)
    table = rows.group_by(keys).agg(
        n_paid=nw.col("is_bought").sum(), n_inside=nw.col("is_inside").sum(), n_apart=nw.col("is_apart").sum(),
        n_after=_where(after, nw.col("is_apart")).sum(),
        paid=nw.col("paid").sum(), refunded=nw.col("refunded").sum(),
    )  # fmt: skip
    left = nw.col("n_paid") - nw.col("n_inside")
    given = nw.when(nw.col("n_after") < left).then(nw.col("n_after")).otherwise(left)
    taken = nw.when(nw.col("customer_id").is_null()).then(nw.lit(0)).otherwise(given)
    counted = table.with_columns(taken=taken)
    return counted.with_columns(
        n_refunded=nw.col("n_inside") + nw.col("taken"), n_alone=nw.col("n_apart") - nw.col("taken")
    )


def _owned(orders: Orders, rows: Lines) -> Lines:
    """The rows with a customer, nobody where the lines know none."""
    return rows if has(orders, *_OWNER) else rows.with_columns(customer_id=nw.lit(None, nw.String))


def _where(flag: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(flag).then(value).otherwise(nw.lit(0))
