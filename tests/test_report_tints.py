"""Shares that changed since the former wave: tinted in every file, with an arrow where the test passes."""

from __future__ import annotations

import io
import re

import openpyxl
import polars as pl
import pytest
import report_sample as sample
from docx import Document
from docx.oxml.ns import qn

from insight.analysis import Result
from insight.report import Lineage, composed
from insight.report.blocks import Grid
from insight.report.changes import Former
from insight.report.facts import Chapter
from insight.report.making import files
from insight.report.tints import FILLS, LEGEND, SHORT

NOW, BEFORE, BASES = [0.60, 0.30, 0.52, 0.40, 0.5], [0.45, 0.45, 0.50, 0.40, 0.9], [400, 400, 400, 400, 20]  # fmt: skip
KINDS = ["up", "down", "noise", None, None]  # 400 people: z of 15 points is 4.3, of 2 points 0.6; 20 people are too few  # fmt: skip


def _chapter(shares, *, title="问卷总表", key="topline"):
    table = pl.DataFrame({
        "option": [f"选项{at}" for at in range(5)], "n": [round(s * b) for s, b in zip(shares, BASES, strict=True)],
        "base": BASES, "share": shares,
    })  # fmt: skip
    return Chapter(key, "survey", title, "？", Result({"Q1": table}), lineage=Lineage(key))


def _crosstab(shares):
    table = pl.DataFrame({"row": ["甲", "甲", "乙", "乙"], "column": ["男", "女", "男", "女"], "share": shares, "base": [400] * 4, "letters": ["", "A", "", ""]})  # fmt: skip
    return Chapter("crosstab", "survey", "交叉表", "？", Result({"cells": table}), lineage=Lineage("crosstab"))  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    chapters = [_chapter(NOW), _crosstab([0.6, 0.3, 0.4, 0.7])]
    before = {"topline": _chapter(BEFORE).result, "crosstab": _crosstab([0.4, 0.3, 0.6, 0.69]).result}  # fmt: skip
    return composed(sample.facts(), chapters, former=Former("去年", before))


@pytest.fixture(scope="module")
def made(whole):
    return files(whole, ["docx", "xlsx", "html"])


def _grid(whole, caption):
    return next(b for b in whole.body if isinstance(b, Grid) and b.caption == caption)


def _kinds(row):
    return [slot.mark.kind if slot.mark else None for slot in row]


def test_a_share_that_rose_fell_or_cannot_be_told_apart_is_marked_and_nothing_else(whole):
    grid = _grid(whole, "问卷总表")
    at = [head.text for head in grid.heads].index("占比")
    assert [_kinds(row)[at] for row in grid.rows] == KINDS
    assert [row[at].text for row in grid.rows] == ["60.0% ↑", "30.0% ↓", "52.0%", "40.0%", "50.0%"]
    assert grid.rows[0][at].mark.tip == "上期 45.0%（400 人）"
    assert all(not any(_kinds(row)[:at] + _kinds(row)[at + 1 :]) for row in grid.rows)
    assert SHORT in grid.notes[0]


def test_a_matrix_is_marked_in_the_cell_of_its_group(whole):
    grid = _grid(whole, "交叉表")
    assert [_kinds(row) for row in grid.rows] == [[None, "up", None], [None, "down", "noise"]]
    assert [row[1].text for row in grid.rows] == ["60.0% ↑", "40.0% ↓"]
    assert grid.rows[0][2].text == "30.0% A"


def test_word_tints_the_cells_before_their_alignment(made):
    document = Document(io.BytesIO(made["report.docx"]))
    cells = {c.text: c._tc.tcPr for t in document.tables for r in t.rows for c in r.cells}
    for text, kind in (("60.0% ↑", "up"), ("30.0% ↓", "down"), ("52.0%", "noise")):
        tint = cells[text].find(qn("w:shd"))
        assert tint.get(qn("w:fill")) == FILLS[kind]
        names = [child.tag for child in cells[text]]
        assert names.index(qn("w:shd")) < names.index(qn("w:vAlign"))
    assert cells["30.0% A"].find(qn("w:shd")) is None
    said = "".join(p.text for p in document.paragraphs)
    assert LEGEND in said


def test_the_workbook_keeps_numbers_on_their_tint(made):
    book = openpyxl.load_workbook(io.BytesIO(made["report.xlsx"]))
    sheet = book.worksheets[1]
    at = [cell.value for cell in sheet[1]].index("占比") + 1
    cells = [sheet.cell(row, at) for row in range(2, 7)]
    assert [cell.value for cell in cells] == NOW
    assert [cell.fill.fgColor.rgb for cell in cells] == [
        f"FF{FILLS[kind]}" if kind else "00000000" for kind in KINDS
    ]
    assert cells[0].number_format == '0.0%" ↑"'
    assert book["目录"]["A3"].value == LEGEND


def test_the_page_says_what_the_share_was_before(made):
    page = made["report.html"].decode()
    tinted = re.findall(r'<td class="number (up|down|noise)" title="(.*?)">(.*?)</td>', page)
    assert tinted[0] == ("up", "上期 45.0%（400 人）", "60.0% ↑")
    assert sorted(kind for kind, *_ in tinted) == ["down", "down", "noise", "noise", "up", "up"]
    for kind, fill in FILLS.items():
        assert f"td.{kind} {{ background: #{fill.lower()}; }}" in page


def test_without_a_former_wave_nothing_is_tinted():
    alone = composed(sample.facts(), [_chapter(NOW)])
    plain = files(alone, ["docx", "xlsx", "html"])
    assert not any(s.mark for b in alone.blocks if isinstance(b, Grid) for r in b.rows for s in r)
    assert SHORT not in plain["report.html"].decode()
    assert 'td class="number up"' not in plain["report.html"].decode()
    assert openpyxl.load_workbook(io.BytesIO(plain["report.xlsx"]))["目录"]["A3"].value is None


def test_the_same_analysis_twice_is_marked_each_in_its_own_table():
    chapters = [_chapter(NOW, title="问卷总表（男）"), _chapter(BEFORE, title="问卷总表（女）", key="topline_2")]  # fmt: skip
    before = {"topline": _chapter(BEFORE).result, "topline_2": _chapter(BEFORE).result}
    both = composed(sample.facts(), chapters, former=Former("去年", before))
    held = {p.chapter.key: set(p.chapter.marks) for p in both.printed}
    assert held == {"topline": {"Q1"}, "topline_2": set()}
