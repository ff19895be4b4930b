"""Charts on a small screen: room for the cells of a heat map, labels where their rows are, prices by group."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from insight import charts
from insight.report.native import native
from pages.ui import pictures

CELLS = pl.DataFrame({
    "need": ["售后", "售后", "包装", "包装"], "segment": ["新客", "流失", "新客", "流失"], "share": [0.1, 0.2, 0.3, 0.4],
})  # fmt: skip


def heat(n: int) -> charts.Kept:
    cells = pl.DataFrame({"need": ["售后"] * n, "segment": [f"第{at}组" for at in range(n)], "share": [0.5] * n})  # fmt: skip
    drawn = charts.heat(cells, row="need", column="segment", value="share")
    return charts.kept(drawn.to_dict())


def test_a_heat_map_has_room_for_each_of_its_columns():
    assert [charts.least_width(heat(n)) for n in (1, 6, 10)] == [260, 570, 850]


def test_bars_fit_every_screen():
    bars = charts.bars(
        pl.DataFrame({"need": ["售后"], "share": [0.5]}), label="need", value="share"
    )
    assert charts.least_width(bars) == 260


def test_the_first_and_the_last_label_stand_beside_their_row_and_column():
    spec = charts.heat(CELLS, row="need", column="segment", value="share").to_dict()
    axes = [spec["layer"][0]["encoding"][side]["axis"] for side in ("x", "y")]
    assert [axis["labelFlush"] for axis in axes] == [False, False]


def test_bands_and_lines_of_prices_share_one_axis_and_keep_their_order():
    rows = pl.DataFrame({
        "segment": ["总计", "新客"], "pmc": [10.0, None], "opp": [12.0, None], "pme": [15.0, None],
        "paid_low_price": [9.0, 8.0], "paid_price": [11.0, 9.0], "paid_high_price": [20.0, 30.0],
    })  # fmt: skip
    drawn = charts.spans(rows, label="segment", band=("pmc", "opp", "pme"), line=("paid_low_price", "paid_price", "paid_high_price"))  # fmt: skip
    layers = drawn.to_dict()["layer"]
    assert [one["mark"]["type"] for one in layers] == ["rect", "tick", "rule", "tick"]
    assert {one["encoding"]["y"]["sort"][0] for one in layers} == {"总计"}
    assert native(drawn) is None  # a presentation has no such chart: it holds the picture
    assert charts.to_png(drawn)[:4] == b"\x89PNG"


def test_curves_over_prices_are_those_of_one_group_until_another_is_chosen():
    bins = pl.DataFrame({"segment": ["总计", "新客"], "price_from": [0.0, 0.0], "price_to": [10.0, 10.0], "share": [1.0, 1.0]})  # fmt: skip
    curves = pl.DataFrame({"segment": ["总计", "总计", "新客"], "curve": ["贵"] * 3, "price": [1.0, 2.0, 1.0], "share": [0.1, 0.9, 0.5]})  # fmt: skip
    marks = pl.DataFrame({"segment": ["总计"], "price": [1.5], "name": ["OPP"], "height": [1.0]})
    drawn = charts.curves_over(bins, curves, marks=marks, choose="segment")
    spec = drawn.to_dict()
    (asked,) = spec["params"]
    assert asked["value"] == "总计"
    assert asked["bind"]["options"] == ["总计", "新客"]
    layers = [spec["layer"][0], *spec["layer"][1]["layer"]]
    assert [one["transform"] for one in layers] == [[{"filter": {"param": asked["name"]}}]] * 5
    assert charts.to_png(drawn)[:4] == b"\x89PNG"


def test_a_chart_is_sent_with_the_data_it_was_drawn_from():
    drawn = heat(6)
    sent = pictures.picture(drawn, pickable=False)
    ((name, rows),) = drawn.to_dict()["datasets"].items()
    table = pa.ipc.open_stream(sent.spec["datasets"][name]).read_all()
    assert table.to_pylist() == rows
    assert {**sent.spec, "datasets": None} == {**drawn.to_dict(), "datasets": None}
    assert (sent.is_pickable, sent.least_width) == (False, 570)
    assert pictures.picture(drawn, pickable=True).is_pickable == (
        charts.pickable(drawn) is not None
    )
