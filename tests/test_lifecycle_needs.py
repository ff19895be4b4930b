"""Needs along the lifecycle: the trend test of R, the intervals of statsmodels, and planted stages."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from statsmodels.stats.proportion import confint_proportions_2indep

from insight.analyses.needs import lifecycle_needs
from insight.analysis import answer
from insight.claims import broken_rules
from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.members import behind
from insight.schema import Option, Question, Questionnaire
from insight.stats.share_trend import share_trend

DAY, START = 86_400, 1_700_006_400
TICKS = Question(
    id="Q1", wording="您希望我们改进哪些方面", kind="multi", columns=("Q1_0", "Q1_1"),
    options=(Option(label="优惠", column="Q1_0"), Option(label="包装", column="Q1_1")),
)  # fmt: skip
LAST = {"新客": (400,), "成长": (370, 400), "成熟": (310, 340, 370, 400), "衰退": (310, 340), "流失": (100, 130)}  # fmt: skip


def staged(n: int, tick: dict[str, float]) -> Dataset:
    """``n`` customers in each stage, buying every 30 days; of each the first share ticks 优惠, every second 包装."""
    lines, rows = [], []
    for stage, days in LAST.items():
        for at in range(n):
            who = f"{stage}{at:03}"
            lines += [
                {"customer_id": who, "order_id": f"{who}-{day}", "ordered_at": START + day * DAY, "amount": 10.0} for day in days
            ]  # fmt: skip
            rows.append((who, f"r{who}", at < tick[stage] * n, at % 2 == 0))
    sheets = pl.DataFrame(rows, schema=["customer_id", "respondent_id", "Q1_0", "Q1_1"], orient="row")  # fmt: skip
    return Dataset(orders=orders_of(lines), responses=sheets, questionnaire=Questionnaire(questions=(TICKS,)))  # fmt: skip


RISING = {"新客": 0.1, "成长": 0.2, "成熟": 0.3, "衰退": 0.5, "流失": 0.6}


def test_the_trend_is_that_of_prop_trend_test_in_r():
    """prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82)): X-squared = 8.2249, p-value = 0.004132."""
    x, n = np.array([[83, 90, 129, 70.0]]), np.array([[86, 93, 136, 82.0]])
    found = share_trend(x / n, n)
    assert found.z[0] ** 2 == pytest.approx(8.2249, abs=5e-5)
    assert found.z[0] < 0
    assert found.p_value[0] == pytest.approx(0.004132, abs=5e-7)


def test_a_trend_needs_three_groups_and_shares_that_differ_from_0_and_1():
    share = np.array([[0.2, 0.4, np.nan], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    assert np.isnan(share_trend(share, np.full((3, 3), 50.0)).z).all()


def test_a_step_of_equal_bases_is_the_slope_by_hand():
    found = share_trend(np.array([[0.1, 0.2, 0.3, 0.5, 0.6]]), np.full((1, 5), 40.0))
    assert found.step[0] == pytest.approx((-2 * 0.1 - 0.2 + 0.5 + 2 * 0.6) / 10)


def test_stages_are_counted_and_the_two_ends_compared():
    tables = answer(lifecycle_needs.ANALYSIS, staged(40, RISING)).tables
    cells = tables["stages"].filter(need="优惠")
    told = dict(cells.select("stage", "n").rows())
    assert told == {"总计": 68, "新客": 4, "成长": 8, "成熟": 12, "衰退": 20, "流失": 24}
    assert dict(cells.select("stage", "revenue").rows())["成熟"] == 12 * 40.0
    row = tables["trends"].filter(need="优惠").row(0, named=True)
    low, high = confint_proportions_2indep(20, 40, 4, 40, compare="diff", method="newcomb")
    assert (row["early_share"], row["late_share"]) == (0.1, 0.5)
    assert (row["low_difference"], row["high_difference"]) == pytest.approx((low, high))
    assert row["stage_trend"] == "越往后越多"
    assert row["step_difference"] == pytest.approx(0.13)


def test_what_those_about_to_leave_ask_for_is_told_without_a_claim_too_many():
    result = answer(lifecycle_needs.ANALYSIS, staged(40, RISING))
    assert result.findings[0].text.startswith("“衰退”客户更常提到“优惠”：50.0%，“新客”客户 10.0%")
    assert "沿生命周期上升" in result.findings[1].text
    assert not any("包装" in finding.text for finding in result.findings)
    assert not any(broken_rules(finding) for finding in result.findings)


def test_a_need_that_every_stage_raises_alike_has_no_letter_and_no_trend():
    tables = answer(lifecycle_needs.ANALYSIS, staged(40, RISING)).tables
    assert set(tables["stages"].filter(need="包装")["letters"]) == {""}
    assert tables["trends"].filter(need="包装")["stage_trend"].to_list() == ["没有明显趋势"]


def test_a_click_opens_the_customers_of_a_stage():
    data = staged(40, RISING)
    result = answer(lifecycle_needs.ANALYSIS, data)
    known = lifecycle_needs.members(data, lifecycle_needs.Params(), result)["stages"]
    row = result.tables["stages"].filter(need="优惠", stage="新客").row(0, named=True)
    assert behind(known, row)["customer_id"].to_list() == [f"新客{at:03}" for at in range(4)]


def test_where_nobody_is_new_the_first_stage_there_is_stands_for_them():
    data = staged(40, RISING)
    lines = data.orders.collect().to_native().drop("ordered_month")
    kept = lines.filter(~pl.col("customer_id").str.starts_with("新客")).to_dicts()
    older = Dataset(orders=orders_of(kept), responses=data.responses, questionnaire=data.questionnaire)  # fmt: skip
    row = answer(lifecycle_needs.ANALYSIS, older).tables["trends"].filter(need="优惠").row(0, named=True)  # fmt: skip
    assert row["early_share"] == pytest.approx(0.2)


def test_neither_texts_nor_multiple_choice_is_said_in_one_sentence():
    data = staged(12, RISING)
    with pytest.raises(MissingColumns, match="多选题"):
        answer(lifecycle_needs.ANALYSIS, Dataset(orders=data.orders, responses=data.responses))
