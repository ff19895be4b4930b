"""Files become tables of text: nothing is guessed, nothing is lost silently, nothing hostile gets through."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from insight.errors import (
    BadParameter,
    EmptyFile,
    FileTooLarge,
    HeaderOnly,
    InsightError,
    SheetNotFound,
    UnknownEncoding,
    UnreadableFile,
)
from insight.readers import ISSUE_SCHEMA, LINE, RawTable, read, sheet_xml
from insight.readers.cell_text import moment_text, number_text
from insight.readers.number_formats import meaning

SHARED = Path(__file__).parents[2] / "shared"
HOSTILE, DATA = SHARED / "hostile", SHARED / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared example files are absent")
FILES = sorted(
    p for d in ("csv", "xlsx", "docx", "txt", "names", "sav") for p in (HOSTILE / d).glob("*")
)


def hostile(path: str) -> tuple[RawTable, ...]:
    return read((HOSTILE / path).read_bytes(), Path(path).name)


def table(text: str, name: str = "表.csv") -> RawTable:
    (only,) = read(text.encode(), name)
    return only


def rows(raw: RawTable) -> list[tuple[str | None, ...]]:
    return raw.frame.drop(LINE).rows()


def lines(raw: RawTable) -> list[int]:
    return raw.frame[LINE].to_list()


def complain(data: bytes, name: str = "x.xlsx") -> str:
    with pytest.raises(InsightError) as caught:
        read(data, name)
    return str(caught.value)


def archive(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in parts.items():
            z.writestr(name, content)
    return file.getvalue()


def workbook(rows_xml: str, *, after: str = "", strings: str = "", styles: str = "") -> bytes:
    """A minimal .xlsx with one sheet called 数据."""
    links = {"worksheet": "worksheets/sheet1.xml", "sharedStrings": "sharedStrings.xml"}
    links |= {"styles": "styles.xml"}
    relations = "".join(
        f'<Relationship Id="{kind}" Type="http://x/{kind}" Target="{target}"/>'
        for kind, target in links.items()
    )
    parts = {
        "xl/workbook.xml": '<workbook xmlns:r="u"><sheets><sheet name="数据" r:id="worksheet"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
        "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"
        f"{rows_xml}</sheetData>{after}</worksheet>",
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
    }
    return archive(parts | ({"xl/styles.xml": styles} if styles else {}))


def sheet(rows_xml: str, **parts: str) -> RawTable:
    (only,) = read(workbook(rows_xml, **parts), "簿.xlsx")
    return only


# ---- every hostile file ----------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem[:30]}{p.suffix}")
def test_every_hostile_file_gives_tables_or_one_chinese_sentence(path):
    try:
        tables = read(path.read_bytes(), path.name)
    except InsightError as error:
        assert str(error).endswith("。")
        assert not error.message.isascii()
        return
    assert tables
    for raw in tables:
        assert raw.frame.schema.pop(LINE) == pl.UInt32
        assert set(raw.frame.drop(LINE).dtypes) == {pl.String}
        assert raw.issues.schema == dict(ISSUE_SCHEMA)
        assert raw.frame.height > 0
        assert "" not in raw.frame.columns
        assert all(note.endswith("。") for note in raw.notes)


@needs_shared
@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("csv/empty.csv", EmptyFile, "是空的"),
        ("csv/newlines_only.csv", EmptyFile, "是空的"),
        ("csv/header_only.csv", HeaderOnly, "只有表头"),
        ("csv/cols_10k.csv", FileTooLarge, "共有 10000 列，超过上限 2000 列"),
        ("csv/mixed_gbk_utf8.csv", UnknownEncoding, "第 2 行"),
        ("xlsx/empty_sheet.xlsx", EmptyFile, "是空的"),
        ("xlsx/header_only.xlsx", HeaderOnly, "只有表头"),
        ("xlsx/bomb_rows_1GB.xlsx", FileTooLarge, "解压后有 1010 MB"),
        ("xlsx/bomb_spaces_1GB.xlsx", FileTooLarge, "超过上限 400 MB"),
        ("xlsx/bomb_sharedstring_1GB.xlsx", FileTooLarge, "超过上限 400 MB"),
        ("xlsx/bomb_lying_header.xlsx", FileTooLarge, "超过上限 400 MB"),
        ("xlsx/far_cell_XFD1048576.xlsx", FileTooLarge, "1048576 行 × 16384 列"),
        ("xlsx/wide_16384_cols.xlsx", FileTooLarge, "共有 16384 列"),
        ("xlsx/xxe_file.xlsx", UnreadableFile, "不允许的 XML 声明"),
        ("xlsx/truncated.xlsx", UnreadableFile, "文件不完整，可能上传中断"),
        ("xlsx/bitflip.xlsx", UnreadableFile, "文件已损坏"),
        ("xlsx/password.xlsx", UnreadableFile, "设有打开密码"),
        ("xlsx/zip_random.xlsx", UnreadableFile, "不是有效的 Excel"),
        ("xlsx/png_as_xlsx.xlsx", UnreadableFile, "这是图片，不是表格"),
        ("docx/billion_laughs.docx", UnreadableFile, "不允许的 XML 声明"),
        ("docx/bomb_1GB.docx", FileTooLarge, "超过上限 400 MB"),
        ("docx/old.doc", UnreadableFile, "这是旧版 Word（.doc）。请另存为 .docx 后上传。"),
        ("docx/password.docx", UnreadableFile, "设有打开密码"),
        ("docx/empty_body.docx", EmptyFile, "是空的"),
        ("docx/images_only.docx", UnreadableFile, "文档里只有图片，没有可分析的文字"),
        ("sav/ok.sav", UnreadableFile, "暂不支持 SPSS"),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason(path, error, words):
    with pytest.raises(error, match=words.replace("（", "（").replace(".", r"\.")):
        hostile(path)


FOUR = ["手机号", "会员号", "姓名", "金额"]
OK = [("13800000001", "000123", "张三", "1234.50"), ("13900000002", "000124", "李四", "-88")]


@needs_shared
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


@needs_shared
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


@needs_shared
def test_rare_characters_of_gb18030_survive():
    (raw,) = hostile("csv/gb18030_rare.csv")
    assert rows(raw) == [("𠮷田", "北京"), ("㐂子", "上海")]
    assert raw.notes == ("文字编码：GB18030（GBK）。",)


@needs_shared
def test_big5_is_recognised_by_its_common_characters_and_said_to_be_a_judgement():
    (raw,) = hostile("csv/big5.csv")
    assert raw.frame.columns == [LINE, "姓名", "城市"]
    assert rows(raw) == [("陳大文", "臺北")]
    assert "Big5" in raw.notes[0]


@needs_shared
def test_a_character_cut_in_half_at_the_end_is_dropped_and_mentioned():
    (raw,) = hostile("csv/utf8_broken_tail.csv")
    assert rows(raw)[1] == ("13900000002", "000124", "李四", "-")
    assert raw.notes == ("文件末尾的一个字不完整，已舍去，最后一行可能被截断。",)


@needs_shared
def test_control_characters_go_and_are_counted():
    assert rows(hostile("csv/nul_bytes.csv")[0]) == [("1", "xy"), ("2", None)]
    assert "第 2 行含不可见的 NUL 字符，已去除" in hostile("csv/nul_bytes.csv")[0].notes[0]
    assert rows(hostile("csv/control_chars.csv")[0]) == [("[31mred[0m", None)]
    assert rows(hostile("csv/lone_surrogate.csv")[0]) == [("�",)]


@needs_shared
def test_a_stray_quote_never_swallows_the_lines_below():
    (raw,) = hostile("csv/unbalanced_quote.csv")
    assert rows(raw) == [("1", "未闭合"), ("2", "ok"), ("3", "ok")]
    assert raw.issues.rows() == [(2, "", '1,"未闭合', "引号没有配对，已按普通文字读入", "已更正")]


@needs_shared
def test_a_cell_over_three_lines_is_one_cell_and_the_next_row_keeps_its_line():
    (raw,) = hostile("csv/embedded_newlines.csv")
    assert rows(raw) == [("1", "第一行\n第二行\n第三行"), ("2", "ok")]
    assert lines(raw) == [2, 5]


@needs_shared
def test_a_row_with_too_many_cells_goes_to_the_issues_and_a_short_one_is_filled():
    (raw,) = hostile("csv/ragged.csv")
    assert rows(raw) == [("1", "2", None), ("1", "2", "3")]
    assert lines(raw) == [2, 4]
    assert raw.issues.rows() == [(3, "", "1,2,3,4", "这一行有 4 格，应为 3 格", "未导入")]


@needs_shared
@pytest.mark.parametrize("path", ["tab", "pipe_multi", "sep_line"])
def test_separators_are_found_and_named(path):
    (raw,) = hostile(f"csv/{path}.csv")
    assert raw.frame.columns == [LINE, "a", "b"]
    assert rows(raw) == [("1", "2")]
    assert lines(raw) == [3 if path == "sep_line" else 2]
    assert "分隔" in raw.notes[0]


@needs_shared
def test_repeated_and_empty_headers_get_names_and_a_note():
    (raw,) = hostile("csv/dup_headers.csv")
    assert raw.frame.columns == [LINE, "姓名", "姓名_2", "列3", "列4"]
    assert rows(raw) == [("a", "b", "c", "d")]
    assert "有 3 个表头重复或为空" in raw.notes[0]


@needs_shared
def test_a_stray_cell_in_the_last_row_costs_nothing_but_a_note():
    (raw,) = hostile("xlsx/far_cell_A1048576.xlsx")
    assert rows(raw) == [("1",)]
    assert lines(raw) == [1_048_576]
    assert raw.notes == ("去掉了 1048574 个空行。",)


@needs_shared
def test_a_header_of_two_merged_rows_becomes_one():
    (raw,) = hostile("xlsx/merged_two_row_header.xlsx")
    assert raw.frame.columns[1:4] == ["基本信息_手机号", "基本信息_会员号", "基本信息_姓名"]
    assert raw.frame.columns[4:] == ["购买_购买日期", "购买_金额", "购买_满意度"]
    assert rows(raw) == PLAIN
    assert lines(raw) == [3, 4, 5]


@needs_shared
def test_title_rows_and_the_row_of_totals_are_set_aside():
    (raw,) = hostile("xlsx/title_rows_above.xlsx")
    assert raw.issues.rows() == [(8, "", "合计，1146.5", "合计行", "未导入")]
    assert "表头上方有 2 行说明文字，没有导入。" in raw.notes


@needs_shared
def test_error_values_become_empty_cells_with_an_issue_each():
    (raw,) = hostile("xlsx/error_cells.xlsx")
    assert rows(raw) == [(None,)] * 5
    assert raw.issues["line"].to_list() == [2, 3, 4, 5, 6]
    assert set(raw.issues["column"]) == {"金额"}
    assert raw.notes == ("“金额”列有 5 个公式错误值：#DIV/0! 等，已按空值处理。",)


@needs_shared
def test_formulas_give_their_cached_result_and_those_without_one_are_counted():
    assert rows(hostile("xlsx/formulas_cached.xlsx")[0]) == [("1", "2", "3")]
    (raw,) = hostile("xlsx/formulas_nocache.xlsx")
    assert rows(raw) == [("1", "2", None)]
    assert raw.notes == ("有 1 个公式没有计算结果，请用 Excel 打开并保存后再上传。",)
    assert raw.issues.rows() == [(2, "和", None, "没有计算结果的公式", "已置空")]


@needs_shared
def test_dates_that_never_were_are_emptied():
    (raw,) = hostile("xlsx/date_serial_60.xlsx")
    shown = [None, "1900-01-01", "1900-02-28", None, "1900-03-01", "9999-12-31", None, None]
    assert rows(raw) == [(f"{day} 00:00:00" if day else None,) for day in shown]
    assert raw.issues["value"].to_list() == ["0", "60", "2958466", "-1"]


@needs_shared
def test_a_number_longer_than_15_digits_is_kept_and_called_useless_as_an_id():
    (raw,) = hostile("xlsx/id18_number.xlsx")
    assert rows(raw) == [("110101199003074000", "2024030512345680000")]
    assert raw.issues["column"].to_list() == ["证件号", "订单号"]
    assert set(raw.issues["action"]) == {"保留"}


@needs_shared
def test_a_phone_in_scientific_notation_stays_as_it_stands():
    values = [row[0] for row in rows(hostile("xlsx/phone_sci_text.xlsx")[0])]
    assert values[:3] == ["1.38E+10", "1.38000E+10", "13800000001.0"]


@needs_shared
def test_escapes_of_spreadsheets_are_undone_once():
    assert rows(hostile("xlsx/x_escape.xlsx")[0]) == [("a_x000D_b_x0000_c",)]
    assert rows(hostile("xlsx/emoji_surrogate.xlsx")[0])[1] == ("𠮷野家𪚥",)
    assert len(rows(hostile("xlsx/cell_32767.xlsx")[0])[0][0]) == 32_767
    header = hostile("xlsx/header_newline_long.xlsx")[0].frame.columns
    assert header[1].startswith("Q1.您对 本次服务 的满意度？（单选）Q1.您对 ")
    assert header[2] == "Q2反"


@needs_shared
def test_markup_is_data():
    assert rows(hostile("xlsx/html_script_as_xls.xls")[0]) == [("1",)]
    assert hostile("xlsx/html_in_cells.xlsx")[0].frame.columns[1] == "<script>alert(1)</script>"
    assert rows(hostile("csv/sqli.csv")[0])[0] == ("'); DROP TABLE members;--",)


@needs_shared
def test_of_two_thousand_sheets_the_first_thirty_are_read_and_any_by_name():
    data = (HOSTILE / "xlsx/many_sheets_2000.xlsx").read_bytes()
    raw = read(data, "x.xlsx")[0]
    assert "共有 2001 个工作表，只读入前 30 个" in raw.notes[0]
    with pytest.raises(SheetNotFound, match="没有工作表“没有”"):
        read(data, "x.xlsx", sheet="没有")


@needs_shared
def test_hidden_rows_are_read_and_mentioned():
    assert hostile("xlsx/filter_rows.xlsx")[0].notes == (
        "有 1 行在 Excel 里被筛选或隐藏，已一并读入。",
    )


@needs_shared
def test_old_xml_spreadsheets_are_read():
    assert rows(hostile("xlsx/spreadsheetml2003.xls")[0]) == [("13800000001",)]
    assert rows(hostile("xlsx/tsv_as_xls.xls")[0]) == [("13800000001", "9")]


@needs_shared
@pytest.mark.parametrize("path", sorted(HOSTILE.glob("names/*")), ids=lambda p: p.name[:12])
def test_a_name_is_only_shown(path):
    (raw,) = read(path.read_bytes(), f"../../{path.name}")
    assert rows(raw) == [("1",)]
    assert "/" not in raw.name
    assert "\u202e" not in raw.name


# ---- real exports ----------------------------------------------------------------------------


@needs_shared
def test_superstore_has_three_sheets_with_iso_dates_and_the_known_totals():
    (path,) = (DATA / "tableau_superstore_zh").glob("*.xls")
    orders, returned, people = read(path.read_bytes(), path.name)
    assert [t.name for t in (orders, returned, people)] == ["订单", "退货", "销售人员"]
    assert [t.frame.height for t in (orders, returned, people)] == [10_000, 296, 6]
    first = orders.frame.row(0, named=True)
    assert first["订单日期"] == "2017-04-27 00:00:00"
    assert (first["行 ID"], first["数量"], first["利润"]) == ("1", "2", "-60.704")
    sales = orders.frame["销售额"].cast(pl.Float64).sum()
    assert sales == pytest.approx(16_117_548.237, abs=0.01)  # by another reader (calamine)
    assert orders.frame["数量"].cast(pl.Int64).sum() == 37_675
    (only,) = read(path.read_bytes(), path.name, sheet="退货")
    assert only.frame.equals(returned.frame)


@needs_shared
def test_both_forms_of_a_wjx_export_have_800_answers():
    folder = DATA / "reportgen_wjx"
    by_text, by_code = (read(p.read_bytes(), p.name)[0] for p in sorted(folder.glob("*.xls")))
    assert (by_text.frame.height, by_code.frame.height) == (800, 800)
    assert by_text.frame.columns[1:3] == ["序号", "提交答卷时间"]
    assert by_text.frame["1、手机部数"][0] == "1部"
    assert by_code.frame["1、手机部数"][0] == "1"
    assert by_text.frame["序号"].to_list() == [str(i) for i in range(1, 801)]


@needs_shared
def test_a_gbk_survey_keeps_every_cell():
    path = next((DATA / "colleges_wjx_survey").glob("results*.csv"))
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.shape == (4018, 41)
    text = path.read_bytes().decode("gb18030")
    peer = list(csv.reader(io.StringIO(text, newline="")))
    assert raw.frame.columns[1:] == peer[0]
    differs = [a for a, b in zip(rows(raw), peer[1:], strict=True) if list(a) != _emptied(b)]
    assert len(differs) == 2  # a control character in each


def _emptied(cells: list[str]) -> list[str | None]:
    return [cell.replace("\r\n", "\n") if cell.strip() else None for cell in cells]


@needs_shared
def test_online_retail_is_read_from_parquet_whole():
    path = DATA / "online_retail" / "online_retail.parquet"
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.height == 541_909
    assert raw.frame["Quantity"].cast(pl.Int64).sum() == 5_176_450  # published totals of the set
    assert raw.frame["CustomerID"].n_unique() == 4_372 + 1  # and null
    assert raw.frame["InvoiceNo"].n_unique() == 25_900
    assert raw.frame.row(0) == (
        2, "536365", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "6",
        "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom",
    )  # fmt: skip


@needs_shared
def test_a_packed_csv_says_to_unpack_it():
    path = DATA / "online_retail" / "online_retail.csv.gz"
    assert "这是压缩包。请解压后导入里面的文件。" in complain(path.read_bytes(), path.name)


@needs_shared
def test_trailing_spaces_of_tmall_headers_are_trimmed():
    path = DATA / "tmall_orders" / "tmall_order_report.csv"
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.height == 28_010
    assert raw.frame.columns[1:] == [
        "订单编号", "总金额", "买家实际支付金额", "收货地址", "订单创建时间", "订单付款时间", "退款金额",
    ]  # fmt: skip


# ---- delimited text --------------------------------------------------------------------------


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


# ---- workbooks made by hand ------------------------------------------------------------------


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


def replaced(data: bytes, part: str, content: str | bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        parts = {name: z.read(name) for name in z.namelist()}
    return archive({**parts, part: content})


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
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as z:
            z.writestr("xl/workbook.xml", "<a/>")
            z.writestr("xl/workbook.xml", "<b/>")
    assert "重复" in complain(file.getvalue())


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


@needs_shared
@pytest.mark.parametrize("path", ["xlsx/ok_plain.xlsx", "xlsx/biff8_as_xlsx.xlsx", "docx/ok.docx"])
def test_a_file_cut_anywhere_is_refused(path):
    data = (HOSTILE / path).read_bytes()
    for tenth in range(1, 10):
        assert complain(data[: len(data) * tenth // 10], Path(path).name)


@needs_shared
@pytest.mark.parametrize(
    "path", ["xlsx/ok_plain.xlsx", "xlsx/biff8_as_xlsx.xlsx", "csv/ok_utf8.csv"]
)
def test_damage_never_escapes_as_another_error(path):
    data = (HOSTILE / path).read_bytes()
    for at in range(0, len(data), max(len(data) // 60, 1)):
        broken = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
        try:
            assert read(broken, "x")
        except InsightError:
            continue


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
