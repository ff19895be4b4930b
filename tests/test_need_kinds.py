"""Kinds by what matters: planted ones come back, habits of rating do not count, and agreement with purchases is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from sklearn.metrics import adjusted_rand_score

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.needs.kinds import kinds, stated
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.rand_index import adjusted_rand, permuted_p

ANALYSIS = find("need_segments")
ITEMS = ("价格", "质量", "速度", "服务")
KINDS = np.array([[5, 2, 3, 2], [2, 5, 2, 3], [2, 3, 2, 5]])
MULTI = Question(id="Q2", wording="您看重什么？", kind=QuestionKind.MULTI, columns=tuple(f"t{x}" for x in ITEMS), options=tuple(Option(label=x, column=f"t{x}") for x in ITEMS))  # fmt: skip


def _planted(n: int = 240, *, habit: float = 0.0, seed: int = 1) -> tuple[Dataset, np.ndarray]:
    """Three kinds of raters; ``habit`` is how differently high people rate at all."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % 3
    ratings = KINDS[kind] + rng.normal(0, 0.5, (n, 4)) + habit * rng.normal(size=(n, 1))
    ids = [f"c{at:04}" for at in range(n)]
    question = Question(id="Q1", wording="以下各方面对您有多重要？", kind=QuestionKind.MATRIX, columns=ITEMS, rows=ITEMS)  # fmt: skip
    answers = {x: ratings[:, at] for at, x in enumerate(ITEMS)} | {f"t{x}": ratings[:, at] > 4 for at, x in enumerate(ITEMS)}  # fmt: skip
    responses = pl.DataFrame({"respondent_id": [f"r{x}" for x in ids], "customer_id": ids} | answers)  # fmt: skip
    amounts = np.where(kind == 1, 1_000.0, 10.0) + rng.random(n)
    orders = [
        {"customer_id": c, "order_id": f"o{c}", "ordered_at": 1_700_000_000, "amount": a}
        for c, a in zip(ids, amounts.tolist(), strict=True)
    ]
    asked = Questionnaire(questions=(question, MULTI))
    return Dataset(orders=orders_of(orders), responses=responses, questionnaire=asked), kind


def test_the_adjusted_rand_index_is_that_worked_out_by_hand():
    first, second = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1])
    assert adjusted_rand(first, second) == pytest.approx((4 - 2.8) / (6.5 - 2.8))


def test_chance_agrees_as_well_as_often_as_permutations_of_the_index_itself_do():
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 3, 40), rng.integers(0, 2, 40)
    again = np.random.default_rng(8)
    found = adjusted_rand(first, second)
    as_good = sum(adjusted_rand(first, again.permutation(second)) >= found - 1e-12 for _ in range(200))  # fmt: skip
    assert permuted_p(first, second, seed=8, times=200) == pytest.approx((as_good + 1) / 201)


def test_the_same_division_is_never_met_by_chance():
    groups = np.arange(60) % 3
    assert permuted_p(groups, (groups + 1) % 3, seed=1, times=99) == 0.01


@pytest.mark.parametrize("habit", [0.0, 3.0])
def test_planted_kinds_come_back_however_high_people_rate(habit):
    dataset, truth = _planted(habit=habit)
    made = kinds(stated(dataset, []), n_kinds=0, seed=1)
    assert adjusted_rand_score(truth, made.labels) > 0.95
    assert sorted(name.split("·")[0] for name in made.names) == ["看重价格", "看重服务", "看重质量"]
    assert (made.stability > 0.9).all()


def test_options_that_are_ticked_can_be_divided_too():
    dataset, truth = _planted()
    found = stated(dataset, ["Q2"])
    assert set(np.unique(found.ratings)) == {0.0, 1.0}
    assert adjusted_rand_score(truth, kinds(found, n_kinds=3, seed=1).labels) > 0.75
    with pytest.raises(BadParameter, match="只能单独使用"):
        stated(dataset, ["Q1", "Q2"])


def test_who_left_a_gap_is_counted_and_left_out():
    dataset, _ = _planted()
    gap = pl.when(pl.col("respondent_id") != "rc0005").then("价格").alias("价格")
    found = stated(replace(dataset, responses=dataset.responses.with_columns(gap)), [])
    assert (len(found.ids), found.n_gaps) == (239, 1)


def test_cross_and_agreement_tell_that_one_kind_buys_dearly():
    dataset, _ = _planted()
    params = ANALYSIS.params(by="high_ticket", n_kinds=3)
    tables = answer(ANALYSIS, dataset, params).tables
    cross = tables["cross"]
    assert cross["n_customers"].sum() == 240
    dear = cross.filter(column_group="高客单").sort("share")["row_group"].to_list()
    assert dear[-1].startswith("看重质量")
    traits = tables["traits"].filter(feature="质量").sort("mean")
    assert traits["mean"][-1] == pytest.approx(5, abs=0.2)
    assert traits["mean"][0] < traits["rest_mean"][0]
    row = tables["agreement"].row(0, named=True)
    assert 0.1 < row["adjusted_rand"] < 0.5
    assert row["p_value"] == pytest.approx(1 / 2001)


def test_purchases_that_have_nothing_to_do_with_it_do_not_agree():
    dataset, _ = _planted()
    ids = dataset.responses["customer_id"]
    mixed = dataset.responses.with_columns(ids.shuffle(seed=3).alias("customer_id"))
    result = answer(ANALYSIS, replace(dataset, responses=mixed))
    assert abs(result.tables["agreement"]["adjusted_rand"][0]) < 0.05
    assert result.tables["agreement"]["q_value"][0] > 0.05
    assert "看不出有关联" in result.findings[0].text


def test_a_customer_who_answered_twice_counts_once():
    dataset, _ = _planted()
    twice = pl.concat([dataset.responses, dataset.responses.head(7).with_columns(respondent_id=pl.format("z{}", "respondent_id"))])  # fmt: skip
    tables = answer(ANALYSIS, replace(dataset, responses=twice)).tables
    assert tables["segments"]["n_people"].sum() == 247
    assert tables["cross"]["n_customers"].sum() == 240


def test_the_example_study_knows_who_wants_service_and_who_wants_discounts(demo_study):
    result = pipeline.run(demo_study, "need_segments")
    table = result.tables["segments"]
    assert table["need_segment"].to_list() == ["看重优惠力度", "看重客服响应"]
    row = result.tables["agreement"].row(0, named=True)
    assert row["adjusted_rand"] > 0.5
    cross = result.tables["cross"].filter(row_group="看重客服响应", column_group="高客单")
    assert cross["tgi"][0] > 300


def test_what_cannot_be_divided_is_refused_in_one_sentence():
    dataset, _ = _planted()
    few = replace(dataset, responses=dataset.responses.head(20))
    with pytest.raises(TooFewRows, match="至少需要 30"):
        answer(ANALYSIS, few)
    with pytest.raises(QuestionsMissing):
        answer(ANALYSIS, dataset, ANALYSIS.params(questions=["Q1_1", "Q1_2"]))
    with pytest.raises(UnknownName):
        answer(ANALYSIS, dataset, ANALYSIS.params(questions=["Q9"]))
    with pytest.raises(BadParameter, match="应为 0，或 2 到 8"):
        answer(ANALYSIS, dataset, ANALYSIS.params(n_kinds=1))
