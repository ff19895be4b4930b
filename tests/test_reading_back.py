"""What is written in any format and encoding reads back equal, whatever the file is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import escape

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.readers import LINE, RawTable, read, record_chunks, text_tables

HEADER = ("会员号", "姓名", "金额", "备注")
TRADITIONAL = ("會員號", "姓名", "金額", "備註")
SUFFIXES = ("csv", "tsv", "txt", "xlsx", "xls", "sav", "parquet", "docx", "dat", "")
Rows = list[tuple[str, ...]]

_MARKS = st.sampled_from(
    [*",;|\t\"' \n-=", "007", "1.50", "2024-03-05", "1.38E+10", "¥", "（", "。"]
)
_SIMPLIFIED = st.sampled_from(
    [*"的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会"]
)
_COMMON = st.sampled_from(
    [*"的一是在不了有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那"]
)
_RARE = st.sampled_from([*"镕喆㛃𠮷㐂", "한", "é", "ß"])


def bodies(*letters: st.SearchStrategy[str]) -> st.SearchStrategy[Rows]:
    """Rows of four cells; the first is an id, so that no row is blank or a row of totals."""
    cell = st.lists(st.one_of(*letters, _MARKS), max_size=6).map("".join)
    kept = cell.filter(lambda c: '="' not in c)
    row = st.tuples(st.integers(0, 10**6).map("{:08d}".format), kept, kept, kept)
    return st.lists(row, min_size=1, max_size=8)


def text_of(header: tuple[str, ...], body: Rows, *, separator: str = ",", end: str = "\n") -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=end)
    writer.writerows([header, *body])
    return file.getvalue()


def seen(raw: RawTable) -> Rows:
    return [tuple(cell or "" for cell in row) for row in raw.frame.drop(LINE).rows()]


def meant(body: Rows) -> Rows:
    """The rows as they must come back: cells of nothing but white space are empty."""
    return [tuple(cell if cell.strip() else "" for cell in row) for row in body]


def quickly(n: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(
        max_examples=n,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@given(
    body=bodies(_SIMPLIFIED, _RARE),
    separator=st.sampled_from(",\t;|"),
    end=st.sampled_from(["\n", "\r\n"]),
    suffix=st.sampled_from(SUFFIXES),
)
@quickly(40)
def test_delimited_text_reads_back_in_every_encoding(encoding, body, separator, end, suffix):
    if encoding == "gb18030":
        body = [
            tuple(c.replace("한", "").replace("é", "").replace("ß", "") for c in r) for r in body
        ]
    data = text_of(HEADER, body, separator=separator, end=end).encode(encoding)
    (raw,) = read(data, f"表.{suffix}")
    assert tuple(raw.frame.columns[1:]) == HEADER
    assert seen(raw) == meant(body)


@given(body=bodies(_COMMON))
@quickly(40)
def test_traditional_text_in_big5_reads_back(body):
    (raw,) = read(text_of(TRADITIONAL, body).replace("¥", "$").encode("big5", "ignore"), "表.csv")
    assert tuple(raw.frame.columns[1:]) == TRADITIONAL
    asked = [
        tuple(c.replace("¥", "$").encode("big5", "ignore").decode("big5") for c in r) for r in body
    ]
    assert seen(raw) == meant(asked)


def xlsx_of(body: Rows) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("数据")
        for n, row in enumerate([HEADER, *body]):
            for i, cell in enumerate(row):
                sheet.write_string(n, i, cell)
    return file.getvalue()


def parquet_of(body: Rows) -> bytes:
    file = io.BytesIO()
    pl.DataFrame(body, schema=list(HEADER), orient="row").write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize("write", [xlsx_of, parquet_of])
@given(body=bodies(_SIMPLIFIED, _RARE), suffix=st.sampled_from(SUFFIXES))
@quickly(40)
def test_workbooks_and_parquet_read_back_under_any_name(write, body, suffix):
    (raw,) = read(write(body), f"表.{suffix}")
    assert tuple(raw.frame.columns[1:]) == HEADER
    assert seen(raw) == meant(body)


def html_of(body: Rows) -> bytes:
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in [HEADER, *body]
    )
    return f"<html><meta charset=gb2312><table>{lines}</table></html>".encode("gb18030")


def spreadsheet_of(body: Rows) -> bytes:
    lines = "".join(
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="String">{escape(cell)}</Data></Cell>' for cell in row)
        + "</Row>"
        for row in [HEADER, *body]
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">'
        f'<Worksheet ss:Name="数据"><Table>{lines}</Table></Worksheet></Workbook>'
    ).encode()


@pytest.mark.parametrize("write", [html_of, spreadsheet_of])
@given(body=bodies(_SIMPLIFIED), suffix=st.sampled_from(SUFFIXES))
@quickly(40)
def test_what_is_called_xls_but_is_none_reads_back_under_any_name(write, body, suffix):
    body = [tuple(" ".join(cell.split()) for cell in row) for row in body]  # HTML folds spaces
    (raw,) = read(write(body), f"表.{suffix}")
    assert tuple(raw.frame.columns[1:]) == HEADER
    assert seen(raw) == meant(body)


@given(body=bodies(_SIMPLIFIED, _RARE), stray=st.booleans())
@quickly(60)
def test_the_quick_parser_and_the_careful_one_read_the_same(body, stray):
    text = text_of(HEADER, body) + ('x,"开\ny,1,2,3,4\n' if stray else "")
    (quick,) = read(text.encode(), "表.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_tables, "_parsed", lambda *_: None)
        (careful,) = read(text.encode(), "表.csv")
    assert quick.frame.equals(careful.frame)
    assert quick.issues.equals(careful.issues)
    assert quick.notes == careful.notes


@given(body=bodies(_SIMPLIFIED), size=st.integers(1, 200))
@quickly(60)
def test_a_text_cut_into_chunks_of_any_size_reads_the_same(body, size):
    text = text_of(HEADER, body * 3)
    (whole,) = read(text.encode(), "表.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_chunks, "CHUNK", size)
        patch.setattr("insight.readers.utf8_blocks.BLOCK", size)
        (pieces,) = read(text.encode(), "表.csv")
    assert pieces.frame.equals(whole.frame)


def test_reading_from_a_path_is_reading_its_bytes(tmp_path):
    body = [(f"{n:08d}", "张三", "1.50", 'a,"b"') for n in range(300)]
    for name, data in {"a.csv": text_of(HEADER, body).encode("gb18030"), "a.xlsx": xlsx_of(body),
                       "a.parquet": parquet_of(body)}.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        (of_path,), (of_bytes,) = read(tmp_path / name, name), read(data, name)
        assert of_path.frame.equals(of_bytes.frame)
        assert seen(of_path) == body


@given(
    numbers=st.lists(
        st.one_of(
            st.integers(-(10**15) + 1, 10**15 - 1),
            st.decimals(-(10**6), 10**6, places=2).map(float),
        ),
        min_size=1,
        max_size=20,
    )
)
@quickly(40)
def test_numbers_of_a_workbook_read_back_to_the_last_digit(numbers):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["额", *numbers])
    (raw,) = read(file.getvalue(), "数.xlsx")
    assert [float(cell) for cell in raw.frame["额"]] == [float(n) for n in numbers]
    whole = [(n, cell) for n, cell in zip(numbers, raw.frame["额"], strict=True) if n == int(n)]
    assert [cell for _, cell in whole] == [str(int(n)) for n, _ in whole]


def test_a_large_file_tells_what_it_takes_and_what_is_allowed(monkeypatch):
    monkeypatch.setattr("insight.readers._LARGE", 2**20)
    data = ("会员号,金额\n" + "00000001,1.50\n" * 200_000).encode()
    (raw,) = read(data, "订单.csv")
    assert raw.notes[0] == (
        "文件较大：3 MB、200,000 行，导入约需 0.0 GB 内存（上限 500 MB、5,000 万格）。"
    )
