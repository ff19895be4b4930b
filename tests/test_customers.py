"""Whether somebody is a customer is one rule: who only has an order of 0 yuan is none, wherever customers are counted."""

from __future__ import annotations

import polars as pl
import pytest

from insight import ledger, pipeline
from insight.analyses.data import match_bias
from insight.customers import RULE, customer_base
from insight.pipeline.report_facts import facts_of
from insight.schema import Weighting
from insight.segmentation.breaks import break_of

ORDERS = "订单号,会员号,下单时间,实付金额,退款金额,地区\n" + "".join(
    f"A{i},u{i},2024-03-0{i} 10:00,{money},{back},{place}\n"
    for i, (money, back, place) in enumerate(
        [(10, 0, "东"), (20, 0, "东"), (30, 30, "西"), (40, 0, "西"), (0, 0, "北"), (50, 0, "东")],
        1,
    )
)
ANSWERS = "答卷编号,会员号,1、满意吗\n" + "".join(
    f"{i},u{i},{'满意' if i % 2 else '一般'}\n" for i in (1, 3, 4, 5)
)


@pytest.fixture
def filled(study):
    """Six people of whom u5 only got something for nothing; u3 got all money back."""
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, ANSWERS.encode(), "问卷.csv")
    return study


def test_every_count_of_customers_leaves_out_who_never_paid(filled):
    dataset = pipeline.load(filled)
    state = pipeline.status(filled)
    matched = pipeline.run(filled, "match")
    row = matched.tables["coverage"].row(0, named=True)
    regions = break_of(dataset, "orders.region", unit="customer_id")
    assert customer_base(dataset.orders, None)["customer_id"].n_unique() == 5
    assert state.n_customers == 5
    assert facts_of(filled, state, dataset).counts["customers"] == 5
    assert row["n_customers"] + row["n_only_in_base"] == 5
    assert match_bias.described(dataset).height == 5
    assert (regions.members.height, regions.groups) == (5, ("东", "西"))
    assert break_of(dataset, "rfm", unit="customer_id").members.height == 5
    assert f"客户基数 5 人。{RULE}" in matched.notes


def test_an_answer_of_somebody_who_never_paid_is_matched_but_brings_no_customer(filled):
    row = pipeline.run(filled, "match").tables["coverage"].row(0, named=True)
    assert (row["n_matched"], row["n_customers"], row["match_rate"]) == (4, 3, 1.0)
    assert row["revenue"] == 50.0  # 10 + 0 + 40


def test_respondents_are_weighted_to_the_customers_who_paid(filled):
    margins = pipeline.preview_weighting(filled, Weighting(margins=("orders.region",))).margins
    assert dict(margins.select("group", "share_of_target").iter_rows()) == {"东": 0.6, "西": 0.4}


def test_who_stands_in_the_customers_table_is_one_whether_paid_or_not(filled):
    table = pl.DataFrame({"customer_id": ["x", None]})
    assert customer_base(None, table).rows() == [("x", 0.0)]
    pipeline.add(filled, "会员号,性别\nu5,女\nu1,男\nu9,女\n".encode(), "客户.csv")
    assert pipeline.status(filled).n_customers == 7


def test_somebody_with_a_paid_order_keeps_the_region_of_the_money(study):
    text = ORDERS + "B1,u1,2024-03-09 10:00,0,0,北\n"
    pipeline.add(study, text.encode(), "订单.csv")
    dataset = pipeline.load(study)
    regions = break_of(dataset, "orders.region", unit="customer_id").members
    assert ledger.customer_table(dataset.orders).height == regions.height == 5
