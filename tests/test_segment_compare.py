"""How two groups differ: tests against published numbers, tables against hand counts, findings that say whose."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from scipy.stats import mannwhitneyu
from statsmodels.stats.proportion import proportion_effectsize, proportions_ztest

from insight import pipeline
from insight.analyses import catalogue, find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, TooFewRows, UnknownName
from insight.pipeline.inputs import knows_groups
from insight.schema import Definitions
from insight.segmentation.contrast import corrected, number_differences, share_differences
from insight.stats.differences import ranks_differ, shares_differ, size_of_rank, size_of_share
from insight.stats.multiple import adjusted

DAY = 86_400


@pytest.mark.parametrize(("first", "second", "low", "high"), [
    ((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0),
])  # fmt: skip
def test_the_interval_of_a_difference_is_newcombes(first, second, low, high):
    """Newcombe (1998), Stat Med 17, table II, method 10."""
    found = shares_differ(first, second)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_share_test_is_that_of_statsmodels():
    found = shares_differ((30, 50), (20, 60))
    assert found.p_value == pytest.approx(proportions_ztest([30, 20], [50, 60])[1])
    assert found.effect == pytest.approx(proportion_effectsize(0.6, 1 / 3))
    assert np.isnan(shares_differ((5, 5), (7, 7)).p_value)
    assert np.isnan(shares_differ((0, 0), (7, 9)).difference)


def test_cliffs_delta_counts_the_pairs():
    first, second = np.array([1.0, 5, 5, 9]), np.array([2.0, 5, 5])
    pairs = [np.sign(x - y) for x in first for y in second]
    found = ranks_differ(first, second)
    assert found.effect == pytest.approx(np.mean(pairs))
    assert found.p_value == pytest.approx(mannwhitneyu(second, first, method="asymptotic")[1])
    same = ranks_differ(np.ones(4), np.ones(3))
    assert same.effect == 0
    assert np.isnan(same.p_value)


def test_sizes_have_the_words_of_cohen_and_romano():
    assert [size_of_share(h) for h in (0.19, -0.2, 0.5, -0.8)] == ["可忽略", "小", "中", "大"]
    assert [size_of_rank(d) for d in (0.1, 0.147, -0.4, 0.5)] == ["可忽略", "小", "中", "大"]
    assert size_of_share(float("nan")) == ""


def _sides(n_first, n_second):
    ids = [f"a{i:02}" for i in range(n_first)] + [f"b{i:02}" for i in range(n_second)]
    return pl.DataFrame({"customer_id": ids, "is_first": [i[0] == "a" for i in ids]})


def test_shares_have_the_base_of_their_measure():
    sides = _sides(20, 10)
    bought = [("买过的品类", "豆", f"a{i:02}") for i in range(15)] + [("买过的品类", "豆", "b00")]
    lives = [("主要购买地区", "华东", f"a{i:02}") for i in range(12)] + [
        ("主要购买地区", "华南", f"b{i:02}") for i in range(10)
    ]
    traits = pl.DataFrame(
        bought + lives, schema=["measure", "feature", "customer_id"], orient="row"
    )
    found = share_differences(traits, sides)
    by_feature = {row["feature"]: row for row in found.to_dicts()}
    assert (by_feature["豆"]["first_share"], by_feature["豆"]["second_share"]) == (0.75, 0.1)
    assert (by_feature["豆"]["n_first"], by_feature["豆"]["n_second"]) == (20, 10)
    # of the 20, only 12 have a region: they are the base
    assert (by_feature["华东"]["first_share"], by_feature["华东"]["n_first"]) == (1.0, 12)
    assert by_feature["华东"]["pair_difference"] == 1.0


def test_a_group_below_the_smallest_base_is_neither_shown_nor_tested():
    traits = pl.DataFrame({"measure": "买过的品类", "feature": "豆", "customer_id": ["a00", "b00"]})
    row = share_differences(traits, _sides(9, 20)).row(0, named=True)
    assert (row["first_share"], row["second_share"], row["pair_difference"], row["p_value"]) == (None, 0.05, None, None)  # fmt: skip
    numbers = _sides(9, 20).select("customer_id", *(pl.lit(1.0).alias(n) for n in ("spend", "n_orders", "average_order_value", "days_since_last")))  # fmt: skip
    assert number_differences(numbers, _sides(9, 20))["first_median"].null_count() == 4


def test_all_tests_of_both_tables_are_one_family():
    one = pl.DataFrame({"p_value": [0.01, None, 0.04], "x": 0})
    two = pl.DataFrame({"p_value": [0.03], "x": 0})
    first, second = corrected(one, two)
    together = adjusted(np.array([0.01, 0.04, 0.03]), "bh")
    assert first["q_value"].to_list() == [together[0], None, together[1]]
    assert second["q_value"].to_list() == [together[2]]
    assert first.columns == ["p_value", "q_value", "x"]


@pytest.fixture
def dataset():
    """40 buyers of beans in the east, 40 of tools in the south who spend three times as much."""
    lines = [
        {
            "customer_id": f"{c}{i:02}", "order_id": f"{c}{i}{j}", "ordered_at": (i + j) * DAY, "amount": a + i,
            "category": k, "region": r,
        }
        for c, a, k, r in (("a", 100, "豆", "华东"), ("b", 300, "器具", "华南"))
        for i in range(40) for j in range(1 + i % 2)
    ]  # fmt: skip
    people = pl.DataFrame(
        {
            "customer_id": [f"{c}{i:02}" for c in "ab" for i in range(40)],
            "level": ["金" if c == "b" else "银" for c in "ab" for _ in range(40)],
        }
    )
    return Dataset(orders=orders_of(lines), customers=people)


def _compared(dataset, **params):
    compare = find("segment_compare")
    return answer(compare, dataset, compare.params(by="customers.level", **params))


def test_two_groups_are_told_apart_by_what_they_buy_and_where(dataset):
    result = _compared(dataset)
    groups = result.tables["groups"]
    assert groups["segment"].to_list() == ["金", "其余客户"]  # 金 spends most, so it comes first
    assert groups["n_customers"].to_list() == [40, 40]
    tools = result.tables["shares"].filter(feature="器具").row(0, named=True)
    assert (tools["first_share"], tools["second_share"], tools["effect_size"]) == (1.0, 0.0, "大")
    spend = result.tables["numbers"].row(0, named=True)
    assert spend["feature"] == "消费金额（元）"
    assert spend["first_median"] > spend["second_median"]
    assert spend["q_value"] < 0.001
    assert "比“其余客户”的 0.0% 高 100.0 个百分点" in result.findings[1].text
    assert "level" not in set(
        result.tables["shares"]["measure"]
    )  # the break itself is no difference


def test_the_second_group_mirrors_the_first(dataset):
    one, other = (
        _compared(dataset, first="金", second="银"),
        _compared(dataset, first="银", second="金"),
    )
    key = ["measure", "feature"]
    mirrored = other.tables["shares"].sort(key)
    straight = one.tables["shares"].sort(key)
    assert (straight["pair_difference"] + mirrored["pair_difference"]).abs().max() == 0
    assert straight["p_value"].to_list() == mirrored["p_value"].to_list()


def test_every_group_is_compared_with_everybody_else(dataset):
    rest = _compared(dataset).tables["rest_shares"]
    assert rest["segment"].unique(maintain_order=True).to_list() == ["金", "银"]
    beans = rest.filter(segment="银", feature="豆").row(0, named=True)
    assert (beans["share"], beans["rest_share"], beans["base"], beans["base_rest"]) == (
        1.0,
        0.0,
        40,
        40,
    )


def test_groups_that_buy_alike_give_no_difference_to_tell(dataset):
    alike = dataset.customers.with_columns(level=pl.Series(["金", "银"] * 40))
    result = _compared(replace(dataset, customers=alike))
    assert [f for f in result.findings[1:] if "豆" in f.text or "华" in f.text] == []


@pytest.mark.parametrize(("params", "error"), [
    ({"first": "铜"}, UnknownName), ({"first": "金", "second": "金"}, BadParameter),
])  # fmt: skip
def test_groups_that_cannot_be_compared_are_said(dataset, params, error):
    with pytest.raises(error):
        _compared(dataset, **params)


def test_one_group_alone_has_nothing_to_be_compared_with(dataset):
    only = Dataset(orders=dataset.orders)
    flat = only.orders.collect().to_native().with_columns(region=pl.lit("华东"))
    compare = find("segment_compare")
    with pytest.raises(TooFewRows, match="主要购买地区"):
        answer(
            compare, Dataset(orders=nw.from_native(flat.lazy())), compare.params(by="orders.region")
        )


@pytest.mark.parametrize("key", [k for k, a in catalogue().items() if not knows_groups(a)])
def test_an_analysis_that_is_not_told_of_the_definitions_does_not_depend_on_them(key, demo_study):
    """What pipeline.run leaves out of the digest of a result must not matter: broken ones stop nothing."""
    dataset = pipeline.load(demo_study)
    broken = Definitions(rfm={"scoring": "broken"}, high_ticket={"top_share": 7})
    few = replace(dataset, definitions=broken, texts=dataset.texts.head(200))
    assert answer(find(key), few).tables


def test_a_broken_definition_stops_what_is_grouped_by_it_with_one_sentence(demo_study):
    broken = replace(pipeline.load(demo_study), definitions=Definitions(rfm={"scoring": "broken"}))
    with pytest.raises(InsightError, match="重新设定"):
        answer(find("segment_profile"), broken)
