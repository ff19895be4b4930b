"""Rankings: places, first choices, points, agreement, and what an item that was left out counts for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.stats import friedmanchisquare, ttest_ind

from insight.analyses.survey.ranking import ANALYSIS
from insight.analysis import Result, answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.ranking import kendall_w, last_place, points

NAN = np.nan
ITEMS = ("甲", "乙", "丙", "丁")
RANK = Question(
    id="Q1", wording="请排序", kind=QuestionKind.RANK, columns=tuple(f"Q1[{i}]" for i in ITEMS),
    options=tuple(Option(label=i, column=f"Q1[{i}]") for i in ITEMS),
)  # fmt: skip
SEX = Question(id="Q2", wording="您的性别", kind=QuestionKind.SINGLE, columns=("Q2",), options=(Option(label="女"), Option(label="男")))  # fmt: skip
WOMEN, MEN = [(1, 2, 3, 4)] * 20 + [(2, 1, 3, 4)] * 10, [(4, 3, 2, 1)] * 25 + [(1, 2, 3, 4)] * 15


def asked(women: list[tuple[int | None, ...]], men: list[tuple[int | None, ...]]) -> Dataset:
    rows = [*women, *men]
    columns = dict(zip(RANK.columns, zip(*rows, strict=True), strict=True))
    responses = pl.DataFrame({"respondent_id": [f"r{at:03}" for at in range(len(rows))], **columns, "Q2": ["女"] * len(women) + ["男"] * len(men)})  # fmt: skip
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(RANK, SEX)))


def told(dataset: Dataset, **params: object) -> Result:
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


def line(result: Result, item: str, column: str = "全部答卷", of: str = "全部答卷"):
    return result.tables["items"].filter(item=item, column=column, **{"break": of}).row(0, named=True)  # fmt: skip


def test_complete_rankings_by_hand():
    result = told(asked(WOMEN, MEN), top=2)
    row = line(result, "甲")
    assert row["mean_rank"] == pytest.approx((20 * 1 + 10 * 2 + 25 * 4 + 15 * 1) / 70)
    assert row["share_first"] == pytest.approx(35 / 70)
    assert row["share_top"] == pytest.approx(45 / 70)
    assert row["borda"] == pytest.approx(5 - row["mean_rank"])
    assert (row["n"], row["base"]) == (70, 70)


def test_places_by_points_and_rows_in_their_order():
    result = told(asked(WOMEN, MEN))
    everybody = result.tables["items"].filter(**{"break": "全部答卷"})
    means = {"甲": 155 / 70, "乙": 155 / 70, "丙": 185 / 70, "丁": 205 / 70}
    assert dict(everybody.select("item", "mean_rank").rows()) == pytest.approx(means)
    assert everybody["item"].to_list() == ["甲", "乙", "丙", "丁"]
    assert everybody["borda_rank"].to_list() == [1, 1, 3, 4]


def test_groups_are_compared_by_their_points():
    result = told(asked(WOMEN, MEN))
    row = line(result, "甲", "女", "Q2 您的性别")
    women, men = ([5 - r[0] for r in side] for side in (WOMEN, MEN))
    assert row["p_adjusted"] == pytest.approx(ttest_ind(women, men, equal_var=False).pvalue)
    assert row["letters"] == "B"
    assert any("“甲”" in f.text and "“女”" in f.text and f.test for f in result.findings)


def test_kendalls_w_is_friedmans_statistic_over_its_maximum():
    rng = np.random.default_rng(1)
    ranks = rng.random((30, 5)).argsort(axis=1).argsort(axis=1) + 1.0
    ranks[:10, 3:] = 4.5  # ties
    found = kendall_w(ranks, np.ones(30))
    chi2, p = friedmanchisquare(*ranks.T)
    assert found.chi2 == pytest.approx(chi2)
    assert found.p_value == pytest.approx(p)
    assert found.w == pytest.approx(chi2 / (30 * 4))


def test_a_textbook_table_of_three_judges_and_six_objects():
    # three executives, six applicants; Siegel (1956), Nonparametric Statistics: W = .16
    ranks = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)
    sums = ranks.sum(axis=0)
    s = ((sums - 10.5) ** 2).sum()
    assert sums.tolist() == [8, 14, 11, 11, 11, 8]
    assert s == pytest.approx(25.5)
    assert kendall_w(ranks, np.ones(3)).w == pytest.approx(12 * 25.5 / (9 * (216 - 6)))


def test_everybody_alike_agrees_fully_and_opposites_not_at_all():
    same, reverse = np.tile([1.0, 2.0, 3.0], (4, 1)), np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert kendall_w(same, np.ones(4)).w == pytest.approx(1)
    assert kendall_w(reverse, np.ones(2)).w == pytest.approx(0)


def test_doubling_everybody_or_weighing_everybody_twice_keeps_the_agreement():
    ranks = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [3.0, 1.0, 2.0]])
    plain = kendall_w(np.vstack([ranks, ranks[:1]]), np.ones(4))
    weighted = kendall_w(ranks, np.array([2.0, 1.0, 1.0]))
    assert weighted.w == pytest.approx(plain.w)
    assert weighted.chi2 == pytest.approx(16 / 6 * 2 * plain.w)  # Kish's base of 2, 1, 1


def test_items_left_out_share_the_last_places_or_have_none():
    ranks = np.array([[1, NAN, NAN, NAN], [2, 1, NAN, NAN], [NAN] * 4])
    assert last_place(ranks)[:2].tolist() == [[1, 3, 3, 3], [2, 1, 3.5, 3.5]]
    assert np.isnan(last_place(ranks)[2]).all()
    assert points(ranks)[:2].tolist() == [[4, 0, 0, 0], [3, 4, 0, 0]]
    assert np.isnan(points(ranks)[2]).all()


def test_the_two_rules_for_items_left_out():
    dataset = asked([(1, 2, None, None)] * 20, [(2, 1, 3, None)] * 20)
    last, missing = told(dataset), told(dataset, unranked="缺失")
    assert line(last, "丙")["mean_rank"] == pytest.approx((3.5 + 3) / 2)
    assert line(missing, "丙")["mean_rank"] == pytest.approx(3)
    assert line(last, "丙")["borda"] == pytest.approx(5 - 3.25)
    assert line(missing, "丙")["borda"] == pytest.approx((0 + 2) / 2)  # as 问卷星 counts
    assert (line(last, "丙")["n"], line(last, "丙")["base"]) == (20, 40)
    assert missing.tables["agreement"]["kendall_w"][0] is None
    assert missing.tables["agreement"]["n_complete"][0] == 0
    assert line(missing, "丁")["mean_rank"] is None
    assert any("Q1 有 40 份" in note for note in last.notes)


def test_who_ranked_nothing_is_in_no_base():
    dataset = asked([*WOMEN, (None,) * 4], MEN)
    assert line(told(dataset), "甲")["base"] == 70


def test_weights_count_people_as_often_as_they_say():
    dataset = asked(WOMEN, MEN)
    weight = pl.Series("weight", [2.0] * 30 + [1.0] * 40)
    row = line(told(replace(dataset, responses=dataset.responses.with_columns(weight))), "甲")
    assert row["mean_rank"] == pytest.approx((2 * 40 + 115) / 100)
    assert row["share_first"] == pytest.approx((2 * 20 + 15) / 100)
    assert row["effective_base"] == pytest.approx(100**2 / (4 * 30 + 40))


def test_tiny_groups_are_hidden():
    result = told(asked(WOMEN, MEN[:8]), breaks=["Q2"])
    row = line(result, "甲", "男", "Q2 您的性别")
    assert (row["borda"], row["share_first"], row["borda_rank"], row["flag"]) == (None, None, None, "—")  # fmt: skip
    agreement = result.tables["agreement"].filter(column="男").row(0, named=True)
    assert (agreement["kendall_w"], agreement["agreement"]) == (None, None)


def test_what_is_missing_is_said():
    dataset = asked(WOMEN, MEN)
    bare = replace(dataset, questionnaire=Questionnaire(questions=(SEX,)))
    with pytest.raises(QuestionsMissing, match="需要排序题"):
        told(bare)
    with pytest.raises(BadParameter, match="Q2"):
        told(dataset, questions=["Q2"])
    with pytest.raises(UnknownName, match="Q7"):
        told(dataset, questions=["Q7"])
    with pytest.raises(TooFewRows, match="排序题的回答"):
        told(asked([(None,) * 4] * 20, [(None,) * 4] * 20))
