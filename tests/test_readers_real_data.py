"""Real exports are read whole, with the numbers that are known of them."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from conftest import shared
from raw_files import complain, rows

from insight.readers import read


def test_superstore_has_three_sheets_with_iso_dates_and_the_known_totals():
    path = shared("data/tableau_superstore_zh/示例 - 超市.xls")
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


def test_both_forms_of_a_wjx_export_have_800_answers():
    folder = shared("data/reportgen_wjx")
    by_text, by_code = (read(p.read_bytes(), p.name)[0] for p in sorted(folder.glob("*.xls")))
    assert (by_text.frame.height, by_code.frame.height) == (800, 800)
    assert by_text.frame.columns[1:3] == ["序号", "提交答卷时间"]
    assert by_text.frame["1、手机部数"][0] == "1部"
    assert by_code.frame["1、手机部数"][0] == "1"
    assert by_text.frame["序号"].to_list() == [str(i) for i in range(1, 801)]


def test_a_gbk_survey_keeps_every_cell():
    path = next(shared("data/colleges_wjx_survey").glob("results*.csv"))
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.shape == (4018, 41)
    text = path.read_bytes().decode("gb18030")
    peer = list(csv.reader(io.StringIO(text, newline="")))
    assert raw.frame.columns[1:] == peer[0]
    differs = [a for a, b in zip(rows(raw), peer[1:], strict=True) if list(a) != _emptied(b)]
    assert len(differs) == 2  # a control character in each


def _emptied(cells: list[str]) -> list[str | None]:
    return [cell.replace("\r\n", "\n") if cell.strip() else None for cell in cells]


def test_online_retail_is_read_from_parquet_whole():
    path = shared("data/online_retail/online_retail.parquet")
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.height == 541_909
    assert raw.frame["Quantity"].cast(pl.Int64).sum() == 5_176_450  # published totals of the set
    assert raw.frame["CustomerID"].n_unique() == 4_372 + 1  # and null
    assert raw.frame["InvoiceNo"].n_unique() == 25_900
    assert raw.frame.row(0) == (
        2, "536365", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "6",
        "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom",
    )  # fmt: skip


def test_a_packed_csv_says_to_unpack_it():
    path = shared("data/online_retail/online_retail.csv.gz")
    assert "这是压缩包。请解压后导入里面的文件。" in complain(path.read_bytes(), path.name)


def test_trailing_spaces_of_tmall_headers_are_trimmed():
    path = shared("data/tmall_orders/tmall_order_report.csv")
    (raw,) = read(path.read_bytes(), path.name)
    assert raw.frame.height == 28_010
    assert raw.frame.columns[1:] == [
        "订单编号", "总金额", "买家实际支付金额", "收货地址", "订单创建时间", "订单付款时间", "退款金额",
    ]  # fmt: skip
