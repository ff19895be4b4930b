"""Stages, retention, repurchase rates and the churn point, by hand and on published data."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from conftest import orders_of, shared
from polars.testing import assert_frame_equal

from insight import pipeline
from insight.analyses import find
from insight.analyses.lifecycle import lifecycle, retention
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, TooFewRows
from insight.ledger import DAY
from insight.lifetime.churn import churn_point, returns_after
from insight.schema import Definitions
from insight.segmentation.breaks import break_of
from insight.segmentation.lifecycle import category_cycles, staged, stages_of
from insight.segmentation.lifecycle_definition import STAGES, Definition

KEYS = ("lifecycle", "retention", "repurchase", "churn_point", "survival")
JANUARY = (date(2025, 1, 1) - date(1970, 1, 1)).days


def _line(customer, day, amount=10.0, **more):
    key = more.pop("order", f"{customer}-{day}")
    return {"customer_id": customer, "order_id": key, "ordered_at": (JANUARY + day) * DAY + 60, "amount": amount, **more}  # fmt: skip


def _buys(customer, *days, **more):
    return [_line(customer, day, **more) for day in days]


def _of(rows, key, **changes):
    analysis = find(key)
    return answer(analysis, Dataset(orders=orders_of(rows)), analysis.params(**changes))


@pytest.mark.parametrize(
    ("times", "away", "stage"),
    [
        (1, 1.5, "新客"), (2, 1.5, "成长"), (3, 0.1, "成长"), (4, 1.5, "成熟"), (9, 0.0, "成熟"),
        (1, 1.6, "衰退"), (9, 3.0, "衰退"), (1, 3.1, "流失"), (9, 30.0, "流失"),
    ],
)  # fmt: skip
def test_a_stage_is_told_by_purchases_and_by_cycles_without_one(times, away, stage):
    paced = pl.DataFrame({
        "customer_id": ["a"], "n_purchases": [times], "days_since_last": [away * 10], "cycle_days": [10.0],
        "cycle_source": [""], "spend": [1.0],
    })  # fmt: skip
    assert stages_of(paced, Definition())["stage"].item() == stage


# a: gaps 10, 20, 30 (median 20), last on day 60; b: one gap of 40, last on day 50; c: once, on day 100
STAGED = [*_buys("a", 0, 10, 30, 60), *_buys("b", 10, 50), *_buys("c", 100)]


def test_the_cycle_is_the_customers_own_median_gap_and_else_that_of_everybody():
    made = staged(orders_of(STAGED), Definition())
    rows = {row["customer_id"]: row for row in made.customers.to_dicts()}
    assert made.cycles.row(0, named=True)["cycle_days"] == 25  # of 10, 20, 30, 40
    assert (rows["a"]["cycle_days"], rows["a"]["cycle_source"]) == (20, "自己的间隔")
    assert (rows["b"]["cycle_days"], rows["b"]["cycle_source"]) == (25, "全部品类的周期")
    assert [rows[c]["cycles_away"] for c in "abc"] == [2, 2, 0]
    assert [rows[c]["stage"] for c in "abc"] == ["衰退", "衰退", "新客"]
    one_gap = staged(orders_of(STAGED), Definition(own_gaps=1)).customers
    assert one_gap["cycle_days"].to_list() == [20, 40, 25]


def test_a_category_has_its_own_cycle_once_it_has_ten_gaps():
    rows = [line for i in range(10) for line in _buys(f"a{i}", 0, 7, category="咖啡豆")]
    rows += [*_buys("b", 0, 90, category="器具"), *_buys("c", 0, category="咖啡豆")]
    cycles = category_cycles(orders_of(rows))
    assert cycles.rows() == [("全部品类", 11, 7.0), ("咖啡豆", 10, 7.0)]
    made = staged(orders_of(rows), Definition()).customers
    sources = dict(made.select("customer_id", "cycle_source").rows())
    assert (sources["c"], sources["b"]) == ("品类的周期", "全部品类的周期")


def test_orders_after_the_snapshot_do_not_count():
    made = staged(orders_of(STAGED), Definition(as_of="2025-02-20"))  # day 50
    assert made.customers["customer_id"].to_list() == ["a", "b"]
    assert made.customers["days_since_last"].to_list() == [20, 0]


def test_every_customer_is_in_one_stage_and_the_money_adds_up():
    result = _of(STAGED, "lifecycle")
    stages = result.tables["stages"]
    assert stages["stage"].to_list() == list(STAGES)
    assert stages["n_customers"].to_list() == [1, 0, 0, 2, 0]
    assert stages["spend"].sum() == 70
    assert stages["share_of_spend"].sum() == pytest.approx(1)
    at_two = result.tables["previews"].filter(pl.col("cycles") == 1.5).row(0)
    assert at_two == (1.5, 2, pytest.approx(2 / 3))


def test_lost_must_come_after_declining():
    with pytest.raises(BadParameter, match="流失的周期数必须大于衰退"):
        staged(orders_of(STAGED), Definition(declining=3, lost=2))


def test_where_nobody_came_back_a_cycle_can_be_given():
    once = [line for i in range(5) for line in _buys(f"c{i}", 20 * i)]
    with pytest.raises(TooFewRows, match="买过两天以上的客户"):
        staged(orders_of(once), Definition())
    given = staged(orders_of(once), Definition(cycle_days=20)).customers
    assert given["stage"].to_list() == ["流失", "衰退", "衰退", "新客", "新客"]


def test_a_stage_is_a_break_that_means_what_the_study_recorded():
    recorded = Definitions(lifecycle={"declining": 2.5, "lost": 5})
    dataset = Dataset(orders=orders_of(STAGED), definitions=recorded)
    found = break_of(dataset, "lifecycle", unit="customer_id")
    assert found.groups == ("新客", "成长", "成熟")
    assert dict(found.members.rows()) == {"a": "成熟", "b": "成长", "c": "新客"}
    assert "5 个周期" in found.note


def test_the_stages_of_the_example_study_can_cross_its_questions(demo_study):
    changes = {"question": "Q5", "by": "lifecycle"}
    table = pipeline.run(demo_study, "crosstab", changes=changes).tables["table"]
    assert set(STAGES) <= set(table["column"])


# Cohort of January: a, b and c; of February: d. a returns in February and April, b in March.
COHORTS = [
    *_buys("a", 0, 40, 95), *_buys("b", 5, 60, amount=30.0), *_buys("c", 9), *_buys("d", 33), _line("d", 70, -4.0, order="d-33"),
]  # fmt: skip


def test_retention_counts_people_and_money_and_leaves_blank_what_is_not_over():
    cells = _of(COHORTS, "retention").tables["cohorts"]
    assert cells.select("cohort", "period", "n_customers", "n_active", "rate", "spend").rows() == [
        ("2025-01", 0, 3, 3, 1.0, 50.0), ("2025-01", 1, 3, 1, 1 / 3, 10.0), ("2025-01", 2, 3, 1, 1 / 3, 30.0),
        ("2025-01", 3, 3, 1, None, 10.0),
        ("2025-02", 0, 1, 1, 1.0, 10.0), ("2025-02", 1, 1, 0, 0.0, -4.0), ("2025-02", 2, 1, 0, None, 0.0),
    ]  # fmt: skip
    assert cells["spend_per_customer"].to_list()[:4] == [16.6667, 20.0, 30.0, 33.3333]


def test_the_average_weighs_by_customers_and_leaves_out_cohorts_that_are_too_young():
    mean = _of(COHORTS, "retention").tables["average"]
    assert mean.select("period", "n_cohorts", "base", "n_active", "rate").rows() == [
        (0, 2, 4, 4, 1.0), (1, 2, 4, 1, 0.25), (2, 1, 3, 1, 1 / 3),
    ]  # fmt: skip
    assert mean["spend_rate"].to_list() == [1.0, pytest.approx(6 / 60), pytest.approx(30 / 50)]


def test_quarters_and_weeks_are_cut_by_the_calendar():
    rows = [*_buys("a", 0, 88, 90), *_buys("b", 200)]  # 1 January (a Wednesday), 30 and 31 March
    quarters = _of(rows, "retention", grain="quarter").tables["cohorts"]
    assert quarters["cohort"].unique().sort().to_list() == ["2025-Q1", "2025-Q3"]
    assert quarters["n_active"].to_list() == [1, 1, 0, 1]  # 1 April is day 90
    weeks = _of(_buys("a", 0, 5, 12), "retention", grain="week").tables["cohorts"]
    assert weeks.select("cohort", "period", "n_active").rows() == [
        ("2024-12-30", 0, 1), ("2024-12-30", 1, 1), ("2024-12-30", 2, 1),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def online_retail():
    """Lines of known customers, as a pandas frame and as a ledger."""
    raw = pl.read_parquet(shared("data/online_retail/online_retail.parquet"))
    names = {c.lower().replace(" ", "").replace("_", ""): c for c in raw.columns}
    order, customer, when, price = (pl.col(names[n]) for n in ("invoiceno", "customerid", "invoicedate", "unitprice"))  # fmt: skip
    lines = raw.select(
        customer_id=customer.cast(pl.Float64, strict=False).cast(pl.Int64).cast(pl.String),
        order_id=order.cast(pl.String),
        ordered_at=when.cast(pl.Datetime("us")).dt.epoch("s"),
        amount=(pl.col(names["quantity"]) * price).cast(pl.Float64),
    )
    return lines.drop_nulls("customer_id")


def test_retention_of_online_retail_is_that_of_pandas(online_retail):
    cells = _of(online_retail.to_dicts(), "retention").tables["cohorts"]
    paid = online_retail.filter(pl.col("amount") > 0).to_pandas()
    paid["month"] = paid["ordered_at"].astype("datetime64[s]").dt.to_period("M")
    paid["cohort"] = paid.groupby("customer_id")["month"].transform("min")
    counted = paid.groupby(["cohort", "month"])["customer_id"].nunique()
    first = cells.filter(pl.col("cohort") == "2010-12")["n_active"].to_list()
    assert first == counted["2010-12"].tolist()
    assert first[:3] == [885, 324, 286]  # as in the published notebooks on these data
    assert cells.filter(pl.col("period") == 0)["n_active"].sum() == paid["customer_id"].nunique()
    december = cells.filter(pl.col("is_partial"))
    assert december["cohort"].n_unique() == 13  # the data end on 9 December 2011
    assert december.filter(pl.col("period") > 0)["rate"].null_count() == 12


def test_new_and_returning_customers_of_online_retail_are_those_of_pandas(online_retail):
    months = _of(online_retail.to_dicts(), "repurchase").tables["monthly"]
    paid = online_retail.filter(pl.col("amount") > 0).to_pandas()
    paid["month"] = paid["ordered_at"].astype("datetime64[s]").dt.to_period("M")
    first = paid.groupby("customer_id")["month"].min()
    per_month = paid.groupby(["month", "customer_id"])["order_id"].nunique()
    assert months["n_new"].to_list() == first.value_counts().sort_index().tolist()
    assert months["n_customers"].to_list() == per_month.groupby("month").size().tolist()
    twice = (per_month > 1).groupby("month").mean()
    assert months["repeat_rate"].to_list() == pytest.approx(twice.tolist())


def test_the_own_cycles_of_online_retail_are_the_median_gaps_of_pandas(online_retail):
    made = staged(orders_of(online_retail.to_dicts()), Definition(own_gaps=1)).customers
    paid = online_retail.filter(pl.col("amount") > 0).to_pandas()
    day = paid.groupby("order_id").agg(
        customer_id=("customer_id", "first"), at=("ordered_at", "min")
    )
    days = (
        day.assign(day=day["at"] // DAY)[["customer_id", "day"]]
        .drop_duplicates()
        .sort_values(["customer_id", "day"])
    )
    gaps = days.groupby("customer_id")["day"].diff().dropna().groupby(days["customer_id"]).median()
    own = made.filter(pl.col("cycle_source") == "自己的间隔")
    assert dict(own.select("customer_id", "cycle_days").rows()) == gaps.to_dict()


def test_members_of_a_cohort_are_those_who_bought_in_the_period():
    dataset = Dataset(orders=orders_of(COHORTS))
    result = answer(find("retention"), dataset)
    people = retention.members(dataset, retention.Params(), result)["cohorts"].frame.collect()
    cell = people.filter(pl.col("cohort") == "2025-01", pl.col("period") == 2)
    assert cell["customer_id"].to_list() == ["b"]


# January: a twice, b once; February: a and c; c again 20 days later, b again after 100 days.
AGAIN = [*_buys("a", 0, 3, 40), *_buys("b", 10, 110), *_buys("c", 50, 70)]


def test_new_and_returning_customers_by_hand():
    months = _of(AGAIN, "repurchase", days=30).tables["monthly"]
    assert months.select("n_customers", "n_new", "n_returning", "n_orders").rows() == [
        (2, 2, 0, 3), (2, 1, 1, 2), (1, 0, 1, 1), (1, 0, 1, 1),
    ]  # fmt: skip
    assert months["repeat_rate"].to_list() == [0.5, 0, 0, 0]
    assert months["again_rate"].to_list() == [0.5, 1.0, None, None]
    assert months["orders_rate"].to_list() == [0, 0.5, 1, 1]


def _bought_twice(n, *, first=0, gap=20):
    return [line for i in range(n) for line in _buys(f"n{first}-{i:02d}", first, first + gap)]


def test_the_four_rates_of_the_last_days_are_told_apart_and_defined():
    # 15 customers in the window of 60 days that ends on day 99: ten bought on days 30 and 50, five
    # only on day 99; of those whose first 30 days are over, only the ten
    rows = [*_bought_twice(10, first=30), *(line for i in range(5) for line in _buys(f"z{i}", 99))]
    rates = _of(rows, "repurchase", days=30, window_days=60).tables["rates"]
    assert rates.select("n_counted", "base").rows() == [(0, 15), (10, 15), (0, 0), (10, 15)]
    whole = _of(rows, "repurchase", days=30, window_days=90).tables["rates"]
    assert whole.select("n_counted", "base").rows() == [(10, 15), (0, 15), (10, 10), (0, 25)]
    assert whole["repurchase_rate"].to_list() == [pytest.approx(2 / 3), 0, 1, 0]
    assert whole["ci_low"].to_list()[0] == pytest.approx(0.417136, abs=1e-6)  # Wilson, by hand
    assert "30 天" in whole["formula"][2]


@pytest.mark.parametrize("definition", ["repeat", "returning", "again", "orders"])
def test_the_definition_stands_beside_the_rate(definition):
    result = _of(_bought_twice(12), "repurchase", definition=definition)
    assert "÷" in result.findings[0].text


def test_the_churn_point_is_the_kaplan_meier_quantile():
    rows = [line for i in range(100) for line in _buys(f"c{i:03d}", 0, 1 + i % 50)]
    counts = pl.DataFrame({"time": range(1, 101), "n_events": [10] * 100, "n_censored": [0] * 100})
    point = churn_point(counts.cast(pl.Int64), share=0.8)
    assert (point.days, point.is_of_all, point.until) == (80, True, 98)  # 30 are open on day 98
    result = _of(rows, "churn_point")
    assert result.tables["recommended"]["n_buyers"].item() == 100


def test_the_churn_point_lies_where_the_curve_falls_below():
    counts = pl.DataFrame({"time": [10, 20, 30, 90], "n_events": [500, 300, 150, 0], "n_censored": [0, 0, 0, 50]})  # fmt: skip
    assert churn_point(counts, share=0.9).days == 30
    assert churn_point(counts, share=0.8).days == 20
    few = pl.DataFrame({"time": [10, 20, 200], "n_events": [90, 10, 0], "n_censored": [0, 0, 100]})
    point = churn_point(few, share=0.9)  # half never come back: 90 % of the others do by day 10
    assert (point.days, point.is_of_all, point.returned_share) == (10, False, 0.5)


def test_how_many_of_the_lost_came_back_is_counted_from_the_line_on():
    counts = pl.DataFrame({"time": [10, 50, 80, 300], "n_events": [60, 10, 10, 0], "n_censored": [0, 0, 0, 20]})  # fmt: skip
    row = returns_after(counts, days=40, follow=365)
    assert (row["n_silences"], row["n_back"], row["n_away"]) == (40, 20, 20)
    assert row["back_share"] == pytest.approx(0.5)
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert returns_after(counts, days=40, follow=10)["back_share"] == pytest.approx(0.25)
    assert returns_after(counts.head(1), days=40, follow=9)["back_share"] is None


def test_a_chosen_line_is_judged_in_the_answer():
    rows = [line for i in range(40) for line in _buys(f"c{i:02d}", 0, 10 + i, 200)]
    result = _of(rows, "churn_point", days=60)
    assert "按 60 天划线" in result.findings[1].text
    assert result.tables["limits"].filter("is_chosen")["n_silences"].item() == 40


ODD = {
    "one customer": _buys("a", 0),
    "one order each": [line for i in range(40) for line in _buys(f"c{i}", i)],
    "all refunds": _buys("a", 0, 5, amount=-3.0),
    "zero amounts": _buys("a", 0, 5, amount=0.0),
    "one day": [_line(f"c{i}", 0) for i in range(30)],
    "a date far ahead": [*_bought_twice(12), *_buys("late", 27_000)],
    "a date long ago": [*_bought_twice(12), *_buys("early", -27_000)],
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", ODD)
def test_odd_ledgers_get_a_finding_or_one_sentence(key, name):
    assert _said(ODD[name], key)
    assert not any("nan" in sentence.lower() for sentence in _said(ODD[name], key))


def _said(rows, key):
    """The findings, or the sentence why there are none."""
    try:
        return [finding.text for finding in _of(rows, key).findings]
    except InsightError as error:
        return [str(error)]


def test_the_command_line_makes_the_tables_of_the_contract(study, tmp_path, capsys):
    lines = ["客户编号,订单号,下单时间,实付金额"]
    lines += [f"k{n % 30},{n},2024-{1 + n % 12:02d}-{1 + n % 28:02d},{n}.1" for n in range(300)]
    pipeline.add(study, "\n".join(lines).encode(), "订单.csv")
    out = tmp_path / "out"
    assert main(["run", str(study.path), *KEYS, "-p", "survival.outcome=churn", "--out", str(out)]) == 0  # fmt: skip
    capsys.readouterr()
    wanted = {
        "retention/cohorts": {"cohort", "period", "n_customers", "n_active", "rate", "spend"},
        "lifecycle/customers": {"customer_id", "stage"}, "lifecycle/stages": {"stage", "n_customers"},
        "survival/curves": {"group", "survival"},
    }  # fmt: skip
    for name, columns in wanted.items():
        assert columns <= set(pl.read_parquet(out / f"{name}.parquet").columns)


def test_the_summary_of_stages_does_not_depend_on_the_order_of_customers():
    made = staged(orders_of(STAGED), Definition()).customers
    rules = lifecycle.rules_of(Definition())
    assert_frame_equal(lifecycle.stage_table(made, rules), lifecycle.stage_table(made.reverse(), rules))  # fmt: skip
