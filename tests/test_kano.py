"""Kano: the published table, coefficients and test; pairs found, named and mended; groups, weights and gaps."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from insight.analyses.research import kano
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, UnknownName
from insight.ratings import pairs_found
from insight.ratings.kano_pairs import feature_of, level_of
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.kano import CATEGORIES, EVALUATION, is_ahead, judged, turned, verdict
from insight.stats.proportions import Rule

KANO = kano.ANALYSIS
WORDS = ("喜欢", "理应如此", "无所谓", "可以忍受", "不喜欢")
HALVES = {"M": (1, 4), "O": (0, 4), "A": (0, 2), "I": (2, 2), "R": (4, 0), "Q": (0, 0)}


def _single(id_: str, wording: str) -> Question:
    return Question(id=id_, wording=wording, kind=QuestionKind.SINGLE, columns=(id_,))


def _dataset(counts: dict[str, str], *, turn: bool = False, **columns: list[object]) -> Dataset:
    """A study in which each feature was answered with the categories of its text, "MMOA" for four people."""
    data: dict[str, list[object]] = {}
    questions = []
    for at, (feature, letters) in enumerate(counts.items()):
        sides = [
            [WORDS[HALVES[x][side]] if x in HALVES else None for x in letters] for side in (0, 1)
        ]
        ids = (f"Q{10 + 2 * at}", f"Q{11 + 2 * at}")
        data |= dict(zip(ids, sides[::-1] if turn else sides, strict=True))
        stems = (f"如果有{feature}，您的感受是？", f"如果没有{feature}，您的感受是？")
        questions += [_single(i, w) for i, w in zip(ids, stems, strict=True)]
    n = len(next(iter(data.values())))
    frame = pl.DataFrame({"respondent_id": [f"r{i:04}" for i in range(n)], **data, **columns})
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=tuple(questions)))


def _features(dataset: Dataset, **params: object) -> pl.DataFrame:
    return answer(KANO, dataset, KANO.params.model_validate(params)).tables["features"]


def test_the_evaluation_table_is_that_of_berger_cell_by_cell():
    published = [
        "Q A A A O",
        "R I I I M",
        "R I I I M",
        "R I I I M",
        "R R R R Q",
    ]
    assert [" ".join(row) for row in EVALUATION] == published
    functional, dysfunctional = np.divmod(np.arange(25), 5)
    letters = [CATEGORIES[at] for at in judged(functional, dysfunctional)]
    assert " ".join(letters) == " ".join(published)
    assert judged(np.array([-1, 0]), np.array([0, -1])).tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("counts", "better", "worse", "category"),
    [((95, 123, 45, 33, 0, 0), 0.568, -0.736, "O"), ((15, 24, 121, 124, 6, 6), 0.511, -0.137, "I")],
)
def test_published_counts_give_the_published_coefficients(counts, better, worse, category):
    found = verdict(np.array(counts, dtype=float))
    assert (round(found.better, 3), round(found.worse, 3)) == (better, worse)
    assert found.category == category


def test_published_counts_come_out_of_the_whole_analysis():
    letters = "".join(x * n for x, n in zip("MOAIRQ", (15, 24, 121, 124, 6, 6), strict=True))
    row = _features(_dataset({"试饮": letters})).row(0, named=True)
    assert [row[c] for c in "moairq"] == [15, 24, 121, 124, 6, 6]
    assert (round(row["better"], 3), round(row["worse"], 3), row["category"]) == (
        0.511,
        -0.137,
        "I",
    )
    assert (row["lead"], row["runner_up"], row["base"]) == ("未分出", "A", 296)
    assert row["doubtful_share"] == pytest.approx(12 / 296)
    assert row["lead_difference"] == pytest.approx(3 / 296)


def test_fongs_test_agrees_with_a_hand_calculation():
    # 1.65 sqrt((123 + 95)(592 - 218) / 592) = 19.36 < 28; for 121 and 124 it is 19.77 > 3
    assert is_ahead(123, 95, n=296)
    assert not is_ahead(124, 121, n=296)
    assert is_ahead(60, 40.4, n=100)  # 1.65 sqrt(100.4 * 99.6 / 200) = 11.67
    assert not is_ahead(52, 48, n=100)


@pytest.mark.parametrize(("counts", "category"), [((5, 5, 5, 5, 0, 0), "M"), ((1, 5, 5, 5, 0, 0), "O"), ((0, 0, 5, 5, 5, 0), "A"), ((0, 0, 0, 5, 5, 5), "I")])  # fmt: skip
def test_ties_are_settled_in_the_order_m_o_a_i(counts, category):
    found = verdict(np.array(counts, dtype=float))
    assert found.category == category
    assert not found.is_clear
    assert found.strength == pytest.approx(0)


def test_the_interval_of_better_is_wilsons_on_the_answers_that_are_neither_reversed_nor_questionable():
    from statsmodels.stats.proportion import proportion_confint

    found = verdict(np.array([10, 20, 30, 40, 50, 0], dtype=float))
    assert found.better_interval == pytest.approx(proportion_confint(50, 100, method="wilson"))
    low, high = proportion_confint(30, 100, method="wilson")
    assert found.worse_interval == pytest.approx((-high, -low))


def test_weights_count_in_shares_and_not_in_counts():
    letters = "M" * 10 + "A" * 20
    weights = [4.0] * 10 + [1.0] * 20
    dataset = _dataset({"试饮": letters}, weight=weights)
    row = _features(dataset).row(0, named=True)
    assert (row["m"], row["a"], row["category"]) == (10, 20, "M")
    assert row["better"] == pytest.approx(20 / 60)
    assert _features(dataset, use_weight=False)["category"][0] == "A"


def test_the_test_of_weighted_answers_uses_the_effective_base():
    even = kano.feature_table(pl.DataFrame({"f": [0] * 60 + [1] * 40}), pl.repeat(1.0, 100, eager=True), rule=Rule())  # fmt: skip
    codes = pl.DataFrame({"f": [0, 1] * 50})
    weight = pl.Series([1.2, 0.8] * 49 + [36.0, 24.0])  # the same 60 to 40, worth fewer people
    uneven = kano.feature_table(codes, weight, rule=Rule())
    assert even["better"][0] == pytest.approx(0.4) == uneven["better"][0]
    assert uneven["better_high"][0] > even["better_high"][0]
    assert (even["lead"][0], uneven["lead"][0]) == ("显著", "未分出")


def test_pairs_are_found_by_their_wording_whatever_the_form():
    wordings = {
        "Q1": "如果有【环保包装】，您的感受是？", "Q2": "如果没有【环保包装】，您的感受是？",
        "Q3": "如果我们不提供上门安装，您会觉得", "Q4": "如果我们提供上门安装，您会觉得",
        "Q5": "若能当日送达，您的评价", "Q6": "若不能当日送达，您的评价",
        "Q7": "How do you feel with a warranty (functional)?", "Q8": "How do you feel without a warranty (dysfunctional)?",
    }  # fmt: skip
    questions = tuple(_single(i, w) for i, w in wordings.items())
    frame = pl.DataFrame({"respondent_id": ["a", "b"]} | {i: ["喜欢", "不喜欢"] for i in wordings})
    pairs = pairs_found(Questionnaire(questions=questions), frame)
    told = {(p.functional.id, p.dysfunctional.id) for p in pairs}
    assert told >= {("Q1", "Q2"), ("Q4", "Q3"), ("Q5", "Q6")}
    assert [p.feature for p in pairs][:3] == ["环保包装", "上门安装", "当日送达"]


def test_the_rows_of_two_matrices_pair_by_their_labels():
    frame = pl.DataFrame({"respondent_id": ["a", "b"]} | {c: ["喜欢", "不喜欢"] for c in ("x1", "x2", "y1", "y2")})  # fmt: skip
    rows = ("专属客服", "满减券")
    having = Question(
        id="Q9",
        wording="如果具备以下服务",
        kind=QuestionKind.MATRIX,
        columns=("x1", "x2"),
        rows=rows,
    )
    lacking = Question(id="Q10", wording="如果不具备以下服务", kind=QuestionKind.MATRIX, columns=("y2", "y1"), rows=rows[::-1])  # fmt: skip
    pairs = pairs_found(Questionnaire(questions=(having, lacking)), frame)
    assert [(p.feature, p.functional.columns[0], p.dysfunctional.columns[0]) for p in pairs] == [
        ("专属客服", "x1", "y1"),
        ("满减券", "x2", "y2"),
    ]


def test_two_questions_on_different_features_are_no_pair():
    frame = pl.DataFrame(
        {"respondent_id": ["a", "b"], "Q1": ["喜欢", "不喜欢"], "Q2": ["喜欢", "不喜欢"]}
    )
    questions = (_single("Q1", "如果有环保包装，您的感受是？"), _single("Q2", "如果没有上门安装的售后工程师，您会怎样"))  # fmt: skip
    assert pairs_found(Questionnaire(questions=questions), frame) == ()


def test_a_question_whose_answers_are_not_kanos_is_no_half():
    frame = pl.DataFrame({"respondent_id": ["a", "b"], "Q1": ["是", "否"], "Q2": ["是", "否"]})
    questions = (_single("Q1", "如果有车，您会用吗"), _single("Q2", "如果没有车，您会用吗"))
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=questions))
    with pytest.raises(QuestionsMissing, match="成对的正反两问") as caught:
        _features(dataset)
    assert "如果没有" in caught.value.hint


def test_halves_named_the_wrong_way_round_are_put_right_and_told():
    dataset = _dataset({"试饮": "M" * 20 + "A" * 12})
    right = answer(KANO, dataset)
    turned_round = answer(KANO, dataset, KANO.params(pairs="Q11=Q10"))
    assert turned_round.tables["features"].equals(right.tables["features"])
    assert turned_round.tables["halves"]["paired_by"].to_list() == ["指定时写反，已按题干对调"]
    assert any("写反" in note for note in turned_round.notes)


def test_halves_whose_answers_look_exchanged_are_warned_of_and_the_rest_stands():
    good = _dataset({"试饮": "M" * 30})
    bad = _dataset({"试饮": "M" * 20 + "O" * 10}, turn=True)
    told = bad.responses.rename({"Q10": "Q20", "Q11": "Q21"}).drop("respondent_id")
    questions = (*good.questionnaire.questions, _single("Q20", "如果有会员日，您的感受是？"), _single("Q21", "如果没有会员日，您的感受是？"))  # fmt: skip
    both = Dataset(responses=pl.concat([good.responses, told], how="horizontal"), questionnaire=Questionnaire(questions=questions))  # fmt: skip
    result = answer(KANO, both)
    assert result.tables["features"]["category"].to_list() == ["M", "R"]
    assert result.tables["halves"]["halves_order"].to_list() == ["正常", "可能写反"]
    assert "100.0% 的回答相反或自相矛盾" in result.findings[-1].text
    assert "对调" in result.findings[-1].text


def test_a_feature_nobody_wants_is_told_from_a_mistake_only_where_exchanging_mends_nothing():
    assert not turned(np.array([0, 0, 0, 10, 5, 5.0]), np.array([0, 0, 0, 10, 5, 5.0]))
    assert turned(np.array([0, 0, 0, 0, 20, 0.0]), np.array([15, 5, 0, 0, 0, 0.0]))


def test_pairs_may_be_named_without_any_hint_in_the_wording():
    frame = pl.DataFrame({"respondent_id": [f"{i:02}" for i in range(12)], "a": ["喜欢"] * 12, "b": ["无所谓"] * 12})  # fmt: skip
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=(_single("a", "第一题"), _single("b", "第二题"))))  # fmt: skip
    assert _features(dataset, pairs="a=b").select("feature", "a", "category").row(0) == (
        "第一题",
        12,
        "A",
    )
    with pytest.raises(BadParameter, match="正向题=反向题"):
        _features(dataset, pairs="a-b")
    with pytest.raises(UnknownName, match="没有叫“c”"):
        _features(dataset, pairs="a=c")


@pytest.mark.parametrize("like", [1, 5])
def test_bare_numbers_are_read_from_the_end_that_having_leans_to(like):
    number = {at: at + 1 if like == 1 else 5 - at for at in range(5)}
    having, lacking = ([number[HALVES[x][side]] for x in "M" * 8 + "O" * 30] for side in (0, 1))
    frame = pl.DataFrame(
        {"respondent_id": [f"{i:02}" for i in range(38)], "Q1": having, "Q2": lacking}
    )
    scale = [_single("Q1", "如果有试饮"), _single("Q2", "如果没有试饮")]
    questions = tuple(q.model_copy(update={"kind": QuestionKind.SCALE}) for q in scale)
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=questions))
    result = answer(KANO, dataset)
    assert result.tables["features"].select("m", "o", "category").row(0) == (8, 30, "O")
    assert any(f"按 {like} = 喜欢 读取" in note for note in result.notes)
    other = answer(KANO, dataset, KANO.params(numbers="5 = 喜欢" if like == 1 else "1 = 喜欢"))
    assert other.tables["features"]["category"][0] == "R"


def test_numbers_with_labels_are_read_by_their_labels():
    options = tuple(Option(label=w, code=str(5 - at)) for at, w in enumerate(WORDS))
    frame = pl.DataFrame(
        {"respondent_id": [f"{i:02}" for i in range(10)], "Q1": [5] * 10, "Q2": [1] * 10}
    )
    questions = tuple(Question(id=i, wording=w, kind=QuestionKind.SCALE, columns=(i,), options=options) for i, w in (("Q1", "如果有试饮"), ("Q2", "如果没有试饮")))  # fmt: skip
    assert (
        _features(Dataset(responses=frame, questionnaire=Questionnaire(questions=questions)))["o"][
            0
        ]
        == 10
    )


def test_groups_are_judged_apart_and_small_ones_not_at_all():
    groups = ["女"] * 40 + ["男"] * 40 + ["不便说"] * 3
    letters = "M" * 40 + "A" * 40 + "III"
    dataset = _dataset({"试饮": letters}, Q1=groups)
    gender = _single("Q1", "您的性别")
    dataset = Dataset(responses=dataset.responses, questionnaire=Questionnaire(questions=(gender, *dataset.questionnaire.questions)))  # fmt: skip
    result = answer(KANO, dataset, KANO.params(by="Q1"))
    rows = {r["segment"]: r for r in result.tables["by_segment"].iter_rows(named=True)}
    assert {k: r["category"] for k, r in rows.items()} == {"女": "M", "男": "A", "不便说": None}
    assert (rows["不便说"]["flag"], rows["不便说"]["better"], rows["不便说"]["i"]) == ("—", None, 3)
    assert any("因人群而异" in f.text for f in result.findings)


def test_those_who_left_one_half_out_are_in_no_count():
    row = _features(_dataset({"试饮": "M" * 12 + "-" * 5})).row(0, named=True)
    assert (row["m"], row["base"], row["flag"]) == (12, 12, "*")


def test_a_feature_without_any_answer_stands_beside_the_others():
    table = _features(_dataset({"试饮": "M" * 12, "会员日": "I" * 12})).sort("feature")
    silent = _dataset({"试饮": "M" * 12, "会员日": "I" * 12})
    gone = silent.responses.with_columns(pl.lit(None, pl.String).alias("Q12"))
    found = _features(
        Dataset(responses=gone, questionnaire=silent.questionnaire), pairs="Q10=Q11、Q12=Q13"
    )
    assert table.height == 2
    assert found.filter(feature="会员日").select("base", "category", "better").row(0) == (
        0,
        None,
        None,
    )
    assert found.filter(feature="试饮")["category"][0] == "M"


@pytest.mark.parametrize(
    ("label", "at"),
    [("非常喜欢", 0), ("它理应如此", 1), ("必须有", 1), ("无所谓", 2), ("勉强接受", 3), ("能忍受", 3), ("我不能忍受", 4), ("很不喜欢", 4), ("I like it that way", 0), ("I dislike it", 4), ("I can live with it", 3), ("3", None)],
)  # fmt: skip
def test_the_words_of_the_five_answers_are_known(label, at):
    assert level_of(label) == at


@pytest.mark.parametrize(("wording", "feature"), [("如果咖啡店有“会员日”活动，您觉得？", "会员日"), ("假如支持货到付款，您的感受", "货到付款"), ("以下服务｜试饮装", "试饮装")])  # fmt: skip
def test_a_feature_is_called_by_what_the_question_names(wording, feature):
    assert feature_of(_single("Q1", wording)) == feature
