"""A list of returned order numbers gives the money back in the orders, once, and says what it could not use."""

from __future__ import annotations

import json

import pandas as pd
import polars as pl
import pytest
from conftest import shared

from insight import cli, ledger, pipeline
from insight.errors import NoUsableColumn
from insight.pipeline import Hints
from insight.schema import Decisions

# Order 1 has two lines, 3 tells its refund itself, 4 is a return.
ORDERS = """订单号,客户编号,下单时间,商品,实付金额,退款金额
A1,c1,2025-01-02,豆,60,
A1,c1,2025-01-02,壶,40,
A2,c2,2025-01-03,豆,30,
A3,c3,2025-01-04,豆,50,20
A4,c3,2025-01-05,豆,-10,
"""


def _added(study, *lists: str, orders: str = ORDERS, **hints) -> pl.DataFrame:
    pipeline.add(study, orders.encode(), "订单.csv")
    for at, text in enumerate(lists):
        pipeline.add(study, text.encode(), f"退货{at}.csv", hints=Hints(**hints))
    lines = ledger.all_lines(pipeline.load(study).orders).collect().to_native()
    return lines.sort("order_id", "product", descending=[False, True])


def _issues(study) -> list[tuple[str, str]]:
    found = pipeline.issues(study).filter(table="order_returns")
    return found.select("reason", "action").rows()


def test_a_listed_order_gives_back_all_it_brought(study):
    lines = _added(study, "订单号,退回\nA1,是\n", table="order_returns").filter(order_id="A1")
    assert lines.select("amount", "refund").rows() == [(0.0, 60.0), (0.0, 40.0)]
    assert ("1 个订单标记为退货，金额从订单里扣除", "保留") in _issues(study)


def test_a_part_of_an_order_is_shared_among_its_lines_to_the_cent(study):
    after_sale = (
        "订单号,退款金额,退款原因,退款时间\nA1,33.33,破损,2025-01-09\nA2,90,不想要,2025-01-08\n"
    )
    lines = _added(study, after_sale)  # money and reason make it a list of returns by itself
    one, two = (lines.filter(order_id=o) for o in ("A1", "A2"))
    assert one["refund"].to_list() == [20.0, 13.33]  # 60 : 40 of 33.33 is 19.998 : 13.332
    assert one["amount"].to_list() == [40.0, 26.67]
    assert two.select("amount", "refund", "refund_reason").row(0) == (
        0.0,
        30.0,
        "不想要",
    )  # never more


def test_two_returns_of_one_order_add_up(study):
    lines = _added(study, "订单号,退款金额,退款原因\nA1,10,破损\nA1,20,破损\n")
    assert lines.filter(order_id="A1")["refund"].sum() == pytest.approx(30.0)


def test_what_the_orders_tell_themselves_is_not_taken_off_twice(study):
    listed = "订单号,退回\nA3,是\nA4,是\nA9,是\nA2,否\n,是\n"
    lines = _added(study, listed, table="order_returns")
    assert lines.filter(order_id="A3").select("amount", "refund").row(0) == (30.0, 20.0)
    assert lines.filter(order_id="A2")["amount"].to_list() == [30.0]
    reasons = [reason for reason, action in _issues(study) if action == "未导入"]
    assert sorted(reasons) == sorted([
        "订单里已经写明退款，以订单为准", "订单里已经写明退款，以订单为准", "订单里没有这个订单号", "写明没有退货",
        "没有订单号，不知道退的是哪个订单",
    ])  # fmt: skip


def test_the_waterfall_tells_what_the_list_took(study):
    _added(study, "订单号,退回\nA1,是\n", table="order_returns")
    step = pipeline.run(study, "waterfall").tables["steps"].row(-2, named=True)
    assert (step["rule"], step["n_met"], step["amount_met"], step["amount"]) == (
        "扣除退货清单里的订单",
        2,
        100.0,
        50.0,
    )


def test_orders_that_are_counted_gross_stay_gross(study):
    pipeline.add(
        study, ORDERS.encode(), "订单.csv", hints=Hints(decisions=Decisions(rules={"net": False}))
    )
    pipeline.add(
        study, "订单号,退回\nA1,是\n".encode(), "退货.csv", hints=Hints(table="order_returns")
    )
    assert ledger.takings(pipeline.load(study).orders)["amount"] == 180.0
    assert any("毛额" in reason for reason, _ in _issues(study))


def test_a_list_without_orders_waits_for_them(study):
    pipeline.add(study, "订单号,退款金额,退款原因\nA1,10,破损\n".encode(), "退货.csv")
    assert any("还没有订单" in reason for reason, _ in _issues(study))
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    assert ledger.takings(pipeline.load(study).orders)["refunded"] == pytest.approx(10 + 20 + 10)


def test_numbers_and_a_tick_alone_are_no_table_unless_the_user_says_so(study):
    with pytest.raises(NoUsableColumn):
        pipeline.add(study, "订单号,退回\nA1,是\n".encode(), "退货.csv")


def test_the_returns_of_the_superstore_are_those_of_its_sheet(study, tmp_path):
    path = shared("data/tableau_superstore_zh/示例 - 超市.xls")
    assert cli.main(["add", str(study.path), str(path)]) == 0
    assert (
        cli.main(["add", str(study.path), str(path), "--sheet", "退货", "--table", "order_returns"])
        == 0
    )
    assert cli.main(["run", str(study.path), "refunds", "--out", str(tmp_path)]) == 0
    sheets = pd.read_excel(path, sheet_name=["订单", "退货"], engine="calamine")
    lines, back = sheets["订单"], sheets["退货"]["订单 ID"].unique()
    is_back = lines["订单 ID"].isin(back)
    told = ledger.takings(pipeline.load(study).orders)
    assert told["refunded"] == pytest.approx(lines.loc[is_back, "销售额"].sum(), abs=0.01)
    assert told["amount"] == pytest.approx(lines.loc[~is_back, "销售额"].sum(), abs=0.01)
    pairs = lines.loc[
        is_back, ["订单 ID", "客户 ID"]
    ].drop_duplicates()  # some ids are of two customers
    assert pipeline.run(study, "refunds").tables["summary"]["n_refunded"][0] == len(pairs) == 552
    assert json.loads((tmp_path / "refunds" / "findings.json").read_text("utf-8"))["findings"]
