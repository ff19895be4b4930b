"""Workbooks: cells come out as the text a person sees in them."""

from __future__ import annotations

import polars as pl
import pytest
from raw_files import replaced, rows, sheet, workbook

from insight.readers import LINE, read, sheet_xml
from insight.readers.cell_text import moment_text, number_text
from insight.readers.number_formats import meaning


def test_numbers_are_written_as_a_person_sees_them():
    raw = [
        "17850",
        "17850.0",
        "2.5499999999999998",
        "0.30000000000000004",
        "1E-05",
        "-88",
        "1.38E+10",
    ]
    seen = ["17850", "17850", "2.55", "0.3", "0.00001", "-88", "13800000000"]
    assert number_text(pl.Series(raw)).to_list() == seen
    assert number_text(pl.Series(["1.10101199003074E+17", "1e400"])).to_list() == [
        "110101199003074000", "1e400",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (14, None, "date"), (22, None, "date"), (31, None, "date"), (20, None, "time"), (9, None, ""),
        (164, "yyyy-mm-dd", "date"), (165, 'yyyy"年"m"月"d"日";@', "date"), (166, "[h]:mm:ss", "elapsed"),
        (167, "h:mm AM/PM", "time"), (168, "000000", "000000"), (169, "0.00E+00", ""),
        (170, '#,##0.00"元"', ""), (171, "[Red]0.0", ""), (172, "[$-804]yyyy/m/d", "date"), (173, "@", ""),
    ],
)  # fmt: skip
def test_a_number_format_says_what_a_number_is(number, code, shown):
    assert meaning(number, code) == shown


def test_day_numbers_become_dates_times_and_durations():
    shown = moment_text(
        pl.Series(["40513.35138888889", "0.5", "1.5", "45356.999999999"]),
        pl.Series(["date", "time", "elapsed", "date"]),
    )
    assert shown.to_list() == [
        "2010-12-01 08:26:00", "12:00:00", "36:00:00", "2024-03-06 00:00:00",
    ]  # fmt: skip
    assert moment_text(pl.Series(["0"]), pl.Series(["date"]), shift=1462).to_list() == [None]
    assert moment_text(pl.Series(["1"]), pl.Series(["date"]), shift=1462).to_list() == [
        "1904-01-02 00:00:00"
    ]


def test_zeros_that_a_format_shows_belong_to_the_id():
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>会员号</t></is></c></row>'
    raw = sheet(f'{head}<row r="2"><c r="A2" s="1"><v>123</v></c></row>', styles=styles)
    assert rows(raw) == [("000123",)]


def test_cells_in_every_spelling_are_understood():
    head = (
        "<x:row><x:c t='inlineStr'><x:is><x:t>甲</x:t></x:is></x:c>"
        '<x:c t="str"><x:v>乙&amp;&#20057;</x:v></x:c><x:c t="s"><x:v>0</x:v></x:c></x:row>'
    )
    body = (
        '<x:row><x:c t="b"><x:v>1</x:v></x:c><!-- gone --><x:c><x:v>2</x:v></x:c>'
        '<x:c t="d"><x:v>2024-03-05T08:00:00</x:v></x:c></x:row>'
    )
    parts = workbook("", strings="<si><r><t>丙</t></r><rPh><t>bing</t></rPh><r><t>!</t></r></si>")
    sheet_part = f'<x:worksheet xmlns:x="m"><x:sheetData>{head}{body}</x:sheetData></x:worksheet>'
    (raw,) = read(replaced(parts, "xl/worksheets/sheet1.xml", sheet_part), "x.xlsx")
    assert raw.frame.columns == [LINE, "甲", "乙&乙", "丙!"]
    assert rows(raw) == [("TRUE", "2", "2024-03-05 08:00:00")]


def test_reading_in_small_blocks_changes_nothing(monkeypatch):
    names = "".join(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABC"))
    body = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="C{n}"/></row>' for n in range(2, 400)
    )
    strings = "<si><t>甲</t></si><si/><si><t>丙</t></si>"
    data = workbook(f'<row r="1">{names}</row>{body}', strings=strings)
    whole = read(data, "x.xlsx")[0].frame
    monkeypatch.setattr(sheet_xml, "BLOCK", 50)
    assert read(data, "x.xlsx")[0].frame.equals(whole)
    assert whole.columns == [LINE, "甲", "丙"]
    assert whole["甲"].to_list() == [str(n) for n in range(2, 400)]


def test_body_cells_that_are_merged_are_mentioned_not_copied():
    head = '<row r="1"><c r="A1" t="str"><v>单号</v></c><c r="B1" t="str"><v>额</v></c></row>'
    body = '<row r="2"><c r="A2"><v>7</v></c><c r="B2"><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c></row>'
    raw = sheet(head + body, after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')
    assert rows(raw) == [("7", "1"), (None, "2")]
    assert raw.notes == ("数据里有 1 处合并单元格，只有左上角的一格有值。",)
