"""The special methods on real questionnaires and on the example study, against figures worked out beside them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from insight import pipeline
from insight.analyses.research import drivers, ipa, kano, opportunity, penalty_reward
from insight.analysis import answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.demo.opinions import SERVICES
from insight.errors import QuestionsMissing
from insight.ratings import choosable, items, scored
from insight.readers import read
from tests.conftest import shared


def _read(relative: str) -> Dataset:
    path = shared(relative)
    raw = read(path.read_bytes(), path.name)[0]
    cleaned = clean(raw, propose(raw), secret=b"s" * 32)
    return Dataset(responses=cleaned.frame, questionnaire=cleaned.questionnaire)


@pytest.fixture(scope="module")
def mobiles() -> Dataset:
    return _read("data/mobiles_nps/mobiles_nps_dev.sav")


@pytest.fixture(scope="module")
def example(demo_study) -> Dataset:
    return pipeline.load(demo_study)


def test_what_drives_the_recommendation_of_a_phone_company_is_found_without_being_told(mobiles):
    import statsmodels.api as sm

    result = answer(drivers.ANALYSIS, mobiles, drivers.Params(n_samples=100))
    model = result.tables["model"].row(0, named=True)
    assert (
        model["question"] == "Q8"
    )  # Likelihood to recommend, by the matrix Q11 "Satisfaction with"
    worth = {"Very dissatisfied": 1, "Somewhat dissatisfied": 2, "Neither satisfied nor dissatisfied": 3, "Somewhat satisfied": 4, "Very satisfied": 5}  # fmt: skip
    question = mobiles.questionnaire.find("Q11")
    parts = mobiles.responses.select(
        pl.col(c).replace_strict(worth, default=None) for c in question.columns
    )
    data = parts.with_columns(y=mobiles.responses["Q8"]).drop_nulls().to_numpy().astype(float)
    fitted = sm.OLS(data[:, -1], sm.add_constant(data[:, :-1])).fit()
    table = result.tables["importance"]
    assert model["base"] == len(data)
    assert table.height == len(question.columns)
    assert table["lmg"].sum() == pytest.approx(fitted.rsquared, abs=1e-9)
    assert table["johnson"].sum() == pytest.approx(fitted.rsquared, abs=1e-9)
    assert model["adjusted_r_squared_share"] == pytest.approx(fitted.rsquared_adj, abs=1e-9)
    slopes = dict(zip(question.rows, fitted.params[1:], strict=True))
    assert {r["predictor"]: r["sign"] for r in table.to_dicts()} == {k: "−" if b < 0 else "+" for k, b in slopes.items()}  # fmt: skip


def test_importance_of_the_phone_companys_sides_is_derived_from_recommendation(mobiles):
    tables = answer(ipa.ANALYSIS, mobiles).tables
    assert tables["items"]["importance"].sum() == pytest.approx(100)
    assert set(tables["items"]["quadrant"]) <= set(ipa.QUARTERS)


def test_penalties_and_rewards_of_the_phone_company_are_those_of_statsmodels(mobiles):
    table = answer(penalty_reward.ANALYSIS, mobiles).tables["factors"]
    assert table.height == len(mobiles.questionnaire.find("Q11").columns)
    assert table.filter(pl.col("penalty") > 0, pl.col("factor_type") == "基本因素").is_empty()


def test_those_who_do_not_know_have_no_score(mobiles):
    effort = [q for q in items(mobiles.questionnaire, mobiles.responses) if q.id.startswith("Q12_")]
    for item in effort:
        values = scored(mobiles.responses, item)
        unknown = mobiles.responses[item.columns[0]] == "Don't know"
        assert values.filter(unknown.fill_null(value=False)).is_null().all()
        assert values.drop_nulls().is_between(1, 5).all()


@pytest.mark.parametrize("one", [kano, opportunity], ids=["kano", "opportunity"])
def test_a_questionnaire_without_the_questions_is_told_how_to_ask_them(one, mobiles):
    with pytest.raises(QuestionsMissing, match="没有找到") as caught:
        answer(one.ANALYSIS, mobiles)
    assert "题目应当这样问" in caught.value.hint


def test_the_services_of_the_example_are_of_the_kinds_that_were_planted(example):
    tables = answer(kano.ANALYSIS, example, kano.Params(by="high_ticket")).tables
    kinds = {(r["segment"], r["feature"]): r["category"] for r in tables["by_segment"].to_dicts()}
    for service, (high, others) in SERVICES.items():
        assert kinds["高客单", service] == high
        assert kinds["其他客单", service] == others
    assert tables["features"]["doubtful_share"].max() < kano.MOST_DOUBTFUL


def test_what_the_example_plants_as_the_strongest_driver_comes_first(example):
    table = answer(drivers.ANALYSIS, example, drivers.Params(n_samples=100)).tables["importance"]
    assert table["predictor"].to_list()[:2] == ["客服响应", "新鲜程度"]
    assert table["predictor"].to_list()[-1] == "包装"
    assert (table["sign"] == "+").all()


def test_each_side_of_the_example_has_its_own_opportunity(example):
    table = answer(opportunity.ANALYSIS, example, opportunity.Params(by="high_ticket")).tables["by_segment"]  # fmt: skip
    best = {s: part.sort("opportunity")["need"].to_list()[-1] for (s,), part in table.partition_by("segment", as_dict=True).items()}  # fmt: skip
    assert best == {"高客单": "客服响应", "其他客单": "优惠力度"}


def test_a_parameter_may_name_whole_matrices_and_their_rows(example):
    known = choosable(example.questionnaire, example.responses)
    whole = next(q for q in example.questionnaire.questions if "多满意" in q.wording)
    assert {whole.id, f"{whole.id}_1"} <= set(known)
    assert known[f"{whole.id}_1"].endswith("｜客服响应")


@pytest.mark.parametrize("one", [kano, opportunity, drivers, ipa, penalty_reward])
def test_every_method_survives_answers_that_are_all_missing(one, example):
    silent = example.responses.with_columns(
        pl.lit(None).cast(dtype).alias(name)
        for name, dtype in example.responses.schema.items()
        if name.startswith("Q")
    )
    gone = Dataset(responses=silent, questionnaire=example.questionnaire)
    with pytest.raises(QuestionsMissing):
        answer(one.ANALYSIS, gone)


def test_the_numbers_of_a_result_do_not_depend_on_the_scale_of_the_weights(example):
    rng = np.random.default_rng(1)
    weight = pl.Series("weight", rng.uniform(0.5, 2, size=example.responses.height))
    one, ten = (
        Dataset(responses=example.responses.drop("weight", strict=False).with_columns(weight * k), questionnaire=example.questionnaire)
        for k in (1, 10)
    )  # fmt: skip
    for method in (kano, opportunity, ipa, penalty_reward):
        name = next(iter(answer(method.ANALYSIS, one).tables))
        first, second = (answer(method.ANALYSIS, d).tables[name] for d in (one, ten))
        for column in first.select(pl.col(pl.Float64)).columns:
            assert first[column].to_list() == pytest.approx(second[column].to_list(), nan_ok=True)
