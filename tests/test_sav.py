"""SPSS files: what a cell says, what the codebook says, and that both agree with pyreadstat."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_files import complain, hostile, lines, rows

from insight import pipeline
from insight.errors import InsightError
from insight.readers import LINE, RawTable, read
from insight.readers.raw import AnswerSet, Codebook

BURGER = "data/displayr_sav/Burger_Brand_Tracking_Dec_2017.sav"
REAL = (
    "displayr_sav/Burger_Brand_Tracking_Dec_2017.sav", "displayr_sav/Cola.sav", "displayr_sav/Colas.sav",
    "displayr_sav/Phone.sav", "displayr_sav/fast_food.sav", "mobiles_nps/mobiles_nps_dev.sav",
)  # fmt: skip


def sav(frame: pd.DataFrame, folder: Path, **options: object) -> bytes:
    """The bytes that pyreadstat writes for a table."""
    path = folder / "x.sav"
    pyreadstat.write_sav(frame, path, **options)
    return path.read_bytes()


def table(data: bytes) -> RawTable:
    (only,) = read(data, "答卷.sav")
    return only


def book(raw: RawTable) -> Codebook:
    assert raw.codebook is not None
    return raw.codebook


def test_labels_stand_in_the_cells_and_their_codes_in_the_codebook():
    (raw,) = hostile("sav/ok.sav")
    assert raw.frame.columns == [LINE, "Q1｜总体满意度", "手机号", "Q2_其他｜其他"]
    assert rows(raw)[:2] == [("很满意", "13800000001", "无"), ("一般", "13900000002", "朋友介绍")]
    assert rows(raw)[2] == (None, None, "x" * 500)
    assert lines(raw) == [2, 3, 4]
    first = book(raw).variables["Q1｜总体满意度"]
    assert (first.name, first.wording) == ("Q1", "总体满意度")
    assert first.options == (("1", "很满意"), ("2", "一般"))


def test_compressed_files_say_the_same():
    assert [row[1] for row in rows(hostile("sav/compressed.zsav")[0])] == ["13800000001", "13900000002", None]  # fmt: skip


def test_a_range_of_missing_values_is_known_and_said():
    (raw,) = hostile("sav/missing_ranges.sav")
    assert rows(raw) == [("1",), ("99",), ("98",), ("5",)]
    only = book(raw).variables["Q1"]
    assert (set(only.missing), only.rule) == ({"98", "99"}, "98–99")
    assert "有 1 个变量定义了用户缺失值：Q1（98–99）。" in raw.notes


def test_values_without_a_label_stay_as_they_are_and_are_said():
    (raw,) = hostile("sav/labels_not_cover.sav")
    assert rows(raw) == [("是",), ("否",), ("7",)]
    assert "有 1 个变量的部分取值没有标签，按原码显示：Q1（7）。" in raw.notes


def test_chinese_declared_as_utf8_is_read_as_chinese_and_said():
    (raw,) = hostile("sav/gbk_as_utf8.sav")
    assert rows(raw) == [("张三",), ("efgh",)]
    assert "已按 GB18030（中文）读取" in raw.notes[0]


def test_chinese_declared_as_western_is_read_as_chinese(tmp_path):
    frame = pd.DataFrame({"Q1": [1.0, 2.0], "name": ["张三丰", "李四"]})
    data = sav(frame, tmp_path, variable_value_labels={"Q1": {1: "满意", 2: "一般"}})
    gbk = _reencoded(data, "gbk")
    assert rows(table(gbk)) == [("满意", "张三丰"), ("一般", "李四")]


def _reencoded(data: bytes, encoding: str) -> bytes:
    """The same file in another encoding, declared as windows-1252; texts keep their length by blanks."""
    for text in ("张三丰", "李四", "满意", "一般"):
        utf8, other = text.encode(), text.encode(encoding)
        data = data.replace(utf8, other.ljust(len(utf8)))
    declared = data.index(b"UTF-8") - 16
    assert data[declared : declared + 8] == b"\x07\x00\x00\x00\x14\x00\x00\x00"
    cut = data[:declared] + data[declared + 16 + 5 :]
    return cut.replace((65001).to_bytes(4, "little"), (1252).to_bytes(4, "little"))


def test_the_user_may_choose_the_encoding():
    data = shared("hostile/sav/gbk_as_utf8.sav").read_bytes()
    assert rows(read(data, "x.sav", encoding="gb18030")[0]) == [("张三",), ("efgh",)]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_cut_off_is_refused(share, tmp_path):
    data = sav(pd.DataFrame({"a": [float(i) for i in range(500)], "b": ["甲"] * 500}), tmp_path)
    assert "SPSS 文件不完整或已损坏" in complain(data[: int(len(data) * share)], "x.sav")


def test_a_file_that_brings_the_library_down_takes_only_its_child_along():
    data = bytearray(shared("hostile/sav/labels_not_cover.sav").read_bytes())
    for place, value in ((105, 254), (173, 33), (259, 8), (280, 90)):
        data[place] = value  # ReadStat 1.1 writes past its memory
    with pytest.raises(InsightError, match=r"x\.sav"):
        pipeline.preview(bytes(data), "x.sav")


def test_an_empty_file_has_only_its_header(tmp_path):
    assert "只有表头" in complain(
        sav(pd.DataFrame({"a": pd.Series([], dtype=float)}), tmp_path), "x.sav"
    )


def test_dates_times_and_numbers_are_written_as_people_read_them(tmp_path):
    frame = pd.DataFrame(
        {
            "d": [datetime.date(2024, 3, 5)] * 2,
            "dt": [datetime.datetime(2024, 3, 5, 9, 3, 7)] * 2,
            "t": [datetime.time(9, 3, 1)] * 2,
            "n": [1.0, 0.125],
            "id": [13800000001.0, 123456789012345.0],
        }
    )
    assert rows(table(sav(frame, tmp_path))) == [
        ("2024-03-05 00:00:00", "2024-03-05 09:03:07", "09:03:01", "1", "13800000001"),
        ("2024-03-05 00:00:00", "2024-03-05 09:03:07", "09:03:01", "0.125", "123456789012345"),
    ]


def test_a_date_that_cannot_be_is_emptied_and_listed(tmp_path):
    frame = pd.DataFrame({"d": [13928976000.0, 1e15]})
    raw = table(sav(frame, tmp_path, variable_format={"d": "DATE11"}))
    assert rows(raw) == [("2024-03-05 00:00:00",), (None,)]
    assert raw.issues.rows() == [(3, "d", "1e+15", "不存在的日期或时间", "已置空")]


def test_a_label_that_two_codes_share_carries_the_code(tmp_path):
    labels = {"q": {98.0: "不知道", 99.0: "不知道", 1.0: "是"}}
    raw = table(sav(pd.DataFrame({"q": [98.0, 99.0, 1.0]}), tmp_path, variable_value_labels=labels))
    assert rows(raw) == [("不知道（98）",), ("不知道（99）",), ("是",)]


def test_missing_values_of_every_kind_reach_the_codebook(tmp_path):
    frame = pd.DataFrame({"a": [1.5, 98.0, -1.0, 90.75], "s": ["x", "-", "y", "z"]})
    data = sav(
        frame, tmp_path,
        missing_ranges={"a": [{"lo": 90.5, "hi": 99}, -1.0], "s": ["-"]},
        variable_value_labels={"a": {98.0: "不知道", 99.0: "拒答"}},
    )  # fmt: skip
    raw = table(data)
    assert rows(raw) == [("1.5", "x"), ("不知道", "-"), ("-1", "y"), ("90.75", "z")]
    assert set(book(raw).variables["a"].missing) == {"不知道", "拒答", "-1", "90.75"}
    assert book(raw).variables["a"].rule == "90.5–99、-1"
    assert book(raw).variables["s"].missing == ("-",)


def test_the_burger_tracker_has_its_known_counts_and_sets():
    raw = table(shared(BURGER).read_bytes())
    assert raw.frame.drop(LINE).shape == (4853, 523)
    gender = raw.frame["S2｜S2 Gender"].value_counts(sort=True).rows()
    frame, _ = pyreadstat.read_sav(shared(BURGER), apply_value_formats=True, usecols=["S2"])
    assert dict(gender) == frame["S2"].value_counts().to_dict()
    sets = {one.name: one for one in book(raw).sets}
    assert len(sets) == 18
    aware = sets["Q1.Aidedbrandawareness"]
    assert (aware.wording, aware.counted) == ("Q1. Aided brand awareness", "Selected")
    assert aware.columns[:2] == ("Q1_1｜Burger Shack", "Q1_2｜Burger Chef")


def test_sets_of_categories_have_no_counted_value():
    raw = table(shared("data/displayr_sav/Cola.sav").read_bytes())
    found = {one.name: one for one in book(raw).sets}
    assert found["Q4"].counted is None
    assert isinstance(found["Q4"], AnswerSet)
    assert found["Q30"].counted == "Yes"


@pytest.mark.parametrize("path", REAL, ids=lambda p: Path(p).stem)
def test_every_cell_of_a_real_file_is_what_pyreadstat_says(path):
    data = shared(f"data/{path}").read_bytes()
    raw = table(data)
    stored, meta = pyreadstat.read_sav(io.BytesIO(data), user_missing=True, output_format="dict", disable_datetime_conversion=True)  # fmt: skip
    columns = [column for column in raw.frame.columns if column != LINE]
    assert len(columns) == meta.number_columns
    for column, name in zip(columns, meta.column_names, strict=True):
        if meta.original_variable_types[name].startswith("DATE"):
            continue
        labels = {code: " ".join(text.split()) for code, text in meta.variable_value_labels.get(name, {}).items()}  # fmt: skip
        cells = raw.frame[column].to_list()
        for cell, value in zip(cells, stored[name], strict=True):
            if value is None or value == "" or value != value:
                assert cell is None
            elif labels.get(value):
                assert cell.startswith(labels[value])
            elif isinstance(value, float):
                assert float(cell) == pytest.approx(value, rel=1e-14)
            else:
                assert cell == value.rstrip()


NUMBERS = st.one_of(st.none(), st.floats(-1e12, 1e12, allow_nan=False), st.integers(-5, 120).map(float))  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=40)  # fmt: skip


@given(st.lists(st.tuples(NUMBERS, TEXTS), min_size=1, max_size=20), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_is_written_comes_back_missing_values_too(tmp_path_factory, written, packed):
    frame = pd.DataFrame(written, columns=["n", "s"]).astype({"n": float, "s": object})
    folder = tmp_path_factory.mktemp("sav")
    data = sav(frame, folder, missing_ranges={"n": [{"lo": 90, "hi": 99}]}, compress=packed)
    raw = table(data)
    expected = [None if n is None else float(f"{n:.15g}") for n, _ in written]
    assert raw.frame["n"].cast(pl.Float64).to_list() == expected
    assert raw.frame["s"].fill_null("").to_list() == [s for _, s in written]
    inside = {n for n, _ in written if n is not None and 90 <= n <= 99}
    assert {float(text) for text in book(raw).variables["n"].missing} == inside
