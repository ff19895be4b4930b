"""Waves of one questionnaire: each against the one before, what is only chance, and what was not asked in every wave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_ind, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportions_ztest

from insight.analyses.survey.waves import ANALYSIS
from insight.analysis import Result, answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.errors import QuestionsMissing, TooFewRows, UnknownName
from insight.gather import gather
from insight.gather.parts import Part
from insight.readers import read
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.segmentation.waves import waves_of
from insight.stats.multiple import adjusted

WAVES = ("第 2 波", "第 9 波", "第 10 波")
WAVE = Question(id="Q1", wording="第几波调查", kind=QuestionKind.SINGLE, columns=("Q1",))
BRAND = Question(id="Q2", wording="常买哪个品牌？", kind=QuestionKind.SINGLE, columns=("Q2",), options=tuple(Option(label=b) for b in ("甲", "乙", "丙")))  # fmt: skip
NPS = Question(id="Q3", wording="您会推荐吗？", kind=QuestionKind.NPS, columns=("Q3",))
BRANDS = {  # a hundred people a wave
    "第 2 波": ["甲"] * 30 + ["乙"] * 70, "第 9 波": ["甲"] * 60 + ["乙"] * 40, "第 10 波": ["甲"] * 58 + ["乙"] * 22 + ["丙"] * 20,
}  # fmt: skip
SCORES = {"第 2 波": [9] * 40 + [7] * 40 + [3] * 20, "第 9 波": [10] * 42 + [8] * 38 + [5] * 20, "第 10 波": [10] * 70 + [8] * 20 + [2] * 10}  # fmt: skip


@pytest.fixture
def dataset() -> Dataset:
    responses = pl.DataFrame({
        "respondent_id": [f"r{at:03}" for at in range(300)], "Q1": [w for w in WAVES for _ in range(100)],
        "Q2": [b for w in WAVES for b in BRANDS[w]], "Q3": [s for w in WAVES for s in SCORES[w]],
    })  # fmt: skip
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(WAVE, BRAND, NPS)))


def told(dataset: Dataset, **params: object) -> Result:
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


def line(result: Result, table: str, wave: str, row: str | None = None):
    rows = result.tables[table].filter(wave=wave)
    return (rows if row is None else rows.filter(row=row)).row(0, named=True)


def test_a_share_is_compared_with_that_of_the_wave_before(dataset):
    result = told(dataset, correction="none")
    row = line(result, "shares", "第 9 波", "甲")
    z, p = proportions_ztest([60, 30], [100, 100])
    assert (row["share"], row["previous_share"], row["previous_wave"]) == (0.6, 0.3, "第 2 波")
    assert row["wave_share_difference"] == pytest.approx(0.3)
    assert (row["statistic"], row["p_value"]) == (pytest.approx(z), pytest.approx(p))
    assert row["verdict"] == "显著上升"
    assert line(result, "shares", "第 10 波", "甲")["verdict"] == "在误差内"
    assert line(result, "shares", "第 2 波", "甲")["verdict"] == ""


def test_waves_stand_in_the_order_of_their_numbers(dataset):
    assert told(dataset).tables["waves"]["wave"].to_list() == list(WAVES)


def test_means_and_net_promoter_scores_follow_too(dataset):
    result = told(dataset, correction="none")
    now, before = (np.array(SCORES[w]) for w in ("第 10 波", "第 9 波"))
    mean = line(result, "means", "第 10 波")
    assert mean["mean_change"] == pytest.approx(now.mean() - before.mean())
    assert mean["p_value"] == pytest.approx(ttest_ind(now, before, equal_var=False).pvalue)
    net = line(result, "scores", "第 10 波")
    assert (net["nps"], net["previous_nps"], net["nps_change"]) == tuple(pytest.approx(v) for v in (60, 22, 38))  # fmt: skip
    assert net["verdict"] == "显著上升"
    assert line(result, "scores", "第 9 波")["verdict"] == "在误差内"
    assert any("NPS" in f.text and "60.0" in f.text and "22.0" in f.text for f in result.findings)


def test_all_comparisons_of_a_table_are_one_family(dataset):
    shares = told(dataset, correction="holm").tables["shares"]
    made = shares.filter(pl.col("p_value").is_not_null())
    assert made["p_adjusted"].to_list() == pytest.approx(adjusted(made["p_value"].to_numpy(), "holm").tolist())  # fmt: skip


def test_every_wave_counts_its_tests_and_what_was_chance(dataset):
    tables = told(dataset).tables
    for row in tables["waves"].rows(named=True):
        verdicts = [v for t in ("shares", "means", "scores") for v in tables[t].filter(wave=row["wave"])["verdict"]]  # fmt: skip
        assert row["n_up"] == verdicts.count("显著上升")
        assert row["n_down"] == verdicts.count("显著下降")
        assert row["n_tests"] == row["n_up"] + row["n_down"] + row["n_noise"]
    assert tables["waves"]["n_tests"][0] == 0


def test_a_new_option_is_marked_and_not_tested(dataset):
    result = told(dataset)
    row = line(result, "shares", "第 10 波", "丙")
    assert (row["remark"], row["verdict"], row["n"]) == ("新出现", "未检验", 20)
    codebook = result.tables["codebook"].row(0, named=True)
    assert (codebook["row"], codebook["in_waves"], codebook["absent_waves"]) == ("丙", "第 10 波", "第 2 波、第 9 波")  # fmt: skip
    assert any("丙" in f.text and "不能当作态度变化" in f.text for f in result.findings)


def test_a_rare_answer_that_nobody_gave_is_chance_and_no_new_option(dataset):
    brands = [*dataset.responses["Q2"].to_list()[:299], "丁"]
    result = told(replace(dataset, responses=dataset.responses.with_columns(Q2=pl.Series(brands))))
    assert line(result, "shares", "第 10 波", "丁")["remark"] == ""
    assert "丁" not in result.tables["codebook"]["row"]


def test_an_option_that_is_gone_is_marked(dataset):
    turned = dataset.responses.with_columns(Q1=pl.col("Q1").replace(dict(zip(WAVES, WAVES[::-1], strict=True))))  # fmt: skip
    assert (
        line(told(replace(dataset, responses=turned)), "shares", "第 9 波", "丙")["remark"]
        == "不再出现"
    )


def test_a_question_that_was_not_asked_is_compared_with_the_last_wave_that_asked_it(dataset):
    holes = dataset.responses.with_columns(Q3=pl.when(pl.col("Q1") != "第 9 波").then("Q3"))
    result = told(replace(dataset, responses=holes))
    row = line(result, "scores", "第 10 波")
    assert (row["previous_wave"], row["nps_change"]) == ("第 2 波", pytest.approx(40))
    assert result.tables["scores"].filter(wave="第 9 波").is_empty()
    assert ("Q3", "（整题）", "第 9 波") in result.tables["codebook"].select("question", "row", "absent_waves").rows()  # fmt: skip


def test_days_become_months_and_many_months_quarters(dataset):
    def at(month: int, year: int = 2025) -> int:
        return int(datetime(year, month, 9, tzinfo=UTC).timestamp())

    few = dataset.responses.with_columns(submitted_at=pl.Series([at(1 + row % 3) for row in range(300)]))  # fmt: skip
    asked = Questionnaire(questions=(BRAND, NPS))
    months = waves_of(replace(dataset, responses=few, questionnaire=asked), "", grain="自动")
    assert months.groups == ("2025-01", "2025-02", "2025-03")
    many = few.with_columns(submitted_at=pl.Series([at(1 + row % 12, 2024 + row % 2) for row in range(300)]))  # fmt: skip
    later = replace(dataset, responses=many, questionnaire=asked)
    assert waves_of(later, "submitted_at", grain="年").groups == ("2024", "2025")
    assert waves_of(later, "submitted_at", grain="季").groups[0] == "2024Q1"


def test_tiny_waves_are_hidden_and_not_tested(dataset):
    few = dataset.responses.filter((pl.col("Q1") != "第 10 波") | (pl.col("respondent_id") < "r205"))  # fmt: skip
    row = line(told(replace(dataset, responses=few)), "scores", "第 10 波")
    assert (row["n"], row["nps"], row["flag"], row["verdict"]) == (5, None, "—", "未检验")


def test_weights_count_people_as_often_as_they_say(dataset):
    weight = pl.when(pl.col("Q2") == "甲").then(2.0).otherwise(1.0).alias("weight")
    result = told(replace(dataset, responses=dataset.responses.with_columns(weight)))
    assert line(result, "shares", "第 2 波", "甲")["share"] == pytest.approx(60 / 130)


def test_no_waves_are_said_in_one_sentence(dataset):
    alone = replace(dataset, questionnaire=Questionnaire(questions=(BRAND, NPS)))
    with pytest.raises(QuestionsMissing, match="两波以上"):
        told(alone)
    with pytest.raises(UnknownName, match="Q8"):
        told(dataset, wave="Q8")
    one = replace(dataset, responses=dataset.responses.with_columns(Q1=pl.lit("第 2 波")))
    with pytest.raises(TooFewRows):
        told(one, wave="Q1")


def _file(name: str, brands: list[str], *, first: int) -> Part:
    lines = [f"{first + at},{10 + at % 50},{brand}" for at, brand in enumerate(brands)]
    text = "\n".join(["序号,所用时间,1、常买哪个品牌？", *lines])
    raw = read(text.encode(), name)[0]
    return Part("responses", clean(raw, propose(raw, table="responses"), secret=b"0" * 32), name)


def test_several_files_of_one_questionnaire_are_waves():
    files = [_file("2月.csv", ["甲"] * 30 + ["乙"] * 20, first=1), _file("10月.csv", ["甲"] * 15 + ["乙"] * 35, first=101)]  # fmt: skip
    made = gather(files)
    joined = Dataset(responses=made.joined.tables["responses"], questionnaire=made.questionnaire)
    result = told(joined)
    assert result.tables["waves"].select("wave", "n").rows() == [("2月.csv", 50), ("10月.csv", 50)]
    assert line(result, "shares", "10月.csv", "甲")["previous_share"] == pytest.approx(0.6)
    assert "file" not in gather(files[:1]).joined.tables["responses"].columns


@pytest.fixture
def twice() -> Dataset:
    """Sixty customers who answered two waves, and forty in each who answered one."""
    rng = np.random.default_rng(4)
    first = rng.integers(3, 9, 60)
    second = np.clip(first + rng.integers(0, 3, 60), 0, 10)
    brands = (["甲"] * 30 + ["乙"] * 30, ["甲"] * 27 + ["乙"] * 3 + ["甲"] * 14 + ["乙"] * 16)
    frame = pl.DataFrame({
        "respondent_id": [f"r{at:03}" for at in range(200)],
        "customer_id": [*(f"c{at}" for at in range(60)), *[None] * 40, *(f"c{at}" for at in range(60)), *[None] * 40],
        "Q1": ["第 1 波"] * 100 + ["第 2 波"] * 100,
        "Q2": [*brands[0], *["乙"] * 40, *brands[1], *["乙"] * 40], "Q3": [*first, *[5] * 40, *second, *[5] * 40],
    })  # fmt: skip
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=(WAVE, BRAND, NPS)))


def test_people_who_answered_both_waves_are_compared_with_themselves(twice):
    result = told(twice, correction="none")
    frame = twice.responses.filter(pl.col("customer_id").is_not_null())
    first, second = (frame.filter(Q1=w).sort("respondent_id") for w in ("第 1 波", "第 2 波"))
    row = line(result, "panel_shares", "第 2 波", "甲")
    up = ((first["Q2"] == "乙") & (second["Q2"] == "甲")).sum()
    down = ((first["Q2"] == "甲") & (second["Q2"] == "乙")).sum()
    assert (row["base"], up, down) == (60, 14, 3)
    assert (row["previous_share"], row["share"]) == (0.5, pytest.approx(41 / 60))
    assert row["p_value"] == pytest.approx(mcnemar([[27, 3], [14, 16]], exact=True).pvalue)
    scores = result.tables["panel_means"].row(0, named=True)
    t, p = ttest_rel(second["Q3"], first["Q3"])
    assert (scores["statistic"], scores["p_value"]) == (pytest.approx(t), pytest.approx(p))
    assert any("60 人里，Q3 您会推荐吗？的平均分由" in f.text for f in result.findings)
    assert any("McNemar" in note for note in result.notes)


def test_whoever_answers_a_wave_twice_counts_once_and_few_pairs_are_not_tested(twice):
    again = twice.responses.with_columns(
        customer_id=pl.when(pl.col("respondent_id") == "r160").then(pl.lit("c0")).otherwise("customer_id")
    )  # fmt: skip
    result = told(replace(twice, responses=again.reverse()), correction="none")
    assert line(result, "panel_shares", "第 2 波", "甲") == line(told(twice, correction="none"), "panel_shares", "第 2 波", "甲")  # fmt: skip
    few = twice.responses.with_columns(
        customer_id=pl.when(pl.col("customer_id").is_in(["c1", "c2"])).then("customer_id")
    )
    assert "panel_shares" not in told(replace(twice, responses=few)).tables
    assert "panel_shares" not in told(replace(twice, responses=few.drop("customer_id"))).tables
