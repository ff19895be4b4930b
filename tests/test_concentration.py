"""How concentrated the spend is: Gini and Lorenz by hand and by theory, deciles, classes, quarters, refusals."""

from __future__ import annotations

from math import erf

import numpy as np
import polars as pl
import pytest
from conftest import orders_of

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.segmentation import concentration as parts_of
from insight.stats.concentration import gini, lorenz, people_for, top_share, with_intervals

DAY = 86_400


def test_gini_and_top_share_by_hand():
    values = np.array([4.0, 1, 3, 2])
    assert gini(values) == pytest.approx((-3 * 1 - 1 * 2 + 1 * 3 + 3 * 4) / (4 * 10))
    assert top_share(values, 0.25) == pytest.approx(0.4)
    assert top_share(values, 0.375) == pytest.approx(0.4 + 0.3 / 2)  # half of the second person
    assert people_for(values, 0.7) == 2
    assert people_for(values, 0.71) == 3
    assert gini(np.ones(7)) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 5.0])) == pytest.approx(0.75)
    assert np.isnan(gini(np.zeros(3)))


def test_the_lorenz_curve_bends_where_the_sum_is_held():
    people, held = lorenz(np.array([1.0, 2, 3, 4]), steps=4)
    assert people.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert held == pytest.approx([0, 0.1, 0.3, 0.6, 1])


def test_the_gini_of_a_lognormal_is_that_of_theory():
    values = np.random.default_rng(3).lognormal(0, 1.0, 200_000)
    assert gini(values) == pytest.approx(erf(0.5), abs=0.005)  # erf(sigma / 2)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    truth = erf(0.8 / 2)
    found = [with_intervals(rng.lognormal(0, 0.8, 300), top=0.2, seed=s)[0] for s in range(20)]
    assert sum(one.low <= truth <= one.high for one in found) >= 17  # 95 % of 20 is 19


def test_groups_of_neighbours_stand_for_many_people():
    """Beyond 22,000 amounts the small ones are drawn in groups: the spread is that of all, one by one."""
    values = np.random.default_rng(1).lognormal(0, 1.0, 24_000)
    found, _ = with_intervals(values, top=0.2, seed=0)
    rng = np.random.default_rng(9)
    one_by_one = np.std([gini(rng.choice(values, len(values))) for _ in range(60)])
    assert found.value == gini(values)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(one_by_one, rel=0.3)


def _customers(spends: list[float]) -> pl.DataFrame:
    ids = [f"c{i:03}" for i in range(len(spends))]
    return pl.DataFrame({"customer_id": ids, "spend": spends, "n_orders": [1] * len(spends)})


def test_deciles_and_classes_by_hand():
    people = parts_of.ranked(_customers([1000.0, *[10.0] * 18, -5.0]))
    deciles = parts_of.parts(people, "decile")
    assert deciles["n_customers"].to_list() == [2] * 10
    assert deciles["spend"].to_list() == [1010, *[20] * 8, 10]
    assert deciles["cumulative_share"][0] == pytest.approx(1010 / 1180)
    assert deciles["threshold_amount"].to_list() == [*[10] * 9, 0]  # who got back more counts as 0
    classes = parts_of.parts(people, "abc")
    # 1000 of 1180 is 84.7 %: A; the tens from there to 95 %: 13 (the last begins at 94.9 %); the rest C
    assert classes.select("abc", "n_customers").rows() == [("A", 1), ("B", 13), ("C", 6)]


def _orders(spends, day=0):
    return [{"customer_id": f"c{i:03}", "order_id": f"{day}-{i}", "ordered_at": day * DAY, "amount": s} for i, s in enumerate(spends)]  # fmt: skip


def test_the_summary_says_what_the_top_brings():
    result = answer(find("concentration"), Dataset(orders=orders_of(_orders([80, 5, 5, *[1] * 7]))))
    row = result.tables["summary"].row(0, named=True)
    assert (row["n_customers"], row["spend"], row["n_top"]) == (10, 97, 2)
    assert row["top_share"] == pytest.approx(85 / 97)
    assert row["low_top_share"] <= row["top_share"] <= row["high_top_share"]
    assert (row["n_for_most"], row["share_for_most"]) == (1, 0.1)
    assert "前 20% 的客户（2 人）贡献了 87.6% 的消费金额" in result.findings[0].text
    assert "客户太少" in result.findings[0].text


def test_quarters_that_are_not_whole_are_marked_and_not_compared():
    # 2023-12-11 to 2025-02-01: the quarters in between are whole
    days = (19_702, 19_730, 19_820, 19_910, 20_000, 20_050, 20_120)
    lines = [line for day in days for line in _orders([500, *[10] * 39], day)]
    result = answer(find("concentration"), Dataset(orders=orders_of(lines)))
    trend = result.tables["trend"]
    assert trend["quarter"].to_list() == [
        "2023 年 4 季度", "2024 年 1 季度", "2024 年 2 季度", "2024 年 3 季度", "2024 年 4 季度", "2025 年 1 季度",
    ]  # fmt: skip
    assert trend["is_partial"].to_list() == [True, False, False, False, False, True]
    assert trend["n_customers"].to_list() == [40] * 6
    assert trend["top_share"][0] == pytest.approx((500 + 7 * 10) / 890)


def test_nobody_with_money_is_said_in_one_sentence():
    back = [line | {"amount": -line["amount"], "ordered_at": DAY} for line in _orders([9] * 20)]
    refunded = Dataset(orders=orders_of([*_orders([9] * 20), *back]))
    with pytest.raises(TooFewRows, match="消费金额大于 0 的客户一个也没有"):
        answer(find("concentration"), refunded)
    with pytest.raises(TooFewRows, match="只有 1 个"):
        answer(find("concentration"), Dataset(orders=orders_of(_orders([9]))))


def test_equal_spend_is_spread_evenly():
    result = answer(find("concentration"), Dataset(orders=orders_of(_orders([7] * 50))))
    assert result.tables["deciles"]["share_of_spend"].to_list() == pytest.approx([0.1] * 10)
    assert result.tables["summary"]["gini"].item() == pytest.approx(0, abs=1e-12)
