"""Slides: words and tables keep inside their room, and charts keep what their numbers mean when they can be edited."""

from __future__ import annotations

import altair as alt
import polars as pl
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from insight import charts
from insight.report.blocks import Grid, Head, Run, Slot
from insight.report.deck_charts import chart
from insight.report.deck_file import Box
from insight.report.deck_fit import fitted, row_heights, width
from insight.report.deck_shapes import table
from insight.report.native import BASE, native

ROOM = Box(0, 0, int(Inches(12)), int(Inches(5)))


@pytest.fixture
def slide():
    deck = Presentation()
    return deck.slides.add_slide(deck.slide_layouts[6])


def grid(n_rows, text="短", n_columns=3):
    heads = tuple(Head(f"列{c}", is_number=c > 0, width=1 / n_columns) for c in range(n_columns))
    rows = tuple(tuple(Slot(f"{text}{r}") for _ in heads) for r in range(n_rows))
    return Grid("1.1", "表", heads, rows)


def test_a_chinese_character_is_as_wide_as_it_is_high():
    assert width("四个汉字", size=10) == 40
    assert width("abcd", size=10) == pytest.approx(24)


def test_words_take_the_largest_type_in_which_all_have_room():
    """100 characters in 1,000 points: one line of 1.5 sizes and half a size below it, twice."""
    box = Box(0, 0, int(Pt(1014.4)), int(Pt(47.2)))
    paragraphs = [[Run("字" * 100)], [Run("字" * 100)]]
    assert fitted(paragraphs, box, sizes=(12, 10, 8)) == (10, 2)
    assert fitted(paragraphs, box, sizes=(12,)) == (12, 1)


def test_a_table_with_room_has_the_largest_type_and_a_full_one_leaves_its_last_rows_out():
    assert row_heights(grid(3), ROOM, sizes=(14, 9))[0] == 14
    size, heights = row_heights(grid(60), ROOM, sizes=(14, 9))
    assert size == 9
    assert sum(heights) <= 360 < sum(heights) + heights[-1]


def test_no_table_is_taller_than_its_room_and_it_says_what_it_leaves_out(slide):
    said = table(slide, ROOM, grid(14, text="很长的一段话，" * 12))
    made = slide.shapes[-1].table
    assert sum(row.height for row in made.rows) <= ROOM.height
    n_shown = len(made.rows) - 1
    assert n_shown < 14
    assert said == f"表中为前 {n_shown} 行，其余见报告"
    assert table(slide, ROOM, grid(3, n_columns=10)) == "另有 2 列见报告"
    assert table(slide, ROOM, grid(3)) == ""


def test_a_table_of_one_row_stands_as_names_and_values_below_each_other(slide):
    assert table(slide, ROOM, grid(1)) == ""
    made = slide.shapes[-1].table
    assert [[cell.text for cell in row.cells] for row in made.rows] == [["列0", "短0"], ["列1", "短0"], ["列2", "短0"]]  # fmt: skip


def test_an_empty_cell_is_written_as_small_as_the_others_and_makes_no_row_taller(slide):
    rows = tuple((Slot("名"), Slot(""), Slot("")) for _ in range(13))
    table(slide, ROOM, Grid("1.1", "表", grid(1).heads, rows))
    empty = slide.shapes[-1].table.cell(1, 1)._tc.txBody.p_lst[0].find(qn("a:endParaRPr"))
    named = slide.shapes[-1].table.cell(1, 0).text_frame.paragraphs[0].runs[0]
    assert int(empty.get("sz")) == named.font.size.centipoints


def test_a_cascade_floats_on_bars_that_are_not_seen(slide):
    """100 less 30 less 10 is 60: the steps begin at 70 and at 60."""
    steps = pl.DataFrame({"step": ["全部", "退款", "关闭", "剩余"], "amount": [100.0, 70.0, 60.0, 60.0]})  # fmt: skip
    drawn = native(charts.cascade(steps, label="step", value="amount"))
    assert drawn.kind == "floating"
    assert drawn.series[BASE] == (0, 70, 60, 0)
    assert drawn.series["值"] == (100, 30, 10, 60)
    chart(slide, ROOM, drawn)
    made = slide.shapes[-1].chart
    assert made.has_legend is False
    hidden, seen = made.plots[0].series
    assert hidden.format.fill.type == 5  # no fill
    assert seen.format.fill.type == 1


def test_lines_over_numbers_keep_the_distance_of_their_points(slide):
    table = pl.DataFrame({"days": [0.0, 10.0, 100.0], "share": [0.0, 0.5, 0.6]})
    drawn = native(alt.Chart(table).mark_line().encode(x="days:Q", y="share:Q"))
    assert (drawn.kind, drawn.number_format) == ("curves", "0.0%")
    assert list(drawn.series.values()) == [((0.0, 0.0), (10.0, 0.5), (100.0, 0.6))]
    chart(slide, ROOM, drawn)
    assert "scatterChart" in slide.shapes[-1].chart._chartSpace.xml


def test_the_parts_of_a_whole_are_written_as_shares_and_the_smallest_not_at_all(slide):
    parts = pl.DataFrame({"question": ["甲", "甲", "乙", "乙"], "answer": ["满意", "不满意"] * 2, "low": [0.0, 0.7, 0.0, 0.98], "high": [0.7, 1.0, 0.98, 1.0]})  # fmt: skip
    drawn = native(alt.Chart(parts).mark_bar().encode(x="low:Q", x2="high:Q", y="question:N", color="answer:N"))  # fmt: skip
    assert (drawn.kind, drawn.number_format) == ("stacked", "[>=0.04]0%;;")
    assert drawn.series["满意"] == (0.7, 0.98)


def test_points_bear_the_names_that_the_chart_writes_beside_them():
    sides = pl.DataFrame({"told": ["第 1 类：包装，重要性 3.1"], "label": ["包装"], "x": [3.1], "y": [2.0]})  # fmt: skip
    point = alt.Chart(sides).mark_circle().encode(x="x:Q", y="y:Q")
    drawn = native(point + point.mark_text().encode(text="label:N"))
    assert drawn.categories == ("包装",)


def test_points_without_axes_are_a_picture_of_a_network_and_no_native_chart():
    spots = pl.DataFrame({"name": ["词"], "x": [0.1], "y": [0.2]})
    across = alt.X("x:Q", axis=None)
    assert native(alt.Chart(spots).mark_circle().encode(x=across, y="y:Q")) is None


@pytest.mark.parametrize(("values", "told"), [((1.0, 3.0), "#,##0"), ((1.5, 2.0), "#,##0.00"), ((1_500.5, 2.0), "#,##0")])  # fmt: skip
def test_whole_and_large_numbers_have_no_decimals(values, told):
    bars = pl.DataFrame({"name": ["甲", "乙"], "points": values})
    assert native(alt.Chart(bars).mark_bar().encode(x="points:Q", y="name:N")).number_format == told
