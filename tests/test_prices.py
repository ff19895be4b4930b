"""Price sensitivity and price ladders: crossings and revenues worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from research_sample import PRICES, alone

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.demand import demand
from insight.stats.price_points import crossing, price_curves, price_points, usable

NAN = float("nan")


def asked(key: str, dataset: Dataset, **params: object):
    analysis = find(key)
    return answer(analysis, dataset, analysis.params.model_validate(params))


def test_curves_count_who_names_at_least_and_at_most_each_price():
    answers = np.array([[10.0, 20, 30, 40], [20.0, 30, 40, 50]])
    curves = price_curves(answers, weight=np.array([3.0, 1.0]))
    assert curves.price.tolist() == [10, 20, 30, 40, 50]
    assert curves.share[0].tolist() == [1, 0.25, 0, 0, 0]  # too cheap: named at least this price
    assert curves.share[1].tolist() == [1, 1, 0.25, 0, 0]
    assert curves.share[2].tolist() == [0, 0, 0.75, 1, 1]  # expensive: named at most this price
    assert curves.share[3].tolist() == [0, 0, 0, 0.75, 1]


def test_curves_cross_on_the_straight_line_between_two_prices():
    """From -.6 to +.2 over ten yuan: three quarters of the way."""
    price, falling, rising = np.array([10.0, 20.0]), np.array([0.8, 0.4]), np.array([0.2, 0.6])
    assert crossing(price, falling, rising) == pytest.approx(17.5)


def test_curves_that_are_equal_for_a_while_cross_in_the_middle():
    price = np.array([10.0, 20.0, 30.0, 40.0])
    assert crossing(price, np.array([1, 0.5, 0.5, 0]), np.array([0, 0.5, 0.5, 1])) == 25
    assert crossing(price, np.array([1, 0, 0, 0.0]), np.array([0, 0, 0, 1.0])) == 25
    assert crossing(price, np.array([1, 1, 1, 1.0]), np.array([0, 0, 0, 0.0])) is None


def test_the_four_points_of_four_people_by_hand():
    """Too cheap falls 1, .75, .5 ... at 10 to 40; too expensive rises at 40 to 70; both worked out on paper."""
    steps = np.arange(4)[:, None] * 10.0
    answers = np.array([[10.0, 20, 30, 40]]) + steps
    curves = price_curves(answers, weight=np.ones(4))
    points = price_points(curves, narrow=True)
    # at 40: too cheap .25, too expensive .25; cheap and expensive meet at 30..40: .75 -> .5 and .25 -> .5
    assert points["opp"] == 40
    assert points["idp"] == 40
    # too cheap .5 and expensive .25 at 30, .25 and .5 at 40: half way
    assert points["pmc"] == 35
    # cheap .5 and too expensive .25 at 40, .25 and .5 at 50: half way
    assert points["pme"] == 45


def test_the_original_bounds_are_wider():
    rng = np.random.default_rng(1)
    middle = rng.normal(50, 10, size=300)
    answers = np.column_stack([middle - 15, middle - 5, middle + 5, middle + 15])
    curves = price_curves(answers, weight=np.ones(300))
    narrow, wide = price_points(curves, narrow=True), price_points(curves, narrow=False)
    assert wide["pmc"] < narrow["pmc"] < narrow["pme"] < wide["pme"]
    assert (wide["opp"], wide["idp"]) == (narrow["opp"], narrow["idp"])


def test_prices_in_the_wrong_order_are_told_apart_from_missing_ones():
    answers = np.array([[1, 2, 3, 4], [2, 2, 2, 2], [4, 3, 2, 1], [1, NAN, 3, 4]], dtype=float)
    whole, kept = usable(answers)
    assert whole.tolist() == [True, True, True, False]
    assert kept.tolist() == [True, True, False, False]


def test_the_four_questions_are_recognised_and_the_illogical_reported():
    result = asked("price_sensitivity", alone(300))
    assert result.notes[0] == "题目：太便宜（PSM0）、便宜（PSM1）、贵（PSM2）、太贵（PSM3）。"
    assert result.tables["answers"]["n_respondents"].to_list() == [297, 3, 0]
    prices = dict(result.tables["points"].select("point", "price").iter_rows())
    order = [prices[p] for p in sorted(prices, key=lambda p: p[:3])]  # IDP, OPP, PMC, PME
    assert order[2] < min(order[:2]) <= max(order[:2]) < order[3]
    for row in result.tables["points"].iter_rows(named=True):
        assert row["ci_low"] <= row["price"] <= row["ci_high"]


def test_the_order_of_the_questions_does_not_matter_where_they_are_named():
    by_name = asked("price_sensitivity", alone(100), too_cheap="PSM0", cheap="PSM1", expensive="PSM2", too_expensive="PSM3")  # fmt: skip
    assert by_name.tables["points"].equals(asked("price_sensitivity", alone(100)).tables["points"])
    with pytest.raises(TooFewRows, match="不矛盾"):
        asked("price_sensitivity", alone(100), too_cheap="PSM3", cheap="PSM2", expensive="PSM1", too_expensive="PSM0")  # fmt: skip


def test_prices_written_in_words_are_read():
    dataset = alone(60)
    words = dataset.responses.with_columns(pl.format("{} 元", pl.col("PSM0").cast(pl.Int64)).alias("PSM0"))  # fmt: skip
    same = asked("price_sensitivity", replace(dataset, responses=words)).tables["points"]
    assert same.equals(asked("price_sensitivity", dataset).tables["points"])


def test_nobody_answered_is_one_sentence():
    dataset = alone(40)
    empty = dataset.responses.with_columns(
        pl.lit(None, pl.Float64).alias(f"PSM{k}") for k in range(4)
    )
    with pytest.raises(TooFewRows, match="一个也没有"):
        asked("price_sensitivity", replace(dataset, responses=empty))


def test_demand_and_the_best_price_by_hand():
    """10: 4 of 4 buy; 20: 3 of 4, 15 a head; 30: 1 of 4, 7.5 a head."""
    accepts = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 1]], dtype=float)
    found = demand(accepts, np.array([10.0, 20, 30]), weight=np.ones(4), cost=0, draws=200, seed=1)
    assert found.share.tolist() == [1, 0.75, 0.25]
    assert found.gain.tolist() == [10, 15, 7.5]
    assert found.best == 1
    assert found.low <= 20 <= found.high


def test_a_cost_moves_the_best_price_up():
    accepts = np.array([[1, 0]] * 5 + [[1, 1]] * 5, dtype=float)
    price, ones = np.array([10.0, 18.0]), np.ones(10)
    assert demand(accepts, price, weight=ones, cost=0, draws=20, seed=1).best == 0  # 10 > 9
    assert demand(accepts, price, weight=ones, cost=6, draws=20, seed=1).best == 1  # 4 < 6


def test_weights_count_and_a_refused_lower_price_is_reported():
    accepts = np.array([[0, 1], [0, 0], [NAN, 1]], dtype=float)
    found = demand(
        accepts, np.array([10.0, 20]), weight=np.array([1.0, 2, 1]), cost=0, draws=20, seed=1
    )
    assert found.share.tolist() == [0.5, 0.5]  # who takes 20 also takes 10
    assert found.n_reversed == 1


def test_the_ladder_is_recognised_by_its_prices():
    result = asked("gabor_granger", alone(200))
    table = result.tables["demand"]
    assert table["price"].to_list() == list(PRICES)
    assert table["share"].is_sorted(descending=True)
    said = alone(200).responses
    assert table["share"].to_list() == [(said[f"GG{p}"] == "会").mean() for p in PRICES]
    assert (table["revenue_per_100"] - 100 * table["price"] * table["share"]).abs().max() < 1e-9


def test_scores_of_a_scale_count_from_the_top():
    rng = np.random.default_rng(3)
    ids = ["A19", "A29"]
    frame = pl.DataFrame({"respondent_id": [f"r{i}" for i in range(50)], **{c: rng.integers(1, 6, 50) for c in ids}})  # fmt: skip
    questions = tuple(
        Question(id=c, wording=f"¥{c[1:]} 时的购买意愿", kind=QuestionKind.SCALE, columns=(c,), options=tuple(Option(label=str(k)) for k in range(1, 6)))
        for c in ids
    )  # fmt: skip
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=questions))
    for top in (1, 2):
        high = asked("gabor_granger", dataset, top=top).tables["demand"]["share"][1]
        assert high == pytest.approx((frame["A29"] > 5 - top).mean())


def test_prices_and_questions_have_to_agree():
    with pytest.raises(BadParameter, match="有 2 题，却有 1 个价格"):
        asked("gabor_granger", alone(50), questions=["GG19", "GG29"], prices="19")
    with pytest.raises(BadParameter, match="同一个价格"):
        asked("gabor_granger", alone(50), questions=["GG19", "GG29"], prices="19、19")


def test_a_price_nobody_pays_is_one_sentence():
    dataset = alone(50)
    refused = dataset.responses.with_columns(pl.lit("不会").alias(f"GG{p}") for p in PRICES)
    with pytest.raises(NothingToTell, match="没有人愿意"):
        asked("gabor_granger", replace(dataset, responses=refused))
