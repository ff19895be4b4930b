"""A handful of answers is enough: the platform, the wording and pieces that come again tell the kind of a question."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from clean_tables import SECRET, raw_table

from insight.clean import Cleaned, clean, propose, with_roles
from insight.clean.rankings import rank_mark
from insight.clean.separators import Hints, separator
from insight.readers import RawTable, read
from insight.schema import Decisions, Question, QuestionKind

K = QuestionKind


def written(*rows: list[str]) -> RawTable:
    """A csv export as the reader gives it."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    (raw,) = read(file.getvalue().encode("utf-8-sig"), "导出.csv")
    return raw


def cleaned(raw: RawTable) -> Cleaned:
    return clean(raw, propose(raw), secret=SECRET)


def asked(result: Cleaned, question_id: str) -> Question:
    question = result.questionnaire.find(question_id)
    assert question is not None, [q.id for q in result.questionnaire.questions]
    return question


def ticks(result: Cleaned, question_id: str) -> dict[str, int]:
    question = asked(result, question_id)
    assert question.kind is K.MULTI
    return {o.label: result.frame[o.column].sum() for o in question.options}


def places(result: Cleaned, question_id: str) -> dict[str, list[int | None]]:
    question = asked(result, question_id)
    assert question.kind is K.RANK
    return {o.label: result.frame[o.column].to_list() for o in question.options}


# ---- the platforms, four answers each --------------------------------------------------------

FRONT = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage"]  # fmt: skip
QUALTRICS = {
    "Q1": ("Your gender", "1212"),
    "Q2": ("Which drinks do you buy? - Selected Choice", ("1,2", "2,4", "1", "4")),
    "Q2_4_TEXT": ("Which drinks do you buy? - Other - Text", ("", "椰汁", "", "")),
    "Q5_1": ("Rate the following - Taste", "5342"),
    "Q5_2": ("Rate the following - Price", "4441"),
    "Q7_1": ("Your order - Taste", "1231"),
    "Q7_2": ("Your order - Price", "2113"),
    "Q7_3": ("Your order - Pack", "3322"),
    "Q9_NPS_GROUP": ("How likely to recommend us? - Group", ("Promoter", "Detractor", "Passive", "Promoter")),
    "Q9": ("How likely to recommend us?", ("9", "3", "8", "10")),
    "Q10": ("Why?", ("Good, cheap", "Too dear", "Fine, fast", "Tasty")),
    "Q10 - Topics": ("Why? - Topics", ("price", "price", "speed", "taste")),
}  # fmt: skip


@pytest.fixture(scope="module")
def qualtrics() -> RawTable:
    ids = [f'{{"ImportId":"QID{i}"}}' for i in range(len(QUALTRICS))]
    front = [f'{{"ImportId":"{name}"}}' for name in FRONT]
    rows = [
        [f"2024-03-0{i} 10:00:00", f"2024-03-0{i} 10:05:00", "0", f"1.2.3.{i}", "100", "300", "1", f"2024-03-0{i} 10:05:01", f"R_{i}x", "", "", "", f"M{i}", "31", "121", "anonymous", "ZH-CN"]
        + [answers[i - 1] for _, answers in QUALTRICS.values()]
        for i in range(1, 5)
    ]  # fmt: skip
    return written([*FRONT, *QUALTRICS], [*FRONT, *(t for t, _ in QUALTRICS.values())], [*front, *ids], *rows)  # fmt: skip


def test_option_numbers_of_qualtrics_are_several_choices(qualtrics):
    result = cleaned(qualtrics)
    assert ticks(result, "Q2") == {"1": 2, "2": 2, "4": 2}
    assert asked(result, "Q2").wording == "Which drinks do you buy?"


def test_a_ranking_of_qualtrics_is_none_of_ratings(qualtrics):
    result = cleaned(qualtrics)
    assert places(result, "Q7") == {"Taste": [1, 2, 3, 1], "Price": [2, 1, 1, 3], "Pack": [3, 3, 2, 2]}  # fmt: skip
    assert asked(result, "Q5").kind is K.MATRIX


def test_what_qualtrics_works_out_from_answers_is_no_question(qualtrics):
    result = cleaned(qualtrics)
    proposal = propose(qualtrics)
    derived = [c for c, role in proposal.roles.items() if role == "attribute"]
    assert [c.partition("｜")[0] for c in derived] == ["Q9_NPS_GROUP", "Q10 - Topics"]
    assert proposal.evidence[derived[0]] == "Qualtrics由别的题算出的列，作为属性保留"
    assert asked(result, "Q9").kind is K.NPS
    assert asked(result, "Q10").kind is K.OPEN
    assert [q.id for q in result.questionnaire.questions] == ["Q1", "Q2", "Q2_其他_文本", "Q5", "Q7", "Q9", "Q10"]  # fmt: skip


def test_the_times_of_qualtrics_have_roles_and_none_is_an_attribute(qualtrics):
    proposal = propose(qualtrics)
    assert {c: proposal.roles[c] for c in ("StartDate", "EndDate", "RecordedDate", "ResponseId")} == {
        "StartDate": "started_at", "EndDate": "", "RecordedDate": "submitted_at", "ResponseId": "respondent_id",
    }  # fmt: skip
    assert proposal.evidence["EndDate"] == "和“RecordedDate”都是提交时间，采用了后者"
    assert "EndDate" not in cleaned(qualtrics).frame.columns


def test_surveymonkey_says_what_is_open_and_how_long_it_took():
    raw = written(
        [*["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Custom Data 1"], "Which brands?", "", "How satisfied?", "Why did you buy?"],
        ["", "", "", "", "", "", "Tea", "Coffee", "Response", "Open-Ended Response"],
        *(
            [f"10{i}", "9", f"2024-03-0{i} 10:00:00", f"2024-03-0{i} 10:0{i}:00", "1.1.1.1", f"M{i}", "Tea" if i < 3 else "", "Coffee" if i > 1 else "", mood, why]
            for i, (mood, why) in enumerate([("Good", "Cheap"), ("Bad", "Fast"), ("Good", "Cheap"), ("Bad", "Cheap")], 1)
        ),
    )  # fmt: skip
    result = cleaned(raw)
    assert asked(result, "Q3").kind is K.OPEN
    assert asked(result, "Q3").wording == "Why did you buy?"
    assert asked(result, "Q2").kind is K.SINGLE
    assert ticks(result, "Q1") == {"Tea": 2, "Coffee": 3}
    assert result.frame["duration_s"].to_list() == [60.0, 120.0, 180.0, 240.0]
    assert "答题用时由开始时间和提交时间算出" in result.issues["reason"].to_list()


def test_limesurvey_ranks_items_in_numbered_brackets_and_rates_rows_of_subquestions():
    front = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "startdate",
        "datestamp",
        "ipaddr",
        "refurl",
    ]
    names = ["Q2[SQ001]", "Q2[SQ002]", "E1[SQ001]", "E1[SQ002]", "Q5[1]", "Q5[2]", "Q5[3]"]
    answers = ["Y||A3|A4|A1|A2|A3", "Y|Y|A3|A2|A2|A1|A3", "|Y|A1|A4|A3|A1|"]
    rows = [
        [str(i), f"2024-03-0{i} 10:00:00", "3", "zh-Hans", f"1{i}", f"2024-03-0{i} 09:50:00", f"2024-03-0{i} 10:00:00", f"1.1.1.{i}", "", *line.split("|")]
        for i, line in enumerate(answers, 1)
    ]  # fmt: skip
    result = cleaned(written([*front, *names], *rows))
    assert places(result, "Q5") == {"A1": [1, 2, 2], "A2": [2, 1, None], "A3": [3, 3, 1]}
    assert asked(result, "Q3").kind is K.MATRIX
    assert ticks(result, "Q2") == {"SQ001": 2, "SQ002": 2}


def test_google_forms_joins_options_with_a_comma_and_a_blank():
    result = cleaned(
        written(
            [
                "时间戳记",
                "您平时喝什么？",
                "您的年龄段？",
                "还有什么想说的？",
                "请评价 [价格]",
                "请评价 [质量]",
            ],
            ["2024/3/1 10:00:00", "茶, 咖啡", "18-25", "便宜, 快", "好", "好"],
            ["2024/3/2 10:00:00", "茶", "26-35", "没有", "中", "好"],
            ["2024/3/3 10:00:00", "咖啡, 牛奶", "18-25", "好看, 就是贵", "好", "差"],
            ["2024/3/4 10:00:00", "茶, 牛奶", "36-45", "不错, 便宜", "差", "好"],
        )
    )
    assert ticks(result, "Q1") == {"茶": 3, "咖啡": 2, "牛奶": 2}
    assert asked(result, "Q1").separator == ", "
    assert asked(result, "Q2").kind is K.SINGLE
    assert asked(result, "Q3").kind is K.OPEN


def test_tencent_joins_options_and_ranked_items_with_line_breaks():
    front = ["编号", "开始答题时间", "结束答题时间", "答题时长"]
    when = ["2024/3/1 10:00", "2024/3/1 10:03", "180"]
    result = cleaned(
        written(
            [*front, "1.性别", "2.您喜欢的饮料", "3.给下列因素排序", "4.建议"],
            ["1", *when, "男", "茶\n咖啡", "价格\n口味\n包装", "口味\n价格"],
            ["2", *when, "女", "茶", "口味\n价格\n包装", "无"],
            ["3", *when, "女", "咖啡\n其他:椰汁", "包装\n口味\n价格", "便宜点"],
        )
    )
    assert ticks(result, "Q2") == {"咖啡": 2, "茶": 2, "其他": 1}
    assert places(result, "Q3") == {"价格": [1, 2, 3], "包装": [3, 3, 1], "口味": [2, 1, 2]}
    assert asked(result, "Q4").kind is K.OPEN


def test_a_running_number_beside_the_id_of_wenjuan_and_both_times_have_their_roles():
    raw = written(
        ["序号", "答题序号", "开始答题时间", "结束答题时间", "答题时长", "IP省份", "浏览器", "Q1", "Q2"],
        ["1", "5001", "2024-03-01 10:00:00", "2024-03-01 10:03:00", "180", "广东", "x", "男", "茶,咖啡"],
        ["2", "5002", "2024-03-02 10:00:00", "2024-03-02 10:03:00", "190", "广东", "x", "女", "茶"],
        ["3", "5003", "2024-03-03 10:00:00", "2024-03-03 10:03:00", "200", "湖南", "x", "女", "咖啡,牛奶"],
    )  # fmt: skip
    proposal = propose(raw)
    assert proposal.preset == "wenjuan"
    assert list(proposal.roles.values())[:5] == ["", "respondent_id", "started_at", "submitted_at", "duration_s"]  # fmt: skip
    assert ticks(cleaned(raw), "Q2") == {"咖啡": 2, "茶": 2, "牛奶": 1}


# ---- without a platform ----------------------------------------------------------------------


def survey(header: str, *cells: str, preset: str = "") -> Question:
    """One question beside a single choice, answered by a few."""
    raw = raw_table({header: cells, "9、城市": ["北京"] * len(cells)})
    proposal = propose(raw, table="responses", decisions=Decisions(preset=preset))
    roles = dict.fromkeys(raw.frame.columns[1:], "question")
    return asked(clean(raw, with_roles(proposal, roles), secret=SECRET), "Q1")


@pytest.mark.parametrize(
    ("header", "cells", "labels"),
    [
        ("1、您喝什么(可多选)", ["茶/咖啡", "牛奶", "茶"], {"茶", "咖啡", "牛奶"}),
        ("1、您喝什么[多选题]", ["茶、咖啡", "牛奶、水"], {"茶", "咖啡", "牛奶", "水"}),
        ("1、您喝什么（最多选2项）", ["茶，咖啡", "茶"], {"茶", "咖啡"}),
        ("1、What do you drink? (select all that apply)", ["Tea, Milk", "Milk"], {"Tea", "Milk"}),
        ("1、您买过哪些品牌", ["甲,乙", "乙,丙", "甲,丙"], {"甲", "乙", "丙"}),
        ("1、常用的平台", ["京东/天猫", "京东", "天猫/拼多多", "京东/拼多多"], {"京东", "天猫", "拼多多"}),
        ("1、常用的平台", ["京东\n天猫", "天猫\n京东", "京东", "天猫"], {"京东", "天猫"}),
    ],
)  # fmt: skip
def test_wording_and_recurring_pieces_tell_several_choices(header, cells, labels):
    question = survey(header, *cells)
    assert question.kind is K.MULTI
    assert {o.label for o in question.options} == labels


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("1、您的建议", ["便宜, 快", "快, 好看", "便宜, 好看", "好看"]),
        ("1、买的理由", ["便宜，质量也好", "朋友推荐，想试试", "看了直播，下单了"]),
        ("1、您的想法", ["价格贵。质量好，物流快", "质量好，物流快", "物流快，质量好！", "质量好"]),
        ("1、学历[单选题]", ["本科/大专", "大专/高中", "本科/高中", "本科"]),
        ("1、学历", ["本科/大专", "硕士/博士", "本科/大专", "高中"]),
        ("1、是否买过", ["是，经常", "是，偶尔", "否，从不", "是，经常"]),
        ("1、看过的网页", ["https://a.cn/x", "https://a.cn/y", "https://b.cn/x", "https://b.cn/y"]),
        ("1、消费多少元", ["1,200", "3,400", "900", "1,100"]),
    ],
)  # fmt: skip
def test_free_text_and_options_with_a_mark_stay_whole(header, cells):
    assert survey(header, *cells).kind is not K.MULTI


def test_option_numbers_are_no_quantities_and_quantities_no_option_numbers():
    codes, amounts = pl.Series(["1,2", "3", "2"]), pl.Series(["1,200", "900", "700"])
    assert separator(codes, Hints(likely=(",",))) == ","
    assert separator(codes) is None
    assert separator(amounts, Hints(likely=(",",))) is None


def test_one_respondent_of_twenty_with_two_options_makes_a_multiple_choice_of_qualtrics():
    cells = ["1", "2", "3", "1"] * 5 + ["1,3"]
    question = survey("Q1", *cells, preset="qualtrics")
    assert question.kind is K.MULTI
    assert [o.label for o in question.options] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("header", "cells", "order"),
    [
        ("1、请排序[排序题]", ["价格>质量", "质量>价格>包装"], ["价格", "质量", "包装"]),
        ("1、请按重要程度排序", ["价格,质量", "质量,价格"], ["价格", "质量"]),
        ("1、看重什么", ["价格、质量、包装", "质量、价格、包装", "包装、质量、价格"], ["价格", "质量", "包装"]),
    ],
)  # fmt: skip
def test_items_in_order_are_a_ranking(header, cells, order):
    question = survey(header, *cells)
    assert question.kind is K.RANK
    assert {o.label for o in question.options} == set(order)


def test_two_equal_lists_and_days_are_no_ranking():
    assert rank_mark(pl.Series(["价格、质量、包装", "价格、质量、包装"])) is None
    assert rank_mark(pl.Series(["1/2/3", "3/2/1"])) is None


def test_as_many_respondents_as_chance_asks_for_make_places_a_ranking():
    """m! / m**m for each: 2/9 of three places, so three respondents are 1.1 % and one is 22 %."""

    def kind(*rows: str) -> QuestionKind:
        columns = {f"1、看重—{part}": [row[i] for row in rows] for i, part in enumerate("甲乙丙")}
        raw = raw_table(columns)
        roles = dict.fromkeys(columns, "question")
        proposal = with_roles(propose(raw, table="responses"), roles)
        return asked(clean(raw, proposal, secret=SECRET), "Q1").kind

    assert kind("123", "231", "132") is K.RANK
    assert kind("123") is not K.RANK
    assert kind("123", "221", "132") is not K.RANK
