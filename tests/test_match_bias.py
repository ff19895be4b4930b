"""Who could be matched is compared with everybody else, in standard deviations."""

from __future__ import annotations

import polars as pl
import pytest

from insight.analyses.data.match_bias import ANALYSIS, Params, bias, run
from insight.dataset import Dataset
from insight.errors import TooFewRows
from tests.conftest import orders_of

DAY = 86_400


def _customers(**columns: list[object]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    plain = {c: [0.0] * n for c in ("days_since_last", "n_orders", "spend", "average_order_value")}
    return pl.DataFrame({"customer_id": [f"c{i}" for i in range(n)], **plain, **columns})


def test_means_and_regions_follow_the_formulas():
    customers = _customers(spend=[1.0, 2, 3, 3, 5, 7], region=["广东", "广东", "上海", "广东", "上海", "上海"])  # fmt: skip
    table = bias(customers, pl.Series(["c0", "c1", "c2"]))
    spend = table.filter(variable="消费金额").row(0, named=True)
    assert (spend["matched"], spend["others"]) == (2, 5)
    assert spend["smd"] == pytest.approx(-3 / 2.5**0.5)
    south = table.filter(variable="地区：广东").row(0, named=True)
    assert (south["matched"], south["others"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert south["smd"] == pytest.approx((1 / 3) / (2 / 9) ** 0.5)
    assert table.filter(variable="订单数")["smd"][0] == 0
    assert table.filter("is_notable").height == 3


def _dataset(matched: list[str | None]) -> Dataset:
    orders = orders_of([
        {"customer_id": f"c{i}", "order_id": f"o{i}", "ordered_at": i * DAY, "amount": 10.0 * (i + 1)} for i in range(8)
    ])  # fmt: skip
    status = ["matched" if c else "no_key" for c in matched]
    responses = pl.DataFrame({"respondent_id": [str(i) for i in range(len(matched))], "customer_id": pl.Series(matched, dtype=pl.String), "match_status": status})  # fmt: skip
    return Dataset(orders=orders, responses=responses)


def test_the_largest_difference_is_the_finding_and_its_cells_prove_it():
    result = run(_dataset(["c6", "c7", None]), Params())
    (finding,) = result.findings
    # spend 70, 80 against 10..60: (75 - 35) / sqrt((50 + 350) / 2)
    assert result.tables["bias"].filter(variable="消费金额")["smd"][0] == pytest.approx(40 / 200**0.5)  # fmt: skip
    assert "2.83 个标准差" in finding.text
    assert finding.base == 8
    assert ANALYSIS.key == "match_bias"


def test_a_handful_of_matches_is_not_compared():
    with pytest.raises(TooFewRows):
        run(_dataset(["c1"]), Params())
