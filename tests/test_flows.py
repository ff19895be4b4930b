"""The flow chart and the Lorenz curve: widths add up, ribbons end where they begin, few rows."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest

from insight import charts


def _rows(chart, n: int) -> list[dict]:
    spec = chart.to_dict()
    return spec["datasets"][spec["layer"][n]["data"]["name"]]


TABLE = pl.DataFrame({
    "from_segment": ["高", "高", "低", "低"], "to_segment": ["高", "低", "高", "低"],
    "n_customers": [6, 2, 0, 2], "direction": ["不变", "下降", "上升", "不变"],
})  # fmt: skip


def _flows(table: pl.DataFrame):
    return charts.flows(
        table,
        sides=("from_segment", "to_segment"),
        value="n_customers",
        kind="direction",
        inks={"上升": "#1", "不变": "#2", "下降": "#3"},
    )


def test_ribbons_are_as_wide_as_the_customers_and_stack_without_overlap():
    rows = _rows(_flows(TABLE), 0)
    by_flow: dict[str, list[dict]] = {}
    for row in rows:
        by_flow.setdefault(row["flow"], []).append(row)
    assert len(by_flow) == 3  # nobody went from 低 to 高
    widths = [round(ribbon[0]["high"] - ribbon[0]["low"], 9) for ribbon in by_flow.values()]
    assert widths == [0.6, 0.2, 0.2]
    starts = [(r[0]["low"], r[0]["high"]) for r in by_flow.values()]
    assert starts[0][1] == pytest.approx(starts[1][0])
    ends = sorted((r[-1]["low"], r[-1]["high"]) for r in by_flow.values())
    assert all(before[1] <= after[0] + 1e-9 for before, after in pairwise(ends))


def test_every_group_is_named_on_both_sides_with_its_size():
    chart = _flows(TABLE)
    left, right = _rows(chart, 1), _rows(chart, 4)
    assert [(r["name"], r["told"]) for r in left] == [("高", "8"), ("低", "2")]
    assert [(r["name"], r["told"]) for r in right] == [("高", "6"), ("低", "4")]


def test_many_groups_stay_within_the_rows_of_a_chart():
    names = [f"组{i}" for i in range(16)]
    wide = pl.DataFrame({"from_segment": names, "n_customers": range(1, 17), "direction": "不变"})
    table = wide.join(pl.DataFrame({"to_segment": names}), how="cross")
    spec = _flows(table).to_dict()
    assert sum(len(rows) for rows in spec["datasets"].values()) <= 5_000


def test_nobody_moves_draws_nothing_and_does_not_fail():
    assert _rows(_flows(TABLE.with_columns(n_customers=pl.lit(0))), 0) == []


def test_the_lorenz_curve_is_drawn_over_the_even_line():
    table = pl.DataFrame({"share_of_customers": [0.0, 0.5, 1.0], "share_of_spend": [0.0, 0.1, 1.0]})
    spec = charts.lorenz(table, title="曲线").to_dict()
    assert spec["title"] == "曲线"
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["area", "line", "line", "text", "circle"]  # fmt: skip
