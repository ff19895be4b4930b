"""The report as slides, PDF and workbook: what can be edited, searched and counted on, with and without a template."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import polars as pl
import pypdf
import pytest
import report_sample as sample
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from insight import charts
from insight.errors import BadTemplate, FontMissing
from insight.report import composed, files, printing
from insight.report.native import native


@pytest.fixture(scope="module")
def whole():
    return composed(sample.facts(), sample.chapters())


@pytest.fixture(scope="module")
def made(whole):
    return files(whole, ["pptx", "xlsx", "pdf"])


@pytest.fixture(scope="module")
def slides(made):
    return list(Presentation(io.BytesIO(made["report.pptx"])).slides)


@pytest.fixture(scope="module")
def pages(made):
    return pypdf.PdfReader(io.BytesIO(made["report.pdf"]))


def words_of(slide):
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def template(change=None):
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "模板里的旧幻灯片"
    if change:
        change(deck)
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def test_slides_draw_charts_whose_numbers_can_be_edited(slides):
    """The bars of the segments: their workbook holds the shares of the result."""
    drawn = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    bars = next(chart for chart in drawn if chart.chart_type == XL_CHART_TYPE.BAR_CLUSTERED)
    assert list(bars.plots[0].categories) == list(sample.NAMES)
    assert next(tuple(s.values) for s in bars.plots[0].series) == (0.214, 0.096, 0.35, 0.34)
    book = openpyxl.load_workbook(io.BytesIO(bars.part.chart_workbook.xlsx_part.blob))
    assert [row[1].value for row in book.active.iter_rows(min_row=2)] == [0.214, 0.096, 0.35, 0.34]
    lines = next(chart for chart in drawn if chart.chart_type == XL_CHART_TYPE.LINE)
    assert list(lines.plots[0].series[0].values) == [80_000.0 + 1_500 * i for i in range(24)]
    assert next(iter(lines.plots[0].categories)) == "2024-01"


def test_no_slide_holds_a_picture_and_the_needs_are_a_native_table(slides):
    assert not [s for slide in slides for s in slide.shapes if s.shape_type == 13]
    tables = [shape.table for slide in slides for shape in slide.shapes if shape.has_table]
    needs = next(t for t in tables if t.cell(0, 0).text == "需求")
    assert needs.cell(1, 1).text == "29.4% bCD\n¥36.3 万"
    assert needs.cell(0, 1).text == "重要价值客户\n(A) n=177"


def test_the_title_of_a_slide_is_its_finding_and_its_ids_stand_on_it(slides):
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert "最多人谈到的主题是“等候”：60 人，占 20.0%" in titles
    about = next(s for s in slides if s.has_notes_slide and "RFM" in words_of(s))
    assert "T3.1-" in words_of(about)
    assert "T3.1-B2 = 214" in about.notes_slide.notes_text_frame.text


def test_every_run_of_the_slides_names_a_chinese_font(made):
    with zipfile.ZipFile(io.BytesIO(made["report.pptx"])) as archive:
        parts = [
            archive.read(n).decode()
            for n in archive.namelist()
            if re.search(r"(slides/slide|charts/chart)\d+\.xml$", n)
        ]
    runs = [run for part in parts for run in re.findall(r"<a:r>.*?</a:r>", part, re.DOTALL)]
    assert len(runs) > 100
    assert all('<a:ea typeface="微软雅黑"' in run for run in runs)


def test_slides_take_the_size_and_the_layouts_of_a_template_and_none_of_its_slides(whole):
    made = files(whole, ["pptx"], template=template())["report.pptx"]
    deck = Presentation(io.BytesIO(made))
    assert (deck.slide_width, deck.slide_height) == (9144000, 6858000)
    assert "模板里的旧幻灯片" not in "".join(map(words_of, deck.slides))
    assert deck.slides[0].shapes.title.text_frame.text == "客户数据分析报告及营销策略建议"
    right = [shape.left + shape.width for slide in deck.slides for shape in slide.shapes]
    assert max(right) <= deck.slide_width


def test_the_chinese_font_of_a_template_is_kept(whole):
    def named(deck):
        rels = deck.slide_master.part.rels.values()
        theme = next(r.target_part for r in rels if r.reltype.endswith("/theme"))
        head, sign, rest = theme.blob.decode().partition("<a:minorFont>")
        theme._blob = (head + sign + rest.replace('<a:ea typeface=""', '<a:ea typeface="楷体"', 1)).encode()  # fmt: skip

    made = files(whole, ["pptx"], template=template(named))["report.pptx"]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        slide = archive.read("ppt/slides/slide1.xml").decode()
    assert '<a:ea typeface="+mn-ea"' in slide


def _without_placeholders(deck):
    for layout in deck.slide_layouts:
        for held in list(layout.placeholders):
            held._element.getparent().remove(held._element)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: b"PK no zip", "不是 pptx 文件"),
        (lambda: _zip("a.txt"), "不是 pptx 文件"),
        (lambda: template(_without_placeholders), "没有“标题”占位符"),
    ],
)
def test_a_template_that_cannot_be_used_is_one_sentence(whole, data, said):
    with pytest.raises(BadTemplate, match=said):
        files(whole, ["pptx"], template=data())


def _zip(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x")
    return buffer.getvalue()


def test_a_heat_map_and_a_cloud_of_words_are_no_native_charts():
    table = pl.DataFrame({"need": ["a"], "segment": ["b"], "share": [0.1]})
    assert native(charts.heat(table, row="need", column="segment", value="share")) is None
    drawn = native(sample.rfm().result.charts["segments"])
    assert (drawn.kind, drawn.number_format) == ("bars", "0.0%")
    assert list(drawn.series) == ["客户占比", "金额占比"]


def test_every_font_of_the_pdf_is_inside_it_and_its_words_can_be_found(pages):
    fonts = {}
    for page in pages.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            own = font.get_object()
            fonts[own["/BaseFont"]] = own["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    assert fonts
    assert all(
        set(one.get_object()) & {"/FontFile", "/FontFile2", "/FontFile3"} for one in fonts.values()
    )
    assert all("NotoSansSC" in name for name in fonts)
    text = "".join(page.extract_text() for page in pages.pages)
    assert "重要价值客户里 29.4% 提到“等候时间太长”" in text.replace("\n", "")
    assert "附录 F 数字溯源表" in text


def test_numbers_of_the_pdf_lead_to_their_cells_and_it_is_named_and_dated(pages):
    linked = sum(len(page.get("/Annots", [])) for page in pages.pages)
    assert linked > 60
    told = pages.metadata
    assert (told.title, told.author) == ("客户数据分析报告及营销策略建议", "青禾茶饮（演示）")
    assert len(pages.outline) >= 5


def test_words_that_look_like_the_typesetters_code_stay_words(whole):
    odd = replace(sample.topics(), title="#set text(red) $x^2$ *粗* @ref \\n <T9>")
    made = files(composed(sample.facts(), [odd]), ["pdf"])["report.pdf"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    assert "#set text(red) $x^2$ *粗* @ref \\n <T9>" in text


def test_without_the_font_there_is_a_sentence_and_no_file(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "FONT_FILE", tmp_path / "gone.otf")
    with pytest.raises(FontMissing, match=r"gone\.otf"):
        files(whole, ["pdf", "xlsx"])


def test_the_workbook_has_contents_whole_tables_as_numbers_and_the_trace(made):
    book = openpyxl.load_workbook(io.BytesIO(made["report.xlsx"]))
    contents = [[cell.value for cell in row] for row in book["目录"].iter_rows(min_row=5)]
    assert [row[2] for row in contents][:2] == ["销售趋势", "RFM 客户分层"]
    assert "customers" not in str(contents)
    months = book[contents[0][1]]
    assert months.max_row == 25
    assert months.cell(2, 2).value == 80_000.0
    assert months.freeze_panes == "B2"
    trace = {row[0].value: row[1].value for row in book["数字溯源"].iter_rows(min_row=2)}
    assert trace["T3.1-D2"] == "¥123.5 万"
    assert "c07" not in "".join(
        str(c.value) for sheet in book for row in sheet.iter_rows() for c in row
    )


def test_equal_input_gives_equal_bytes_in_every_form(whole, made):
    again = files(whole, ["pptx", "xlsx", "pdf"])
    assert {name: data == made[name] for name, data in again.items()} == dict.fromkeys(again, True)


def test_words_of_a_table_stay_on_the_slide_even_with_what_no_xml_holds(slides):
    cells = [
        c.text
        for slide in slides
        for s in slide.shapes
        if s.has_table
        for row in s.table.rows
        for c in row.cells
    ]
    assert "希望有 <b>更多</b> 口味" in cells
