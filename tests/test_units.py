"""How result columns are written."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from insight.units import Unit, in_words, label_of, table_label, title_of, unit_of, written


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("share", Unit.SHARE),
        ("share_of_spend", Unit.SHARE),
        ("repurchase_rate", Unit.SHARE),
        ("spend_per_customer", Unit.MONEY),
        ("revenue", Unit.MONEY),
        ("n_customers", Unit.COUNT),
        ("base", Unit.COUNT),
        ("p_adjusted", Unit.P_VALUE),
        ("share_difference", Unit.POINTS),
        ("change_on_year", Unit.SHARE),
        ("ordered_at", Unit.TIME),
        ("median_days_since_last", Unit.DAYS),
        ("segment", Unit.NUMBER),
    ],
)
def test_the_name_of_a_column_tells_its_unit(column, unit):
    assert unit_of(column) is unit


def test_bounds_of_an_interval_have_the_unit_of_what_they_bound():
    assert unit_of("ci_low", beside=["option", "share"]) is Unit.SHARE
    assert unit_of("ci_low", beside=["option", "mean"]) is Unit.NUMBER


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.294, Unit.SHARE, "29.4%"),
        (-0.05, Unit.POINTS, "-5.0 个百分点"),
        (1_234_567, Unit.MONEY, "¥123.5 万"),
        (1234, Unit.COUNT, "1,234"),
        (12, Unit.NUMBER, "12"),
        (4.256, Unit.NUMBER, "4.26"),
        (412.25, Unit.NUMBER, "412.25"),
        (130.5, Unit.DAYS, "130.5"),
        (260.0, Unit.DAYS, "260"),
        (0.0004, Unit.P_VALUE, "<0.001"),
        (0.0312, Unit.P_VALUE, "0.031"),
        (1772668800, Unit.TIME, "2026-03-05"),
        (None, Unit.COUNT, "—"),
        (float("nan"), Unit.SHARE, "—"),
        (True, Unit.NUMBER, "是"),
        (date(2026, 3, 5), Unit.NUMBER, "2026-03-05"),
        (datetime(2026, 3, 5, 9, 30), Unit.NUMBER, "2026-03-05 09:30"),
        (["包装", "口感"], Unit.NUMBER, "包装、口感"),
    ],
)
def test_a_value_is_written_in_its_unit(value, unit, text):
    assert written(value, unit) == text


def test_a_column_named_by_the_user_keeps_its_name():
    assert label_of("share_of_spend") == "金额占比"
    assert label_of("会员等级") == "会员等级"


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("share_difference", 0.218, "21.8"),  # the heading says 百分点
        ("share_difference", -0.05, "-5.0"),
        ("change_on_year", 0.053, "5.3%"),
        ("month", date(2026, 3, 1), "2026-03"),
        ("table", "responses", "问卷"),
        ("segment", "高客单", "高客单"),
        ("revenue", None, "—"),
    ],
)
def test_a_value_is_written_as_its_column_asks(column, value, text):
    assert in_words(value, column=column) == text


def test_headings_name_no_unit_that_the_value_carries():
    assert title_of("spend_per_customer") == "人均消费"
    assert table_label("matrix") == "矩阵"
    assert table_label("steps", of="waterfall") == "清洗步骤" != table_label("steps")
    assert table_label("Q6") == "Q6"
