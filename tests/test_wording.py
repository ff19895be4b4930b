"""How numbers are written in sentences."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest

from insight import wording
from insight.wording import count, day, decimal, listed, money, percent, points


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(wording).failed == 0


@pytest.mark.parametrize("write", [count, decimal, percent, points, money, day])
@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_written_as_a_dash(write, nothing):
    assert write(nothing) == "—"


@pytest.mark.parametrize(
    ("share", "written"),
    [(63 / 214, "29.4%"), (0, "0.0%"), (0.0625, "6.3%"), (0.0005, "0.1%"), (-0.0001, "0.0%"), (1.294, "129.4%")],
)  # fmt: skip
def test_shares_round_halves_up_as_excel_does(share, written):
    assert percent(share) == written


def test_points_keep_their_sign():
    assert points(0.112) == "11.2 个百分点"
    assert points(-0.112) == "-11.2 个百分点"


@pytest.mark.parametrize(
    ("yuan", "written"),
    [
        (0, "¥0"), (-0.001, "¥0"), (9.9, "¥9.90"), (99.999, "¥100"), (99.5, "¥99.50"), (100.4, "¥100"),
        (1234, "¥1,234"), (9999.4, "¥9,999"), (9999.5, "¥1.0 万"), (123456, "¥12.3 万"),
        (99_999_499, "¥9,999.9 万"), (99_999_500, "¥1.0 亿"), (1_234_567_890, "¥12.3 亿"), (-1234, "-¥1,234"),
    ],
)  # fmt: skip
def test_money_changes_its_unit_where_the_rounded_number_would_overflow_it(yuan, written):
    assert money(yuan) == written


def test_numbers_of_numpy_are_written_like_plain_ones():
    assert percent(np.float64(0.2941)) == "29.4%"
    assert count(np.int64(1234)) == "1,234"


def test_an_absurdly_large_number_is_written_and_not_refused():
    assert count(1e300).startswith("1,000,000,")


def test_days_are_read_on_the_local_clock_and_before_1970_too():
    assert day(1772668800) == "2026-03-05"
    assert day(1772668800 + 86399) == "2026-03-05"
    assert day(-1) == "1969-12-31"


def test_of_many_names_the_first_stand_for_all():
    assert listed(["甲", "乙"]) == "“甲”、“乙”"
    assert listed(["甲", "乙", "丙", "丁"]) == "“甲”、“乙”、“丙”等 4 项"
