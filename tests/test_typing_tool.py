"""The typing tool: learnt like statsmodels learns, judged by hand, right about people it never saw, silent about noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from conftest import orders_of, shared
from scipy.stats import t

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, QuestionsMissing, TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.segmentation.breaks import break_of
from insight.stats import multinomial
from insight.stats.imputation import imputed, pooled
from insight.typing_tool import encoded

ANALYSIS = find("typing")


def _planted(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three groups, told by the first two of four features."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 4))
    utility = np.column_stack([np.zeros(n), 1.5 * features[:, 0], 0.5 - features[:, 1]])
    return features, (utility + rng.gumbel(size=(n, 3))).argmax(axis=1)


def test_without_a_penalty_the_coefficients_are_those_of_statsmodels():
    features, groups = _planted(900)
    model = multinomial.fit(features, groups, n_groups=3, strength=1e7)
    oracle = sm.MNLogit(groups, sm.add_constant(features)).fit(disp=False).params
    beside = (model.slopes - model.slopes[0])[1:] / model.spreads
    assert beside.T.tolist() == [pytest.approx(row, abs=2e-3) for row in oracle[1:].tolist()]


def test_of_two_groups_the_chances_are_those_of_a_logit():
    features, groups = _planted(600)
    is_second = (groups == 1).astype(np.int64)
    model = multinomial.fit(features, is_second, n_groups=2, strength=1e7)
    oracle = sm.Logit(is_second, sm.add_constant(features)).fit(disp=False).predict()
    assert multinomial.chances(model, features)[:, 1] == pytest.approx(oracle, abs=1e-3)


def test_a_group_nobody_was_taught_has_no_chance_and_gaps_count_as_the_mean():
    features, groups = _planted(300)
    model = multinomial.fit(features, np.minimum(groups, 1), n_groups=3, strength=1.0)
    told = multinomial.chances(model, np.vstack([np.full(4, np.nan), features.mean(axis=0)]))
    assert told[:, 2].tolist() == [0.0, 0.0]
    assert told[0] == pytest.approx(told[1])
    assert told.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_hits_lift_and_mcnemar_are_those_worked_out_by_hand():
    told = np.array([[0.8, 0.2], [0.6, 0.4], [0.7, 0.3], [0.1, 0.9], [0.4, 0.6]])
    found = multinomial.judged(told, np.array([0, 0, 0, 1, 1]))
    assert (found.hit_rate, found.base_rate) == (1.0, 0.6)
    assert found.lift == pytest.approx(1 / 0.6)
    assert found.p_value == pytest.approx(0.25)  # two people only the model gets right: 1/2²
    assert found.log_loss == pytest.approx(-np.log([0.8, 0.6, 0.7, 0.9, 0.6]).mean())
    assert found.base_log_loss == pytest.approx(-(0.6 * np.log(0.6) + 0.4 * np.log(0.4)))
    assert found.balanced_rate == 1.0


def test_the_questionnaires_of_one_person_are_never_on_both_sides():
    people = np.arange(120) // 2
    for seen, unseen in multinomial.folds(np.arange(120) % 3, people, n_folds=5, seed=1):
        assert not set(people[seen]) & set(people[unseen])


def test_planted_groups_are_told_and_noise_is_not():
    features, groups = _planted(360)
    people = np.arange(360)
    told = multinomial.judged(multinomial.unseen_chances(features, groups, people, seed=1), groups)
    assert told.lift > 1.3
    assert told.p_value < 1e-6
    blind = np.random.default_rng(9).normal(size=(360, 4))
    noise = multinomial.judged(multinomial.unseen_chances(blind, groups, people, seed=1), groups)
    assert noise.lift < 1.05


def test_estimates_are_pooled_by_the_rules_of_rubin():
    found = pooled(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), np.ones((3, 2)))
    reach = t.ppf(0.975, 2 * (1 + 1 / (4 / 3)) ** 2) * (7 / 3) ** 0.5  # T = 1 + 4/3
    assert found.value.tolist() == [2.0, 5.0]
    assert found.high[0] - 2 == pytest.approx(reach)
    assert 5 - found.low[1] == pytest.approx(1.959964, abs=1e-4)  # nothing differs: normal


def test_drawn_groups_are_certain_where_answers_are_and_differ_where_they_are_not():
    rng = np.random.default_rng(3)
    groups = np.arange(200) % 2
    clear = np.where(groups == 1, 5.0, -5.0)[:, None] + rng.normal(size=(200, 1))
    unknown = np.array([[-30.0], [30.0]])
    sure = imputed(clear, groups, unknown, strength=3.0, seed=1)
    assert sure.tolist() == [[0, 1]] * 20
    blind = imputed(rng.normal(size=(200, 1)), groups, np.zeros((400, 1)), strength=0.003, seed=1)
    assert blind.mean() == pytest.approx(0.5, abs=0.04)
    assert blind.mean(axis=1).std() > 0.01


def _asked() -> Dataset:
    questions = (
        Question(id="Q1", wording="性别", kind=QuestionKind.SINGLE, columns=("Q1",), options=(Option(label="女"), Option(label="男"))),
        Question(id="Q2", wording="城市", kind=QuestionKind.SINGLE, columns=("Q2",), options=tuple(Option(label=x) for x in "甲乙丙")),
        Question(id="Q3", wording="满意度", kind=QuestionKind.SCALE, columns=("Q3",)),
        Question(id="Q4", wording="排序", kind=QuestionKind.RANK, columns=("a", "b", "c", "d"), options=tuple(Option(label=x, column=x) for x in "abcd")),
        Question(id="Q5", wording="人人一样", kind=QuestionKind.SCALE, columns=("Q5",)),
        Question(id="Q6", wording="建议", kind=QuestionKind.OPEN, columns=("Q6",)),
    )  # fmt: skip
    responses = pl.DataFrame({
        "respondent_id": ["r3", "r1", "r2"], "Q1": ["女", "男", None], "Q2": ["甲", "乙", "丙"], "Q3": [5, 4, None],
        "a": [1, None, None], "b": [2, None, None], "c": [None, None, None], "d": [None, None, 1], "Q5": [3, 3, 3], "Q6": ["好", None, None],
    }, schema_overrides={"c": pl.Int64})  # fmt: skip
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=questions))


def test_answers_become_scores_options_and_places():
    made = encoded(_asked(), [])
    assert made.ids.to_list() == ["r1", "r2", "r3"]
    told = dict(zip(made.names, made.values.T.tolist(), strict=True))
    assert set(told) == {"Q1 性别：女", "Q2 城市：甲", "Q2 城市：乙", "Q2 城市：丙", "Q3 满意度", *(f"Q4 排序：{x}" for x in "abcd")}  # fmt: skip
    assert told["Q2 城市：乙"] == [1.0, 0.0, 0.0]
    assert told["Q1 性别：女"] == pytest.approx([0.0, np.nan, 1.0], nan_ok=True)
    assert told["Q3 满意度"] == pytest.approx([4.0, np.nan, 5.0], nan_ok=True)
    assert told["Q4 排序：c"] == pytest.approx(
        [np.nan, 3.0, 3.5], nan_ok=True
    )  # (2 + 4)/2, (3 + 4)/2


def test_a_question_in_words_cannot_be_used_nor_one_that_all_answer_alike():
    with pytest.raises(BadParameter, match="Q6"):
        encoded(_asked(), ["Q6"])
    with pytest.raises(QuestionsMissing):
        encoded(_asked(), ["Q5"])


@pytest.fixture(scope="module")
def dataset(demo_study) -> Dataset:
    return pipeline.load(demo_study)


def _hidden(dataset: Dataset, n: int) -> tuple[Dataset, pl.DataFrame]:
    """The study in which ``n`` respondents lost their customer, and the segments they are in."""
    truth = break_of(dataset, "high_ticket", unit="respondent_id").members.sort("respondent_id").sample(n, seed=4)  # fmt: skip
    lost = pl.col("respondent_id").is_in(truth["respondent_id"].implode())
    blind = dataset.responses.with_columns(pl.when(~lost).then("customer_id").alias("customer_id"))
    return replace(dataset, responses=blind), truth


def test_people_whose_orders_are_hidden_are_put_back_where_they_belong(dataset):
    hidden, truth = _hidden(dataset, 150)
    tables = answer(ANALYSIS, hidden).tables
    told = tables["respondents"].join(truth, on="respondent_id")
    assert told.height == 150
    assert (told["segment"] == told["group"]).mean() > 0.9
    sure = told.filter("is_sure")
    assert (sure["segment"] == sure["group"]).mean() > 0.95
    calibrated = tables["probabilities"].join(truth, on="respondent_id").filter(segment="高客单")
    assert calibrated["probability"].sum() == pytest.approx((truth["group"] == "高客单").sum(), abs=12)  # fmt: skip


def test_the_interval_holds_the_share_that_is_true_and_is_wider_than_without_guessing(dataset):
    hidden, truth = _hidden(dataset, 300)
    row = (
        answer(ANALYSIS, hidden, ANALYSIS.params(questions=["Q11"]))
        .tables["carried"]
        .row(0, named=True)
    )
    known = break_of(dataset, "high_ticket", unit="respondent_id").members
    share = (known["group"] == "高客单").mean()
    assert row["ci_low"] < share < row["ci_high"]
    n = dataset.responses.height
    certain = 2 * 1.96 * (row["share"] * (1 - row["share"]) / n) ** 0.5
    assert row["ci_high"] - row["ci_low"] > 1.05 * certain
    assert row["n_observed"] == (known.join(truth, on="respondent_id", how="anti")["group"] == "高客单").sum()  # fmt: skip


def test_answers_that_belong_to_other_people_are_refused(dataset):
    ids = dataset.responses.select("respondent_id", "customer_id").sort("respondent_id")
    mixed = ids.with_columns(pl.col("customer_id").shuffle(seed=2))
    responses = dataset.responses.drop("customer_id").join(mixed, on="respondent_id", how="left")
    with pytest.raises(NothingToTell, match="全猜最大的一层"):
        answer(ANALYSIS, replace(dataset, responses=responses), ANALYSIS.params(questions=["Q11", "Q4"]))  # fmt: skip


def test_a_higher_lift_can_be_asked_for(dataset):
    with pytest.raises(NothingToTell, match=r"低于要求的 1\.50 倍"):
        answer(ANALYSIS, dataset, ANALYSIS.params(least_lift=1.5, questions=["Q11"]))


def test_segments_made_of_answers_are_refused(dataset):
    with pytest.raises(BadParameter, match="不能是问卷里的题"):
        answer(ANALYSIS, dataset, ANALYSIS.params(by="Q2"))


def test_too_few_known_people_are_refused(dataset):
    few = dataset.responses.sort("respondent_id").head(40)
    with pytest.raises(TooFewRows, match="至少需要 50"):
        answer(ANALYSIS, replace(dataset, responses=few))


def test_where_everybody_is_known_the_model_is_shown_and_nobody_typed(dataset):
    members = break_of(dataset, "high_ticket", unit="respondent_id").members
    known = dataset.responses.join(members, on="respondent_id", how="semi")
    result = answer(ANALYSIS, replace(dataset, responses=known), ANALYSIS.params(questions=["Q11"]))
    assert result.tables["respondents"].is_empty()
    carried = result.tables["carried"]
    assert carried["share"].to_list() == pytest.approx(carried["share_observed"].to_list())
    assert len(result.findings) == 2
    assert result.tables["model"]["feature"][0].endswith("优惠力度")
    assert (
        result.tables["model"]["odds_ratio"][0] < 1
    )  # high-ticket customers care less for discounts


def _real(customers: pl.DataFrame, orders: pl.DataFrame, asked: dict[str, QuestionKind]) -> Dataset:
    questions = tuple(Question(id=q, wording=q, kind=kind, columns=(q,)) for q, kind in asked.items())  # fmt: skip
    responses = customers.with_columns(respondent_id=pl.format("r{}", "customer_id"))
    return Dataset(
        orders=orders_of(orders.to_dicts()), responses=responses, questionnaire=Questionnaire(questions=questions)
    )  # fmt: skip


def test_satisfaction_that_was_simulated_apart_from_spending_types_nobody():
    people = pl.read_csv(shared("data/crm_satisfaction_sim/chapter4_data.csv"))
    people = people.with_columns(customer_id=pl.format("c{}", "cust_id"))
    parts = [
        people.filter(pl.col(spent) > 0).select(
            "customer_id", order_id=pl.format(f"{spent}{{}}", "cust_id"), ordered_at=pl.lit(1_700_000_000), amount=spent
        )
        for spent in ("online_spend", "store_spend")
    ]  # fmt: skip
    asked = dict.fromkeys(("sat_service", "sat_selection"), QuestionKind.SCALE)
    known = people.drop_nulls(list(asked)).select("customer_id", *asked)
    with pytest.raises(NothingToTell, match="分不出"):
        answer(ANALYSIS, _real(known, pl.concat(parts), asked), ANALYSIS.params(by="value_tier"))


def _households() -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the households told of themselves, as the first number of each bracket, and their baskets."""
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    people = pl.read_parquet(shared("data/completejourney/dev/demographics.parquet"))
    number = pl.col("income", "age", "household_size", "kids_count").str.extract(r"(\d+)").cast(pl.Float64)  # fmt: skip
    told = people.select(pl.col("household_id").cast(pl.String).alias("customer_id"), number)
    keys = (pl.col("household_id").cast(pl.String).alias("customer_id"), pl.col("basket_id").cast(pl.String).alias("order_id"))  # fmt: skip
    ordered = pl.col("transaction_timestamp").max().dt.epoch("s").alias("ordered_at")
    return told, lines.group_by(keys).agg(ordered, pl.col("sales_value").sum().alias("amount"))


def test_income_and_size_tell_what_a_household_of_completejourney_spends_but_not_its_baskets():
    told, orders = _households()
    asked = dict.fromkeys(told.columns[1:], QuestionKind.NUMBER)
    dataset = _real(told, orders, asked)
    with pytest.raises(NothingToTell, match="分不出“高客单客户”"):
        answer(ANALYSIS, dataset)
    row = answer(ANALYSIS, dataset, ANALYSIS.params(by="value_tier")).tables["accuracy"].row(0, named=True)  # fmt: skip
    tiers = break_of(dataset, "value_tier", unit="respondent_id").members["group"]
    assert row["base"] == 382
    assert row["base_rate"] == tiers.value_counts()["count"].max() / 382
    assert 1.1 < row["lift"] < 1.25
