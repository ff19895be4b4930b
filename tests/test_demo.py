"""The example study gives back the effects that were planted in it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from insight import pipeline
from insight.demo import files
from insight.demo.chance import one_of, weighted
from insight.demo.people import BUYERS, DAYS, START, moments, people, with_troubles


@pytest.fixture(scope="module")
def needs(demo_study):
    changes = {"by": "high_ticket", "use_topics": False}
    return pipeline.run(demo_study, "needs_by_segment", changes=changes).tables["matrix"]


def _cell(matrix, need, segment):
    return matrix.filter(pl.col("need") == need, pl.col("segment") == segment).row(0, named=True)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    small = {"n_customers": 60, "n_respondents": 20}
    assert files(seed=1, **small) == files(seed=1, **small)
    assert files(seed=1, **small)[0] != files(seed=2, **small)[0]


def test_two_fifths_of_the_tasters_and_nobody_else_leave_for_good():
    everyone = people(np.random.default_rng(5), n=2_000)
    leaves = {k: np.mean([p.last_day < DAYS - 1 for p in everyone if p.kind == k]) for k in BUYERS}
    assert leaves["taster"] == pytest.approx(0.4, abs=0.05)
    assert (leaves["regular"], leaves["high_ticket"]) == (0, 0)


def test_purchases_end_with_the_last_day_and_pile_up_at_no_hour():
    bought = moments(np.random.default_rng(5), n=4_000, last_day=300)
    assert (bought[-1].date() - bought[0].date()).days <= 300
    by_hour = np.bincount([at.hour for at in bought], minlength=24)
    assert by_hour[:8].sum() == 0
    assert list(by_hour[19:]) == sorted(by_hour[19:], reverse=True)  # from 19:00 on ever fewer


def test_an_interrupted_making_leaves_nothing_and_the_next_one_succeeds(tmp_path):
    class Interrupted(Exception):
        pass

    def stop(step, share):
        if step.startswith("导入 商品评价"):
            raise Interrupted

    with pytest.raises(Interrupted):
        pipeline.demo(tmp_path / "demo", progress=stop)
    assert list(tmp_path.iterdir()) == []
    assert pipeline.demo(tmp_path / "demo").name == "示例研究"
    assert [p.name for p in tmp_path.iterdir()] == ["demo"]


def test_the_study_has_thousands_of_customers_hundreds_of_answers_and_a_dozen_interviews(
    demo_study,
):
    dataset = pipeline.load(demo_study)
    segments = pipeline.run(demo_study, "rfm").tables["segments"]
    assert segments["n_customers"].sum() > 2_500
    assert dataset.responses.height == 640
    assert dataset.texts["document"].drop_nulls().n_unique() == 12


def test_high_ticket_customers_ask_for_service(needs):
    high = _cell(needs, "专属客服与售后响应", "高客单")
    rest = _cell(needs, "专属客服与售后响应", "其他客单")
    planted = BUYERS["high_ticket"].raises["service"]
    assert abs(high["share"] - planted) < 0.12
    assert high["letters"].upper() == "B"
    assert rest["letters"] == ""


def test_the_others_ask_for_discounts(needs):
    high = _cell(needs, "优惠券与满减活动", "高客单")
    rest = _cell(needs, "优惠券与满减活动", "其他客单")
    assert rest["share"] - high["share"] > 0.15
    assert (rest["letters"].upper(), high["letters"]) == ("A", "")


def test_packaging_matters_to_everybody_alike(needs):
    cells = [_cell(needs, "环保与密封包装", s) for s in ("高客单", "其他客单")]
    assert [c["letters"] for c in cells] == ["", ""]
    assert all(abs(c["share"] - 0.3) < 0.1 for c in cells)


def test_the_planted_needs_are_those_with_most_at_stake(demo_study):
    changes = {"by": "high_ticket", "use_topics": False, "questions": "Q4"}
    ranking = pipeline.run(demo_study, "needs_by_segment", changes=changes).tables["needs"]
    assert ranking["need"].to_list()[:2] == ["专属客服与售后响应", "优惠券与满减活动"]
    assert (ranking["ras_low"][:2] > 0).all()
    others = ranking["revenue_at_stake"][2:].fill_null(0.0)
    assert others.max() < ranking["revenue_at_stake"][1]


def test_those_who_stayed_away_longest_ask_more_often_and_as_many_do():
    rng = np.random.default_rng(3)
    everyone = [p for p in people(rng, n=2_000) if p.kind == "high_ticket"]
    half = len(everyone) // 2
    bought = {p.member: [START] if at < half else [START, START + timedelta(DAYS // 2)] for at, p in enumerate(everyone)}  # fmt: skip
    raised = ["service" in p.needs for p in with_troubles(rng, everyone, bought)]
    assert np.mean(raised) == pytest.approx(BUYERS["high_ticket"].raises["service"], abs=0.06)
    assert np.mean(raised[:half]) > 4 * np.mean(raised[half:])


def test_the_high_ticket_fifth_brings_more_than_half_of_the_money(demo_study):
    profile = pipeline.run(demo_study, "segment_profile", changes={"by": "high_ticket"}).tables[
        "profile"
    ]
    high = profile.filter(pl.col("segment") == "高客单").row(0, named=True)
    assert high["share_of_customers"] == pytest.approx(0.2, abs=0.01)
    assert high["share_of_spend"] > 0.5


def test_the_promotions_lift_june_and_november(demo_study):
    months = pipeline.run(demo_study, "trend").tables["monthly"]
    mean = (
        months.group_by(month=pl.col("month").dt.month())
        .agg(pl.col("n_orders").mean())
        .sort("month")
    )
    busiest = mean.sort("n_orders", descending=True)["month"].head(2).to_list()
    assert busiest == [11, 6]


def test_most_but_not_all_respondents_are_matched(demo_study):
    row = (
        pipeline.run(demo_study, "match").tables["coverage"].filter(pl.col("table") == "responses")
    )
    assert 0.85 < row["n_matched"][0] / row["n_rows"][0] < 0.95
    assert row["n_no_key"][0] > 30


def test_the_words_of_the_planted_needs_become_topics(demo_study):
    topics = pipeline.run(demo_study, "topics").tables["topics"]
    words = " ".join(topics["top_words"].drop_nulls())
    for word in ("售后", "优惠", "包装", "快递", "口味", "烘焙"):
        assert word in words


def test_interviews_belong_to_the_customer_named_on_top(demo_study):
    texts = pipeline.load(demo_study).texts
    said = texts.filter(pl.col("document").is_not_null(), pl.col("role") == "participant")
    assert said["match_status"].unique().to_list() == ["matched"]
    assert said["customer_id"].n_unique() == 12
    assert not said["text"].str.contains("会员号").any()


def test_a_draw_is_the_one_that_numpy_draws():
    """Without its checks of every argument, so that a million order lines are made in minutes."""
    own, numpys = (np.random.default_rng(7) for _ in range(2))
    names, weights = ("甲", "乙", "丙"), (0.2, 0.5, 0.3)
    assert [one_of(own, names) for _ in range(200)] == [str(numpys.choice(names)) for _ in range(200)]  # fmt: skip
    assert [weighted(own, names, weights) for _ in range(200)] == [str(numpys.choice(names, p=weights)) for _ in range(200)]  # fmt: skip
