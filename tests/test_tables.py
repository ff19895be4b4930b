"""How a result table is written on the screen: p values, key figures."""

from __future__ import annotations

import polars as pl

from insight.analysis import Cell, Finding, Result
from pages.ui import figures, tables


def test_a_tiny_p_is_told_as_smaller_and_comes_first_when_sorted():
    frame = pl.DataFrame({"row": ["a", "b", "c"], "p_adjusted": [2e-9, 0.0321, None]})
    told = tables.spoken(frame)["p_adjusted"]
    assert told.to_list() == [" <0.001", "0.032", None]
    assert told.drop_nulls().sort().to_list() == [" <0.001", "0.032"]


def test_figures_of_several_rows_say_whose_each_is():
    frame = pl.DataFrame(
        {"polarity": ["正面", "负面"], "n_people": [587, 261], "base": [1137, 1137]}
    )
    finding = Finding("", 1137, (Cell("moods", 0, "n_people"), Cell("moods", 1, "n_people")))
    found = figures.key_figures(Result({"moods": frame}), (finding,))
    assert [(one.value, one.of) for one in found] == [("587", "正面"), ("261", "负面")]


def test_a_key_figure_of_one_of_several_divisions_says_into_how_many_groups():
    frame = pl.DataFrame({"k": [1, 2], "bic": [4286.9, 4314.5]})
    finding = Finding(
        "一类就够。", 640, (Cell("candidates", 0, "bic"), Cell("candidates", 1, "bic"))
    )
    found = figures.key_figures(Result({"candidates": frame}), (finding,))
    assert [one.of for one in found] == ["群数 1", "群数 2"]


def test_the_ends_of_an_interval_are_no_key_figures_but_counts_of_the_low_are():
    row = {"median_days": 82.0, "median_low_days": 80.0, "ci_high": 0.4, "n_low": 3}
    frame = pl.DataFrame([row])
    finding = Finding("…", 10, tuple(Cell("t", 0, c) for c in row))
    found = figures.key_figures(Result({"t": frame}), (finding,))
    assert [one.value for one in found] == ["82", "3"]


def test_the_hour_of_a_weekday_stands_beside_its_figure():
    frame = pl.DataFrame({"weekday": ["周四"], "hour": ["19:00"], "orders_per_day": [2.33]})
    finding = Finding("…", 10, (Cell("hours", 0, "orders_per_day"),))
    (found,) = figures.key_figures(Result({"hours": frame}), (finding,))
    assert found.of == "周四｜19:00"
