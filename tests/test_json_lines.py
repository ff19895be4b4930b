"""JSON lines and arrays of objects become tables of text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_files import complain, lines, rows

from insight.readers import LINE, RawTable, read


def table(text: str, name: str = "评论.jsonl") -> RawTable:
    (only,) = read(text.encode(), name)
    assert only.kind == "table"
    return only


ROWS = '{"订单号": "A1", "金额": 12.50, "数量": 2}\n{"订单号": "A2", "金额": 3e2, "备注": null}\n'


def test_every_line_is_a_row_and_keys_that_come_later_are_columns_too():
    raw = table(ROWS)
    assert raw.frame.columns == [LINE, "订单号", "金额", "数量", "备注"]
    assert rows(raw) == [("A1", "12.50", "2", None), ("A2", "3e2", None, None)]
    assert lines(raw) == [1, 2]


def test_numbers_stay_as_they_are_written():
    raw = table('{"id": 123456789012345678, "tel": 13800000001, "x": 0.10}\n')
    assert rows(raw) == [("123456789012345678", "13800000001", "0.10")]


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]',
        '[\n  {"a": "1", "b": "x"},\n  {"a": "2", "b": "y"}\n]\n',
        '{"code": 0, "data": [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]}',
        '{"a": "1", "b": "x"}\n\n{"a": "2", "b": "y"}',
    ],
    ids=["one line", "indented", "the answer of an interface", "lines"],
)
def test_arrays_and_lines_of_the_same_objects_are_the_same_table(text):
    assert rows(table(text, "数据.txt")) == [("1", "x"), ("2", "y")]


def test_objects_within_objects_are_flattened_with_dots():
    raw = table('{"id": 1, "user": {"name": "张三", "地址": {"city": "上海"}}}\n')
    assert raw.frame.columns == [LINE, "id", "user.name", "user.地址.city"]
    assert rows(raw) == [("1", "张三", "上海")]


def test_a_list_of_plain_values_is_a_multiple_choice():
    raw = table('{"id": 1, "兴趣": ["运动", "音乐"], "是会员": true}\n{"id": 2, "兴趣": []}\n')
    assert rows(raw) == [("1", "运动┋音乐", "TRUE"), ("2", None, None)]


def test_tables_within_the_table_are_left_out_and_mentioned():
    raw = table('{"id": 1, "items": [{"sku": "a"}]}\n')
    assert raw.frame.columns == [LINE, "id"]
    assert "“items”里还有表格（对象的列表），没有读入。" in raw.notes


def test_a_line_that_is_no_object_is_an_issue_with_its_line():
    raw = table('{"a": 1}\n{"a": 2}\n{"a": 3, "手机": "13800000001\n{"a": 4}\n')
    assert lines(raw) == [1, 2, 4]
    ((line, _, value, reason, action),) = raw.issues.rows()
    assert (line, reason, action) == (3, "这一行不是完整的 JSON 对象", "未导入")
    assert "13800000001" not in value
    assert "有 1 行不是完整的 JSON 对象，没有导入。" in raw.notes


def test_json_that_is_no_table_or_damaged_says_so():
    assert "JSON 里不是由对象组成的表" in complain(b'[{"a": 1}, 2, 3]', "x.json")
    assert "只有表头" in complain(b"[]", "x.json")
    assert "JSON 不完整" in complain(b'{"a": 1}\n{"a":\n{"b":\n', "x.json")


def test_a_deep_nest_is_no_crash():
    assert complain(b'{"a":' * 100_000, "x.json").endswith("。")
    assert complain(b"[" + b'{"a":[' * 50_000, "x.json").endswith("。")


def test_an_interview_that_begins_with_a_bracket_is_an_interview():
    text = "[00:00:05] 说话人1：{好}。\n[00:00:09] 说话人2：好的。\n"
    (raw,) = read(text.encode(), "访谈.txt")
    assert raw.kind == "transcript"
    text = "{旁白}\n说话人1：好。\n说话人2：好的。\n"
    (raw,) = read(text.encode(), "访谈.txt")
    assert raw.kind == "transcript"


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_json_writes_comes_back(written):
    text = "\n".join(json.dumps({"甲": "x", "乙": a, "丙": b}) for a, b in written)
    expected = [("x", a if a.strip() else None, b if b.strip() else None) for a, b in written]
    assert (
        table(text).frame.select("甲", "乙", "丙").rows() == expected
        if any(a.strip() and b.strip() for a, b in written)
        else True
    )
