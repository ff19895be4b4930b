"""Who the customers of a study are: one rule for every figure that is counted or compared among them."""

from __future__ import annotations

import polars as pl

from insight import ledger

RULE = (
    "客户是至少有一笔付款订单的人（后来退款的也算），加上客户表里的人；"
    "只有零金额订单（赠品、未付款）的人不算客户，对上了也不计入客户数和金额。"
)


def customer_base(orders: ledger.Orders | None, customers: pl.DataFrame | None) -> pl.DataFrame:
    """Everybody who is a customer by ``RULE``.

    Parameters
    ----------
    orders : (n_lines) as ``ledger.customer_table`` takes them; None where there are none
    customers : (n) customer_id and attributes; None where there is no such table

    Returns
    -------
    (n_customers) customer_id [unique], spend [CNY, net; 0 for those who only stand in the table]
    """
    is_known = orders is not None and "customer_id" in ledger.columns(orders)
    bought = ledger.customer_table(orders) if is_known and orders is not None else None
    return base_of(bought, customers)


def base_of(bought: pl.DataFrame | None, customers: pl.DataFrame | None) -> pl.DataFrame:
    """The same of ``ledger.customer_table``, for who has it already."""
    known = [pl.DataFrame(schema={"customer_id": pl.String, "spend": pl.Float64})]
    if bought is not None:
        known.append(bought.select("customer_id", "spend"))
    if customers is not None and "customer_id" in customers.columns:
        known.append(customers.select("customer_id", spend=pl.lit(0.0)))
    everyone = pl.concat(known).drop_nulls("customer_id")
    return everyone.unique("customer_id", keep="first", maintain_order=True)
