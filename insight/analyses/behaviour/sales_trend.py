"""How sales move: orders, money, buyers and average order value month by month."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.wording import count, money, percent


class Params(BaseModel):
    """Nothing to choose."""


def trend(months: pl.DataFrame) -> pl.DataFrame:
    """Add average order value and the changes against the month and the year before.

    Parameters
    ----------
    months : (n_months) month, n_orders, amount [CNY], as ``ledger.monthly`` gives it

    Returns
    -------
    the same rows with average_order_value [CNY; null without orders], change_on_month and
        change_on_year [share of the earlier amount; null where there is none]
    """
    amount = pl.col("amount")

    def change(n: int) -> pl.Expr:
        before = amount.shift(n)
        return pl.when(before > 0).then(amount / before - 1)

    value = pl.when(pl.col("n_orders") > 0).then(amount / pl.col("n_orders"))
    return months.with_columns(
        average_order_value=value, change_on_month=change(1), change_on_year=change(12)
    )


def findings(table: pl.DataFrame) -> tuple[Finding, ...]:
    """The best month, and the last whole month against the year before."""
    at = table.with_row_index("at")
    best = at.sort(["amount", "month"], descending=True).row(0, named=True)
    found = [
        Finding(
            f"金额最高的月份是 {best['month']:%Y 年 %m 月}：{count(best['n_orders'])} 单，{money(best['amount'])}。",
            best["n_orders"],
            (Cell("months", best["at"], "n_orders"), Cell("months", best["at"], "amount")),
        )
    ]
    grown = at.slice(0, max(at.height - 1, 0)).drop_nulls("change_on_year")
    if grown.height:
        last = grown.row(-1, named=True)
        word = "增长" if last["change_on_year"] >= 0 else "下降"
        found.append(
            Finding(
                f"{last['month']:%Y 年 %m 月}金额 {money(last['amount'])}，同比{word} {percent(abs(last['change_on_year']))}。",
                last["n_orders"],
                (
                    Cell("months", last["at"], "amount"),
                    Cell("months", last["at"], "change_on_year"),
                ),
            )
        )
    return tuple(found)


def run(dataset: Dataset, _params: Params) -> Result:
    """Sum the ledger by month."""
    assert dataset.orders is not None
    table = trend(ledger.monthly(dataset.orders))
    if table.is_empty():
        raise TooFewRows("订单", 0, 1)
    totals = ledger.totals(dataset.orders)
    overview = pl.DataFrame([totals]).with_columns(
        share_with_customer=pl.col("known_amount") / pl.col("amount")
    )
    picture = charts.lines(
        table.with_row_index("at"), x="month", value="amount", title="每月销售金额"
    )
    notes = (
        f"基数：{count(totals['n_orders'])} 个付款订单，{count(totals['n_lines'])} 行明细；金额为实付减退款。",
        "首尾两个月可能不是整月；同比与上年同月比，环比与上月比，上年或上月没有数据时留空。",
        "购买客户数只计能识别的客户。",
    )
    return Result(
        {"months": table, "overview": overview}, {"months": picture}, findings(table), notes
    )


def members(dataset: Dataset, _params: Params, _result: Result) -> Mapping[str, Members]:
    """The paid orders of every month."""
    orders = dataset.orders
    assert orders is not None
    schema = {"month": pl.Date(), "order_id": pl.String(), "customer_id": pl.String()}
    frame = pl.defer(lambda: ledger.orders_of_months(orders), schema=schema)
    return {"months": Members(frame, ("order_id", "customer_id"), "n_orders")}


ANALYSIS = Analysis(
    key="sales_trend",
    title="销售趋势",
    question="销售随时间怎样变化？",
    needs={"orders": ("order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
)
