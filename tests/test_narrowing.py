"""An analysis of orders counts some customers only: a purchase group or a saved audience, and it says so."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest
from conftest import orders_of

from insight import cli, ledger, pipeline
from insight.analyses import catalogue, find
from insight.errors import MissingColumns, NoAudiences, NoCustomersLeft, UnknownName
from insight.narrowing import choices, group_of
from insight.schema.audiences import Audience

HIGH = "high_ticket=高客单"
NARROWED = {
    "trend", "hours", "seasonality", "aov", "forecast", "channels", "intervals", "basket_rules", "next_purchase", "refunds",
    "repurchase", "retention", "churn_point", "lifetime_value",
}  # fmt: skip
# Averages a 1,000, b 800, d 60, c 50. The shop sells until day 118, the two large ones stop on day 30.
BOUGHT = [
    ("a", "1", "豆", 600, 0), ("a", "1", "器具", 400, 0), ("a", "2", "豆", 1000, 30), ("b", "3", "器具", 800, 5),
    ("c", "4", "豆", 50, 10), ("c", "5", "豆", 50, 100), ("d", "6", "豆", 30, 118), ("d", "6", "器具", 30, 118),
]  # fmt: skip
FILE = "客户编号,订单号,品类,实付金额,下单时间\n" + "".join(
    f"{c},{o},{k},{a},{date(2025, 1, 1) + timedelta(d)}\n" for c, o, k, a, d in BOUGHT
)


@pytest.fixture
def shop(study):
    """Half of the customers are high-ticket: a and b."""
    pipeline.add(study, FILE.encode(), "订单.csv")
    params = pipeline.params_of(study, "high_ticket", {"top_share": 0.5})
    pipeline.set_params(study, params, key="high_ticket")
    return study


def _run(shop, key: str, table: str, **changes) -> pl.DataFrame:
    return pipeline.run(shop, key, changes=changes).tables[table]


def test_the_trend_of_high_ticket_customers_lasts_as_long_as_the_shop(shop):
    months = _run(shop, "trend", "monthly", customers=HIGH)
    assert months["month"].to_list() == [date(2025, m, 1) for m in (1, 2, 3, 4)]
    assert months["amount"].to_list() == [2800, 0, 0, 0]
    assert months["n_orders"].to_list() == [3, 0, 0, 0]
    assert _run(shop, "trend", "monthly")["amount"].to_list() == [2850, 0, 0, 110]


def test_who_has_been_away_has_been_away_until_the_last_day_of_the_shop(shop):
    all_ = pipeline.load(shop).orders
    large = ledger.customer_table(all_).filter(pl.col("spend") > 500)["customer_id"]
    orders = ledger.of_customers(all_, large)
    assert ledger.intervals(orders).rows() == [(30, 1, 0), (88, 0, 1), (113, 0, 1)]  # 118 - 30, - 5
    row = _run(shop, "intervals", "categories", customers=HIGH).row(0, named=True)
    assert (row["n_customers"], row["n_intervals"], row["n_events"]) == (2, 3, 1)


def test_baskets_and_cohorts_are_those_of_the_group(shop):
    assert (
        _run(shop, "basket_rules", "totals", level="category", customers=HIGH)["n_baskets"][0] == 3
    )
    assert _run(shop, "basket_rules", "totals", level="category")["n_baskets"][0] == 6
    cohorts = _run(shop, "retention", "cohorts", customers=HIGH)
    assert cohorts["n_customers"].to_list() == [2, 2, 2, 2]
    assert cohorts["n_active"].to_list() == [2, 0, 0, 0]


def test_the_notes_say_first_who_is_counted_and_by_which_rule(shop):
    told = pipeline.run(shop, "trend", changes={"customers": HIGH})
    assert (
        told.notes[0] == "筛选：只看“高客单”（高客单客户（客单价居前 50%为高客单））的 2 位客户。"
    )
    assert pipeline.filter_told(told) == told.notes[0]
    assert not pipeline.filter_told(pipeline.run(shop, "trend"))


def test_an_audience_of_the_rule_builder_is_counted_like_a_group(shop):
    rule = pipeline.read_rule(shop, "买过 品类=器具 且 消费<100")
    pipeline.save_audience(shop, Audience(name="小单", rule=rule))
    months = _run(shop, "trend", "monthly", customers="小单")
    assert months["amount"].to_list() == [0, 0, 0, 60]  # d; b spent too much
    assert (
        pipeline.run(shop, "trend", changes={"customers": "小单"})
        .notes[0]
        .endswith("的 1 位客户。")
    )


def test_a_group_of_any_break_can_be_named(shop):
    months = _run(shop, "trend", "monthly", customers="orders.category=器具")
    assert months["amount"].to_list() == [800, 0, 0, 60]  # b, and d who spent as much on both
    assert _run(shop, "trend", "monthly", customers="frequency=1 单")["n_orders"].sum() == 2


def test_a_new_definition_is_a_new_group_everywhere(shop):
    before = _run(shop, "trend", "monthly", customers=HIGH)["amount"].sum()
    params = pipeline.params_of(shop, "high_ticket", {"rule": "amount", "amount": 900})
    pipeline.set_params(shop, params, key="high_ticket")
    assert (before, _run(shop, "trend", "monthly", customers=HIGH)["amount"].sum()) == (2800, 2000)


def test_the_people_behind_a_month_are_of_the_group(shop):
    dataset, trend = pipeline.load(shop), find("trend")
    params = trend.params.model_validate({"customers": HIGH})
    found = trend.members(dataset, params, trend.run(dataset, params))["monthly"].frame.collect()
    assert sorted(found["order_id"]) == ["1", "2", "3"]


def test_the_analyses_of_orders_that_ask_for_no_group_of_their_own_take_one():
    asked = {key for key in catalogue() if "customers" in find(key).params.model_fields}
    assert asked == NARROWED


def test_what_can_be_chosen_is_listed_with_audiences_first(shop):
    rule = pipeline.read_rule(shop, "消费>=500")
    pipeline.save_audience(shop, Audience(name="大客户", rule=rule))
    listed = pipeline.choices(shop)["customer_groups"]
    assert list(listed)[:4] == ["", "audience.大客户", HIGH, "high_ticket=其他客单"]
    assert listed[HIGH] == "高客单客户：高客单"
    assert not choices(pipeline.load(shop).__class__())


def test_a_group_that_does_not_exist_or_is_empty_is_told(shop):
    dataset = pipeline.load(shop)
    with pytest.raises(UnknownName, match="高客单客户的分组"):
        group_of(dataset, "high_ticket=豪客")
    with pytest.raises(NoAudiences):
        group_of(dataset, "audience.谁")
    with pytest.raises(NoCustomersLeft, match="“6 单以上”"):
        group_of(dataset, "frequency=6 单以上")


def test_without_customer_ids_there_is_no_group(shop):
    lines = orders_of([{"order_id": "1", "amount": 1.0, "ordered_at": 0}])
    with pytest.raises(MissingColumns, match="客户编号"):
        group_of(type(pipeline.load(shop))(orders=lines), HIGH)


def test_the_command_line_counts_a_group(shop, tmp_path, capsys):
    asked = ["run", str(shop.path), "trend", "rfm", "--customers", HIGH, "--out", str(tmp_path)]
    assert cli.main(asked) == 0
    notes = json.loads((tmp_path / "trend" / "findings.json").read_text("utf-8"))["notes"]
    assert notes[0].startswith("筛选：只看“高客单”")
    assert cli.main(["run", str(shop.path), "trend", "-p", "trend.customers=谁"]) == 1
    assert "还没有保存人群规则" in capsys.readouterr().err
