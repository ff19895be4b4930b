"""Doubtful questionnaires are found by what was planted in them, and only those."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import mahalanobis
from scipy.stats import chi2

from insight import pipeline
from insight.cli import main
from insight.quality import CHECKS, Thresholds, cases, left_out
from insight.schema import Exclusions, Option, Question, QuestionKind, Questionnaire

N = 120
ITEMS = [f"Q1_{i}" for i in range(1, 7)]
CHOICES = [f"Q{i}" for i in range(2, 10)]
SURVEY = Questionnaire(
    questions=(
        Question(id="Q1", wording="请评价", kind=QuestionKind.MATRIX, columns=tuple(ITEMS), rows=tuple("甲乙丙丁戊己")),
        *(Question(id=c, wording=f"第{c}题", kind=QuestionKind.SINGLE, columns=(c,)) for c in CHOICES),
        Question(id="Q10", wording="买过哪些", kind=QuestionKind.MULTI, columns=("Q10[a]", "Q10[z]"),
                 options=(Option(label="茶", column="Q10[a]"), Option(label="以上都没有", column="Q10[z]"))),
        Question(id="Q11", wording="推荐给朋友的可能", kind=QuestionKind.NPS, columns=("Q11",)),
        Question(id="Q12", wording="总体满意度", kind=QuestionKind.SCALE, columns=("Q12",)),
        Question(id="Q13", wording="还有什么建议", kind=QuestionKind.OPEN, columns=("Q13",)),
    )
)  # fmt: skip


def _honest() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    mood = rng.normal(size=N)
    item = {c: np.clip(np.round(3 + 0.8 * mood + rng.normal(size=N)), 1, 5) for c in ITEMS}
    item["Q1_1"] = np.where(item["Q1_2"] == item["Q1_1"], 6 - item["Q1_2"] + (item["Q1_2"] == 3), item["Q1_1"])  # fmt: skip
    choice = {c: rng.choice(["是", "否", "说不清", "其他"], N) for c in CHOICES}
    tick = rng.random(N) < 0.6
    return pl.DataFrame({
        "respondent_id": [str(i) for i in range(N)], "duration_s": rng.integers(120, 400, N).astype(float),
        "ip": [f"ip{i}" for i in range(N)], **item, **choice, "Q10[a]": tick, "Q10[z]": ~tick,
        "Q11": rng.integers(3, 9, N), "Q12": rng.integers(1, 6, N),
        "Q13": [f"第{i}位客户觉得包装{'好' if i % 2 else '一般'}，希望送货快一点" for i in range(N)],
    })  # fmt: skip


def _with(row: int, **values: object) -> pl.DataFrame:
    frame = _honest()
    at = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(at).then(pl.lit(v, frame.schema[c])).otherwise(pl.col(c)).alias(c) for c, v in values.items()
    )  # fmt: skip


def _flagged(frame: pl.DataFrame, check: str) -> list[str]:
    return cases(frame, SURVEY).filter(pl.col(check))["respondent_id"].to_list()


def test_honest_answers_raise_no_doubt_but_a_rare_pattern():
    checked = cases(_honest(), SURVEY)
    assert checked.filter(pl.col("doubt") > CHECKS["unlikely"].points).is_empty()
    assert _flagged(_honest(), "unlikely") == [] or len(_flagged(_honest(), "unlikely")) <= 2


@pytest.mark.parametrize(
    ("check", "values"),
    [
        ("too_fast", {"duration_s": 20.0}),
        ("straight", dict.fromkeys(ITEMS, 4.0)),
        ("senseless", {"Q13": "哈哈哈哈哈哈哈哈"}),
        ("senseless", {"Q13": "asdfghjkl"}),
        ("senseless", {"Q13": "xkcdqwrtpl"}),
        ("senseless", {"Q13": "123456789"}),
        ("contradictory", {"Q10[a]": True, "Q10[z]": True}),
        ("contradictory", {"Q11": 10, "Q12": 1}),
        ("contradictory", {"Q11": 0, "Q12": 5}),
    ],
)
def test_a_planted_fault_is_found_in_its_questionnaire_alone(check, values):
    assert _flagged(_with(7, **values), check) == ["7"]


def test_the_time_limit_is_the_larger_of_both_rules():
    frame = pl.DataFrame({"respondent_id": list("abcd"), "duration_s": [29.0, 31.0, 100.0, 100.0]})
    survey = Questionnaire(questions=SURVEY.questions[1:3])  # two questions: 4 seconds
    told = cases(frame.with_columns(Q2=pl.lit("是"), Q3=pl.lit("否")), survey)
    # median 65.5 s: 30 % are 19.65 s
    assert told["too_fast"].to_list() == [False, False, False, False]
    strict = cases(frame, survey, lines=Thresholds(share_of_median=0.46))  # 30.13 s
    assert strict["too_fast"].to_list() == [True, False, False, False]


def test_equal_answers_count_more_from_one_address():
    frame = _honest()
    twin = frame.filter(respondent_id="3").with_columns(respondent_id=pl.lit("x"))
    near = cases(pl.concat([frame, twin]), SURVEY).filter(pl.col("repeated_here"))
    assert near["respondent_id"].to_list() == ["3", "x"]
    far = cases(pl.concat([frame, twin.with_columns(ip=pl.lit("ip-other"))]), SURVEY)
    assert far.filter(pl.col("repeated"))["respondent_id"].to_list() == ["3", "x"]
    assert far.filter(pl.col("repeated_here")).is_empty()
    assert far.filter(respondent_id="x")["doubt"][0] >= CHECKS["repeated"].points


def test_a_long_answer_word_for_word_is_a_copy_and_a_short_one_is_not():
    both = _with(7, Q13="包装破损，客服三天没有回复，希望改进！")
    again = both.with_columns(
        Q13=pl.when(respondent_id="9").then(pl.lit("包装破损 客服三天没有回复，希望改进")).otherwise("Q13")
    )  # fmt: skip
    assert _flagged(again, "copied") == ["7", "9"]
    assert _flagged(_honest().with_columns(Q13=pl.lit("挺好的")), "copied") == []


def test_a_pattern_far_from_all_others_is_told_by_its_distance():
    rng = np.random.default_rng(1)
    answers = 3 + rng.normal(size=(N, 1)) + 0.5 * rng.normal(size=(N, 6))
    answers[7] = [5, 1, 5, 1, 5, 1]
    inverse = np.linalg.inv(np.cov(answers, rowvar=False))
    far = [mahalanobis(row, answers.mean(axis=0), inverse) ** 2 for row in answers]
    expected = [str(i) for i, d in enumerate(far) if d > chi2.ppf(0.999, 6)]
    frame = _honest().with_columns(pl.Series(c, answers[:, i]) for i, c in enumerate(ITEMS))
    assert "7" in expected
    assert _flagged(frame, "unlikely") == expected


def test_the_score_adds_the_points_of_its_reasons_up_to_a_hundred():
    row = cases(_with(7, duration_s=20.0, Q13="asdfghjkl"), SURVEY).filter(respondent_id="7")
    assert row["doubt"][0] == CHECKS["too_fast"].points + CHECKS["senseless"].points
    assert row["reasons"][0] == "作答过快、乱填"


def test_what_cannot_be_checked_raises_no_doubt():
    told = cases(pl.DataFrame({"respondent_id": ["a"], "Q2": ["是"]}), Questionnaire(questions=SURVEY.questions[1:2]))  # fmt: skip
    assert told["doubt"].to_list() == [0]
    assert told.select(list(CHECKS)).null_count().row(0) == (1,) * len(CHECKS)


def test_row_order_changes_nothing():
    frame = _with(7, duration_s=20.0)
    turned = cases(frame.reverse(), SURVEY).reverse()
    assert turned.equals(cases(frame, SURVEY))


def test_a_rule_leaves_out_by_score_by_check_and_by_hand():
    checked = pl.DataFrame({
        "respondent_id": ["d", "c", "b", "a"], "doubt": [0, 35, 70, 0], "too_fast": [None, True, True, False],
    })  # fmt: skip
    assert left_out(checked, Exclusions()).to_list() == []
    assert left_out(checked, Exclusions(least_doubt=50)).to_list() == ["b"]
    assert left_out(checked, Exclusions(checks=("too_fast",), kept=("c",))).to_list() == ["b"]
    assert left_out(checked, Exclusions(respondents=("a",))).to_list() == ["a"]


ANSWERS = "序号,所用时间,来自IP,1、满意吗,2、有什么建议\n" + "".join(
    f"{i},{'9秒' if i == 4 else '200秒'},1.2.3.{i}(广东-深圳),{'满意' if i % 2 else '不满意'},{'asdfgh' if i == 4 else f'希望第{i}次送货更快一点'}\n"
    for i in range(1, 13)
)  # fmt: skip


@pytest.fixture
def answered(study):
    pipeline.add(study, ANSWERS.encode(), "答卷.csv")
    return study


def test_leaving_out_is_a_revision_that_every_analysis_follows(answered):
    quality = pipeline.run(answered, "response_quality").tables
    assert quality["overview"].row(0, named=True)["n_flagged"] == 1
    assert quality["cases"].select("respondent_id", "reasons").rows() == [("4", "作答过快、乱填")]
    assert _base(answered) == 12
    pipeline.set_exclusions(answered, Exclusions(checks=("senseless",)))
    assert _base(answered) == 11
    assert "4-Q2" not in pipeline.load(answered).texts["text_id"].to_list()
    again = pipeline.run(answered, "response_quality").tables["overview"].row(0, named=True)
    assert (again["base"], again["n_left_out"]) == (12, 1)
    pipeline.set_exclusions(answered, Exclusions())
    assert _base(answered) == 12


def _base(study) -> int:
    return pipeline.run(study, "topline").tables["Q1"]["base"][0]


def test_the_command_line_leaves_out_and_takes_back(answered, capsys):
    path = str(answered.path)
    assert main(["exclude", path, "--doubt", "50", "--dry-run"]) == 0
    assert "会排除 1 份答卷：4" in capsys.readouterr().out
    assert _base(answered) == 12
    assert main(["exclude", path, "--doubt", "50"]) == 0
    assert _base(answered) == 11
    assert main(["exclude", path, "--none"]) == 0
    assert _base(answered) == 12
    assert main(["exclude", path, "--doubt", "500"]) == 1
    assert main(["exclude", path, "--check", "nix"]) == 1
    assert main(["exclude", path, "--respondent", "nix"]) == 1
