"""Delimited text: every line ends up in a row or in the issues."""

from __future__ import annotations

import csv
import io

import pytest
from raw_files import lines, rows, table

from insight.errors import BadParameter, UnknownEncoding
from insight.readers import LINE, read


def test_a_quote_that_closes_lines_later_in_the_wrong_place_is_taken_apart():
    raw = table('a,b\n1,"开\n2,ok\n3,"关"\n4,ok\n')
    assert rows(raw) == [("1", "开"), ("2", "ok"), ("3", "关"), ("4", "ok")]
    assert lines(raw) == [2, 3, 4, 5]


def test_inches_and_web_shop_ids_are_read_as_a_person_would():
    raw = table('订单编号,联系手机,标题\n="00123",\'13800000001,"5"" 屏, 黑"\n="00124",1,5" 屏\n')
    assert rows(raw) == [("00123", "'13800000001", '5" 屏, 黑'), ("00124", "1", '5" 屏')]


def test_a_comma_more_in_every_row_is_an_empty_column_not_a_mistake():
    raw = table("a,b\n1,2,\n3,4,\n")
    assert rows(raw) == [("1", "2"), ("3", "4")]
    assert raw.issues.is_empty()


def test_the_last_row_of_totals_needs_data_above_it():
    assert rows(table("类,额\n合计,3\n")) == [("合计", "3")]
    assert rows(table("类,额\na,1\nb,2\n总计,3\n")) == [("a", "1"), ("b", "2")]


def test_sentences_with_commas_under_one_name_are_one_column():
    raw = table("评论\n不错,喜欢\n好,快,省\n一般\n")
    assert rows(raw) == [("不错,喜欢",), ("好,快,省",), ("一般",)]


def test_personal_data_in_a_row_that_is_set_aside_is_masked():
    raw = table("手机,分\n13812345678,1,多余\n13812345678,2\n1,1\n")
    assert raw.issues["value"].to_list() == ["138****5678,1,多余"]


def test_a_header_called_like_the_line_column_gives_way():
    assert table("__line__,b\n1,2\n").frame.columns == [LINE, "__line___2", "b"]


def test_an_encoding_can_be_chosen():
    data = "姓名,城\n陳,臺\n".encode("big5")
    assert rows(read(data, "x.csv", encoding="big5")[0]) == [("陳", "臺")]
    with pytest.raises(BadParameter, match="没有这种编码"):
        read(data, "x.csv", encoding="klingon")
    with pytest.raises(UnknownEncoding, match="第 1 行"):
        read(data, "x.csv", encoding="utf-8")


def test_one_bad_byte_in_utf8_is_found_by_its_row():
    data = "姓名,城市\n张三,北京\n李四,上海\n".encode().replace("李".encode(), b"\xff\xfe\xfd")
    with pytest.raises(UnknownEncoding) as caught:
        read(data, "x.csv")
    assert caught.value.row == 3


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_what_the_csv_module_writes_comes_back(separator, quoting):
    cells = ["x", "a,b", 'he "said"', "line\nbreak", "1.5", "  pad", ";", '"', "tab\there", "007"]
    body = [[cells[(i * 7 + j * 3) % 10] for j in range(4)] for i in range(20)]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, quoting=quoting)
    writer.writerows([["列甲", "列乙", "列丙", "列丁"], *body])
    assert rows(table(file.getvalue())) == [tuple(row) for row in body]


def test_a_cell_of_50_mb_and_a_line_of_20_mb_are_data():
    long = "长" * 17_000_000
    assert rows(table(f'a,b\n1,"{long}"\n2,x\n')) == [("1", long), ("2", "x")]
    assert rows(table("a,b\n" + "x" * 20_000_000 + ",1\n"))[0][1] == "1"


def test_a_line_that_opens_a_quote_and_never_closes_it_keeps_its_cells():
    head, good = "会员号,订单号,下单时间,实付金额\n", 'A1,1,2024-01-01,"1,250"\n'
    raw = table(head + good + '"A4,4,2024-01-04,60\n' + '"A5",5,"2024-01-05,70\n' + good)
    whole = ("A1", "1", "2024-01-01", "1,250")
    assert rows(raw)[:2] == [whole, ("A4", "4", "2024-01-04", "60")]
    assert rows(raw)[2:] == [("A5", "5", "2024-01-05", "70"), whole]
    assert raw.issues["line"].to_list() == [3, 4]
    assert set(raw.issues["reason"]) == {"引号没有配对，已按普通文字读入"}


def test_a_line_with_an_open_quote_and_too_many_cells_is_set_aside_once():
    raw = table('a,b\n1,"2,3\n4,5\n6,7\n')
    assert rows(raw) == [("4", "5"), ("6", "7")]
    assert raw.issues.select("line", "reason", "action").rows() == [
        (2, "这一行有 3 格，应为 2 格", "未导入")
    ]


def test_a_column_called_like_the_line_column_is_told_so():
    (note,) = table("__line__,b\n1,2\n").notes
    assert note == "表头“__line__”是本工具留给行号的名字，这一列已改名为“__line___2”。"
