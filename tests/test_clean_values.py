"""How written numbers, durations and points in time are read."""

from __future__ import annotations

import doctest
from datetime import datetime

import polars as pl
import pytest

from insight.clean import choices, headers, questions, values
from insight.clean.times import times
from insight.clean.values import codes, durations, numbers, words


@pytest.mark.parametrize("module", [choices, headers, questions, values], ids=lambda m: m.__name__)
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.50", 1234.5), ("¥35", 35.0), ("￥-88", -88.0), ("-¥88", -88.0), ("35元", 35.0), ("RMB 300", 300.0),
        ("1.2万", 12000.0), ("1.2万元", 12000.0), ("（35）", -35.0), ("(88.00)", -88.0), ("１２", 12.0), ("−3", -3.0),
        ("1 234,50", 1234.5), ("1.234,50", 1234.5), ("12.00-", -12.0), ("1,234", 1234.0), ("12,50", None),
        ("499.00（系统计算中，该值仅供参考）", 499.0), ("20%", 0.2), ('="7"', 7.0), ("'35", 35.0), ("-0", 0.0),
        ("1,5", None), ("0x1F", None), ("1_000", None), ("nan", None), ("inf", None), ("1e400", None), ("无", None), ("", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(written, number):
    assert numbers(pl.Series([written, None])).to_list() == [number, None]


def test_among_plain_numbers_what_is_none_is_none():
    column = pl.Series(["35", "-1.50", "inf", "NaN", "1e400", "-0", None])
    assert numbers(column).to_list() == [35.0, -1.5, None, None, None, 0.0, None]
    assert [str(numbers(pl.Series(column))[0]) for column in (["-0", "7"], ["-0元", "7"])] == [
        "0.0"
    ] * 2


def test_a_plain_column_of_numbers_keeps_every_digit():
    assert numbers(pl.Series(["46.71982496400531", "-0.0"])).to_list() == [46.71982496400531, 0.0]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("64秒", 64), ("1分4秒", 64), ("1时2分3秒", 3723), ("1小时2分", 3720), ("2天3时", 183_600), ("64", 64),
        ("00:01:04", 64), ("01:04", 64), ("00:01:04,500", 64.5), ("0 days 00:04:10.8", 250.8), ("很久", None),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds(written, seconds):
    assert durations(pl.Series([written])).to_list() == [seconds]


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2021/7/16 10:01:59", datetime(2021, 7, 16, 10, 1, 59)),
        ("2017-04-27 00:00:00", datetime(2017, 4, 27)),
        ("2024年3月5日", datetime(2024, 3, 5)),
        ("2024/3/5 上午9:03", datetime(2024, 3, 5, 9, 3)),
        ("2024/3/5 下午12:03", datetime(2024, 3, 5, 12, 3)),
        ("20240305", datetime(2024, 3, 5)),
        ("45356", datetime(2024, 3, 5)),
        ("45356.5", datetime(2024, 3, 5, 12)),
        ("2024-03-05T09:03:00+08:00", datetime(2024, 3, 5, 9, 3)),
        ("2024-03-05 09:03:00.123", datetime(2024, 3, 5, 9, 3)),
        ("2024.3.5", datetime(2024, 3, 5)),
        ("1709601780", datetime(2024, 3, 5, 9, 23)),  # 01:23 UTC
        ("1709601780000", datetime(2024, 3, 5, 9, 23)),
        ("202403050903", datetime(2024, 3, 5, 9, 3)),
        ("二〇二四年三月五日", datetime(2024, 3, 5)),
        ("二〇二四年十二月三十一日 下午3:05", datetime(2024, 12, 31, 15, 5)),
        ("5 Mar 2024", datetime(2024, 3, 5)),
        ("March 5, 2024 9:03 PM", datetime(2024, 3, 5, 21, 3)),
        ("60", None),
        ("2024年2月30日", None),
        ("0000-00-00", None),
        ("9999-12-31", None),
        ("1900-01-00", None),
        ("昨天", None),
    ],
)  # fmt: skip
def test_a_point_in_time_is_the_clock_on_the_wall(written, when):
    read = times(pl.Series([written, None]))
    assert pl.from_epoch(read.seconds).to_list() == [when, None]
    assert read.doubt == ""


def test_only_years_from_1900_to_2100_are_times():
    edges = ["1899-12-31 23:59:59", "1900-01-01 00:00:00", "2100-12-31 23:59:59", "2101-01-01 00:00:00"]  # fmt: skip
    assert times(pl.Series(edges)).seconds.is_not_null().to_list() == [False, True, True, False]
    assert times(pl.Series(edges[1:3])).seconds.to_list() == [-2_208_988_800, 4_133_980_799]


def test_a_zone_is_dropped_and_said():
    read = times(pl.Series(["2024-03-05 09:03:00 -0500", "2024-07-05 09:03:00 -0400"]))
    assert pl.from_epoch(read.seconds).dt.hour().to_list() == [9, 9]
    assert "-0400、-0500" in read.zone


@pytest.mark.parametrize(
    "written",
    [
        "2024/03/01 下午 1:00:00 GMT+8",
        "2024/03/01 1:00:00 PM GMT+8",
        "2024/03/01 1:00:00 下午 [GMT+8]",
    ],
)
def test_the_timestamps_of_google_forms_are_read(written):
    read = times(pl.Series([written]))
    assert pl.from_epoch(read.seconds).to_list() == [datetime(2024, 3, 1, 13)]
    assert "GMT+8" in read.zone


def test_a_date_that_is_none_says_why():
    read = times(pl.Series(["2024年2月30日", "昨天", None, "2024-02-29"]))
    assert read.why.to_list() == ["日历上没有这一天", None, None, None]


def test_day_and_month_are_told_apart_by_the_other_dates_of_the_column():
    read = times(pl.Series(["03/04/2024", "13/04/2024"]))
    assert pl.from_epoch(read.seconds).to_list() == [datetime(2024, 4, 3), datetime(2024, 4, 13)]
    assert "日/月/年" in read.doubt


def test_dates_that_could_be_both_are_not_guessed_and_the_doubt_is_said():
    read = times(pl.Series(["03/04/2024", "04/03/2024", "05/05/2024"]))
    assert pl.from_epoch(read.seconds).to_list() == [None, None, datetime(2024, 5, 5)]
    assert read.unclear().to_list() == [True, True, False]
    assert "分不清月和日" in read.doubt


@pytest.mark.parametrize(("day_first", "month"), [(True, 4), (False, 3)])
def test_the_users_word_decides_and_dates_that_can_only_be_one_day_stay(day_first, month):
    read = times(pl.Series(["03/04/2024", "04/14/2024", "14/04/2024"]), day_first=day_first)
    months = [t and t.month for t in pl.from_epoch(read.seconds).to_list()]
    assert months == [month, 4, 4]


def test_where_both_orders_occur_only_the_clear_dates_are_read():
    read = times(pl.Series(["03/04/2024", "13/04/2024", "04/14/2024"]))
    assert pl.from_epoch(read.seconds).to_list() == [None, datetime(2024, 4, 13), datetime(2024, 4, 14)]  # fmt: skip
    assert "混用" in read.doubt


def test_what_spreadsheets_wrap_around_an_id_is_taken_off():
    assert codes(pl.Series(['="00123"', "'00124", "00125\t", "null"])).to_list() == [
        "00123", "00124", "00125", None,
    ]  # fmt: skip


def test_words_for_nothing_are_empty_but_an_answer_of_no_is_kept():
    assert words(pl.Series(["null", "N/A", " — ", " 无 ", "没有"])).to_list() == [
        None, None, None, "无", "没有",
    ]  # fmt: skip
