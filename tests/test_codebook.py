"""What an SPSS file says of its columns becomes questions, options with codes, and reasons for no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
import pyreadstat
import pytest
from conftest import shared

from insight.clean import Cleaned, clean, propose, with_roles
from insight.readers import LINE, RawTable, read
from insight.readers.raw import AnswerSet, Codebook, Variable, issue_table
from insight.schema import Decisions, Question, QuestionKind

SECRET = b"k" * 32
YES_NO = (("0", "未提到"), ("1", "提到"))
DEGREES = (("1", "很不满意"), ("2", "不满意"), ("3", "一般"), ("4", "满意"), ("5", "很满意"), ("9", "拒答"))  # fmt: skip


def table(
    columns: Mapping[str, Sequence[str | None]],
    variables: Sequence[Variable],
    sets: Sequence[AnswerSet] = (),
) -> RawTable:
    n = len(next(iter(columns.values())))
    frame = pl.DataFrame({LINE: range(2, n + 2), **columns}, schema_overrides={LINE: pl.UInt32})
    book = Codebook(dict(zip(columns, variables, strict=True)), tuple(sets))
    return RawTable("答卷", "table", frame, (), issue_table(), book)


def cleaned(raw: RawTable, **decided: object) -> Cleaned:
    return clean(raw, propose(raw, decisions=Decisions(**decided)), secret=SECRET)


def question(found: Cleaned, id_: str) -> Question:
    assert found.questionnaire is not None
    asked = found.questionnaire.find(id_)
    assert asked is not None
    return asked


def test_options_come_in_the_order_of_their_codes_also_those_nobody_chose():
    raw = table(
        {"Q1｜总体满意度": ["很满意", "一般", "很满意", None], "Q2": ["是", "否", "是", "否"]},
        [
            Variable("Q1", "总体满意度", DEGREES[:5]),
            Variable("Q2", "Q2", (("1", "是"), ("2", "否"))),
        ],
    )
    found = question(cleaned(raw), "Q1")
    assert (found.kind, found.wording) == (QuestionKind.SINGLE, "总体满意度")
    assert [(o.code, o.label) for o in found.options] == list(DEGREES[:5])


def test_a_label_with_a_comma_is_one_option():
    options = (("1", "苹果,梨"), ("2", "梨,桃"), ("3", "桃"))
    cells = ["苹果,梨", "梨,桃", "桃", "苹果,梨", "梨,桃", "桃"]
    raw = table({"A": cells, "B": cells}, [Variable("A", "水果", options), Variable("B", "水果二", options)])  # fmt: skip
    assert question(cleaned(raw), "A").kind is QuestionKind.SINGLE


def test_missing_values_keep_their_reason():
    raw = table(
        {"Q1": ["很满意", "拒答", "一般", "88", "一般"], "Q2": ["是", "是", "否", "是", "不适用"]},
        [
            Variable("Q1", "满意度", DEGREES, ("拒答", "88"), "9、88"),
            Variable("Q2", "Q2", (("1", "是"), ("2", "否"), ("7", "不适用")), ("不适用",), "7"),
        ],
    )
    found = cleaned(raw)
    assert found.frame["Q1"].to_list() == ["很满意", None, "一般", None, "一般"]
    assert found.frame["Q1?"].to_list() == [None, "refused", None, "no_answer", None]
    assert found.frame["Q2?"].to_list() == [None, None, None, None, "not_asked"]
    assert "拒答" not in [o.label for o in question(found, "Q1").options]
    told = found.issues["reason"].to_list()
    assert "文件定义的用户缺失值 9、88（拒答：拒答，88：未答），用于 Q1" in told


def test_a_missing_value_of_an_attribute_is_no_value():
    raw = table(
        {"Q1": ["是", "否", "是"], "Q2": ["是", "否", "是"], "收入": ["100", "999999", "300"]},
        [*[Variable(q, q, (("1", "是"), ("2", "否"))) for q in ("Q1", "Q2")], Variable("收入", "收入", (), ("999999",), "999999")],
    )  # fmt: skip
    assert cleaned(raw).frame["收入"].to_list() == [100.0, None, 300.0]


def test_a_set_of_ticks_is_one_multiple_choice_with_its_own_wording():
    raw = table(
        {"B1｜品牌A": ["提到", "未提到", None], "B2｜品牌B": ["提到", "提到", None], "S1": ["男", "女", "男"]},
        [Variable("B1", "品牌A", YES_NO), Variable("B2", "品牌B", YES_NO), Variable("S1", "性别", (("1", "男"), ("2", "女")))],
        [AnswerSet("brands", "您听说过哪些品牌？", ("B1｜品牌A", "B2｜品牌B"), "提到")],
    )  # fmt: skip
    found = cleaned(raw)
    asked = question(found, "B")
    assert (asked.kind, asked.wording) == (QuestionKind.MULTI, "您听说过哪些品牌？")
    assert [o.label for o in asked.options] == ["品牌A", "品牌B"]
    assert found.frame["B[品牌A]"].to_list() == [True, False, None]
    assert found.frame["B[品牌B]"].to_list() == [True, True, None]


def test_first_second_and_third_mention_are_one_multiple_choice():
    brands = (("1", "甲"), ("2", "乙"), ("3", "丙"), ("4", "丁"))
    columns = {
        "Q7_1": ["甲", "乙", "丙", None],
        "Q7_2": ["乙", "丙", None, None],
        "Q7_3": ["丙", None, None, None],
        "S1": ["男", "女", "男", "女"],
    }
    raw = table(
        columns,
        [*[Variable(f"Q7_{i}", f"第{i}提及", brands) for i in (1, 2, 3)], Variable("S1", "性别", (("1", "男"), ("2", "女")))],
        [AnswerSet("Q7", "提及的品牌", ("Q7_1", "Q7_2", "Q7_3"), None)],
    )  # fmt: skip
    found = cleaned(raw)
    asked = question(found, "Q7")
    assert asked.kind is QuestionKind.MULTI
    assert [(o.code, o.label) for o in asked.options] == [("1", "甲"), ("2", "乙"), ("3", "丙")]
    assert found.frame["Q7[丙]"].to_list() == [True, True, True, None]
    assert found.frame["Q7[甲]"].to_list() == [True, False, False, None]


def test_rows_answered_on_the_same_scale_are_a_matrix():
    cells = ["很满意", "一般", "很满意", "满意"]
    raw = table(
        {"Q5_1｜满意度：价格": cells, "Q5_2｜满意度：服务": cells[::-1], "S1": ["男", "女", "男", "女"]},
        [Variable("Q5_1", "满意度：价格", DEGREES[:5]), Variable("Q5_2", "满意度：服务", DEGREES[:5]), Variable("S1", "性别", (("1", "男"), ("2", "女")))],
    )  # fmt: skip
    asked = question(cleaned(raw), "Q5")
    assert (asked.kind, asked.wording, asked.rows) == (
        QuestionKind.MATRIX,
        "满意度",
        ("价格", "服务"),
    )
    assert [o.code for o in asked.options] == ["1", "2", "3", "4", "5"]


SEX = Variable("S1", "性别", (("1", "男"), ("2", "女")))
POINTS = {
    "ends of NPS": ((("0", "完全不可能"), ("10", "非常可能")), "推荐的可能性", QuestionKind.NPS, 0),
    "every point": (tuple((str(i), f"{i} 分") for i in range(11)), "向朋友推荐", QuestionKind.NPS, 0),
    "ends of a scale": ((("1", "很差"), ("5", "很好")), "满意程度", QuestionKind.SCALE, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", POINTS)
def test_labels_that_only_name_points_leave_the_numbers(case):
    options, wording, kind, lowest = POINTS[case]
    labels = dict(options)
    highest = int(options[-1][0])
    cells = [labels.get(str(i), str(i)) for i in range(lowest, highest + 1)]
    sexes = ["男", "女"] * len(cells)
    raw = table({"Q8": cells, "S1": sexes[: len(cells)]}, [Variable("Q8", wording, options), SEX])
    found = cleaned(raw)
    assert question(found, "Q8").kind is kind
    assert found.frame["Q8"].to_list() == list(range(lowest, highest + 1))
    assert [(o.code, o.label) for o in question(found, "Q8").options] == list(options)


def test_one_label_beside_many_numbers_names_no_option():
    ages = [str(age) for age in range(18, 60)]
    raw = table(
        {"Q9": [*ages, "拒答"], "S1": ["男", "女"] * 21 + ["男"]},
        [Variable("Q9", "年龄", (("999", "拒答"),), ("拒答",), "999"), SEX],
    )
    found = clean(raw, with_roles(propose(raw), {"Q9": "question"}), secret=SECRET)
    assert question(found, "Q9").kind is QuestionKind.NUMBER
    assert found.frame["Q9"].to_list() == [*map(float, ages), None]
    assert found.frame["Q9?"].to_list()[-1] == "refused"


def test_a_stray_code_makes_no_scale_of_a_choice():
    raw = table(
        {"Q1": ["男", "女", "9", "男"], "Q2": ["是", "否", "是", "否"]},
        [Variable("Q1", "性别", (("1", "男"), ("2", "女"))), Variable("Q2", "Q2", (("1", "是"), ("2", "否")))],
    )  # fmt: skip
    asked = question(cleaned(raw), "Q1")
    assert asked.kind is QuestionKind.SINGLE
    assert [(o.code, o.label) for o in asked.options] == [("1", "男"), ("2", "女"), (None, "9")]


def test_nominal_numbers_without_labels_are_choices():
    cells = ["1", "2", "3", "4"] * 3
    raw = table(
        {"Q1": cells, "Q2": cells, "Q3": ["是", "否"] * 6},
        [Variable("Q1", "方案", measure="nominal"), Variable("Q2", "几次", measure="scale"), Variable("Q3", "Q3", (("1", "是"), ("2", "否")))],
    )  # fmt: skip
    found = cleaned(raw)
    assert question(found, "Q1").kind is QuestionKind.SINGLE
    assert question(found, "Q2").kind is QuestionKind.SCALE


def test_the_user_decides_over_the_codebook():
    raw = table(
        {"Q1": ["1", "2", "3", "4"] * 3, "Q2": ["是", "否"] * 6},
        [
            Variable("Q1", "评价", measure="nominal"),
            Variable("Q2", "Q2", (("1", "是"), ("2", "否"))),
        ],
    )
    assert question(cleaned(raw, kinds={"Q1": "scale"}), "Q1").kind is QuestionKind.SCALE


def test_the_brands_of_the_burger_tracker_are_counted_as_by_pyreadstat():
    path = shared("data/displayr_sav/Burger_Brand_Tracking_Dec_2017.sav")
    names = [f"Q1_{i}" for i in range(1, 16)]
    stored, meta = pyreadstat.read_sav(path, usecols=[*names, "S2"])
    (raw,) = read(path.read_bytes(), path.name)
    proposal = propose(raw)
    assert proposal.table == "responses"
    kept = {
        c: r if c.split("｜")[0] in {*names, "S2", "ID"} else "" for c, r in proposal.roles.items()
    }
    found = clean(raw, replace(proposal, roles=kept), secret=SECRET)
    asked = question(found, "Q1")
    assert (asked.kind, asked.wording) == (QuestionKind.MULTI, "Aided brand awareness")
    for name, option in zip(names, asked.options, strict=True):
        assert option.label == meta.column_names_to_labels[name]
        assert found.frame[option.column].sum() == (stored[name] == 1).sum()
    assert found.frame["S2"].value_counts().sort("S2")["count"].to_list() == [
        (stored["S2"] == 2).sum(),
        (stored["S2"] == 1).sum(),
    ]


def test_nps_and_matrix_of_a_real_file_have_the_means_of_pyreadstat():
    path = shared("data/mobiles_nps/mobiles_nps_dev.sav")
    stored, _ = pyreadstat.read_sav(path)
    (raw,) = read(path.read_bytes(), path.name)
    found = cleaned(raw)
    assert question(found, "Q8").kind is QuestionKind.NPS
    assert found.frame["Q8"].mean() == pytest.approx(stored["Q8"].mean())
    matrix = question(found, "Q11")
    assert (matrix.kind, matrix.wording) == (QuestionKind.MATRIX, "Satisfaction with")
    code = {o.label: float(o.code or 0) for o in matrix.options}
    for column, name in zip(matrix.columns, ("Q11_1", "Q11_2", "Q11_3"), strict=True):
        scores = found.frame[column].replace_strict(code, return_dtype=pl.Float64)
        assert scores.mean() == pytest.approx(stored[name].mean())


def test_a_question_the_codebook_does_not_know_is_read_by_its_cells_under_its_header():
    cells = {"Q1": ["是", "否"] * 6, "2、您最喜欢的颜色": ["红", "蓝", "绿"] * 4}
    whole = table(cells, [Variable("Q1", "喜欢吗", (("1", "是"), ("2", "否"))), Variable("x", "x")])
    known = {c: v for c, v in whole.codebook.variables.items() if c == "Q1"}
    raw = replace(whole, codebook=Codebook(known))
    roles = dict.fromkeys(cells, "question")
    found = clean(raw, with_roles(propose(raw, table="responses"), roles), secret=SECRET)
    asked = {q.wording: q for q in found.questionnaire.questions}
    assert set(asked) == {"喜欢吗", "您最喜欢的颜色"}
    colour = asked["您最喜欢的颜色"]
    assert colour.kind is QuestionKind.SINGLE
    assert {o.label for o in colour.options} == {"红", "蓝", "绿"}
    assert found.frame[colour.columns[0]].to_list() == ["红", "蓝", "绿"] * 4
