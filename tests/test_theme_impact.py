"""Themes against NPS, satisfaction and repurchase: by hand, by statsmodels, and nothing found where nothing is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from conftest import orders_of, shared

from insight.analyses.needs import theme_impact
from insight.analysis import answer
from insight.claims import broken_rules
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.needs.outcomes import AGAIN, NPS, SATISFACTION, everybody, outcomes
from insight.schema import Option, Question, Questionnaire
from insight.stats.impact import impacts

DAY = 86_400
NAMES = ("客服慢", "价格贵", "包装旧")
TICKS = Question(
    id="Q1", wording="您对哪些方面不满", kind="multi", columns=("Q1_0", "Q1_1", "Q1_2"),
    options=tuple(Option(label=name, column=f"Q1_{at}") for at, name in enumerate(NAMES)),
)  # fmt: skip
RECOMMEND = Question(id="Q2", wording="您有多大可能推荐我们", kind="nps", columns=("Q2",))


def survey(ticks: np.ndarray, scores: list[int], **more: list[object]) -> Dataset:
    """Respondents r000 ... who ticked what they are not pleased with and say how likely they recommend."""
    ids = [f"r{at:03}" for at in range(len(scores))]
    columns = {f"Q1_{at}": ticks[:, at].tolist() for at in range(3)}
    frame = pl.DataFrame({"respondent_id": ids, "Q2": scores} | columns | more)
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=(TICKS, RECOMMEND)))


def test_leaving_out_those_who_raise_a_theme_is_worked_out_by_hand():
    outcome = np.array([-100.0, -100.0, 0.0, 100.0, 100.0])
    raised = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [0, 0]], dtype=bool)
    asked = np.array([[1, 1], [1, 1], [1, 1], [1, 1], [1, 0]], dtype=bool)
    found = impacts(outcome, raised, asked, weight=np.ones(5), n_draws=200, seed=0)
    assert found.with_mean.tolist() == [-100.0, 0.0]
    assert found.rest_mean.tolist() == pytest.approx([200 / 3, -100 / 3])
    assert found.gone.tolist() == pytest.approx([0 - 200 / 3, -25 + 100 / 3])


def test_the_adjusted_difference_and_its_error_are_those_of_statsmodels():
    rng = np.random.default_rng(2)
    raised = rng.random((600, 3)) < (0.3, 0.5, 0.2)
    raised[:, 1] |= raised[:, 0] & (rng.random(600) < 0.6)
    outcome = 10 - 20 * raised[:, 0] + rng.normal(0, 15, 600) * (1 + raised[:, 0])
    weight = rng.uniform(0.5, 2, 600)
    found = impacts(outcome, raised, np.ones_like(raised), weight=weight, n_draws=1000, seed=0)
    fitted = sm.WLS(outcome, sm.add_constant(raised.astype(float)), weights=weight).fit(cov_type="HC3")  # fmt: skip
    assert found.adjusted == pytest.approx(fitted.params[1:])
    low, high = fitted.conf_int()[1:].T
    assert found.adjusted_low == pytest.approx(low, abs=0.6)
    assert found.adjusted_high == pytest.approx(high, abs=0.6)
    assert found.p == pytest.approx(fitted.pvalues[1:], abs=0.03)


def test_themes_without_any_bearing_are_seldom_found():
    rng = np.random.default_rng(7)
    p = [
        impacts(rng.choice([-100.0, 0.0, 100.0], 150), rng.random((150, 4)) < 0.3, np.ones((150, 4), dtype=bool), weight=np.ones(150), n_draws=200, seed=0).p
        for _ in range(60)
    ]  # fmt: skip
    assert (np.concatenate(p) < 0.05).mean() < 0.1


def test_what_goes_along_with_the_planted_theme_is_told_apart_from_it():
    rng = np.random.default_rng(4)
    slow = rng.random(400) < 0.35
    dear = np.where(slow, rng.random(400) < 0.8, rng.random(400) < 0.2)  # ticked together
    scores = np.clip(np.where(slow, 5, 9) + rng.integers(-2, 2, 400), 0, 10)
    result = answer(theme_impact.ANALYSIS, survey(np.column_stack([slow, dear, rng.random(400) < 0.3]), scores.tolist()))  # fmt: skip
    rows = {row["theme"]: row for row in result.tables["themes"].to_dicts()}
    worth = np.where(scores >= 9, 100, np.where(scores <= 6, -100, 0))
    assert rows["客服慢"]["leave_out_gap"] == pytest.approx(worth.mean() - worth[~slow].mean())
    assert rows["客服慢"]["beside_high"] < -50
    assert rows["价格贵"]["leave_out_high"] < 0  # alone it looks bad
    assert rows["价格贵"]["beside_low"] < 0 < rows["价格贵"]["beside_high"]
    (finding,) = result.findings
    assert "提到“客服慢”的" in finding.text
    assert "NPS比没提到的显著低" in finding.text
    assert not broken_rules(finding)


def test_people_without_a_customer_count_once_and_texts_of_one_respondent_belong_to_them():
    data = survey(np.zeros((3, 3), dtype=bool), [10, 7, 0], customer_id=["c1", None, "c1"])
    texts = pl.DataFrame({"text_id": ["t1", "t2", "t3"], "text": ["好", "差", "行"], "respondent_id": ["r001", None, None], "rating": [5.0, 1.0, None]})  # fmt: skip
    made = everybody(Dataset(responses=data.responses, texts=texts, questionnaire=data.questionnaire))  # fmt: skip
    assert made.texts["customer_id"].to_list() == ["respondent_id:r001", "text_id:t2", "text_id:t3"]
    found = outcomes(made, within_days=30)
    assert found[NPS].values.rows() == [("customer_id:c1", 0.0), ("respondent_id:r001", 0.0)]
    assert found[SATISFACTION].values.rows() == [("respondent_id:r001", 100.0), ("text_id:t2", 0.0)]


def test_bought_again_counts_later_days_of_those_who_were_followed():
    start = 1_700_006_400
    days = {"a": (0, 20), "b": (0, 50), "c": (0,), "late": (0, 95), "new": (30,)}
    rows = [
        {"customer_id": who, "order_id": f"{who}{day}", "ordered_at": start + day * DAY, "amount": 10.0}
        for who, bought in days.items() for day in bought
    ]  # fmt: skip
    said = {"a": 10, "b": 10, "c": 0, "late": 80, "new": 10}
    texts = pl.DataFrame({"text_id": list(said), "text": ["好"] * 5, "customer_id": list(said), "said_at": [start + day * DAY for day in said.values()]})  # fmt: skip
    found = outcomes(everybody(Dataset(orders=orders_of(rows), texts=texts)), within_days=30)
    assert found[AGAIN].values.rows() == [("customer_id:a", 100.0), ("customer_id:b", 0.0), ("customer_id:c", 0.0)]  # fmt: skip


def test_a_study_that_tells_no_outcome_says_what_it_lacks():
    data = survey(np.ones((40, 3), dtype=bool), [5] * 40)
    silent = Dataset(responses=data.responses.drop("Q2"), questionnaire=Questionnaire(questions=(TICKS,)))  # fmt: skip
    with pytest.raises(MissingColumns, match="推荐意愿"):
        answer(theme_impact.ANALYSIS, silent)


def test_who_is_lacking_for_a_comparison_is_told():
    few = np.arange(40)[:, None] < np.array([4, 3, 0])
    with pytest.raises(TooFewRows, match=r"^提到同一主题、又有口碑数据的人只有 4 个"):
        answer(theme_impact.ANALYSIS, survey(few, [5] * 40))
    with pytest.raises(TooFewRows, match="没有提到同一主题、又有口碑数据的人只有 4 个"):
        answer(theme_impact.ANALYSIS, survey(~few, [5] * 40))


def test_the_complaints_of_a_real_survey_go_with_its_score():
    import pandas as pd

    frame = pd.read_spss(shared("data/mobiles_nps/mobiles_nps_dev.sav"), convert_categoricals=False)
    spoken = [c for c in frame.columns if pd.api.types.is_string_dtype(frame[c]) and frame[c].str.len().mean() > 10]  # fmt: skip
    rows = frame.dropna(subset=["Q8"]).reset_index(drop=True)
    ids = [f"r{at:03}" for at in range(len(rows))]
    texts = pl.DataFrame([
        {"text_id": f"{c}-{i}", "respondent_id": i, "text": str(said), "question": c}
        for c in spoken for i, said in zip(ids, rows[c], strict=True) if str(said).strip()
    ])  # fmt: skip
    scores = rows["Q8"].astype(int).tolist()
    responses = pl.DataFrame({"respondent_id": ids, "Q2": scores})
    data = Dataset(responses=responses, texts=texts, questionnaire=Questionnaire(questions=(RECOMMEND,)))  # fmt: skip
    table = answer(theme_impact.ANALYSIS, data).tables["themes"].filter(outcome=NPS)
    score = 100 * (np.mean(np.array(scores) >= 9) - np.mean(np.array(scores) <= 6))
    row = table.sort("n", descending=True).row(0, named=True)
    n, base = row["n"], row["base"]
    whole = (n * row["mean_with"] + (base - n) * row["mean_without"]) / base
    assert base > 200
    assert whole == pytest.approx(score, abs=8)  # those who say "nothing" are left out
    assert row["leave_out_gap"] == pytest.approx(whole - row["mean_without"])
