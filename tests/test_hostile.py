"""Every file of the hostile collection gives what its index asks for, in bounded time and memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from raw_files import archive, complain, rows, table, workbook

from insight.errors import InsightError, UnknownEncoding
from insight.readers import candidates, read

HOSTILE = SHARED / "hostile"
MOST_MB = 1_024
CLEAN = ["手机号", "会员号", "姓名", "购买日期", "金额", "满意度"]
FOUR = ["手机号", "会员号", "姓名", "金额"]


def _index() -> list[str]:
    """The files that the index lists, in its order."""
    if not (HOSTILE / "INDEX.md").exists():
        return []
    found = re.findall(
        r"^\| ((?:csv|xlsx|docx|txt|names|sav)/.*?) (?<!\\)\| ",
        (HOSTILE / "INDEX.md").read_text(),
        re.MULTILINE,
    )
    return [name.replace("\\|", "|").replace("[U+202E]", "\u202e") for name in found]


def _read(paths: list[Path]) -> list[dict[str, Any]]:
    """What reading each file in a confined process gave; a file that ended the process is told as dead."""
    told: list[dict[str, Any]] = []
    while len(told) < len(paths):
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("hostile_child.py"))],
            input="".join(f"{path}\n" for path in paths[len(told) :]),
            capture_output=True,
            text=True,
            timeout=600,
            env={"PYTHONPATH": str(Path(__file__).parents[1]), "POLARS_MAX_THREADS": "2"},
        )
        told += [json.loads(line) for line in done.stdout.splitlines()]
        if len(told) < len(paths):  # the next one ended the process
            told.append({"dead": done.returncode, "said": done.stderr[-500:]})
    return told


@pytest.fixture(scope="session")
def outcomes() -> dict[str, dict[str, Any]]:
    if not _index():
        pytest.skip("shared data are not here: hostile/INDEX.md")
    return dict(zip(_index(), _read([HOSTILE / name for name in _index()]), strict=True))


# file -> (rows, columns or their number) of its first table
ACCEPTED: dict[str, tuple[int, list[str] | int]] = {
    **{
        f"xlsx/{name}": (3, CLEAN)
        for name in (
            "ok_plain.xlsx", "many_sheets_2000.xlsx", "html_as_xls_utf8.xls", "biff8_as_xlsx.xlsx",
            "xlsx_as_csv.csv", "xlsb_like.xlsb", "title_rows_above.xlsx", "very_hidden.xlsx",
            "filter_rows.xlsx", "chartsheet_first.xlsx", "strict_ooxml.xlsx", "wps_no_styles.xlsx",
            "sst_uniquecount_4e9.xlsx",
        )
    },
    "docx/doc_as_docx.docx": (3, CLEAN),  # a workbook by its content
    "xlsx/merged_two_row_header.xlsx": (3, 6),
    "xlsx/far_cell_A1048576.xlsx": (1, ["a"]),
    "xlsx/html_script_as_xls.xls": (1, ["a"]),
    "xlsx/tsv_as_xls.xls": (1, ["手机号", "得分"]),
    "xlsx/spreadsheetml2003.xls": (1, ["手机号"]),
    "xlsx/formulas_cached.xlsx": (1, ["a", "b", "和"]),
    "xlsx/formulas_nocache.xlsx": (1, ["a", "b", "和"]),
    "xlsx/dde_formula.xlsx": (1, ["a"]),
    "xlsx/error_cells.xlsx": (5, ["金额"]),
    "xlsx/phone_sci_text.xlsx": (6, ["手机号"]),
    "xlsx/id18_number.xlsx": (1, ["证件号", "订单号"]),
    "xlsx/dates_mixed.xlsx": (16, ["日期"]),
    "xlsx/date_serial_60.xlsx": (8, ["日期"]),
    "xlsx/header_newline_long.xlsx": (1, 2),
    "xlsx/html_in_cells.xlsx": (1, 2),
    "xlsx/emoji_surrogate.xlsx": (5, ["评论"]),
    "xlsx/x_escape.xlsx": (1, ["评论"]),
    "xlsx/cell_32767.xlsx": (1, ["评论"]),
    **{f"csv/{n}.csv": (2, FOUR) for n in (
        "ok_utf8", "utf8_bom", "utf16be_bom", "utf16le_nobom", "utf8_broken_tail", "cr_only",
    )},
    "csv/gb18030_rare.csv": (2, ["姓名", "城市"]),
    "csv/big5.csv": (1, ["姓名", "城市"]),
    "csv/nul_bytes.csv": (2, ["a", "b"]),
    "csv/unbalanced_quote.csv": (3, ["a", "b"]),
    "csv/embedded_newlines.csv": (2, ["a", "b"]),
    "csv/ragged.csv": (2, ["a", "b", "c"]),
    **{f"csv/{n}.csv": (1, ["a", "b"]) for n in ("tab", "pipe_multi", "sep_line", "control_chars")},
    "csv/dup_headers.csv": (1, ["姓名", "姓名_2", "列3", "列4"]),
    "csv/phone_sci.csv": (2, ["手机号", "会员号"]),
    "csv/leading_zero.csv": (2, ["会员号", "邮编"]),
    "csv/currency_wan.csv": (5, ["金额"]),
    "csv/refund_rows.csv": (3, ["订单号", "金额", "数量"]),
    "csv/ambiguous_date.csv": (3, ["日期"]),
    "csv/int_overflow.csv": (7, ["a"]),
    "csv/null_tokens.csv": (7, ["a", "b"]),
    "csv/unicode_tricks.csv": (4, ["姓名", "会员号"]),
    "csv/lone_surrogate.csv": (1, ["a"]),
    "csv/html_md.csv": (5, ["评论"]),
    "csv/sqli.csv": (4, ["姓名"]),
    "csv/regex_bomb.csv": (2, ["评论"]),
    "csv/prompt_injection.csv": (2, ["评论"]),
    "csv/cartesian_left.csv": (20_000, ["k", "v"]),
    "csv/phones_bad.csv": (9, ["手机号"]),
    "csv/wjx_other_text.csv": (4, ["Q1"]),
    **{name: (1, ["a"]) for name in _index() if name.startswith("names/")},
    **{f"docx/{n}.docx": (k, 4 - 1) for n, k in {
        "ok": 3, "tables": 8, "textbox": 3, "footnote_header_field": 1, "external_template": 3,
        "one_para_2MB": 120_000, "speaker_variants": 7,
    }.items()},
    "docx/html_as_doc.doc": (1, 3),
    **{f"txt/{n}": (1, 3) for n in (
        "utf16.txt", "short_ambiguous.txt", "srt.srt", "prompt_injection.txt", "pii_dense.txt",
    )},
    "sav/ok.sav": (3, 3),
    "sav/missing_ranges.sav": (4, 1),
    "sav/labels_not_cover.sav": (3, 1),
    "sav/compressed.zsav": (3, 3),
    "sav/csv_as_sav.sav": (2, FOUR),
    "sav/gbk_as_utf8.sav": (2, 1),
}  # fmt: skip

REFUSED: dict[str, tuple[str, str]] = {
    "xlsx/bomb_rows_1GB.xlsx": ("FileTooLarge", "解压后有 1010 MB"),
    "xlsx/bomb_spaces_1GB.xlsx": ("FileTooLarge", "解压后有 1024 MB"),
    "xlsx/bomb_sharedstring_1GB.xlsx": ("FileTooLarge", "解压后有 1024 MB"),
    "xlsx/bomb_lying_header.xlsx": ("FileTooLarge", "解压后有 1010 MB"),
    "xlsx/far_cell_XFD1048576.xlsx": ("FileTooLarge", "1048576 行 × 16384 列"),
    "xlsx/wide_16384_cols.xlsx": ("FileTooLarge", "共有 16384 列，超过上限 2000 列"),
    "xlsx/xxe_file.xlsx": ("UnreadableFile", "不允许的 XML 声明"),
    "xlsx/truncated.xlsx": ("UnreadableFile", "文件不完整，可能上传中断"),
    "xlsx/bitflip.xlsx": ("UnreadableFile", "文件已损坏"),
    "xlsx/empty_sheet.xlsx": ("EmptyFile", "是空的"),
    "xlsx/header_only.xlsx": ("HeaderOnly", "只有表头，没有数据行"),
    "xlsx/password.xlsx": ("UnreadableFile", "请在 Office 或 WPS 中取消密码"),
    "xlsx/zip_random.xlsx": ("UnreadableFile", "不是有效的 Excel"),
    "xlsx/png_as_xlsx.xlsx": ("UnreadableFile", "这是图片，不是表格"),
    "csv/mixed_gbk_utf8.csv": ("UnknownEncoding", "第 2 行"),
    "csv/empty.csv": ("EmptyFile", "是空的"),
    "csv/newlines_only.csv": ("EmptyFile", "是空的"),
    "csv/header_only.csv": ("HeaderOnly", "只有表头"),
    "csv/cols_10k.csv": ("FileTooLarge", "共有 10000 列，超过上限 2000 列"),
    "docx/billion_laughs.docx": ("UnreadableFile", "不允许的 XML 声明"),
    "docx/bomb_1GB.docx": ("FileTooLarge", "解压后有 1009 MB"),
    "docx/old.doc": ("UnreadableFile", "请另存为 .docx"),
    "docx/password.docx": ("UnreadableFile", "设有打开密码"),
    "docx/empty_body.docx": ("EmptyFile", "是空的"),
    "docx/images_only.docx": ("UnreadableFile", "文档里只有图片"),
    "sav/truncated.sav": ("UnreadableFile", "不完整"),
    "sav/bitflip.sav": ("UnreadableFile", "已损坏"),
}

# file -> words that its notes or issues must hold, where the index asks to say or to count something
TOLD = {
    "xlsx/far_cell_A1048576.xlsx": "去掉了 1048574 个空行",
    "xlsx/many_sheets_2000.xlsx": "共有 2001 个工作表",
    "xlsx/merged_two_row_header.xlsx": "表头有 2 行",
    "xlsx/title_rows_above.xlsx": "合计行",
    "xlsx/very_hidden.xlsx": "隐藏的工作表“vh”",
    "xlsx/filter_rows.xlsx": "有 1 行在 Excel 里被筛选或隐藏",
    "xlsx/formulas_nocache.xlsx": "有 1 个公式没有计算结果，请用 Excel 打开并保存",
    "xlsx/error_cells.xlsx": "有 5 个公式错误值",
    "xlsx/id18_number.xlsx": "超过 15 位的数字（末尾几位已被 Excel 改成 0",
    "xlsx/date_serial_60.xlsx": "有 4 个不存在的日期",
    "csv/gb18030_rare.csv": "GB18030",
    "csv/big5.csv": "请核对预览",
    "csv/utf8_broken_tail.csv": "最后一行可能被截断",
    "csv/nul_bytes.csv": "第 2 行含不可见的 NUL 字符，已去除（全文件共 2 个）",
    "csv/unbalanced_quote.csv": "第 2 行的引号没有配对",
    "csv/ragged.csv": "第 3 行 4 列，应为 3 列",
    "csv/pipe_multi.csv": "双竖线",
    "csv/dup_headers.csv": "有 3 个表头重复或为空",
    "csv/lone_surrogate.csv": "有 1 个无法显示的字符，已替换",
    "csv/control_chars.csv": "控制符，已去除",
    "docx/footnote_header_field.docx": "页眉没有读入",
    "docx/speaker_variants.docx": "识别出说话人",
    "txt/short_ambiguous.txt": "请核对预览",
    "txt/pii_dense.txt": "疑似含个人信息",
    "sav/missing_ranges.sav": "98–99",
    "sav/labels_not_cover.sav": "没有标签，按原码显示",
    "sav/gbk_as_utf8.sav": "已按 GB18030",
}

# file -> the first row as it must read: nothing invented, nothing run, nothing lost
FIRST = {
    "xlsx/ok_plain.xlsx": ["13800000001", "000123", "张三", "2024-03-05", "1234.50", "9"],
    "xlsx/formulas_cached.xlsx": ["1", "2", "3"],
    "xlsx/id18_number.xlsx": ["110101199003074000", "2024030512345680000"],
    "xlsx/phone_sci_text.xlsx": ["1.38E+10"],
    "xlsx/x_escape.xlsx": ["a_x000D_b_x0000_c"],
    "csv/phone_sci.csv": ["1.38E+10", "123"],
    "csv/gb18030_rare.csv": ["𠮷田", "北京"],
    "csv/embedded_newlines.csv": ["1", "第一行\n第二行\n第三行"],
}


@pytest.mark.parametrize("name", _index() or ["INDEX.md"])
def test_a_hostile_file_gives_what_the_index_asks_for(outcomes, name):
    told = outcomes[name]
    assert "dead" not in told, told
    assert told["peak_mb"] <= MOST_MB
    if name in REFUSED:
        error, words = REFUSED[name]
        assert told.get("error") == error
        assert words in told["said"]
        assert told["said"].endswith("。")
        return
    n_rows, columns = ACCEPTED[name]
    first = told["tables"][0]
    found = (
        [c for c in first["columns"] if c != "speaker"]
        if first["kind"] != "table"
        else first["columns"]
    )
    assert first["n_rows"] == n_rows
    assert found == columns if isinstance(columns, list) else len(found) == columns
    assert TOLD.get(name, "") in f"{first['notes']}{first['issues']}"
    assert first["first"] == FIRST.get(name, first["first"])


def test_every_file_of_the_index_has_an_expected_outcome():
    assert set(_index()) <= set(ACCEPTED) | set(REFUSED)
    assert not set(ACCEPTED) & set(REFUSED)


def test_no_secret_of_the_machine_is_read_out(outcomes):
    host = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else ""
    assert not host or host not in json.dumps(outcomes["xlsx/xxe_file.xlsx"])


def test_a_file_in_two_encodings_offers_each_with_three_lines_to_choose_from():
    with pytest.raises(UnknownEncoding, match="第 2 行") as caught:
        read(
            "姓名,城\n".encode() + "张三,北京\n".encode("gb18030") + "李四,上海\n".encode(), "x.csv"
        )
    offered = {name: lines for name, _, lines in caught.value.candidates}
    assert offered["utf-8"] == ("姓名,城", "����,����", "李四,上海")
    assert offered["gb18030"][1] == "张三,北京"


def test_lines_in_another_encoding_than_the_chosen_one_are_set_aside():
    data = "姓名,城\n".encode() + "张三,北京\n".encode("gb18030") + "李四,上海\n".encode()
    (raw,) = read(data, "x.csv", encoding="utf-8")
    assert rows(raw) == [("李四", "上海")]
    assert raw.issues.select("line", "reason", "action").rows() == [
        (2, "这一行不是 utf-8 编码", "未导入")
    ]
    assert "有 1 行不是这种编码，没有导入" in raw.notes[0]


def test_the_likeliest_encoding_comes_first():
    assert candidates("姓名,城市\n张三,北京\n".encode("gb18030"))[0].encoding == "gb18030"
    assert candidates("姓名,城市\n陳大文,臺北\n".encode("big5"))[0][::2] == (
        "big5",
        ("姓名,城市", "陳大文,臺北"),
    )
    assert candidates("姓名,城市\n张三,北京\n".encode())[0].rows == ("姓名,城市", "张三,北京")


@pytest.mark.parametrize("member", ["../../x.csv", "/etc/x.csv", "a/../../x.csv"])
def test_a_zip_whose_members_climb_out_is_refused_and_writes_nothing(member, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "指向文件夹之外" in complain(archive({"a.csv": "a,b\n1,2\n", member: "a\n1\n"}), "x.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_row_of_a_sheet_longer_than_any_honest_one_is_refused(monkeypatch):
    monkeypatch.setattr("insight.readers.sheet_xml._LONGEST_ROW", 2**20)
    monkeypatch.setattr("insight.readers.sheet_xml.BLOCK", 2**18)
    xml = f'<row r="1"><c r="A1" t="str"><v>{"长" * 2_000_000}</v></c></row>'
    assert "有一行内容过长，超过上限 1 MB" in complain(workbook(xml))


@pytest.mark.parametrize("name", ["csv/ok_utf8.csv", "xlsx/tsv_as_xls.xls", "csv/gb18030_rare.csv"])
def test_a_text_cut_at_any_tenth_is_a_shorter_table_or_one_sentence(name):
    if not (HOSTILE / name).exists():
        pytest.skip(f"shared data are not here: {name}")
    data = (HOSTILE / name).read_bytes()
    whole = rows(read(data, "x")[0])
    for tenth in range(1, 10):
        cut = data[: len(data) * tenth // 10]
        told, n_rows = "", 0
        try:
            n_rows = read(cut, "x.csv")[0].frame.height
        except InsightError as error:
            told = str(error)
        assert n_rows <= len(whole)
        assert (n_rows > 0) != told.endswith("。")


def test_a_quote_left_open_in_a_long_file_costs_one_line(monkeypatch):
    monkeypatch.setattr("insight.readers.record_chunks.CHUNK", 200)
    monkeypatch.setattr("insight.readers.record_chunks._OPEN_QUOTE", 400)
    body = [f'{n},"第{n}行"' for n in range(1, 200)]
    body[20] = '21,"没有关'
    raw = table("序号,内容\n" + "\n".join(body) + "\n")
    assert [int(cells[0] or 0) for cells in rows(raw)] == list(range(1, 200))
    assert raw.issues.select("line", "reason").rows() == [(22, "引号没有配对，已按普通文字读入")]
