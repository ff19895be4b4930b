"""Opportunity, importance–performance and penalty–reward: hand-made numbers, scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from insight.analyses.research import ipa, opportunity, penalty_reward
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.opportunity import level_of
from insight.stats.opportunity import opportunity as score_of
from insight.stats.paired import paired_t
from insight.stats.penalty_reward import (
    BASIC,
    EXCITEMENT,
    NEITHER,
    PERFORMANCE,
    Contrast,
    Effect,
    contrasts,
    factor_of,
)

POINTS = tuple(Option(label=str(n), code=str(n)) for n in range(1, 6))


def _matrix(
    id_: str, wording: str, rows: dict[str, list[int | None]]
) -> tuple[Question, dict[str, list[int | None]]]:
    columns = {f"{id_}[{row}]": values for row, values in rows.items()}
    return Question(id=id_, wording=wording, kind=QuestionKind.MATRIX, columns=tuple(columns), rows=tuple(rows), options=POINTS), columns  # fmt: skip


def _dataset(
    *matrices: tuple[Question, dict[str, list[int | None]]], **others: list[object]
) -> Dataset:
    data = {c: values for _, columns in matrices for c, values in columns.items()} | others
    n = len(next(iter(data.values())))
    scales = tuple(Question(id=name, wording=f"您的总体满意度 {name}", kind=QuestionKind.SCALE, columns=(name,)) for name in others if name.startswith("Y"))  # fmt: skip
    singles = tuple(Question(id=name, wording="您的性别", kind=QuestionKind.SINGLE, columns=(name,)) for name in others if name.startswith("G"))  # fmt: skip
    frame = pl.DataFrame({"respondent_id": [f"r{at:04}" for at in range(n)], **data})
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=(*singles, *(q for q, _ in matrices), *scales)))  # fmt: skip


def _rated(
    important: dict[str, list[int | None]],
    satisfied: dict[str, list[int | None]],
    **others: list[object],
) -> Dataset:
    return _dataset(_matrix("Q1", "以下各方面对您有多重要", important), _matrix("Q2", "您对以下各方面有多满意", satisfied), **others)  # fmt: skip


def _needs(dataset: Dataset, **params: object) -> pl.DataFrame:
    return answer(opportunity.ANALYSIS, dataset, opportunity.Params.model_validate(params)).tables[
        "needs"
    ]


IMPORTANT = {"配送": [5] * 9 + [1], "包装": [4, 5, 2, 2, 2, 2, 2, 2, 2, 2]}
SATISFIED = {"配送": [4, 5, 1, 1, 1, 1, 1, 1, 1, 1], "包装": [5] * 8 + [1, 1]}


def test_top_two_boxes_times_ten_give_ulwicks_score():
    table = _needs(_rated(IMPORTANT, SATISFIED))
    assert table.select(
        "need", "importance", "satisfaction", "opportunity", "opportunity_level"
    ).rows() == [
        ("配送", 9.0, 2.0, 16.0, "极高机会"),
        ("包装", 2.0, 8.0, 2.0, "过度满足"),
    ]


@pytest.mark.parametrize(("important", "satisfied", "level"), [(8, 6, "已满足"), (8, 5, "有机会"), (9, 5, "高机会"), (10, 4, "极高机会"), (7, 7, "已满足"), (5, 7, "过度满足")])  # fmt: skip
def test_above_ten_twelve_and_fifteen_the_level_rises(important, satisfied, level):
    first, second = (np.array([1.0] * k + [0.0] * (10 - k)) for k in (important, satisfied))
    assert level_of(score_of(first, second, np.ones(10))) == level


def test_the_interval_is_that_of_a_mean_of_each_respondents_own_score():
    from scipy.stats import norm, sem

    rng = np.random.default_rng(1)
    first, second = (rng.random(200) < 0.8).astype(float), (rng.random(200) < 0.3).astype(float)
    found = score_of(first, second, np.ones(200))
    own = 10 * (2 * first - second)
    assert found.score == pytest.approx(own.mean())
    assert (found.low, found.high) == pytest.approx(norm.interval(0.95, own.mean(), sem(own)))


def test_only_those_who_rated_both_sides_count():
    important = {"配送": [5] * 12 + [None] * 3}
    satisfied = {"配送": [None] * 2 + [1] * 13}
    assert _needs(_rated(important, satisfied)).select("base", "opportunity").row(0) == (10, 20.0)


def test_sides_with_other_names_pair_in_their_order_when_both_are_named():
    other = {"送货": SATISFIED["配送"], "盒子": SATISFIED["包装"]}
    dataset = _rated(IMPORTANT, other)
    with pytest.raises(QuestionsMissing, match="重要性题和满意度题"):
        _needs(dataset)
    assert _needs(dataset, importance=["Q1"], satisfaction=["Q2"])["opportunity"].to_list() == [16.0, 2.0]  # fmt: skip
    with pytest.raises(BadParameter, match="2 项和 1 项"):
        _needs(dataset, importance=["Q1"], satisfaction=["Q2_1"])


def test_scales_that_stand_alone_pair_by_what_they_are_about():
    frame = pl.DataFrame({"respondent_id": [f"{at:02}" for at in range(10)], "Q1": IMPORTANT["配送"], "Q2": SATISFIED["配送"]})  # fmt: skip
    scales = (("Q1", "配送速度的重要性"), ("Q2", "您对配送速度的满意度"))
    questions = tuple(Question(id=i, wording=w, kind=QuestionKind.SCALE, columns=(i,), options=POINTS) for i, w in scales)  # fmt: skip
    assert _needs(Dataset(responses=frame, questionnaire=Questionnaire(questions=questions)))["opportunity"][0] == 16.0  # fmt: skip


def test_each_group_has_its_own_scores_and_a_small_one_has_none():
    important = {"配送": [5] * 20 + [1] * 20 + [5] * 4}
    satisfied = {"配送": [1] * 44}
    groups = ["女"] * 20 + ["男"] * 20 + ["不便说"] * 4
    result = answer(opportunity.ANALYSIS, _rated(important, satisfied, G=groups), opportunity.Params(by="G"))  # fmt: skip
    rows = {r["segment"]: r for r in result.tables["by_segment"].iter_rows(named=True)}
    assert {k: r["opportunity"] for k, r in rows.items()} == {"女": 20.0, "男": 0.0, "不便说": None}
    assert rows["不便说"]["flag"] == "—"


def test_weights_move_the_scores():
    important = {"配送": [5] * 10 + [1] * 10}
    dataset = _rated(important, {"配送": [1] * 20}, weight=[3.0] * 10 + [1.0] * 10)
    assert _needs(dataset)["importance"][0] == pytest.approx(7.5)
    assert _needs(dataset, use_weight=False)["importance"][0] == pytest.approx(5.0)


def test_the_paired_t_is_scipys():
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(2)
    first = rng.normal(3, 1, size=60)
    second = first + rng.normal(0.3, 1, size=60)
    found, expected = paired_t(first, second, np.ones(60)), ttest_rel(first, second)
    assert (found.t, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert paired_t(first, second, np.full(60, 7.0)).p_value == pytest.approx(found.p_value)
    assert np.isnan(paired_t(first, first, np.ones(60)).p_value)


FOUR = {
    "价格": [5, 5, 5, 4, 5] * 4,
    "服务": [5, 4, 5, 5, 5] * 4,
    "味道": [2, 1, 2, 2, 3] * 4,
    "门店": [1, 2, 2, 1, 2] * 4,
}
MADE = {"价格": [1, 2, 1, 2, 2] * 4, "服务": [5, 5, 4, 5, 5] * 4, "味道": [2, 1, 2, 1, 1] * 4, "门店": [5, 4, 5, 5, 4] * 4}  # fmt: skip


def _items(dataset: Dataset, **params: object) -> dict[str, pl.DataFrame]:
    return dict(answer(ipa.ANALYSIS, dataset, ipa.Params.model_validate(params)).tables)


def test_every_quarter_of_the_map_gets_its_item():
    tables = _items(_rated(FOUR, MADE))
    assert dict(tables["items"].select("item", "quadrant").rows()) == {
        "价格": "重点改进", "服务": "继续保持", "味道": "次要改进", "门店": "可能过度",
    }  # fmt: skip
    expected = [np.mean(list(side.values())) for side in (MADE, FOUR)]
    assert tables["cross_hair"]["position"].to_list() == pytest.approx(expected)


def test_the_midpoint_of_the_scale_may_be_the_cross_hair_and_is_printed():
    result = answer(ipa.ANALYSIS, _rated(FOUR, MADE), ipa.Params(cross="量表中点"))
    assert result.tables["cross_hair"]["position"].to_list() == [3.0, 3.0]
    assert "十字线：表现以量表中点 3.00 为界，重要性以量表中点 3.00 为界。" in result.notes


def test_the_gap_is_tested_by_a_paired_t_with_holms_correction():
    from scipy.stats import ttest_rel
    from statsmodels.stats.multitest import multipletests

    table = _items(_rated(FOUR, MADE))["items"]
    raw = [ttest_rel(MADE[name], FOUR[name]).pvalue for name in FOUR]
    assert table["p_value"].to_list() == pytest.approx(raw)
    assert table["p_adjusted"].to_list() == pytest.approx(multipletests(raw, method="holm")[1])
    assert table["gap"][0] == pytest.approx(1.6 - 4.8)


def test_importance_is_derived_from_the_overall_rating_where_nobody_was_asked_for_it():
    rng = np.random.default_rng(6)
    strong, weak = rng.integers(1, 6, size=200), rng.integers(1, 6, size=200)
    whole = np.clip(np.round(strong + rng.normal(0, 0.7, size=200)), 1, 5).astype(int)
    satisfied = _matrix(
        "Q2", "您对以下各方面有多满意", {"强": strong.tolist(), "弱": weak.tolist()}
    )
    dataset = _dataset(satisfied, Y=whole.tolist())
    result = answer(ipa.ANALYSIS, dataset)
    importance = dict(result.tables["items"].select("item", "importance").rows())
    assert importance["强"] > 90
    assert sum(importance.values()) == pytest.approx(100)
    assert "gap" not in result.tables["items"].columns
    assert any("推导" in note and "LMG" in note for note in result.notes)
    with pytest.raises(QuestionsMissing):
        _items(dataset, source="打分")


def test_the_coefficients_are_those_of_statsmodels_with_robust_errors():
    import statsmodels.api as sm

    rng = np.random.default_rng(7)
    rating = rng.integers(1, 6, size=(300, 2))
    low, high = (rating <= 2).astype(float), (rating >= 4).astype(float)
    outcome = (
        3 - 1.2 * low[:, 0] + 0.1 * high[:, 0] + 0.9 * high[:, 1] + rng.normal(0, 0.8, size=300)
    )
    weight = rng.uniform(0.5, 2, size=300)
    found = contrasts(outcome, low, high, weight=weight, least=10)
    fitted = sm.WLS(outcome, sm.add_constant(np.hstack([low, high])), weights=weight).fit(cov_type="HC3", use_t=True)  # fmt: skip
    assert [one.penalty.size for one in found] == pytest.approx(fitted.params[1:3])
    assert [one.reward.p_value for one in found] == pytest.approx(fitted.pvalues[3:5])
    assert found[0].penalty.low == pytest.approx(fitted.conf_int()[1, 0])
    assert found[0].sum.p_value == pytest.approx(float(np.ravel(fitted.t_test([0, 1, 0, 1, 0]).pvalue)[0]))  # fmt: skip
    assert [factor_of(one) for one in found] == [BASIC, EXCITEMENT]


def _contrast(penalty: float, reward: float, *, significant: str) -> Contrast:
    effects = (Effect(size, 0, 0, 0.01 if name in significant else 0.5) for name, size in (("p", penalty), ("r", reward), ("s", penalty + reward)))  # fmt: skip
    return Contrast(*effects)


@pytest.mark.parametrize(
    ("penalty", "reward", "significant", "factor"),
    [(-1, 0.2, "ps", BASIC), (-0.2, 1, "rs", EXCITEMENT), (-1, 1, "pr", PERFORMANCE), (-1, 0.2, "p", PERFORMANCE), (-0.1, 0.1, "", NEITHER), (0.5, 0.1, "ps", NEITHER)],
)  # fmt: skip
def test_a_part_is_basic_or_exciting_only_where_its_two_sides_differ_significantly(penalty, reward, significant, factor):  # fmt: skip
    assert factor_of(_contrast(penalty, reward, significant=significant)) == factor


def test_asymmetry_runs_from_all_penalty_to_all_reward():
    values = [
        _contrast(p, r, significant="").asymmetry for p, r in ((-1, 0), (-1, 1), (0, 1), (-1, 3))
    ]
    assert values == [-1, 0, 1, 0.5]
    assert np.isnan(_contrast(0, 0, significant="").asymmetry)


def _parts(n: int = 400) -> Dataset:
    rng = np.random.default_rng(8)
    basic, delight = rng.integers(1, 6, size=n), rng.integers(1, 6, size=n)
    whole = 3 - 1.5 * (basic <= 2) + 1.5 * (delight >= 4) + rng.normal(0, 0.4, size=n)
    rows = {"送到": basic.tolist(), "惊喜": delight.tolist()}
    return _dataset(_matrix("Q2", "您对以下各方面有多满意", rows), Y=np.round(whole, 2).tolist())


def test_planted_basic_and_exciting_parts_are_found():
    table = answer(penalty_reward.ANALYSIS, _parts()).tables["factors"]
    assert dict(table.select("item", "factor_type").rows()) == {"送到": BASIC, "惊喜": EXCITEMENT}
    row = table.filter(item="送到").row(0, named=True)
    assert row["penalty"] == pytest.approx(-1.5, abs=0.15)
    assert row["reward"] == pytest.approx(0, abs=0.15)


def test_a_side_that_hardly_anybody_chose_is_left_out_in_a_sentence():
    rng = np.random.default_rng(9)
    rating = rng.choice([2, 3, 4, 5], p=[0.01, 0.39, 0.3, 0.3], size=300)
    whole = rating + rng.normal(0, 0.5, size=300)
    dataset = _dataset(_matrix("Q2", "您对以下各方面有多满意", {"送到": rating.tolist()}), Y=np.round(whole, 2).tolist())  # fmt: skip
    result = answer(penalty_reward.ANALYSIS, dataset)
    assert result.tables["factors"]["penalty"][0] is None
    assert result.tables["factors"]["reward"][0] > 0
    assert any("“送到”的低分或高分不足" in note for note in result.notes)


def test_without_a_middle_rating_there_is_no_contrast():
    with pytest.raises(BadParameter, match="没有中间分"):
        answer(penalty_reward.ANALYSIS, _parts(), penalty_reward.Params(n_low=3, n_high=2))
