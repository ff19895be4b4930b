"""The real header is found below what stands above it, and its rows become one name a column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import pytest
import xlsxwriter
from conftest import shared
from raw_files import hostile, lines, rows

from insight.clean import clean, propose
from insight.readers import LINE, RawTable, read

Rows = Sequence[Sequence[str | float | None]]


def as_csv(table: Rows) -> RawTable:
    file = io.StringIO()
    csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in table])
    (only,) = read(file.getvalue().encode("utf-8-sig"), "导出.csv")
    return only


def as_xlsx(table: Rows, *, merged: Sequence[tuple[int, int, int, int]] = ()) -> RawTable:
    """``merged``: first row, first column, last row, last column; the value stands top left."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("数据")
        for r, row in enumerate(table):
            for c, cell in enumerate(row):
                if cell is not None:
                    sheet.write(r, c, cell)
        for top, left, bottom, right in merged:
            sheet.merge_range(top, left, bottom, right, table[top][left])
    (only,) = read(file.getvalue(), "导出.xlsx")
    return only


def names(raw: RawTable) -> list[str]:
    return [column for column in raw.frame.columns if column != LINE]


BOTH = pytest.mark.parametrize("written", [as_csv, as_xlsx])

QUALTRICS = (
    ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
     "ResponseId", "ExternalReference", "UserLanguage", "Q1", "Q3_1", "Q3_2", "Q3_6_TEXT", "Q9_NPS_GROUP"],
    ["Startdatum", "Enddatum", "Antworttyp", "IP-Adresse", "Verlauf", "Dauer (in Sekunden)", "Beendet", "Aufgezeichnet",
     "Antwort-ID", "Externe Datenreferenz", "Sprache", "Wie zufrieden\nsind Sie?", "Marken? - A", "Marken? - B",
     "Marken? - Andere - Text", "Empfehlung? - Gruppe"],
)  # fmt: skip
IDS = [
    "startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished", "recordedDate", "_recordId",
    "externalDataReference", "userLanguage", "QID1", "QID3_1", "QID3_2", "QID3_6_TEXT", "QID9_NPS_GROUP",
]  # fmt: skip
ANSWERS = [
    ["2024-03-01 10:00:00", "2024-03-01 10:05:00", "0", "1.2.3.4", "100", "300", "1", "2024-03-01 10:05:01", "R_1", "M1", "ZH-S", "5", "1", None, None, "3"],
    ["2024-03-01 11:00:00", "2024-03-01 11:05:00", "0", "1.2.3.4", "100", "280", "1", "2024-03-01 11:05:01", "R_2", "M2", "ZH-S", "4", None, "1", "别的", "2"],
]  # fmt: skip


@BOTH
def test_the_three_rows_of_qualtrics_give_variable_and_wording(written):
    import_ids = [json.dumps({"ImportId": one}) for one in IDS]
    raw = written([*QUALTRICS, import_ids, *ANSWERS])
    assert names(raw) == [
        "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
        "ResponseId", "ExternalReference", "UserLanguage", "Q1｜Wie zufrieden sind Sie?", "Q3_1｜Marken? - A", "Q3_2｜Marken? - B",
        "Q3_6_TEXT｜Marken? - Andere - Text", "Q9_NPS_GROUP｜Empfehlung? - Gruppe",
    ]  # fmt: skip
    assert rows(raw) == [tuple(row) for row in ANSWERS]
    assert "表头有 3 行" in "".join(raw.notes)


@BOTH
def test_legacy_qualtrics_has_two_rows_and_its_own_columns_are_in_the_second(written):
    first = ["V1", "V2", "V4", "V8", "V10", "Q1", "Q2_1", "LocationLatitude"]
    second = ["ResponseID", "ResponseSet", "ExternalDataReference", "StartDate", "Finished", "您满意吗？", "品牌 - A", "LocationLatitude"]  # fmt: skip
    data = [
        [f"R_{i}", "Default", f"M{i}", f"2014-03-0{i} 10:00:00", "1", "满意", "1", "31.2"]
        for i in (1, 2, 3)
    ]
    raw = written([first, second, *data])
    assert names(raw) == [
        "ResponseID", "ResponseSet", "ExternalDataReference", "StartDate", "Finished", "Q1｜您满意吗？", "Q2_1｜品牌 - A", "LocationLatitude",
    ]  # fmt: skip
    assert rows(raw) == [tuple(row) for row in data]


MONKEY = [
    ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "Custom Data 1",
     "您最近一次购买是什么时候？", "您买过哪些品牌？", None, None, None, "您对下列方面满意吗？", None, "还有什么建议？"],
    [None, None, None, None, None, None, None,
     "Response", "品牌A", "品牌B", "品牌C", "Other (please specify)", "价格", "服务", "Open-Ended Response"],
    ["11001", "7", "05/26/2026 12:00:11 PM", "05/26/2026 12:03:11 PM", "1.2.3.4", None, "M1", "一周内", "品牌A", None, "品牌C", None, "满意", "一般", "没有"],
    ["11002", "7", "05/26/2026 01:00:11 PM", "05/26/2026 01:03:11 PM", "1.2.3.4", None, "M2", "一月内", None, "品牌B", None, "别家", "一般", "满意", "快一点"],
]  # fmt: skip


@BOTH
def test_the_two_rows_of_surveymonkey_give_question_and_option(written):
    raw = written(MONKEY)
    assert names(raw)[6:] == [
        "Custom Data 1", "您最近一次购买是什么时候？", "您买过哪些品牌？｜品牌A", "您买过哪些品牌？｜品牌B", "您买过哪些品牌？｜品牌C",
        "您买过哪些品牌？｜Other (please specify)", "您对下列方面满意吗？｜价格", "您对下列方面满意吗？｜服务", "还有什么建议？｜Open-Ended Response",
    ]  # fmt: skip
    assert rows(raw) == [tuple(row) for row in MONKEY[2:]]
    assert lines(raw) == [3, 4]


def test_merged_questions_of_surveymonkey_are_joined_like_unmerged_ones():
    merged = as_xlsx(MONKEY, merged=[(0, 8, 0, 11), (0, 12, 0, 13)])
    assert names(merged) == names(as_xlsx(MONKEY))


def test_a_surveymonkey_file_of_one_long_question_has_its_header_on_top():
    options = [f"选项{i}" for i in range(60)]
    first = ["Respondent ID", "Collector ID", "Start Date", "您买过哪些？", *[None] * 59]
    data = [
        [f"1100{i}", "7", "05/26/2026 12:00:11 PM", *[o if o == options[i] else None for o in options]]
        for i in range(5)
    ]  # fmt: skip
    raw = as_csv([first, [None, None, None, *options], *data])
    assert names(raw)[:4] == ["Respondent ID", "Collector ID", "Start Date", "您买过哪些？｜选项0"]
    assert raw.frame.height == 5


@BOTH
def test_the_two_rows_of_credamo_give_variable_and_wording(written):
    first = [
        "作答ID",
        "被试ID",
        "开始时间",
        "提交时间",
        "作答时长(秒)",
        "审核状态",
        "信用分",
        "Q1",
        "Q3_1",
        "Q3_2",
        "Q5_1",
    ]
    second = ["作答ID", "被试ID", "开始时间", "提交时间", "作答时长(秒)", "审核状态", "信用分", "您的性别", "喜欢的品牌-A", "喜欢的品牌-B", "满意度-价格"]  # fmt: skip
    data = [
        [f"90{i}", f"P{i}", "2024-03-01 10:00:00", "2024-03-01 10:05:00", "300", "采纳", "100", "男", "1", "0", "5"]
        for i in range(4)
    ]  # fmt: skip
    raw = written([first, second, *data])
    assert names(raw) == [*first[:7], "Q1｜您的性别", "Q3_1｜喜欢的品牌-A", "Q3_2｜喜欢的品牌-B", "Q5_1｜满意度-价格"]  # fmt: skip
    assert raw.frame.height == 4


@BOTH
def test_answers_below_variable_names_are_no_second_header_row(written):
    data = [["1", "男", "满意"], ["2", "女", "一般"], ["3", "男", "不满意"]]
    raw = written([["id", "Q1", "Q2"], *data])
    assert names(raw) == ["id", "Q1", "Q2"]
    assert rows(raw) == [tuple(row) for row in data]


@BOTH
def test_the_first_respondent_without_an_id_is_no_second_header_row(written):
    data = [[None, "男", "满意"], ["2", "女", "一般"], ["3", "男", "满意"], ["4", "女", "一般"]]
    raw = written([["id", "Q1", "Q2"], *data, ["5", "男", "一般"], ["6", "女", "满意"]])
    assert names(raw) == ["id", "Q1", "Q2"]
    assert raw.frame.height == 6


ORDERS = [
    ["订单号", "下单时间", "会员号", "实付金额", "备注"],
    ["A1", "2024-03-01", "u1", "10", "要热的"],
    ["A2", "2024-03-02", "u2", "20", None],
]


@BOTH
@pytest.mark.parametrize(
    "above",
    [
        [["2024 年 3 月订单导出"], [None]],
        [["店铺：A店", "导出人：张三"], ["区间：三月", "币种：元"]],
        [["说明", None, None, "导出日期"], ["甲", None, None, "三月"]],
        [["一"], ["二"]],
    ],
    ids=["a title and a blank row", "facts in two cells", "facts apart", "two lines"],
)
def test_the_header_is_found_below_what_stands_above_it(written, above):
    raw = written([*above, *ORDERS])
    assert names(raw) == ORDERS[0]
    assert rows(raw) == [tuple(row) for row in ORDERS[1:]]
    assert "表头上方有" in "".join(raw.notes)


@BOTH
def test_a_fuller_row_of_questions_is_no_header_where_the_header_is_as_full(written):
    data = [["你好吗？", "您呢？"], ["请问在吗？", "你在哪？"], ["第一次来吗？", "请坐"]]
    raw = written([["问句", "答句"], *data])
    assert names(raw) == ["问句", "答句"]
    assert raw.frame.height == 3


def test_three_rows_of_merged_cells_become_one():
    table = [
        ["会员号", "消费", None, None, None],
        [None, "线上", None, "线下", None],
        [None, "金额", "次数", "金额", "次数"],
        ["u1", 10.0, 1.0, 20.0, 2.0],
    ]
    merged = [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)]
    raw = as_xlsx(table, merged=merged)
    assert names(raw) == [
        "会员号",
        "消费_线上_金额",
        "消费_线上_次数",
        "消费_线下_金额",
        "消费_线下_次数",
    ]
    assert rows(raw) == [("u1", "10", "1", "20", "2")]


def test_merged_questions_of_a_questionnaire_are_joined_by_the_bar():
    table = [
        ["答卷编号", "3、您看重什么？", None, "4、满意度"],
        [None, "价格", "服务", None],
        ["1", 1.0, 0.0, 5.0],
        ["2", 0.0, 1.0, 4.0],
    ]
    raw = as_xlsx(table, merged=[(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)])
    assert names(raw) == ["答卷编号", "3、您看重什么？｜价格", "3、您看重什么？｜服务", "4、满意度"]


def test_short_names_under_a_merged_cell_are_joined_as_before():
    (raw,) = hostile("xlsx/merged_two_row_header.xlsx")
    assert "基本信息_手机号" in names(raw)


HEADERS = "spec/export_headers.json"


@pytest.mark.parametrize("above", [0, 3])
def test_the_header_of_every_known_export_is_found(above):
    for platform, header in json.loads(shared(HEADERS).read_text("utf-8")).items():
        data = [[f"值{r}{c}" for c in range(len(header))] for r in range(3)]
        title = [[f"{platform} 导出", "制表人：王", "三月"]] * above
        raw = as_csv([*title, header, *data])
        assert names(raw)[0] == header[0].strip(), platform
        assert raw.frame.height == 3, platform


def questions(raw: RawTable) -> list[tuple[str, str, str, list[str]]]:
    """(id, kind, wording, options or rows) of what the file asks."""
    found = clean(raw, propose(raw), secret=b"k" * 32).questionnaire
    assert found is not None
    return [
        (q.id, q.kind.value, q.wording, [*(o.label for o in q.options if o.column), *q.rows])
        for q in found.questions
    ]


def test_the_rows_of_qualtrics_and_surveymonkey_become_their_questions():
    import_ids = [json.dumps({"ImportId": one}) for one in IDS]
    asked = questions(as_csv([*QUALTRICS, import_ids, *ANSWERS * 3]))
    assert ("Q1", "single", "Wie zufrieden sind Sie?", []) in asked
    assert ("Q3", "multi", "Marken?", ["A", "B"]) in asked
    several = [[f"{row[0]}{i}", *row[1:]] for i in range(4) for row in MONKEY[2:]]
    asked = questions(as_csv([*MONKEY[:2], *several]))
    assert ("Q2", "multi", "您买过哪些品牌？", ["品牌A", "品牌B", "品牌C", "其他"]) in asked
    assert ("Q3", "matrix", "您对下列方面满意吗？", ["价格", "服务"]) in asked
