"""What leaves the tool opens right in Excel and carries no formula."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from html import unescape

import fastexcel
import polars as pl
import pytest

from insight.archive import packed, timeless, unpacked
from insight.exports import csv, file_name, harmless, xlsx


def _back(data: bytes, sheet: str) -> pl.DataFrame:
    return fastexcel.read_excel(data).load_sheet(sheet).to_polars()


def test_a_workbook_has_chinese_headings_and_numbers_that_stay_numbers():
    table = pl.DataFrame(
        {
            "segment": ["高客单"],
            "n_customers": [12],
            "share_of_spend": [0.5],
            "month": [date(2025, 1, 1)],
        }
    )
    back = _back(xlsx({"segments": table}), "segments")
    assert back.columns == ["客户分层", "客户数", "金额占比", "月份"]
    assert back.row(0)[:3] == ("高客单", 12.0, 0.5)
    assert back["月份"][0] == datetime(2025, 1, 1)


def test_a_workbook_writes_no_formula_and_no_link():
    parts = unpacked(xlsx({"t": pl.DataFrame({"text": ["=1+1", "http://a.b", "000123"]})}))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert _back(packed(parts), "t")["内容"].to_list() == ["=1+1", "http://a.b", "000123"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "|a", "%a", "＝1", "\u200b=1"])
def test_a_text_that_would_run_gets_an_apostrophe(text):
    assert harmless(pl.DataFrame({"t": [text]}))["t"][0] == "'" + text


def test_ids_and_chinese_come_back_from_csv_as_they_were():
    data = csv(pl.DataFrame({"id": ["000123"], "词": ["镕 喆 㛃"]}))
    back = pl.read_csv(io.BytesIO(data), infer_schema=False)
    assert back.row(0) == ("000123", "镕 喆 㛃")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("Q6", "Q6"), ("../../etc", "etc"), ("a/b c", "a_b_c"), ("题 1", "题_1"), ("..", "_")],
)
def test_a_table_name_never_leaves_its_folder(name, safe):
    assert file_name(name) == safe


def test_archives_forget_when_they_were_written():
    assert timeless(packed({"a": b"1"})) == packed({"a": b"1"})


def _written(data: bytes, sheet: str) -> list[tuple[float, str]]:
    """The numbers of a sheet's first row below the headings, each with its number format."""
    parts = {name: part.decode() for name, part in unpacked(data).items() if name.endswith(".xml")}
    styles = unescape(parts["xl/styles.xml"])
    codes = {"4": "#,##0.00"} | dict(re.findall(r'numFmtId="(\d+)" formatCode="(.+?)"/>', styles))
    used = re.findall(r'<xf numFmtId="(\d+)"', styles[styles.index("<cellXfs") :])
    cells = re.findall(
        r'<c r="[A-Z]+2" s="(\d+)"><v>([^<]+)</v>', parts[f"xl/worksheets/{sheet}.xml"]
    )
    return [(float(value), codes[used[int(style)]]) for style, value in cells]


def test_a_workbook_has_shares_in_percent_differences_in_points_and_means_as_they_are():
    shares = {"share": [0.5], "ci_low": [0.4], "share_difference": [0.25], "p_value": [0.03]}
    means = {"mean": [4.2], "ci_low": [3.9], "ci_high": [4.5]}
    data = xlsx({"shares": pl.DataFrame(shares), "means": pl.DataFrame(means)})
    assert _written(data, "sheet1") == [
        (0.5, "0.0%"),
        (0.4, "0.0%"),
        (25, "0.0"),
        (0.03, '[<0.001]"<0.001";0.000'),
    ]
    assert [code for _, code in _written(data, "sheet2")] == ["#,##0.00"] * 3
