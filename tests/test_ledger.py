"""Order lines become small tables, the same on every engine."""

from __future__ import annotations

from datetime import date

import duckdb
import narwhals as nw
import pytest
from conftest import orders_of

from insight import ledger

DAY = 86_400
LINES = [
    {"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 10, "category": "x"},
    {"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 5, "category": "y"},
    {"customer_id": "a", "order_id": "2", "ordered_at": 40 * DAY, "amount": -3, "category": "x"},
    {"customer_id": "a", "order_id": "3", "ordered_at": 50 * DAY, "amount": 20, "category": "x"},
    {"customer_id": "b", "order_id": "4", "ordered_at": 100 * DAY, "amount": 7, "category": "x"},
    {"customer_id": None, "order_id": "5", "ordered_at": 101 * DAY, "amount": 9, "category": "x"},
    {"customer_id": "c", "order_id": "6", "ordered_at": -2 * DAY, "amount": 0, "category": None},
]


@pytest.fixture(params=["polars", "duckdb"])
def orders(request, tmp_path):
    lazy = orders_of(LINES)
    if request.param == "polars":
        return lazy
    path = tmp_path / "orders.parquet"
    lazy.to_native().sink_parquet(path)
    return nw.from_native(duckdb.read_parquet(str(path)))


def test_a_customer_has_orders_not_lines_and_refunds_are_taken_off(orders):
    table = ledger.customer_table(orders)
    assert table.row(0, named=True) == {
        "customer_id": "a", "first_at": 0, "last_at": 50 * DAY, "n_orders": 2, "spend": 32.0, "refunded": 3.0, "n_lines": 4,
    }  # fmt: skip


def test_a_refund_column_tells_what_was_given_back(orders):
    back = orders.with_columns(refund=nw.when(nw.col("order_id") == "1").then(nw.lit(2.5)))
    # two lines of order 1 with 2.5 each, and the return of 3
    assert ledger.customer_table(back)["refunded"].to_list() == [8.0, 0.0]


def test_a_refund_counts_alike_as_a_column_and_as_a_line_of_its_own():
    bought = {"customer_id": "a", "order_id": "1", "ordered_at": 0}
    again = {"customer_id": "a", "order_id": "2", "ordered_at": 31 * DAY}
    lines = [bought | {"amount": 100}, again | {"amount": 100}, again | {"amount": -100}]
    column = [bought | {"amount": 100, "refund": 0.0}, again | {"amount": 0, "refund": 100.0}]
    kept = ("n_orders", "spend", "refunded", "last_at")
    as_lines, as_column = (
        ledger.customer_table(orders_of(rows)).select(kept).row(0) for rows in (lines, column)
    )
    assert as_lines == as_column == (2, 100.0, 100.0, 31 * DAY)


def test_who_never_paid_is_no_customer(orders):
    assert ledger.customer_table(orders)["customer_id"].to_list() == ["a", "b"]


def test_months_without_orders_are_there_with_zeros(orders):
    assert ledger.monthly(orders).rows() == [
        (date(1969, 12, 1), 0, 0, 0.0),
        (date(1970, 1, 1), 1, 1, 15.0),
        (date(1970, 2, 1), 1, 1, 17.0),
        (date(1970, 3, 1), 0, 0, 0.0),
        (date(1970, 4, 1), 2, 1, 16.0),
    ]


def test_spend_by_category_leaves_out_unknown_customers_and_categories(orders):
    # a, x: 10 - 3 + 20 = 27 in two paid orders
    found = ledger.spend_by(orders, "category").rows()
    assert found == [("a", "x", 2, 27.0), ("a", "y", 1, 5.0), ("b", "x", 1, 7.0)]


def test_totals_say_how_much_money_has_a_known_customer(orders):
    assert ledger.totals(orders) == {
        "n_lines": 7,
        "amount": 48.0,
        "known_amount": 39.0,
        "n_orders": 4,
    }


def test_the_window_includes_its_start_and_excludes_its_end(orders):
    kept = ledger.within(orders, start=50 * DAY, end=100 * DAY)
    assert ledger.span(kept) == (50 * DAY, 50 * DAY)


def test_cohorts_count_who_came_back_in_each_month(orders):
    assert ledger.cohorts(orders).rows() == [
        (date(1970, 1, 1), 0, 1, 1, 15.0),
        (date(1970, 1, 1), 1, 1, 1, 17.0),
        (date(1970, 4, 1), 0, 1, 1, 7.0),
    ]


def test_a_cross_adds_up_the_lines_of_each_pair(orders):
    # x in 1970-01: the line of 10; in 1970-02: a return of 3 and a sale of 20
    found = ledger.cross(orders, "category", "ordered_month").filter(category="x").rows()
    assert found[:2] == [("x", 197001, 1, 10.0, 10.0), ("x", 197002, 2, 20.0, 17.0)]


def test_row_order_does_not_change_a_table():
    turned = ledger.customer_table(orders_of(LINES[::-1]))
    assert turned.equals(ledger.customer_table(orders_of(LINES)))
