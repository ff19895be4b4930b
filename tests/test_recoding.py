"""Recodes: what each makes of the answers, that they are steps of the recipe, and what is refused."""

from __future__ import annotations

import tomllib

import polars as pl
import pytest

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadParameter, BadRecode, Conflict, InsightError, UnknownName
from insight.recoding import applied, counts, recoded
from insight.recoding.figures import band_labels, middles
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.schema.recodes import recode_of
from insight.study import Recipe

WHY = pl.Enum(["not_asked", "no_answer", "refused"])
AGES = ("18-24岁", "25-34岁", "35-44岁", "45岁以上")


def options(*labels, column=""):
    return tuple(
        Option(label=label, column=f"{column}[{label}]" if column else None) for label in labels
    )


ASKED = Questionnaire(
    questions=(
        Question(id="Q1", wording="年龄", kind="single", columns=("Q1",), options=options(*AGES)),
        Question(id="Q2", wording="看重", kind="multi", columns=("Q2[价格]", "Q2[优惠]", "Q2[物流]"), options=options("价格", "优惠", "物流", column="Q2")),
        Question(id="Q3", wording="满意度", kind="scale", columns=("Q3",)),
        Question(id="Q4", wording="评价", kind="matrix", columns=("Q4[外观]", "Q4[价格]"), rows=("外观", "价格"), options=tuple(Option(label=p, code=p) for p in "12345")),
        Question(id="Q5", wording="花费", kind="number", columns=("Q5",)),
        Question(id="Q6", wording="推荐", kind="nps", columns=("Q6",)),
        Question(id="Q7", wording="建议", kind="open", columns=("Q7",)),
    )
)  # fmt: skip


@pytest.fixture
def responses():
    """Ten people; the last was not asked Q1 and Q3."""
    return pl.DataFrame({
        "respondent_id": [str(i) for i in range(10)],
        "Q1": ["18-24岁"] * 3 + ["25-34岁"] * 4 + ["35-44岁", "45岁以上", None],
        "Q1?": pl.Series([None] * 9 + ["not_asked"], dtype=WHY),
        "Q2[价格]": [True, True, False, False, None, True, False, False, False, False],
        "Q2[优惠]": [True, False, True, False, None, False, False, False, False, False],
        "Q2[物流]": [False, False, False, True, None, True, False, False, False, False],
        "Q3": [1, 2, 3, 4, 5, 5, 4, 4, 5, None],
        "Q4[外观]": [1, 2, 3, 4, 5, 5, 4, 3, 2, 1],
        "Q4[价格]": [5, 5, 5, 5, 5, 4, 4, 4, 4, None],
        "Q5": [0.0, 17.0, 18.0, 29.0, 30.0, 31.0, 99.0, 18.0, 17.0, None],
        "Q6": [10, 9, 8, 7, 6, 5, 4, 3, 2, 0],
        "Q7": ["好"] * 10,
    })  # fmt: skip


def take(responses, **fields):
    """The question that a recode makes or changes, and the responses after it."""
    step = recode_of(fields)
    frame, asked = recoded(responses, ASKED, step)
    made = asked.find(step.into or step.question)
    assert made is not None
    return made, frame


def table(frame, question):
    return dict(counts(frame, question).iter_rows())


def test_options_get_other_names_and_keep_their_people(responses):
    made, frame = take(responses, do="label", question="Q1", labels={"18-24岁": "青年"})
    assert table(frame, made) == {
        "青年": 3,
        "25-34岁": 4,
        "35-44岁": 1,
        "45岁以上": 1,
        "未被问到": 1,
    }
    ticks, frame = take(responses, do="label", question="Q2", labels={"价格": "价钱"})
    assert table(frame, ticks) == {"价钱": 3, "优惠": 2, "物流": 2, "未答": 1}
    scale, frame = take(responses, do="label", question="Q3", labels={"5": "非常满意"})
    assert table(frame, scale)["非常满意"] == 3


def test_options_get_another_order_and_the_others_follow(responses):
    made, frame = take(responses, do="order", question="Q1", order=["45岁以上", "25-34岁"])
    assert [o.label for o in made.options] == ["45岁以上", "25-34岁", "18-24岁", "35-44岁"]
    ticks, frame = take(responses, do="order", question="Q2", order=["物流"])
    assert list(table(frame, ticks)) == ["物流", "价格", "优惠", "未答"]


def test_options_become_one(responses):
    groups = {"35岁以上": ["35-44岁", "45岁以上"]}
    made, frame = take(responses, do="merge", question="Q1", groups=groups, into="AGE")
    assert made.id == "AGE"
    assert table(frame, made) == {"18-24岁": 3, "25-34岁": 4, "35岁以上": 2, "未被问到": 1}
    assert frame["Q1"].equals(responses["Q1"])
    assert frame["AGE?"].cast(pl.String)[9] == "not_asked"


def test_merged_ticks_are_ticked_where_any_was(responses):
    groups = {"便宜": ["价格", "优惠"]}
    made, frame = take(responses, do="merge", question="Q2", groups=groups)
    assert table(frame, made) == {"便宜": 4, "物流": 2, "未答": 1}
    assert frame["Q2[便宜]"].to_list()[4] is None
    assert "Q2[价格]" not in frame.columns


def test_a_scale_is_reversed_as_k_plus_one_minus_x(responses):
    made, frame = take(responses, do="reverse", question="Q3")
    assert frame["Q3"].to_list() == [5, 4, 3, 2, 1, 1, 2, 2, 1, None]
    _, frame = take(responses, do="reverse", question="Q3", points=7, into="Q3R")
    assert frame["Q3R"].to_list() == [7, 6, 5, 4, 3, 3, 4, 4, 3, None]
    grid, frame = take(responses, do="reverse", question="Q4")
    assert frame["Q4[价格]"].to_list() == [1, 1, 1, 1, 1, 2, 2, 2, 2, None]
    assert made.kind is QuestionKind.SCALE
    assert grid.kind is QuestionKind.MATRIX


def test_labels_of_a_reversed_scale_go_with_their_score(responses):
    labelled, frame = take(responses, do="label", question="Q3", labels={"5": "非常满意"})
    frame, asked = recoded(frame, Questionnaire(questions=(labelled,)), recode_of({"do": "reverse", "question": "Q3"}))  # fmt: skip
    assert table(frame, asked.questions[0]) == {
        "非常满意": 3,
        "2": 3,
        "3": 1,
        "4": 1,
        "5": 1,
        "未答": 1,
    }


def test_a_scale_from_zero_is_reversed_within_its_ends():
    frame = pl.DataFrame({"S": [0, 1, 10]})
    asked = Questionnaire(questions=(Question(id="S", wording="分", kind="scale", columns=("S",)),))
    after, _ = recoded(frame, asked, recode_of({"do": "reverse", "question": "S"}))
    assert after["S"].to_list() == [10, 9, 0]


def test_bands_become_their_middle_and_open_ends_are_as_wide_as_their_neighbour(responses):
    # 18-24 is 21; 45 and above: 45 + (44 - 35) / 2
    assert middles(list(AGES)) == {"18-24岁": 21.0, "25-34岁": 29.5, "35-44岁": 39.5, "45岁以上": 49.5}  # fmt: skip
    assert middles(["3000元以下", "3001-5000元", "1-1.5万", "无收入", "不清楚"]) == {"3000元以下": 2000.5, "3001-5000元": 4000.5, "1-1.5万": 12500.0, "无收入": 0.0}  # fmt: skip
    made, frame = take(
        responses, do="midpoints", question="Q1", into="AGE", values={"45岁以上": 55}
    )
    assert made.kind is QuestionKind.NUMBER
    assert frame["AGE"].to_list() == [21.0] * 3 + [29.5] * 4 + [39.5, 55.0, None]


def test_the_highest_and_the_lowest_scores_stand_against_the_others(responses):
    made, frame = take(responses, do="boxes", question="Q3", into="Q3_T2B")
    assert table(frame, made) == {"最高 2 档（4、5）": 6, "其余": 3, "未答": 1}
    made, frame = take(responses, do="boxes", question="Q3", into="Q3_B1", end="bottom", boxes=1)
    assert table(frame, made) == {"最低 1 档（1）": 1, "其余": 8, "未答": 1}
    made, frame = take(responses, do="boxes", question="Q1", into="OLD", boxes=1)
    assert table(frame, made) == {"最高 1 档（45岁以上）": 1, "其余": 8, "未被问到": 1}
    row, frame = take(responses, do="boxes", question="Q4_2", into="PRICE")
    assert row.kind is QuestionKind.SINGLE
    assert table(frame, row) == {"最高 2 档（4、5）": 9, "其余": 0, "未答": 1}
    grid, _ = take(responses, do="boxes", question="Q4", into="Q4_T2B")
    assert grid.kind is QuestionKind.MATRIX


def test_an_edge_belongs_to_the_band_above_it(responses):
    made, frame = take(responses, do="bands", question="Q5", edges=[18, 30], into="Q5B")
    assert table(frame, made) == {"不到 18": 3, "18–29": 3, "30 及以上": 3, "未答": 1}
    named, frame = take(responses, do="bands", question="Q6", edges=[7, 9], labels=["贬损", "中立", "推荐"], into="G")  # fmt: skip
    assert table(frame, named) == {"贬损": 6, "中立": 2, "推荐": 2}
    assert band_labels((18.0, 19.0), whole=True) == ("不到 18", "18", "19 及以上")
    assert band_labels((0.5, 2.0), whole=True) == ("不到 0.5", "0.5 到不足 2", "2 及以上")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "label", "question": "Q1", "labels": {"18-24岁": "25-34岁"}}, "改名后有两个选项同名"),
        ({"do": "label", "question": "Q1", "labels": {"没有": "有"}}, "没有叫“没有”的选项"),
        ({"do": "order", "question": "Q3", "order": ["5"]}, "它是量表，只有单选、多选、矩阵、排序可以"),
        ({"do": "merge", "question": "Q1", "groups": {"a": ["18-24岁"], "b": ["18-24岁"]}}, "同时写进了两组"),
        ({"do": "merge", "question": "Q1", "groups": {"45岁以上": ["18-24岁"]}}, "已经是另一个选项"),
        ({"do": "reverse", "question": "Q1"}, "只有量表、矩阵可以"),
        ({"do": "reverse", "question": "Q3", "points": 4}, "有 5 分，超过了最高分 4"),
        ({"do": "midpoints", "question": "Q3"}, "只有单选可以"),
        ({"do": "boxes", "question": "Q3", "boxes": 5}, "一共只有 5 档"),
        ({"do": "bands", "question": "Q5", "edges": [30, 18]}, "分界点要从小到大"),
        ({"do": "bands", "question": "Q5", "edges": [18], "labels": ["一"]}, "1 个分界点要 2 个不同的名称"),
        ({"do": "bands", "question": "Q1", "edges": [18]}, "它是单选"),
        ({"do": "reverse", "question": "Q9"}, "没有叫“Q9”的题目"),
        ({"do": "boxes", "question": "Q4_1"}, "要给新题目写一个编号"),
        ({"do": "reverse", "question": "Q3", "into": "Q1"}, "编号 Q1 已经有了"),
        ({"do": "reverse", "question": "Q3", "into": "新题"}, "只能用字母、数字"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(responses, fields, said):
    with pytest.raises((BadRecode, UnknownName), match=said):
        recoded(responses, ASKED, recode_of(fields))


def test_steps_build_on_one_another_and_one_that_no_longer_fits_is_said(responses):
    steps = (
        recode_of({"do": "boxes", "question": "Q3", "into": "T2B"}),
        recode_of({"do": "reverse", "question": "GONE"}),
        recode_of({"do": "label", "question": "T2B", "labels": {"其余": "不满意"}}),
    )
    done = applied(responses, ASKED, steps)
    assert done.skipped == ("重编码“GONE 反向计分”没有应用：没有叫“GONE”的题目。",)
    assert [o.label for o in done.questionnaire.find("T2B").options] == [
        "最高 2 档（4、5）",
        "不满意",
    ]
    assert [q.id for q in done.questionnaire.questions][2:4] == ["Q3", "T2B"]


def test_a_recode_is_plain_data():
    toml = '[[recodes]]\ndo = "bands"\nquestion = "Q5"\ninto = "B"\nedges = [18, 30]\n'
    recipe = Recipe.model_validate(tomllib.loads(toml))
    assert recipe.recodes[0].edges == (18.0, 30.0)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
    with pytest.raises(BadParameter):
        recode_of({"do": "bands", "question": "Q5", "edges": []})


FILE = "序号,1、年龄,2、满意度,3、爱好\n" + "".join(
    f"{i},{AGES[i % 4]},{1 + i % 5},{'甲┋乙' if i % 2 else '甲'}\n" for i in range(40)
)


@pytest.fixture
def surveyed(study):
    pipeline.add(study, FILE.encode(), "问卷.csv")
    return study


def head(study):
    return store.head(study).id


def test_a_recode_is_previewed_recorded_and_taken_back(surveyed):
    step = recode_of({"do": "boxes", "question": "Q2", "into": "Q2_T2B"})
    seen = pipeline.preview_recode(surveyed, step)
    assert seen.before["n"].to_list() == [8, 8, 8, 8, 8]
    assert seen.after.rows() == [("最高 2 档（4、5）", 16), ("其余", 24)]
    assert pipeline.recodes(surveyed) == ()
    before = head(surveyed)
    pipeline.add_recode(surveyed, step, parent=before)
    assert pipeline.load(surveyed).questionnaire.find("Q2_T2B") is not None
    assert [told for _, told in pipeline.recodes(surveyed)] == ["Q2 最高 2 档 → Q2_T2B"]
    with pytest.raises(Conflict):
        pipeline.add_recode(surveyed, step.model_copy(update={"into": "Q2_TOP"}), parent=before)
    pipeline.remove_recode(surveyed, 0, parent=head(surveyed))
    assert pipeline.load(surveyed).questionnaire.find("Q2_T2B") is None


def test_the_questions_are_listed_and_typed_again(surveyed):
    listed = {q.id: q for q in pipeline.questions(surveyed)}
    assert (listed["Q3"].kind, listed["Q3"].separator) == (QuestionKind.MULTI, "┋")
    assert listed["Q3"].options == (("甲", "", 40), ("乙", "", 20))
    pipeline.retype(surveyed, 0, {"Q2": QuestionKind.SINGLE}, parent=head(surveyed))
    assert pipeline.load(surveyed).questionnaire.find("Q2").kind is QuestionKind.SINGLE
    pipeline.retype(surveyed, 0, {"Q2": None}, parent=head(surveyed))
    assert pipeline.load(surveyed).questionnaire.find("Q2").kind is QuestionKind.SCALE
    before = head(surveyed)
    with pytest.raises(InsightError, match="题目 Q1 不能当作数值"):
        pipeline.retype(surveyed, 0, {"Q1": QuestionKind.NUMBER}, parent=before)
    with pytest.raises(UnknownName, match="没有叫“Q8”的题目"):
        pipeline.retype(surveyed, 0, {"Q8": QuestionKind.NUMBER}, parent=before)
    assert head(surveyed) == before


def test_the_command_line_recodes_lists_and_takes_back(surveyed, capsys):
    path = str(surveyed.path)
    assert main(["recode", path, "merge", "Q1", "中年=35-44岁|45岁以上", "--into", "AGE"]) == 0
    assert "之后：18-24岁 10，25-34岁 10，中年 20" in capsys.readouterr().out
    assert main(["recode", path, "bands", "Q2", "3", "--names", "低", "高", "--preview"]) == 0
    assert main(["recode", path, "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1. Q1 合并选项 → AGE"
    assert main(["recode", path, "reverse", "Q1"]) == 1
    assert main(["recode", path, "remove", "1"]) == 0
    assert pipeline.recodes(surveyed) == ()


def test_kinds_separators_and_missing_values_are_decided_on_the_command_line(
    study, tmp_path, capsys
):
    file = tmp_path / "问卷.csv"
    file.write_text("序号,1、评级,2、年龄\n" + "".join(f"{i},{'甲/乙' if i % 2 else '甲'},{99 if i == 0 else 20 + i}\n" for i in range(40)), "utf-8")  # fmt: skip
    path = str(study.path)
    decided = ["--kind", "Q1=多选", "--separator", "Q1=/", "--missing", "Q2.99=拒答"]
    assert main(["add", path, str(file), *decided]) == 0
    assert main(["questions", path]) == 0
    told = capsys.readouterr().out
    assert "Q1［多选］评级" in told
    assert "甲：40" in told
    assert "拒答 1" in told
    assert main(["questions", path, "--kind", "Q1=数值"]) == 1
    assert "题目 Q1 不能当作数值：40 个回答里有 40 个不是数字。" in capsys.readouterr().err
    assert main(["add", path, str(file), "--kind", "Q1=多种"]) == 1
    assert "没有叫“多种”的题型" in capsys.readouterr().err


def test_a_decision_about_a_question_that_is_not_there_is_refused(study, tmp_path, capsys):
    file = tmp_path / "问卷.csv"
    file.write_text(FILE, "utf-8")
    assert main(["add", str(study.path), str(file), "--kind", "Q77=单选"]) == 1
    assert "没有叫“Q77”的题目。可选：Q1、Q2、Q3。" in capsys.readouterr().err
    assert store.head(study).recipe.sources == ()


def test_options_that_another_file_of_the_study_tells_are_not_split(study):
    """ "价格低, 省钱" never stands alone in the second file; the first has a column for it."""
    ticks = "序号,看重_价格低、省钱,看重_物流快,看重_服务好\n" + "".join(f"{i},{i % 2},{1 - i % 2},1\n" for i in range(12))  # fmt: skip
    cells = (
        "价格低、省钱、物流快",
        "物流快",
        "服务好、物流快",
        "服务好",
        "价格低、省钱、服务好",
        "价格低、物流快",
    )
    joined = "序号,看重\n" + "".join(f"{100 + i},{cells[i % 6]}\n" for i in range(36))
    pipeline.add(study, ticks.encode(), "一列一项.csv")
    hints = pipeline.Hints(roles={"序号": "respondent_id", "看重": "question"}, table="responses")
    pipeline.add(study, joined.encode(), "合在一格.csv", hints=hints)
    (question,) = pipeline.questions(study, 1)
    assert {label for label, _, _ in question.options} >= {
        "价格低、省钱",
        "价格低",
        "物流快",
        "服务好",
    }
    assert dict((label, n) for label, _, n in question.options)["价格低、省钱"] == 12
