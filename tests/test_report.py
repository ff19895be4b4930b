"""The report: what it says, where its numbers come from, and that Word and a browser can show it anywhere."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import docx as python_docx
import polars as pl
import pytest
import report_sample as sample
from fontTools.ttLib import TTFont
from lxml import etree

from insight import pipeline
from insight.analyses import ROOMS, catalogue, room_of
from insight.analysis import Cell, Finding
from insight.charts import missing_glyphs
from insight.claims import broken_rules, caution
from insight.report import Facts, Source, docx, html, trace
from insight.report.blocks import Cover, Figure, Grid, Heading, Paragraph
from insight.report.compose import compose
from insight.report.layout import lay, printed
from insight.report.outline import SECTIONS

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The order in which Word wants these children (ECMA-376, part 1, 17.3.1.26, 17.3.2.28, 17.4.59, 17.4.66, 17.6.17, 17.7.4.17, 17.15.1.78).
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs spacing ind contextualSpacing jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps color spacing w kern sz szCs highlight u vertAlign lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tcPr": "cnfStyle tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "style": "name aliases basedOn next link uiPriority semiHidden unhideWhenUsed qFormat locked rsid pPr rPr tblPr trPr tcPr tblStylePr",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "settings": "zoom proofState defaultTabStop characterSpacingControl savePreviewPicture updateFields compat rsids mathPr themeFontLang clrSchemeMapping doNotAutoCompressPictures shapeDefaults decimalSymbol listSeparator docId defaultImageDpi",
}  # fmt: skip
VOID = {"meta", "br", "img", "hr", "link", "input", "path", "line", "rect", "stop", "circle"}


@pytest.fixture
def own_study(tmp_path):
    """Orders of sixty customers who differ in recency, frequency and money."""
    lines = "".join(
        f"D{i}-{j},M{i:03d},2025-{1 + (i * 7 + j) % 12:02d}-{1 + i % 28:02d} 10:00:00,{50 + i * 10}\n"
        for i in range(60)
        for j in range(1 + i % 5)
    )
    study = pipeline.new(tmp_path / "s")
    pipeline.add(study, f"订单编号,会员号,下单时间,实付金额\n{lines}".encode(), "订单.csv")
    return study


@pytest.fixture(scope="module")
def blocks():
    return compose(sample.facts(), sample.chapters())


@pytest.fixture(scope="module")
def word():
    return docx(sample.facts(), sample.chapters())


@pytest.fixture(scope="module")
def page():
    return html(sample.facts(), sample.chapters())


def xml_parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [n for n in archive.namelist() if n.endswith((".xml", ".rels"))]
        return {name: etree.fromstring(archive.read(name)) for name in names}


def words_of(block):
    """Everything a block says."""
    match block:
        case Paragraph():
            return "".join(run.text for run in block.runs)
        case Grid():
            slots = [slot for row in block.rows for slot in row]
            said = ["".join(run.text for run in slot.runs) or slot.text for slot in slots]
            return "\n".join([block.caption, *(h.text for h in block.heads), *said, *block.notes])
        case Heading():
            return block.text
        case Cover():
            return "\n".join([block.title, block.subtitle, *(f"{k}{v}" for k, v in block.rows)])
        case Figure():
            return block.caption
    return ""


def following(blocks, title):
    """The blocks from one heading to the next of its level or above."""
    start = next(i for i, b in enumerate(blocks) if isinstance(b, Heading) and b.text == title)
    level = blocks[start].level
    rest = blocks[start + 1 :]
    stop = next((i for i, b in enumerate(rest) if isinstance(b, Heading) and b.level <= level), None)  # fmt: skip
    return rest[:stop]


def cells_of(blocks):
    """Anchor -> text of the cell that carries it."""
    grids = [block for block in blocks if isinstance(block, Grid)]
    slots = [slot for grid in grids for row in grid.rows for slot in row]
    return {anchor: slot.text for slot in slots for anchor in slot.anchors}


def test_every_finding_number_leads_to_a_cell_that_shows_it(blocks):
    cells = cells_of(blocks)
    linked = [
        run
        for block in blocks
        if isinstance(block, Paragraph)
        for run in block.runs
        if run.look == "number"
    ]
    hidden = {
        "177",
        "52",
    }  # base and n of the matrix: the cell shows share and money, 附录 F shows all
    assert len(linked) >= 12
    assert all(run.text in cells[run.target] or run.text in hidden for run in linked)


def test_an_id_names_the_printed_table_column_and_row():
    numbers = {n.id: n for n in trace(sample.chapters())}
    spend = numbers["T3.1-D2"]
    assert (spend.analysis, spend.table, spend.row, spend.column) == ("rfm", "segments", 0, "spend")
    assert spend.value == "¥123.5 万"
    assert numbers["T3.1-G3"].value == "130.5"


def test_several_values_of_one_matrix_cell_have_ids_of_their_own():
    numbers = [n for n in trace(sample.chapters()) if n.id.startswith("T4.1-B2")]
    assert {n.id: n.column for n in numbers} == {
        "T4.1-B2": "share", "T4.1-B2b": "revenue", "T4.1-B2c": "n", "T4.1-B2d": "base",
    }  # fmt: skip


def test_no_two_numbers_share_an_id():
    ids = [number.id for number in trace(sample.chapters())]
    assert len(ids) == len(set(ids))


def test_the_trace_gives_the_values_of_the_segment_table():
    """214, 96, 350 and 340 of 1,000 customers; 1,234,567 of 2,045,067 yuan is 60.4 %."""
    found = {n.id: n.value for n in trace(sample.chapters()) if n.id.startswith("T3.1-")}
    assert found == {
        "T3.1-B2": "214", "T3.1-C2": "21.4%", "T3.1-D2": "¥123.5 万", "T3.1-E2": "60.4%",
        "T3.1-B3": "96", "T3.1-G3": "130.5",
    }  # fmt: skip


def test_appendix_f_lists_every_id_with_its_source_file(blocks):
    grid = next(b for b in blocks if isinstance(b, Grid) and b.number == "F.1")
    rows = {row[0].text: [slot.text for slot in row] for row in grid.rows}
    assert set(rows) == {n.id for n in trace(sample.chapters())}
    assert rows["T3.1-D2"] == [
        "T3.1-D2",
        "¥123.5 万",
        "消费金额",
        "rfm/segments · spend",
        "1",
        "S1",
    ]
    assert rows["T4.1-B2"][-1] == "S1–S3"
    assert "S1 = a1b2c3d4e5f6（订单导出_2025.csv）" in "".join(grid.notes)


def test_no_heading_stands_over_nothing(blocks):
    for here, after in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(here, Heading):
            assert after is not None
            assert not (isinstance(after, Heading) and after.level <= here.level), here.text


def test_a_report_without_results_says_what_is_missing_and_heads_nothing_empty():
    bare = Facts(study="空研究", revision=1, recipe="0" * 16, made_at=sample.facts().made_at)
    made = compose(bare, [])
    test_no_heading_stands_over_nothing(made)
    text = "\n".join(map(words_of, made))
    assert "没有纳入需求分析：需要问卷多选题、开放题、评论或访谈" in text
    assert "没有可以给出的建议" in text
    assert "没有登记数据来源" in text
    assert python_docx.Document(io.BytesIO(docx(bare, []))).paragraphs


def test_the_outline_is_the_one_agreed(blocks):
    heads = [b.text for b in blocks if isinstance(b, Heading) and b.level <= 2]
    wanted = ["摘要", "引言", "一、客户数据分析报告", "（〇）数据说明", "（一）客户画像", "（二）消费行为", "（三）客户价值",
              "（四）细分市场需求", "（五）主要发现与洞察", "二、营销策略建议", "附录", "附录 A 方法与口径", "附录 F 数字溯源表"]  # fmt: skip
    assert [h for h in heads if h in wanted] == wanted


def test_the_summary_holds_the_strongest_findings_needs_first_and_none_on_a_small_base(blocks):
    bullets = [words_of(b) for b in following(blocks, "摘要") if isinstance(b, Paragraph)]
    assert bullets[0].startswith("重要价值客户里 29.4% 提到“等候时间太长”")
    assert len(bullets) == 5
    assert not any("8.8%" in text for text in bullets)


def test_a_finding_on_a_small_base_is_called_directional(blocks):
    needs = [words_of(b) for b in following(blocks, "各人群的需求")]
    assert any("8.8% 提到“等候时间太长”。（基数 12，方向性）" in text for text in needs)


def test_a_causal_sentence_is_kept_out_of_the_text_and_named_in_appendix_g(blocks):
    everywhere = [words_of(b) for b in blocks]
    held = [text for text in everywhere if "导致" in text]
    assert held == [
        "等候时间太长导致 29.4% 的重要价值客户流失。（用了因果的说法，横截面数据只能说相关）"
    ]
    assert any("导致" in words_of(b) for b in following(blocks, "附录 G 未通过检查的句子"))


@pytest.mark.parametrize(
    ("text", "base", "test", "n_broken"),
    [
        ("A 显著高于 B。", 100, "z 检验", 0),
        ("A 显著高于 B。", 100, "", 1),
        ("A 显著高于 B。", 29, "z 检验", 1),
        ("题目“有什么显著变化？”里 30% 选是。", 100, "", 0),
        ("等候使得客户流失。", 100, "z 检验", 1),
    ],
)
def test_claim_rules(text, base, test, n_broken):
    assert len(broken_rules(Finding(text, base, (Cell("t", 0, "n"),), test))) == n_broken


def test_a_sentence_that_hedges_itself_gets_no_second_caution():
    assert caution(Finding("只有 9 人，样本不足。", 9, (Cell("t", 0, "n"),))) == ""
    assert caution(Finding("有 40 人。", 40, (Cell("t", 0, "n"),))) == ""


def test_needs_are_printed_as_a_matrix_with_letters_bases_and_money(blocks):
    grid = next(b for b in blocks if isinstance(b, Grid) and b.number == "4.1")
    assert [h.text for h in grid.heads] == [
        "需求", "重要价值客户\n(A) n=177", "重要保持客户\n(B) n=64", "一般价值客户\n(C) n=260", "一般挽留客户\n(D) n=12",
    ]  # fmt: skip
    assert [slot.text for slot in grid.rows[0]][:3] == ["等候时间太长", "29.4% bCD\n¥36.3 万", "12.5%\n¥5.0 万"]  # fmt: skip
    assert [slot.is_small for slot in grid.rows[0]] == [False, False, False, False, True]
    assert any("检验：双侧 z 检验，Bonferroni 校正" in note for note in grid.notes)


def test_a_matrix_leaves_out_a_group_about_which_nothing_can_be_said():
    table = pl.DataFrame({"row": ["a", "a", "b", "b"], "column": ["x", "y"] * 2, "share": [0.1, None, 0.2, None], "letters": ["", "—"] * 2})  # fmt: skip
    laid = lay(table)
    assert [h.text for h in laid.heads] == ["选项", "x"]
    assert laid.absent == ("y",)


def test_of_many_months_the_last_twelve_are_printed_and_the_table_says_so(blocks):
    grid = next(b for b in blocks if isinstance(b, Grid) and b.number == "2.1")
    assert [row[0].text for row in grid.rows] == ["……", *(f"2025-{m:02d}" for m in range(1, 13))]
    assert "全表 24 行，此处列出 12 行，编号里的行按全表计；完整表见导出的 csv。" in grid.notes[0]


def test_a_long_table_is_cut_but_keeps_its_evidence():
    laid = lay(pl.DataFrame({"reason": [str(i) for i in range(40)], "n": range(40)}))
    shown = [row[0].text for row in printed(laid, {(25, 1): ("T1_B27",)})]
    assert shown == [*map(str, range(10)), "……", "25"]


def test_a_table_of_fifteen_rows_is_not_cut():
    laid = lay(pl.DataFrame({"reason": [str(i) for i in range(15)], "n": range(15)}))
    assert len(printed(laid, {})) == 15


def test_of_many_compared_words_those_that_pass_on_a_firm_base_are_printed():
    q = [0.2, 0.01, 0.04, 0.03]
    table = pl.DataFrame({"segment": list("aabb"), "word": list("wxyz"), "n": [9] * 4, "base": [90, 90, 90, 12], "share": [0.1] * 4, "p_adjusted": q})  # fmt: skip
    rows = printed(lay(table), {})
    assert [row[1].text for row in rows] == ["x", "y"]


def test_topics_are_printed_with_their_people_and_first_five_words(blocks):
    grid = next(b for b in blocks if isinstance(b, Grid) and b.caption == "开放题主题")
    assert [h.text for h in grid.heads] == ["主题", "人数", "占比", "代表词"]
    assert [slot.text for slot in grid.rows[0]] == ["等候", "60", "20.0%", "排队、等候、很久、队伍、叫号"]  # fmt: skip


def test_a_table_of_equal_bases_does_not_repeat_them_as_numbers_of_the_test():
    table = pl.DataFrame({"option": ["女", "男"], "n": [6, 4], "base": [10, 10], "share": [0.6, 0.4], "ci_low": [0.3, 0.2], "ci_high": [0.8, 0.7], "effective_base": [10.0, 10.0], "share_of_ticks": [0.6, 0.4]})  # fmt: skip
    assert [h.text for h in lay(table).heads] == ["选项", "人数", "基数", "占比", "95% 下限", "95% 上限"]  # fmt: skip


def test_chapters_stand_where_their_room_belongs_in_the_order_given(blocks):
    parts = {title: [b.text for b in following(blocks, title) if isinstance(b, Heading)] for title in ("（三）客户价值", "（四）细分市场需求")}  # fmt: skip
    assert parts == {"（三）客户价值": ["RFM 客户分层"], "（四）细分市场需求": ["各人群的需求", "开放题主题"]}  # fmt: skip
    topics = sample.topics()
    first, second = replace(topics, key="b", title="乙"), replace(topics, key="a", title="甲")
    made = compose(sample.facts(), [first, sample.needs(), second])
    held = [b.text for b in following(made, "（四）细分市场需求") if isinstance(b, Heading)]
    assert held == ["各人群的需求", "乙", "甲"]


def said(page):
    """What the page says: without its font and its scripts."""
    return re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)


def test_customers_are_never_listed(word, page):
    assert "c07" not in said(page)
    assert not any("c07" in data for data in re.findall(r'<script type="application/json".*?</script>', page))  # fmt: skip
    text = "\n".join(etree.tostring(x, encoding="unicode", method="text") for x in xml_parts(word).values())  # fmt: skip
    assert "c07" not in text


def test_columns_never_take_more_than_the_page(blocks):
    for grid in blocks:
        if isinstance(grid, Grid):
            assert sum(head.width for head in grid.heads) <= 1.0001, grid.caption
            assert all(head.width > 0.03 for head in grid.heads)


def test_every_style_and_every_run_names_a_chinese_font(word):
    parts = xml_parts(word)
    styles = [s for s in parts["word/styles.xml"].iter(f"{W}style") if s.get(f"{W}type") != "numbering"]  # fmt: skip
    assert len(styles) > 20
    for style in styles:
        fonts = style.find(f"{W}rPr/{W}rFonts")
        assert fonts is not None, style.get(f"{W}styleId")
        assert fonts.get(f"{W}eastAsia") in {"宋体", "黑体"}
    runs = [r for part in parts.values() for r in part.iter(f"{W}r")]
    assert len(runs) > 500
    assert all(r.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia") in {"宋体", "黑体"} for r in runs)


def test_every_style_that_is_named_is_there(word):
    parts = xml_parts(word)
    known = {s.get(f"{W}styleId") for s in parts["word/styles.xml"].iter(f"{W}style")}
    kinds = ("pStyle", "rStyle", "tblStyle")
    named = {one.get(f"{W}val") for kind in kinds for one in parts["word/document.xml"].iter(f"{W}{kind}")}  # fmt: skip
    assert len(named) > 15
    assert named <= known


@pytest.mark.parametrize("parent", ORDER)
def test_word_finds_properties_in_the_order_it_wants(word, parent):
    wanted = ORDER[parent].split()
    for part in xml_parts(word).values():
        for element in part.iter(f"{W}{parent}"):
            places = [wanted.index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), etree.tostring(element)[:300]


def test_no_theme_font_overrules_the_named_ones_and_text_is_chinese(word):
    parts = xml_parts(word)
    raw = zipfile.ZipFile(io.BytesIO(word)).read("word/styles.xml").decode()
    assert "Theme" not in raw
    lang = next(parts["word/styles.xml"].iter(f"{W}lang"))
    assert lang.get(f"{W}eastAsia") == "zh-CN"
    theme = zipfile.ZipFile(io.BytesIO(word)).read("word/theme/theme1.xml").decode()
    assert re.findall(r'<a:ea typeface="([^"]*)"', theme) == ["黑体", "宋体"]
    assert next(parts["word/settings.xml"].iter(f"{W}themeFontLang")).get(f"{W}eastAsia") == "zh-CN"


def test_word_has_native_tables_captions_with_fields_and_contents(word):
    document = python_docx.Document(io.BytesIO(word))
    body = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert "表 3.1　RFM 客户分层" in captions
    assert body.count("SEQ 表") == sum("表 " in c for c in captions)
    assert 'TOC \\o "1-2"' in body
    entries = [p.text for p in document.paragraphs if p.style.name.lower().startswith("toc ")]
    assert any(entry.startswith("（四）细分市场需求") for entry in entries)
    assert document.sections[0].page_width.cm == pytest.approx(21.0, abs=0.02)
    rfm = next(t for t in document.tables if t.cell(0, 0).text == "客户分层")
    assert rfm.cell(1, 3).text == "¥123.5 万"


def test_word_repeats_the_head_of_a_table_and_breaks_no_row(word):
    document = xml_parts(word)["word/document.xml"]
    tables = [t for t in document.iter(f"{W}tbl") if t.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None]  # fmt: skip
    assert len(tables) > 10
    assert all(t.findall(f"{W}tr")[0].find(f"{W}trPr/{W}tblHeader") is not None for t in tables)
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in document.iter(f"{W}tr"))


def test_word_columns_are_as_wide_as_laid_out(word, blocks):
    grid = next(b for b in blocks if isinstance(b, Grid) and b.number == "F.1")
    document = python_docx.Document(io.BytesIO(word))
    table = next(t for t in document.tables if t.cell(0, 0).text == "编号" and t.cell(0, 1).text == "数值")  # fmt: skip
    wanted = [head.width * 16 for head in grid.heads]
    assert [column.width.cm for column in table.columns] == pytest.approx(wanted, abs=0.01)
    assert [cell.width.cm for cell in table.rows[1].cells] == pytest.approx(wanted, abs=0.01)


def test_the_word_file_names_the_study_and_nothing_of_the_template_it_grew_from(word):
    told = python_docx.Document(io.BytesIO(word)).core_properties
    assert (told.title, told.subject, told.author) == ("客户数据分析报告及营销策略建议", "青禾茶饮 2025 年度研究", "青禾茶饮（演示）")  # fmt: skip
    assert told.comments == ""
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert not [n for n in archive.namelist() if "thumbnail" in n or "customXml" in n or "Effects" in n]  # fmt: skip


def test_a_time_with_a_zone_is_written_as_universal_time():
    beijing = datetime(2026, 1, 15, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    made = docx(replace(sample.facts(), made_at=beijing), [sample.rfm()])
    created = python_docx.Document(io.BytesIO(made)).core_properties.created
    assert created.replace(tzinfo=None) == datetime(2026, 1, 15)


def test_every_room_of_analyses_has_its_part_of_the_report():
    assert {room for section in SECTIONS for room in section.rooms} == set(ROOMS)
    assert {room_of(key) for key in catalogue()} <= set(ROOMS)
    assert (room_of("rfm"), room_of("needs_by_segment")) == ("segments", "needs")


def test_many_files_of_one_use_share_a_row_and_all_stand_in_appendix_f():
    files = tuple(Source(f"访谈_{i:02d}.docx", f"{i:012x}", "texts", 10, 1) for i in range(1, 7))
    made = compose(replace(sample.facts(), sources=(sample.facts().sources[0], *files)), sample.chapters())  # fmt: skip
    grid = next(b for b in made if isinstance(b, Grid) and b.caption == "数据来源")
    assert [[slot.text for slot in row] for row in grid.rows][1] == ["S2–S7", "访谈_01.docx 等 6 个文件", "见附录 F", "文本", "60", "6"]  # fmt: skip
    trace = next(b for b in made if isinstance(b, Grid) and b.number == "F.1")
    assert "S7 = 000000000006（访谈_06.docx）" in "".join(trace.notes)


def test_values_of_one_cell_are_cited_once(blocks):
    bullets = [words_of(b) for b in following(blocks, "摘要") if isinstance(b, Paragraph)]
    assert "[T4.1-B2、C2]" in bullets[0]


def test_sequence_fields_start_anew_with_each_part(word):
    body = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    codes = re.findall(r"SEQ 表 ([^<]*?) <", body)
    assert codes[:6] == [r"\* ARABIC \r 1", r"\* ARABIC", r"\* ARABIC", r"\* ARABIC", r"\* ARABIC \r 1", r"\* ARABIC \r 1"]  # fmt: skip


def test_word_links_lead_to_bookmarks_that_exist_once(word):
    document = xml_parts(word)["word/document.xml"]
    marks = [b.get(f"{W}name") for b in document.iter(f"{W}bookmarkStart")]
    links = {h.get(f"{W}anchor") for h in document.iter(f"{W}hyperlink")}
    assert len(marks) == len(set(marks))
    assert links <= set(marks)
    assert len({b.get(f"{W}id") for b in document.iter(f"{W}bookmarkStart")}) == len(marks)


def test_every_picture_in_word_says_what_it_shows(word):
    document = xml_parts(word)["word/document.xml"]
    told = [e.get("descr") for e in document.iter("{*}docPr")]
    assert len(told) == 3
    assert all(told)
    assert "每月销售额。每个月卖了多少？" in told


def test_same_input_gives_the_same_bytes(word, page):
    assert docx(sample.facts(), sample.chapters()) == word
    assert html(sample.facts(), sample.chapters()) == page


def test_times_inside_the_file_are_those_given(word):
    properties = python_docx.Document(io.BytesIO(word)).core_properties
    assert properties.created == properties.modified
    assert properties.created.replace(tzinfo=None) == sample.facts().made_at
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_words_of_respondents_stay_words(word, page):
    assert "<script>alert" not in page
    assert "排队等了 40 分钟 &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "希望有 &lt;b&gt;更多&lt;/b&gt; 口味" in page
    document = python_docx.Document(io.BytesIO(word))
    cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    assert "排队等了 40 分钟 <script>alert(1)</script>" in cells
    assert "太甜了，减糖" in cells  # the control character that no XML may hold is gone


def test_the_page_needs_nothing_from_elsewhere(page):
    own = said(page)
    assert not re.search(r"https?://|//[a-z]", own)
    assert not re.search(r"<(link|iframe|object|embed|img)\b", own)
    assert not re.search(r"\bsrc=|@import|url\((?!#)", own)
    assert "url(" not in re.sub(r"url\(data:font/woff;base64,", "", page.split("<main>")[0])
    assert "default-src &#x27;none&#x27;" in page


def test_the_page_runs_no_script_but_its_own(page):
    """The policy names the one script by its hash, and forbids what is not in the file."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 1
    own = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{own}&#x27;;" in page
    assert "unsafe-eval" not in page.split("<main>")[0]


def test_every_chart_of_the_page_can_be_drawn_again_by_the_script(page):
    specs = re.findall(r'<script type="application/json" id="chart\d+-spec">(.*?)</script>', page)
    assert len(specs) == len(re.findall(r'<div class="live" id="chart\d+"><svg', page)) == 3
    months = next(json.loads(s) for s in specs if "2024-01" in s)
    assert months["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


def test_the_page_carries_the_characters_it_needs_and_stays_small_enough_for_a_mail(page):
    font = base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)", page)[1])
    assert set(map(ord, "客户需求¥1")) <= set(TTFont(io.BytesIO(font)).getBestCmap())
    assert len(page) < 1_500_000


class _Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.targets = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.targets += [given["href"][1:]] if tag == "a" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_page_is_well_formed_and_its_links_lead_somewhere(page):
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.targets) <= set(parser.ids)
    assert "T3_1_D2" in parser.targets


def test_a_number_says_on_hover_what_it_is(page):
    assert (
        'href="#T3_1_D2" title="T3.1-D2：RFM 客户分层，消费金额 = ¥123.5 万">¥123.5 万</a>' in page
    )


def test_charts_speak_chinese_on_hover_and_to_screen_readers(page):
    assert "<title>月份：2024-01；金额：¥8.0 万；订单数：400</title>" in page
    assert "X-axis" not in said(page)
    assert "graphics-symbol" not in said(page)


def test_every_character_of_the_report_is_in_the_bundled_font(page):
    assert missing_glyphs(said(page)) == set()


def test_an_unknown_analysis_is_printed_too():
    extra = replace(sample.months(), key="something_new", room="somewhere_new", title="新分析")
    made = compose(sample.facts(), [extra])
    assert [b.text for b in following(made, "（补充）其他分析") if isinstance(b, Heading)] == [
        "新分析"
    ]
