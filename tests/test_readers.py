"""Hostile files become tables of text or one sentence: nothing gets through, nothing is lost silently."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from raw_files import (
    HOSTILE,
    archive,
    complain,
    hostile,
    lines,
    replaced,
    rows,
    table,
    workbook,
)

from insight.errors import (
    FileTooLarge,
    InsightError,
    SheetNotFound,
)
from insight.readers import ISSUE_SCHEMA, LINE, RawTable, read
from insight.readers.raw import Source
from insight.readers.utf8_blocks import Broken, utf8_blocks

FILES = sorted(
    p for d in ("csv", "xlsx", "docx", "txt", "names", "sav") for p in (HOSTILE / d).glob("*")
)


def outcome(data: bytes, name: str) -> tuple[tuple[RawTable, ...], str]:
    """The tables of a file, or what the user is told; any other error fails the test."""
    try:
        return read(data, name), ""
    except InsightError as error:
        return (), str(error)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem[:30]}{p.suffix}")
def test_every_hostile_file_gives_tables_or_one_chinese_sentence(path):
    tables, told = outcome(path.read_bytes(), path.name)
    assert bool(tables) != bool(told)
    assert not told or (told.endswith("。") and not told.isascii())
    for raw in tables:
        assert raw.frame.schema.pop(LINE) == pl.UInt32
        assert set(raw.frame.drop(LINE).dtypes) == {pl.String}
        assert raw.issues.schema == dict(ISSUE_SCHEMA)
        assert raw.frame.height > 0
        assert "" not in raw.frame.columns
        assert all(note.endswith("。") for note in raw.notes)


FOUR = ["手机号", "会员号", "姓名", "金额"]
OK = [("13800000001", "000123", "张三", "1234.50"), ("13900000002", "000124", "李四", "-88")]


@pytest.mark.parametrize(
    "path",
    ["ok_utf8", "utf8_bom", "utf16be_bom", "utf16le_nobom", "cr_only"],
)
def test_the_same_csv_in_any_encoding_or_line_end_is_the_same_table(path):
    (raw,) = hostile(f"csv/{path}.csv")
    assert raw.frame.columns == [LINE, *FOUR]
    assert rows(raw) == OK
    assert lines(raw) == [2, 3]


SIX = ["手机号", "会员号", "姓名", "购买日期", "金额", "满意度"]
PLAIN = [
    ("13800000001", "000123", "张三", "2024-03-05", "1234.50", "9"),
    ("13900000002", "000124", "李四", "2024-03-06", "-88.00", "3"),
    ("13700000003", "000125", "欧阳娜娜", "2024-03-07", "0", "10"),
]


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("ok_plain.xlsx", 2),
        ("biff8_as_xlsx.xlsx", 2),
        ("xlsx_as_csv.csv", 2),
        ("xlsb_like.xlsb", 2),
        ("strict_ooxml.xlsx", 2),
        ("wps_no_styles.xlsx", 2),
        ("chartsheet_first.xlsx", 2),
        ("sst_uniquecount_4e9.xlsx", 2),
        ("html_as_xls_utf8.xls", 2),
        ("filter_rows.xlsx", 2),
        ("title_rows_above.xlsx", 5),
    ],
)
def test_a_sheet_is_read_by_its_content_whatever_it_is_wrapped_in(path, first):
    raw = hostile(f"xlsx/{path}")[0]
    assert raw.frame.columns == [LINE, *SIX]
    assert rows(raw) == PLAIN
    assert lines(raw) == [first, first + 1, first + 2]


def test_rare_characters_of_gb18030_survive():
    (raw,) = hostile("csv/gb18030_rare.csv")
    assert rows(raw) == [("𠮷田", "北京"), ("㐂子", "上海")]
    assert raw.notes == ("文字编码：GB18030（GBK）。",)


def test_big5_is_recognised_by_its_common_characters_and_said_to_be_a_judgement():
    (raw,) = hostile("csv/big5.csv")
    assert raw.frame.columns == [LINE, "姓名", "城市"]
    assert rows(raw) == [("陳大文", "臺北")]
    assert "Big5" in raw.notes[0]


@pytest.mark.parametrize("size", range(18, 34))
@pytest.mark.parametrize("broken", ["好".encode()[:2], "好".encode()[:1], b"\xff", b"\x80\x80"])
def test_a_broken_character_is_found_wherever_the_text_is_cut(monkeypatch, broken, size):
    monkeypatch.setattr("insight.readers.utf8_blocks.BLOCK", size)
    text = "姓名,金额\n张三，李四，王五,1\n".encode()
    for at in (20, 23, 26):
        with pytest.raises(Broken) as found:
            list(utf8_blocks(Source(text[:at] + broken + text[at:], "单.csv"), "utf-8"))
        with pytest.raises(UnicodeDecodeError) as codec:
            (text[:at] + broken + text[at:]).decode()
        assert found.value.at == codec.value.start
        assert found.value.reason != "unexpected end of data"


def test_a_character_cut_in_half_at_the_end_is_dropped_and_mentioned():
    (raw,) = hostile("csv/utf8_broken_tail.csv")
    assert rows(raw)[1] == ("13900000002", "000124", "李四", "-")
    assert raw.notes == ("文件末尾的一个字不完整，已舍去，最后一行可能被截断。",)


def test_control_characters_go_and_are_counted():
    assert rows(hostile("csv/nul_bytes.csv")[0]) == [("1", "xy"), ("2", None)]
    assert "第 2 行含不可见的 NUL 字符，已去除" in hostile("csv/nul_bytes.csv")[0].notes[0]
    assert rows(hostile("csv/control_chars.csv")[0]) == [("[31mred[0m", None)]
    assert rows(hostile("csv/lone_surrogate.csv")[0]) == [("�",)]


def test_a_stray_quote_never_swallows_the_lines_below():
    (raw,) = hostile("csv/unbalanced_quote.csv")
    assert rows(raw) == [("1", "未闭合"), ("2", "ok"), ("3", "ok")]
    assert raw.issues.rows() == [(2, "", '1,"未闭合', "引号没有配对，已按普通文字读入", "已更正")]


def test_a_cell_over_three_lines_is_one_cell_and_the_next_row_keeps_its_line():
    (raw,) = hostile("csv/embedded_newlines.csv")
    assert rows(raw) == [("1", "第一行\n第二行\n第三行"), ("2", "ok")]
    assert lines(raw) == [2, 5]


def test_a_row_with_too_many_cells_goes_to_the_issues_and_a_short_one_is_filled():
    (raw,) = hostile("csv/ragged.csv")
    assert rows(raw) == [("1", "2", None), ("1", "2", "3")]
    assert lines(raw) == [2, 4]
    assert raw.issues.rows() == [(3, "", "1,2,3,4", "这一行有 4 格，应为 3 格", "未导入")]


@pytest.mark.parametrize("path", ["tab", "pipe_multi", "sep_line"])
def test_separators_are_found_and_named(path):
    (raw,) = hostile(f"csv/{path}.csv")
    assert raw.frame.columns == [LINE, "a", "b"]
    assert rows(raw) == [("1", "2")]
    assert lines(raw) == [3 if path == "sep_line" else 2]
    assert "分隔" in raw.notes[0]


def test_repeated_and_empty_headers_get_names_and_a_note():
    (raw,) = hostile("csv/dup_headers.csv")
    assert raw.frame.columns == [LINE, "姓名", "姓名_2", "列3", "列4"]
    assert rows(raw) == [("a", "b", "c", "d")]
    assert "有 3 个表头重复或为空" in raw.notes[0]


def test_a_stray_cell_in_the_last_row_costs_nothing_but_a_note():
    (raw,) = hostile("xlsx/far_cell_A1048576.xlsx")
    assert rows(raw) == [("1",)]
    assert lines(raw) == [1_048_576]
    assert raw.notes == ("去掉了 1048574 个空行。",)


def test_a_header_of_two_merged_rows_becomes_one():
    (raw,) = hostile("xlsx/merged_two_row_header.xlsx")
    assert raw.frame.columns[1:4] == ["基本信息_手机号", "基本信息_会员号", "基本信息_姓名"]
    assert raw.frame.columns[4:] == ["购买_购买日期", "购买_金额", "购买_满意度"]
    assert rows(raw) == PLAIN
    assert lines(raw) == [3, 4, 5]


def test_title_rows_and_the_row_of_totals_are_set_aside():
    (raw,) = hostile("xlsx/title_rows_above.xlsx")
    assert raw.issues.rows() == [(8, "", "合计，1146.5", "合计行", "未导入")]
    assert "表头上方有 2 行说明文字，没有导入。" in raw.notes


def test_error_values_become_empty_cells_with_an_issue_each():
    (raw,) = hostile("xlsx/error_cells.xlsx")
    assert rows(raw) == [(None,)] * 5
    assert raw.issues["line"].to_list() == [2, 3, 4, 5, 6]
    assert set(raw.issues["column"]) == {"金额"}
    assert raw.notes == ("“金额”列有 5 个公式错误值：#DIV/0! 等，已按空值处理。",)


def test_formulas_give_their_cached_result_and_those_without_one_are_counted():
    assert rows(hostile("xlsx/formulas_cached.xlsx")[0]) == [("1", "2", "3")]
    (raw,) = hostile("xlsx/formulas_nocache.xlsx")
    assert rows(raw) == [("1", "2", None)]
    assert raw.notes == ("有 1 个公式没有计算结果，请用 Excel 打开并保存后再上传。",)
    assert raw.issues.rows() == [(2, "和", None, "没有计算结果的公式", "已置空")]


def test_dates_that_never_were_are_emptied():
    (raw,) = hostile("xlsx/date_serial_60.xlsx")
    shown = [None, "1900-01-01", "1900-02-28", None, "1900-03-01", "9999-12-31", None, None]
    assert rows(raw) == [(f"{day} 00:00:00" if day else None,) for day in shown]
    assert raw.issues["value"].to_list() == ["0", "60", "2958466", "-1"]


def test_a_number_longer_than_15_digits_is_kept_and_called_useless_as_an_id():
    (raw,) = hostile("xlsx/id18_number.xlsx")
    assert rows(raw) == [("110101199003074000", "2024030512345680000")]
    assert raw.issues["column"].to_list() == ["证件号", "订单号"]
    assert set(raw.issues["action"]) == {"保留"}


def test_a_phone_in_scientific_notation_stays_as_it_stands():
    values = [row[0] for row in rows(hostile("xlsx/phone_sci_text.xlsx")[0])]
    assert values[:3] == ["1.38E+10", "1.38000E+10", "13800000001.0"]


def test_escapes_of_spreadsheets_are_undone_once():
    assert rows(hostile("xlsx/x_escape.xlsx")[0]) == [("a_x000D_b_x0000_c",)]
    assert rows(hostile("xlsx/emoji_surrogate.xlsx")[0])[1] == ("𠮷野家𪚥",)
    assert len(rows(hostile("xlsx/cell_32767.xlsx")[0])[0][0]) == 32_767
    header = hostile("xlsx/header_newline_long.xlsx")[0].frame.columns
    assert header[1].startswith("Q1.您对 本次服务 的满意度？（单选）Q1.您对 ")
    assert header[2] == "Q2反"


def test_markup_is_data():
    assert rows(hostile("xlsx/html_script_as_xls.xls")[0]) == [("1",)]
    assert hostile("xlsx/html_in_cells.xlsx")[0].frame.columns[1] == "<script>alert(1)</script>"
    assert rows(hostile("csv/sqli.csv")[0])[0] == ("'); DROP TABLE members;--",)


def test_of_two_thousand_sheets_the_first_thirty_are_read_and_any_by_name():
    data = (HOSTILE / "xlsx/many_sheets_2000.xlsx").read_bytes()
    raw = read(data, "x.xlsx")[0]
    assert "共有 2001 个工作表，只读入前 30 个" in raw.notes[0]
    with pytest.raises(SheetNotFound, match="没有工作表“没有”"):
        read(data, "x.xlsx", sheet="没有")


def test_hidden_rows_are_read_and_mentioned():
    assert hostile("xlsx/filter_rows.xlsx")[0].notes == (
        "有 1 行在 Excel 里被筛选或隐藏，已一并读入。",
    )


def test_old_xml_spreadsheets_are_read():
    assert rows(hostile("xlsx/spreadsheetml2003.xls")[0]) == [("13800000001",)]
    assert rows(hostile("xlsx/tsv_as_xls.xls")[0]) == [("13800000001", "9")]


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("names/*")), ids=lambda p: p.name[:12])
def test_a_name_is_only_shown(path):
    (raw,) = read(path.read_bytes(), f"../../{path.name}")
    assert rows(raw) == [("1",)]
    assert "/" not in raw.name
    assert "\u202e" not in raw.name


def test_few_cells_far_apart_are_refused_before_a_table_is_laid_out():
    body = "".join(f'<row r="{n}"><c r="BXX{n}"><v>1</v></c></row>' for n in range(2, 4000))
    data = workbook(f'<row r="1"><c r="A1"><v>1</v></c></row>{body}')
    assert "散布在" in complain(data)


def test_a_doctype_is_refused_in_utf16_too():
    data = replaced(workbook(""), "xl/workbook.xml", "<!DOCTYPE a><a/>".encode("utf-16"))
    assert "不允许的 XML 声明" in complain(data)


@pytest.mark.parametrize("member", ["../x.xml", "/x.xml", "C:/x.xml", "..\\x.xml"])
def test_members_that_climb_out_of_the_folder_are_refused(member):
    assert "指向文件夹之外" in complain(archive({"xl/workbook.xml": "<a/>", member: "x"}))


def test_duplicate_members_are_refused():
    data = archive({"xl/workbook.xml": "<a/>", "xl/workbook.xmm": "<b/>"})
    assert "重复" in complain(data.replace(b"xl/workbook.xmm", b"xl/workbook.xml"))


def test_a_member_longer_than_the_directory_says_is_damaged():
    data = workbook('<row r="1"><c r="A1"><v>1</v></c></row>' * 500)
    at = data.index(b"PK\x01\x02", data.rindex(b"xl/worksheets/sheet1.xml") - 60)
    lying = bytearray(data)
    lying[at + 24 : at + 28] = struct.pack("<I", 1000)
    assert "文件已损坏" in complain(bytes(lying))


def test_false_table_counts_of_an_ole_file_are_refused():
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2040))
    struct.pack_into("<H", header, 30, 9)
    for offset in (44, 64, 72):
        broken = bytearray(header)
        struct.pack_into("<I", broken, offset, 0xFFFFFF00)
        assert "文件已损坏" in complain(bytes(broken), "x.xls")


@pytest.mark.parametrize("path", ["xlsx/ok_plain.xlsx", "xlsx/biff8_as_xlsx.xlsx", "docx/ok.docx"])
def test_a_file_cut_anywhere_is_refused(path):
    data = (HOSTILE / path).read_bytes()
    for tenth in range(1, 10):
        assert complain(data[: len(data) * tenth // 10], Path(path).name)


@pytest.mark.parametrize(
    "path", ["xlsx/ok_plain.xlsx", "xlsx/biff8_as_xlsx.xlsx", "csv/ok_utf8.csv"]
)
def test_damage_never_escapes_as_another_error(path):
    data = (HOSTILE / path).read_bytes()
    for at in range(0, len(data), max(len(data) // 60, 1)):
        broken = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
        tables, told = outcome(broken, "x")
        assert tables or told


def test_html_cells_over_several_rows_and_columns_keep_their_place():
    page = (
        "<html><table><tr><th rowspan=2>名</th><th colspan=2>分</th></tr><tr><th>甲</th><th>乙</th></tr>"
        "<tr><td>张</td><td>1</td><td>2</td></tr></table></html>"
    )
    raw = table(page, "页.xls")
    assert raw.frame.columns == [LINE, "名", "分_甲", "分_乙"]
    assert rows(raw) == [("张", "1", "2")]


def test_limits_come_from_the_settings(monkeypatch):
    limits = SimpleNamespace(max_columns=2, max_cells=100, max_upload_mb=0)
    monkeypatch.setattr("insight.readers.gate.settings", lambda: limits)
    with pytest.raises(FileTooLarge, match="超过上限 0 MB"):
        read(b"a,b\n1,2\n", "x.csv")
    limits.max_upload_mb = 1
    with pytest.raises(FileTooLarge, match="共有 3 列，超过上限 2 列"):
        read(b"a,b,c\n1,2,3\n", "x.csv")


def test_reading_twice_gives_the_same():
    data = "甲,乙\n1,2\n3,4\n".encode("gb18030")
    first, second = read(data, "x.csv")[0], read(data, "x.csv")[0]
    assert first.frame.equals(second.frame)
    assert first.notes == second.notes
