"""Segments, their profiles, the months and the match report, against sums worked out by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from conftest import orders_of

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows

DAY = 86_400


@pytest.fixture
def dataset():
    """a: 3 orders of 100, one half refunded; b: 1 order of 50; c: 2 orders of 25; d only returns."""
    lines = [
        {"customer_id": "a", "order_id": "a1", "ordered_at": 0, "amount": 100, "category": "豆", "region": "东"},
        {"customer_id": "a", "order_id": "a2", "ordered_at": 30 * DAY, "amount": 100, "category": "豆", "region": "东"},
        {"customer_id": "a", "order_id": "a3", "ordered_at": 60 * DAY, "amount": 100, "category": "壶", "region": "东"},
        {"customer_id": "a", "order_id": "a3", "ordered_at": 60 * DAY, "amount": -50, "category": "壶", "region": "东"},
        {"customer_id": "b", "order_id": "b1", "ordered_at": 10 * DAY, "amount": 50, "category": "壶", "region": "西"},
        {"customer_id": "c", "order_id": "c1", "ordered_at": 20 * DAY, "amount": 25, "category": "豆", "region": "西"},
        {"customer_id": "c", "order_id": "c2", "ordered_at": 50 * DAY, "amount": 25, "category": "豆", "region": "西"},
        {"customer_id": "d", "order_id": "d1", "ordered_at": 55 * DAY, "amount": -9, "category": "豆", "region": "西"},
    ]  # fmt: skip
    responses = pl.DataFrame(
        {
            "respondent_id": ["1", "2", "3", "4", "5"],
            "customer_id": ["a", "c", "x", None, None],
            "match_status": ["matched", "matched", "only_here", "ambiguous", "no_key"],
            "is_conflict": [False, True, False, False, False],
        }
    )
    return Dataset(orders=orders_of(lines), responses=responses)


def _run(dataset, key, **params):
    analysis = find(key)
    return answer(analysis, dataset, analysis.params(**params))


def test_segments_add_up_to_all_customers_and_all_money(dataset):
    result = _run(dataset, "rfm")
    customers, segments = result.tables["customers"], result.tables["segments"]
    assert customers.select("customer_id", "days_since_last", "n_orders", "spend").rows() == [
        ("a", 0, 3, 250.0), ("b", 50, 1, 50.0), ("c", 10, 2, 50.0),
    ]  # fmt: skip
    assert segments["n_customers"].sum() == 3
    assert segments["spend"].sum() == 350.0
    assert segments["share_of_spend"].sum() == pytest.approx(1)


def test_the_window_and_the_day_decide_what_counts(dataset):
    table = _run(dataset, "rfm", as_of="1970-01-31", window_days=15).tables["customers"]
    # 17 to 31 January 1970: a2 on the 31st, c1 on the 21st
    assert table.select("customer_id", "days_since_last", "spend").rows() == [
        ("a", 0, 100.0),
        ("c", 10, 25.0),
    ]


def test_a_day_that_is_none_and_a_window_without_orders_are_said(dataset):
    with pytest.raises(BadParameter, match="日期"):
        _run(dataset, "rfm", as_of="昨天")
    with pytest.raises(TooFewRows):
        _run(dataset, "rfm", as_of="1960-01-01")


def test_a_profile_by_region(dataset):
    table = _run(dataset, "segment_profile", by="orders.region").tables["profile"]
    east, west = table.rows(named=True)
    assert (east["segment"], east["n_customers"], east["spend"]) == ("东", 1, 250.0)
    assert (west["segment"], west["n_customers"], west["spend"]) == ("西", 2, 100.0)
    assert east["average_order_value"] == pytest.approx(250 / 3)
    assert east["refund_rate"] == pytest.approx(50 / 300)
    assert west["repurchase_rate"] == 0.5
    assert west["orders_per_customer"] == 1.5
    assert west["median_days_since_last"] == 30.0
    assert east["top_categories"] == "豆 80.0%、壶 20.0%"


def test_the_repurchase_interval_is_wilson(dataset):
    west = _run(dataset, "segment_profile", by="orders.region").tables["profile"].row(1, named=True)
    # Wilson for 1 of 2 at 95 %: (.5 + 1.9207/2 ± 1.96 sqrt(.125 + .9604/4/1)…)/(1 + 1.9207) = .0945, .9055
    assert (round(west["ci_low"], 4), round(west["ci_high"], 4)) == (0.0945, 0.9055)


def test_a_cross_counts_every_pair_and_hides_shares_of_tiny_rows(dataset):
    cross = _run(dataset, "segment_profile", by="orders.region", across="frequency").tables["cross"]
    found = {
        (r["row"], r["column"]): (r["n_customers"], r["base"], r["share"])
        for r in cross.rows(named=True)
    }
    assert found["西", "1 单"] == (1, 2, None)
    assert found["东", "1 单"] == (0, 1, None)
    assert cross["spend"].sum() == 350.0


def test_months_change_against_the_month_before(dataset):
    months = _run(dataset, "trend").tables["monthly"]
    assert months.select("month", "n_orders", "amount", "average_order_value").rows() == [
        (date(1970, 1, 1), 4, 275.0, 68.75), (date(1970, 2, 1), 1, 16.0, 16.0), (date(1970, 3, 1), 1, 50.0, 50.0),
    ]  # fmt: skip
    assert months["is_partial"].to_list() == [False, False, True]
    assert months["change_on_month"].to_list() == [None, pytest.approx(16 / 275 - 1), None]
    assert months["change_on_year"].is_null().all()


def test_the_match_report_counts_both_sides_and_the_money(dataset):
    row = _run(dataset, "match").tables["coverage"].row(0, named=True)
    assert (
        row["n_rows"],
        row["n_matched"],
        row["n_only_here"],
        row["n_ambiguous"],
        row["n_no_key"],
    ) == (5, 2, 1, 1, 1)
    assert (row["n_conflicts"], row["n_repeated"]) == (1, 0)
    assert row["match_rate"] == 0.5  # 2 of the 4 with a usable key
    assert (row["n_customers"], row["n_only_in_base"]) == (2, 1)
    assert row["share_of_revenue"] == pytest.approx(300 / 350)
