"""Every kind of question is told from its columns, may be corrected, and keeps apart why answers are absent."""

from __future__ import annotations

import io
from dataclasses import replace

import polars as pl
import pytest
from clean_tables import SECRET, raw_table
from conftest import shared

from insight.analyses.survey import crosstab, topline
from insight.analysis import answer
from insight.answers import parts
from insight.bases import told, why_missing
from insight.clean import Cleaned, clean, propose, with_roles
from insight.clean.reading import Reading
from insight.clean.splitting import inseparable, pieces
from insight.dataset import Dataset
from insight.errors import BadKind
from insight.gather import Part, gather
from insight.readers import read
from insight.schema import Decisions, Missing, Question, QuestionKind

K = QuestionKind
N = 20


def survey(columns, **decided) -> Cleaned:
    """A questionnaire whose front column is the respondent, cleaned with what the user decided."""
    ids = {"序号": [str(i) for i in range(1, len(next(iter(columns.values()))) + 1)]}
    raw = raw_table(ids | columns)
    decisions = Decisions.model_validate(decided)
    proposal = propose(raw, table="responses", decisions=decisions)
    roles = {"序号": "respondent_id"} | dict.fromkeys(columns, "question")
    return clean(raw, with_roles(proposal, roles), secret=SECRET)


def one(columns, question_id="Q1", **decided) -> tuple[Question, pl.DataFrame]:
    result = survey(columns, **decided)
    assert result.questionnaire is not None
    found = result.questionnaire.find(question_id)
    assert found is not None, [q.id for q in result.questionnaire.questions]
    return found, result.frame


def spread(*values):
    """The values in turn, for twenty respondents."""
    return [values[i % len(values)] for i in range(N)]


CITY = {"9、城市": spread("北京", "上海")}
PHONES = [f"138{i:08d}" for i in range(N)]
IDS = [str(100_000_123 + 7_919 * i) for i in range(N)]
DAYS = [f"2024-0{1 + i % 2}-1{i % 9}" for i in range(N)]


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("1、性别", spread("男", "女"), K.SINGLE),
        ("1、爱好", spread("a┋b", "b", "c"), K.MULTI),
        ("1、总体满意度", spread("5", "4", "3"), K.SCALE),
        ("1、推荐给朋友的可能性", spread("10", "9", "0"), K.NPS),
        ("1、每月花多少元", [str(30 + i) for i in range(N)], K.NUMBER),
        ("1、请拖动滑块打分", [str(5 * i) for i in range(N)], K.SLIDER),
        ("1、请排序", spread("价格→质量", "质量→价格"), K.RANK),
        ("1、您的建议", [f"第{i}条希望物流再快一点" for i in range(N)], K.OPEN),
        ("1、最近一次购买日期", DAYS, K.DATE),
        ("1、最近一次购买日期", [d.replace("-", "") for d in DAYS], K.DATE),
        ("1、卡面号码", IDS, K.ID),
        ("1、年收入多少元", IDS, K.NUMBER),
        ("weight_a", [f"{0.5 + i / 20:.2f}" for i in range(N)], K.WEIGHT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_column_tells_its_kind(header, values, kind):
    question, _ = one({header: values, **CITY})
    assert question.kind is kind


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"Q1_1": spread("1", "0"), "Q1_2": spread("0", "1", "1")}, K.MULTI),
        ({"Q1_1": spread("选中", "未选中"), "Q1_2": spread("未选中", "选中")}, K.MULTI),
        ({"Q1_1": spread("True", "False"), "Q1_2": spread("False", "False", "True")}, K.MULTI),
        ({"Q1_1": spread("Y", "N"), "Q1_2": spread("Y", "Y", "N")}, K.MULTI),
        ({"Q1_1": spread("小米", None), "Q1_2": spread(None, "华为")}, K.MULTI),
        ({"1、评价—外观": spread("满意", "一般"), "1、评价—价格": spread("一般", "满意", "差")}, K.MATRIX),
        ({"第1题(价格)": spread("1", "2"), "第1题(质量)": spread("2", "1")}, K.RANK),
        ({"1、排—第一": spread("甲", "乙", "丙"), "1、排—第二": spread("乙", "丙", "甲"), "1、排—第三": spread("丙", "甲", "乙")}, K.RANK),
        ({"1、预算—吃": spread("50", "20", "35"), "1、预算—穿": spread("30", "20", "65"), "1、预算—玩": spread("20", "60", "0")}, K.SHARES),
        ({"1、请拖动滑块—服务": spread("80", "35", "92"), "1、请拖动滑块—价格": spread("12", "66", "57")}, K.SLIDER),
        ({"1、填空—职业": [f"第{i}种不同的职业" for i in range(N)], "1、填空—年限": [str(i * 1.5) for i in range(N)]}, K.BLANKS),
        ({"1、表—甲_件数": [str(i * 3) for i in range(N)], "1、表—甲_原因": [f"原因很多之{i}" for i in range(N)],
          "1、表—乙_件数": [str(i * 2) for i in range(N)], "1、表—乙_原因": [f"还是不同之{i}" for i in range(N)]}, K.TABLE),
    ],
    ids=lambda value: value.value if isinstance(value, QuestionKind) else "",
)  # fmt: skip
def test_several_columns_tell_their_kind(columns, kind):
    question, frame = one(columns | CITY)
    assert question.kind is kind
    assert set(question.columns) <= set(frame.columns)


def test_a_phone_number_is_never_a_number():
    question, frame = one({"1、备用号码": PHONES, **CITY})
    assert question.kind is K.ID
    assert frame.schema["Q1"] == pl.String
    assert frame["Q1"][0] == "138****0000"
    with pytest.raises(BadKind, match="题目 Q1 不能当作数值：内容是手机号"):
        survey({"1、备用号码": PHONES, **CITY}, kinds={"Q1": "number"})


def test_an_attribute_of_long_numbers_stays_text():
    raw = raw_table(
        {"序号": [str(i) for i in range(N)], "流水": IDS, "1、性别": spread("男", "女")}
    )
    proposal = with_roles(propose(raw, table="responses"), {"序号": "respondent_id", "流水": "attribute"})  # fmt: skip
    assert clean(raw, proposal, secret=SECRET).frame["流水"].to_list() == IDS


def test_rows_of_every_grid_keep_their_labels():
    shares, frame = one({"1、预算—吃": spread("50", "20"), "1、预算—穿": spread("50", "80"), "1、预算—玩": spread("0", "0")})  # fmt: skip
    assert shares.kind is K.SHARES
    assert shares.rows == ("吃", "穿", "玩")
    assert frame["Q1[吃]"].sum() == 10 * 50 + 10 * 20
    items, frame = one({"1、排—第一": spread("甲", "乙"), "1、排—第二": spread("乙", "丙"), "1、排—第三": spread("丙", "甲")})  # fmt: skip
    assert [o.label for o in items.options] == ["丙", "乙", "甲"]
    assert frame.select("Q1[甲]", "Q1[乙]", "Q1[丙]").rows()[:2] == [(1, 2, 3), (3, 1, 2)]


@pytest.mark.parametrize(
    ("columns", "kinds", "stored"),
    [
        ({"1、等级": spread("1", "2", "3")}, {"Q1": "single"}, pl.String),
        ({"1、城市": spread("北京", "上海", "广州")}, {"Q1": "open"}, pl.String),
        ({"1、打分": spread("5 - 很好", "3 - 一般", "1 - 很差")}, {"Q1": "scale"}, pl.Int64),
        ({"1、几次": spread("1", "2", "3")}, {"Q1": "number"}, pl.Float64),
        ({"1、何时": spread("2024/3/5", "2024/4/6")}, {"Q1": "date"}, pl.Int64),
        ({"1、代码": spread("007", "008")}, {"Q1": "id"}, pl.String),
    ],
)
def test_the_user_may_choose_another_kind(columns, kinds, stored):
    question, frame = one(columns | CITY, kinds=kinds)
    assert question.kind.value == kinds["Q1"]
    assert frame.schema["Q1"] == stored


def test_a_labelled_scale_keeps_its_labels():
    question, frame = one(
        {"1、打分": spread("5 - 很好", "3 - 一般"), **CITY}, kinds={"Q1": "scale"}
    )
    assert [(o.label, o.code) for o in question.options] == [("3 - 一般", "3"), ("5 - 很好", "5")]
    assert frame["Q1"].to_list()[:2] == [5, 3]


@pytest.mark.parametrize(
    ("columns", "kind", "said"),
    [
        ({"1、性别": spread("男", "女")}, "number", "20 个回答里有 20 个不是数字"),
        ({"1、打分": spread("1", "11")}, "nps", "分数在 1 到 11 之间，应在 0 到 10 之间"),
        ({"1、打分": spread("1.5", "3")}, "scale", "分数不是整数"),
        ({"1、性别": spread("男", "女")}, "matrix", "它在表里只有一列"),
        ({"1、性别": spread("男", "女")}, "rank", "没有用“→”等符号连接的名次"),
        ({"1、性别": spread("男", "女")}, "date", "20 个回答里有 20 个不是日期"),
        ({"Q1_1": spread("1", "0"), "Q1_2": spread("0", "1")}, "single", "它在表里有 2 列"),
        ({"1、评价—外观": spread("好", "差"), "1、评价—价格": spread("差", "好")}, "shares", "有的列不是数字"),
        ({"1、评价—外观": spread("好", "差"), "1、评价—价格": spread("差", "好")}, "multi", "既不是勾选"),
        ({"1、编号": [f"{i}号" for i in range(N)] * 11}, "single", "有 220 种不同的回答"),
    ],
)  # fmt: skip
def test_a_kind_that_cannot_be_is_refused_in_one_sentence(columns, kind, said):
    if kind == "single" and "1、编号" in columns:
        columns = {"1、编号": [f"{i}号" for i in range(220)]}
    with pytest.raises(BadKind, match=said) as refused:
        survey(columns, kinds={"Q1": kind})
    assert str(refused.value).count("。") == 2


def test_a_decision_about_no_question_is_said():
    result = survey(CITY | {"1、性别": spread("男", "女")}, kinds={"Q77": "multi"})
    assert "没有题目 Q77，为它指定的题型或分隔符没有用上" in result.issues["reason"].to_list()


def test_a_question_of_weights_weighs_the_answers():
    weights = [f"{0.5 + i / 20:.2f}" for i in range(N)]
    result = survey({"weight_a": weights, "问题": spread("男", "女")})
    assert result.frame["weight"].to_list() == [float(w) for w in weights]
    assert "Q1 是权重，用作答卷的权重" in result.issues["reason"].to_list()
    told = answer(topline.ANALYSIS, Dataset(responses=result.frame, questionnaire=result.questionnaire))  # fmt: skip
    # odd places hold 男: 0.5, 0.6, … 1.4 of 19.5 in all
    assert told.tables["Q2"].filter(option="男")["share"][0] == pytest.approx(9.5 / 19.5)
    assert "Q1" not in told.tables["summary"]["question"].to_list()


@pytest.mark.parametrize("mark", ["┋", ";", "；", "¦", "|", "\n", "、", ", ", ",", "，"])
def test_options_that_hold_the_separator_stay_whole(mark):
    """ "价格低<mark>省钱" is one option: three cells hold it alone, and its halves stand nowhere else."""
    long = f"价格低{mark}省钱" if mark != "┋" else "价格低"
    cells = [long, f"{long}{mark}物流快", "物流快", "服务好", f"物流快{mark}服务好", f"{long}{mark}服务好"] * 4  # fmt: skip
    question, frame = one({"1、看重": cells, "2、城市": ["京", "沪"] * 12})
    assert {o.label for o in question.options} == {long, "物流快", "服务好"}
    assert question.separator == mark
    assert frame[f"Q1[{long}]"].sum() == 12


def test_the_longest_of_the_listed_options_counts():
    cells = pl.Series(["价格低, 省钱, 物流快", "价格低, 物流快", "价格低, 省钱, 价格低"])
    found = pieces(cells, ", ", whole=["价格低", "价格低, 省钱"])
    assert found.to_list() == [["价格低, 省钱", "物流快"], ["价格低", "物流快"], ["价格低, 省钱", "价格低"]]  # fmt: skip
    assert inseparable(pl.Series(["甲, 乙", "甲, 乙", "甲, 乙", "丙"]), ", ") == ("甲, 乙",)
    assert inseparable(pl.Series(["甲, 乙", "甲, 乙", "甲, 乙", "甲"]), ", ") == ()


def test_the_user_lists_options_and_says_what_joins_them():
    cells = spread("甲/乙", "乙", "甲，丙/乙", "甲")
    question, frame = one({"1、题": cells}, kinds={"Q1": "multi"}, separators={"Q1": "/"}, options={"Q1": ["乙", "甲", "甲，丙"]})  # fmt: skip
    assert [o.label for o in question.options] == ["乙", "甲", "甲，丙"]
    assert frame["Q1[乙]"].sum() == 15
    whole, _ = one({"1、题": spread("a┋b", "b", "a")}, separators={"Q1": ""})
    assert whole.kind is K.SINGLE


def test_the_wjx_option_with_commas_in_brackets_stays_whole():
    text = shared("data/reportgen_wjx/问卷星数据_800_800_0.xls")
    (raw,) = read(text.read_bytes(), text.name)
    result = clean(raw, propose(raw), secret=SECRET)
    assert result.frame["Q8[ACG文化(动漫、游戏等)]"].sum() == 131


@pytest.mark.parametrize(
    ("cell", "label", "written"),
    [
        ("其他〖朋友介绍〗", "其他", "朋友介绍"),
        ("其他:朋友介绍", "其他", "朋友介绍"),
        ("其他（请注明）：朋友介绍", "其他（请注明）", "朋友介绍"),
        ("Other (please specify): a friend", "Other (please specify)", "a friend"),
        ("-oth-", "其他", None),
        ("其他〖〗", "其他", None),
    ],
)
def test_what_stands_behind_other_is_a_question_of_its_own(cell, label, written):
    result = survey({"1、渠道": [cell, *spread("抖音", "淘宝")[1:]]})
    assert result.frame["Q1"][0] == label
    texts = result.frame["Q1_其他_文本"].to_list() if written else [None]
    assert texts[0] == written


@pytest.mark.parametrize(
    ("columns", "ticked"),
    [
        ({"Q1_1": spread("1", "0"), "Q1_6": ["1", *["0"] * 19], "Q1_6_TEXT": ["别的", *[None] * 19]}, "Q1[6]"),
        ({"Q1[SQ1]": spread("Y", None), "Q1[SQ2]": spread("Y", "Y", None), "Q1[other]": ["别的", *[None] * 19]}, "Q1[其他]"),
        ({"买什么_甲": spread("甲", None), "买什么_乙": spread(None, "乙"), "买什么_Other (please specify)": ["别的", *[None] * 19]}, "Q1[其他]"),
    ],
    ids=["Qualtrics", "LimeSurvey", "SurveyMonkey"],
)  # fmt: skip
def test_the_text_of_other_in_its_own_column_ticks_the_option(columns, ticked):
    _, frame = one(columns | CITY)
    assert frame[ticked].sum() == 1
    assert frame["Q1_其他_文本"].to_list()[:2] == ["别的", None]


def test_a_single_choice_whose_other_has_an_own_column_chose_other():
    columns = {"买哪家_Response": ["京东", None, *spread("京东", "淘宝")[2:]], "买哪家_Other (please specify)": [None, "小店", *[None] * 18]}  # fmt: skip
    question, frame = one(columns)
    assert frame["Q1"].to_list()[:2] == ["京东", "其他"]
    assert [o.label for o in question.options][-1] == "其他"
    assert frame["Q1_其他_文本"][1] == "小店"


@pytest.mark.parametrize(
    ("columns", "question_id", "why"),
    [
        ({"1、渠道": ["其他〖朋友〗", "其他〖〗", "抖音", *["淘宝"] * 17]}, "Q1_其他_文本", [None, "no_answer", "not_asked"]),
        ({"1、渠道": ["抖音┋其他〖朋友〗", "抖音┋其他", "抖音", *["淘宝"] * 17]}, "Q1_其他_文本", [None, "no_answer", "not_asked"]),
        ({"Q1_1": ["1", "0", "1", *["1"] * 17], "Q1_2｜其他": ["1", "1", "0", *["0"] * 17], "Q1_2_TEXT": ["朋友", *[None] * 19]}, "Q1_其他_文本", [None, "no_answer", "not_asked"]),
        ({"Q1": ["4", "4", "1", *["2"] * 17], "Q1_4_TEXT": ["朋友", *[None] * 19]}, "Q1_其他_文本", [None, "no_answer", "not_asked"]),
    ],
    ids=["single", "joined", "one column an option", "option numbers"],
)  # fmt: skip
def test_only_who_chose_other_was_asked_to_write(columns, question_id, why):
    decided = {"kinds": {"Q1": "single"}} if "Q1_4_TEXT" in columns else {}
    question, frame = one(columns | CITY, question_id, **decided)
    assert question.base == "选了“其他”的答卷"
    assert frame[f"{question_id}?"].to_list()[:3] == why
    assert frame[f"{question_id}?"].to_list()[3:] == ["not_asked"] * 17
    assert told(why_missing(frame, question)) == "18 人未被问到、1 人未答"


def test_each_column_is_read_twice_at_most():
    """A .sav of 500 columns took three readings of each: most of its time."""
    calls: list[str] = []
    whole = Reading.answers

    def counting(self, raw, *, question=""):
        calls.append(raw.name)
        return whole(self, raw, question=question)

    columns = {f"{i}、题目{i}": spread("是", "否") for i in range(1, 9)} | CITY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reading, "answers", counting)
        survey(columns)
    assert max(calls.count(c) for c in columns) == 2


def test_what_was_written_becomes_a_text_of_its_own():
    result = survey({"1、渠道": ["其他〖朋友介绍〗", *spread("抖音", "淘宝")[1:]], "2、填空—职业": [f"第{i}种不同的职业" for i in range(N)], "2、填空—年限": [str(i * 1.5) for i in range(N)]})  # fmt: skip
    texts = gather([Part("responses", result)]).joined.tables["texts"]
    assert texts.filter(question="渠道（其他，请注明）")["text"].to_list() == ["朋友介绍"]
    assert texts.filter(question="填空｜职业").height == N


SILENT = ["男", "女", "(跳过)", "(空)", "拒答", "男", None, *["女"] * 13]


def why(frame, column="Q1?"):
    return frame[column].cast(pl.String).to_list()[:7]


def test_not_asked_unanswered_and_refused_are_kept_apart():
    _, frame = one({"1、性别": SILENT, **CITY})
    assert frame["Q1"].to_list()[:7] == ["男", "女", None, None, None, "男", None]
    assert why(frame) == [None, None, "not_asked", "no_answer", "refused", None, None]
    assert "Q9?" not in frame.columns


def test_option_numbers_of_wjx_mark_them_by_minus_three_and_minus_two():
    columns = {"1、性别": ["1", "2", "-3", "-2", *["1"] * 16], "第2题(甲)": ["1", "0", "-3", "-2", *["0"] * 16], "第2题(乙)": ["0", "1", "-3", "-2", *["1"] * 16]}  # fmt: skip
    _, frame = one(columns | CITY)
    assert why(frame)[:4] == [None, None, "not_asked", "no_answer"]
    assert why(frame, "Q2?")[:4] == [None, None, "not_asked", "no_answer"]
    assert frame["Q2[甲]"].to_list()[:4] == [True, False, None, False]


def test_qualtrics_says_seen_but_unanswered_with_minus_99_and_others_do_not():
    front = {"StartDate": ["2024-01-01"] * N, "RecordedDate": ["2024-01-01"] * N, "ResponseId": [f"R_{i}" for i in range(N)], "DistributionChannel": ["anonymous"] * N, "UserLanguage": ["ZH-S"] * N}  # fmt: skip
    cells = {"Q1": ["-99", *spread("1", "2", "3")[1:]], "Q2": spread("1", "2")}
    raw = raw_table(front | cells)
    result = clean(raw, propose(raw), secret=SECRET)
    assert why(result.frame)[0] == "no_answer"
    assert "Q1?" not in survey(cells).frame.columns


def test_99_counts_as_an_answer_until_the_user_says_what_it_is():
    ages = [*spread("25", "31", "47")[:-2], "99", "99"]
    plain, frame = one({"1、年龄": ages, **CITY})
    assert plain.kind is K.NUMBER
    assert frame["Q1"].max() == 99
    _, frame = one({"1、年龄": ages, **CITY}, missing={"Q1": {"99": "refused"}})
    assert frame["Q1"].max() == 47
    assert frame["Q1?"].cast(pl.String).to_list()[-2:] == ["refused", "refused"]


def test_a_matrix_knows_the_reason_of_every_row():
    columns = {"1、评价—外观": ["满意", "(空)", "(跳过)", *["一般", "满意"] * 8, "一般"], "1、评价—价格": ["一般", "满意", "(跳过)", *["满意", "一般"] * 8, "一般"]}  # fmt: skip
    _, frame = one(columns | CITY)
    assert why(frame, "Q1[外观]?")[:3] == [None, "no_answer", "not_asked"]
    assert why(frame, "Q1[价格]?")[:3] == [None, None, "not_asked"]


def test_the_reasons_survive_parquet_and_a_second_questionnaire():
    result = survey({"1、性别": SILENT, **CITY})
    buffer = io.BytesIO()
    result.frame.write_parquet(buffer)
    assert pl.read_parquet(io.BytesIO(buffer.getvalue())).equals(result.frame)
    other = survey({"1、别的题": SILENT[:4] + ["乙"] * 16, "9、城市": spread("广州")})
    responses = gather([Part("responses", result), Part("responses", other)]).joined.tables["responses"]  # fmt: skip
    assert responses["Q1?"].drop_nulls().len() == 3
    assert responses["S2_Q1?"].cast(pl.String).drop_nulls().to_list() == ["not_asked", "no_answer"]


@pytest.fixture
def silent():
    """100 people: 40 男, 30 女, 15 not asked, 10 without an answer, 5 refused."""
    cells = ["男"] * 40 + ["女"] * 30 + ["(跳过)"] * 15 + ["(空)"] * 10 + ["拒答"] * 5
    ticks = ["甲┋乙"] * 50 + ["甲"] * 20 + ["(跳过)"] * 20 + ["(空)"] * 10
    result = survey({"1、性别": cells, "2、选什么": ticks, "3、城市": ["京", "沪"] * 50})
    return Dataset(responses=result.frame, questionnaire=result.questionnaire)


def test_topline_counts_the_three_reasons_apart(silent):
    summary = answer(topline.ANALYSIS, silent).tables["summary"]
    rows = summary.select("question", "n_shown", "base", "n_missing", "n_refused", "n_not_asked").rows()  # fmt: skip
    assert rows == [("Q1", 85, 70, 10, 5, 15), ("Q2", 80, 80, 10, 0, 20), ("Q3", 100, 100, 0, 0, 0)]


def test_the_base_is_who_answered_or_who_saw_the_question(silent):
    answered = answer(topline.ANALYSIS, silent).tables["Q1"]
    assert answered.select("option", "n", "base").rows() == [("男", 40, 70), ("女", 30, 70)]
    told = answer(topline.ANALYSIS, silent, topline.Params(base="看到本题的人"))
    assert told.tables["Q1"].select("option", "n", "base").rows() == [("男", 40, 85), ("女", 30, 85), ("未答", 10, 85), ("拒答", 5, 85)]  # fmt: skip
    assert told.tables["Q2"].filter(option="乙").select("n", "base").row(0) == (50, 80)
    assert any("未答和拒答计入并各列一行" in note for note in told.notes)
    assert all("未答" not in f.text for f in told.findings)


def test_the_cross_table_prints_its_base_rule(silent):
    result = answer(crosstab.ANALYSIS, silent, crosstab.Params(rows=["Q1"], breaks=["Q3"]))
    assert any("15 人未被问到、10 人未答、5 人拒答" in note for note in result.notes)
    assert result.tables["table"].filter(column="总计")["base"].to_list() == [70, 70]
    seen = answer(crosstab.ANALYSIS, silent, crosstab.Params(rows=["Q1"], breaks=["Q3"], base="看到本题的人"))  # fmt: skip
    assert seen.tables["table"].filter(column="总计")["base"].to_list() == [85, 85, 85, 85]


def test_topline_shows_blanks_by_part_dates_by_month_and_no_identifiers():
    result = survey({
        "1、填空—年限": [str(i * 1.5) for i in range(N)], "1、填空—职业": [f"第{i}种不同的职业" for i in range(N)],
        "2、日期": DAYS, "3、卡面号码": IDS, "4、预算—吃": spread("60", "20"), "4、预算—穿": spread("40", "80"), "4、预算—玩": spread("0", "0"),
    })  # fmt: skip
    told = answer(topline.ANALYSIS, Dataset(responses=result.frame, questionnaire=result.questionnaire))  # fmt: skip
    summary = {row["question"]: row for row in told.tables["summary"].to_dicts()}
    assert set(summary) == {"Q1_1", "Q1_2", "Q2", "Q4_1", "Q4_2", "Q4_3"}
    assert summary["Q1_1"]["mean"] == pytest.approx(1.5 * 9.5)
    assert summary["Q1_2"]["kind"] == "开放题"
    assert summary["Q4_1"]["mean"] == pytest.approx(40)
    assert told.tables["Q2"].select("option", "n").rows() == [("2024-01", 10), ("2024-02", 10)]
    assert "Q3" not in told.tables


def test_the_wjx_sample_with_other_and_skips_is_split():
    path = shared("hostile/csv/wjx_other_text.csv")
    (raw,) = read(path.read_bytes(), path.name)
    result = clean(raw, propose(raw, table="responses"), secret=SECRET)
    assert result.frame["Q1"].to_list() == ["A.其他", "B.抖音"]
    assert result.frame["Q1_其他_文本"].to_list() == ["朋友介绍", None]
    lost = result.issues.filter(reason="没有回答任何问题")["line"].to_list()
    assert lost == [4, 5]


def test_the_rows_of_a_grid_are_questions_of_their_own():
    frame = pl.DataFrame({"a": [1.0], "b": ["x"]})
    question = Question(
        id="Q5", wording="填", kind=K.BLANKS, columns=("a", "b"), rows=("年限", "职业")
    )
    assert [(p.id, p.kind, p.wording) for p in parts(question, frame)] == [("Q5_1", K.NUMBER, "填｜年限"), ("Q5_2", K.OPEN, "填｜职业")]  # fmt: skip


def test_a_missing_value_of_the_codebook_is_no_answer():
    from insight.readers.raw import Codebook, Variable

    raw = raw_table(
        {
            "序号": [str(i) for i in range(N)],
            "Q1": [*spread("是", "否")[:-2], "拒绝", "跳过"],
            "Q2": spread("京", "沪"),
        }
    )
    told = Variable("Q1", "买过吗", options=(("1", "是"), ("2", "否")), missing=("拒绝", "跳过"))
    raw = replace(raw, codebook=Codebook({"Q1": told, "Q2": Variable("Q2", "城市")}))
    proposal = with_roles(
        propose(raw, table="responses"),
        {"序号": "respondent_id", "Q1": "question", "Q2": "question"},
    )
    frame = clean(raw, proposal, secret=SECRET).frame
    assert frame["Q1?"].cast(pl.String).to_list()[-2:] == [Missing.REFUSED, Missing.NOT_ASKED]


def typed_file(relative):
    path = shared(relative)
    (raw,) = read(path.read_bytes(), path.name)
    result = clean(raw, propose(raw, table="responses"), secret=SECRET)
    return result, pl.read_csv(path, infer_schema=False)


def test_the_membership_survey_is_typed_and_its_ranking_counted():
    result, raw = typed_file("data/membersurvey_sas/membersurvey.csv")
    kinds = {q.id: q.kind for q in result.questionnaire.questions}
    wanted = {"Q1": K.BLANKS, "Q3": K.MULTI, "Q7": K.SINGLE, "Q9": K.MATRIX, "Q15": K.RANK, "Q11_其他_文本": K.OPEN}  # fmt: skip
    assert {q: kinds[q] for q in wanted} == wanted
    raw = raw.filter(pl.col("id").is_first_distinct())  # of two with one id the first counts
    item = "Support via the e-group"
    assert (result.frame[f"Q15[{item}]"] == 1).sum() == (raw["Q15_1"] == item).sum() > 0
    assert (result.frame[f"Q15[{item}]"] == 4).sum() == (raw["Q15_4"] == item).sum()
    assert result.frame["Q11[其他]"].sum() == raw["Q11_other"].is_not_null().sum() > 0


def test_the_delimited_sets_of_quantipy_are_counted_as_by_hand():
    result, raw = typed_file("data/quantipy_example_a/Example Data (A).csv")
    for code in "123456":
        ticked = raw["q2"].str.contains(rf"(^|;){code};")
        assert result.frame[f"Q2[{code}]"].sum() == ticked.sum()
    assert result.questionnaire.find("Q2").separator == ";"
    assert result.questionnaire.find("Q6").kind is K.MATRIX


def test_a_few_places_are_places_once_the_user_says_it_is_a_ranking():
    raw = raw_table(
        {"序号": ["1", "2", "3"], "第1题(价格)": ["1", "1", "2"], "第1题(质量)": ["2", "2", "1"]}
    )
    proposal = propose(raw, table="responses", decisions=Decisions(kinds={"Q1": K.RANK}))
    result = clean(raw, proposal, secret=SECRET)
    assert result.frame["Q1[价格]"].to_list() == [1, 1, 2]
    assert result.frame["Q1[质量]"].to_list() == [2, 2, 1]
