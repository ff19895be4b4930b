"""The workbook of tables: every cell is that of the table engine, numbers are numbers, nobody is named."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.cli import main
from insight.errors import BadParameter, UnknownName
from insight.schema import Questionnaire
from insight.study import Study
from insight.tablebook import sheet_of
from insight.tablebook.writing import sheet_names

ROOT = Path(__file__).parents[1]
TOP = 6  # the first line below the head
N = 160
DRINKS = ("茶", "咖啡", "=cmd|' /C calc'!A0")


def _answers() -> str:
    """Answers of 160 people; the younger half likes tea and gives higher scores; one option is a formula."""
    rng = np.random.default_rng(3)
    head = "序号,手机号,1、您的性别,2、您的年龄,3、常喝什么？,4、总体满意度（1-5分）,5、矩阵题—客服,5、矩阵题—包装\n"
    lines = []
    for at in range(N):
        young = at < N // 2
        likes = rng.random(3) < (0.8 if young else 0.3, 0.5, 0.2)
        ticks = "┋".join(name for name, is_liked in zip(DRINKS, likes, strict=True) if is_liked)
        score = int(rng.integers(3, 6) if young else rng.integers(1, 5))
        more = ",".join(str(int(rng.integers(1, 6))) for _ in range(2))
        lines.append(f"{at + 1},138{at:08},{'男' if at % 2 else '女'},{'30 岁以下' if young else '30 岁以上'},{ticks or '以上都没有'},{score},{more}\n")  # fmt: skip
    return head + "".join(lines)


ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(
    f"E{at},138{at % N:08},2025-{1 + at % 12:02d}-{1 + at % 28:02d},{20 + 30 * (at % 9)}\n" for at in range(400)
)  # fmt: skip


@pytest.fixture(scope="module")
def asked(own_folders: Path) -> Study:
    study = pipeline.new(own_folders / "studies" / "book")
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, _answers().encode(), "答卷.csv")
    pipeline.save_banner(study, "性别和年龄", ["Q1", "Q2", "Q1 × Q2"])
    return study


@pytest.fixture(scope="module")
def data(asked: Study) -> bytes:
    return pipeline.build_tables(asked, show=["share", "n"])


def _page(data: bytes, name: str) -> Worksheet:
    page = openpyxl.load_workbook(io.BytesIO(data))[name]
    assert isinstance(page, Worksheet)
    return page


def _filled_right(page: Worksheet, line: int) -> list[str]:
    """The words of a line of the head, each over all columns it was merged over."""
    words: list[str] = []
    for at in range(2, page.max_column + 1):
        value = page.cell(line, at).value
        words.append(words[-1] if value is None and words else str(value or ""))
    return words


def _told(page: Worksheet) -> dict[tuple[str, str, str, str], tuple[object, object]]:
    """Question, row, break, column -> figure and mark, as they stand on the sheet."""
    groups, names = _filled_right(page, 3), _filled_right(page, 4)
    told, question = {}, ""
    for line in range(TOP, page.max_row + 1):
        label = str(page.cell(line, 1).value or "")
        if label.startswith("表 "):
            question = label.split("　")[1].split()[0]
        for at in range(0, len(names) - 1, 2):
            value, mark = page.cell(line, 2 + at).value, page.cell(line, 3 + at).value
            if question and value is not None:
                told[question, label, groups[at], names[at]] = (value, mark or "")
        if label == "口径说明":
            break
    return told


def test_every_share_and_every_letter_is_that_of_the_cross_table(asked, data):
    changes = {"rows": ["全部"], "breaks": [], "banner": "性别和年龄"}
    cells = pipeline.outgoing(asked, pipeline.run(asked, "crosstab", changes=changes)).tables[
        "table"
    ]
    told = _told(_page(data, "性别和年龄"))
    own = cells.filter(~cells["question"].is_in(["Q5"]))
    assert own.filter(own["flag"] != "—").height > 60
    assert own.filter(own["letters"].str.contains("(?i)[a-z]")).height > 4
    for cell in own.iter_rows(named=True):
        value, mark = told[cell["question"], cell["row"], cell["break"], cell["column"]]
        if cell["flag"] == "—":
            assert value == "—"
        else:
            assert value == pytest.approx(cell["share"], abs=1e-12)
        assert mark == (cell["letters"] or ""), cell
        n, _ = told[cell["question"], f"{cell['row']}（人数）", cell["break"], cell["column"]]
        assert n == (cell["n"] if cell["flag"] != "—" else "—")


def test_every_mean_stands_with_its_letters_below_the_answers(asked, data):
    means = pipeline.run(asked, "means", changes={"breaks": ["high_ticket"]}).tables["table"]
    told = _told(_page(data, "高客单客户"))
    assert means.height == 3 * 3
    for cell in means.iter_rows(named=True):
        key = (cell["question"], "均值", cell["break"], cell["column"])
        assert told[key][0] == pytest.approx(cell["mean"], abs=1e-12)
        assert told[key][1] == cell["letters"]


def test_bases_and_shares_are_those_counted_by_hand(data):
    told = _told(_page(data, "性别和年龄"))
    assert told["Q2", "30 岁以下", "Q1 您的性别", "男"] == (0.5, "")
    assert told["Q2", "基数", "Q1 您的性别", "总计"] == (160, "")
    assert told["Q2", "30 岁以下（人数）", "Q1 您的性别", "女"] == (40, "")


def test_a_matrix_has_a_table_and_a_mean_for_each_of_its_rows(asked, data):
    told = _told(_page(data, "性别和年龄"))
    dataset = pipeline.load(asked)
    scores = dataset.responses[dataset.questionnaire.find("Q5").columns[0]]
    assert told["Q5_1", "均值", "Q1 您的性别", "总计"][0] == pytest.approx(scores.mean())
    assert {q for q, *_ in told} >= {"Q5_1", "Q5_2"}


def test_numbers_are_numbers_in_a_format_of_percent_and_a_formula_is_a_word(data):
    page = _page(data, "性别和年龄")
    line = next(r for r in range(TOP, 60) if page.cell(r, 1).value == "30 岁以下")
    assert page.cell(line, 2).data_type == "n"
    assert page.cell(line, 2).number_format == "0.0%"
    labels = [cell for cell in page["A"] if "=cmd" in str(cell.value)]
    assert labels
    assert {cell.data_type for cell in labels} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_the_head_stays_in_sight_on_the_screen_and_on_paper(data):
    page = _page(data, "性别和年龄")
    assert page.freeze_panes == "D6"
    assert (page.print_title_rows, page.print_title_cols) == ("$3:$5", "$A:$A")
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.fitToHeight == 0  # as many pages as it needs, one across
    assert page["A6"].font.name == "微软雅黑"


def test_the_contents_lead_to_every_table(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    links = [link for cells in book["目录"]["C6:E20"] for cell in cells if (link := cell.hyperlink)]
    assert len(links) > 10
    for link in links:
        name, place = str(link.location).rsplit("!", 1)
        assert str(book[name.strip("'")][place].value).startswith("表 ")


def test_every_sheet_ends_with_base_filter_weight_test_level_and_correction(data):
    page = _page(data, "RFM 八类")
    notes = "\n".join(str(cell.value) for cell in page["A"] if cell.value)
    for word in ("基数：", "筛选：", "权重：", "检验：", "p≤0.05", "Bonferroni", "小样本："):
        assert word in notes


def test_another_reader_finds_the_same_sheets(data):
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names[:4] == ["目录", "RFM 八类", "高客单客户", "性别和年龄"]  # fmt: skip


def test_nobody_is_named_in_the_workbook(asked, data):
    ids = set(pipeline.load(asked).responses["customer_id"].drop_nulls())
    assert len(ids) > 100
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        whole = "".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
    assert "1380000" not in whole
    assert not any(id_ in whole for id_ in ids)


def test_the_same_revision_gives_the_same_bytes(asked, data):
    assert pipeline.build_tables(asked, show=["share", "n"]) == data


def test_weights_add_a_line_of_effective_bases(asked):
    told = _told(_page(pipeline.build_tables(asked, breaks=["Q1"], changes={"weight": "Q4"}), "Q1 您的性别"))  # fmt: skip
    weight = pipeline.load(asked).responses["Q4"].to_numpy()
    kish = weight.sum() ** 2 / (weight**2).sum()
    assert told["Q2", "有效基数", "Q1 您的性别", "总计"][0] == pytest.approx(kish)
    assert told["Q2", "基数", "Q1 您的性别", "总计"][0] == N


def test_a_break_that_holds_nobody_is_told_in_the_contents_and_the_rest_is_made(study):
    pipeline.add(study, _answers().encode(), "答卷.csv")
    orders = ORDERS.replace(",138", ",139")
    pipeline.add(study, orders.encode(), "订单.csv")
    pipeline.save_banner(study, "性别", ["Q1"])
    book = openpyxl.load_workbook(io.BytesIO(pipeline.build_tables(study)))
    assert book.sheetnames[:2] == ["目录", "性别"]
    words = [str(cell.value) for cell in book["目录"]["A"]]
    assert any("RFM" in word and "没有列入" in word for word in words)


def test_a_break_or_head_that_does_not_exist_is_named(asked):
    with pytest.raises(UnknownName, match="没有的"):
        pipeline.build_tables(asked, breaks=["没有的"])
    with pytest.raises(UnknownName, match="表头"):
        pipeline.build_tables(asked, heads=["没有的"])
    with pytest.raises(BadParameter, match="没有“标准误”"):
        pipeline.build_tables(asked, show=["标准误"])


def test_without_results_there_are_no_tables():
    sheet = sheet_of(None, None, title="空", questionnaire=Questionnaire())
    assert (sheet.heads, sheet.blocks) == ((), ())


def test_names_of_sheets_are_short_and_differ_whatever_the_case():
    made = sheet_names(["x" * 40, "X" * 40, "a/b", "a:b", "'", ""])
    assert made == ["x" * 31, "X" * 28 + "（2）", "a_b", "a_b（2）", "_", "表"]


def test_the_command_writes_one_sheet_a_break(asked, tmp_path, capsys):
    path = tmp_path / "neu" / "表.xlsx"
    assert main(["tables", str(asked.path), "--breaks", "Q1,Q1 × Q2", "--show", "占比，TGI", "-o", str(path)]) == 0  # fmt: skip
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["目录", "Q1 您的性别", "Q1 × Q2"]
    assert "30 岁以下（TGI）" in [cell.value for cell in book["Q1 您的性别"]["A"]]
    assert str(path) in capsys.readouterr().out
    assert main(["tables", str(asked.path), "-o", str(tmp_path / "a.csv")]) == 1


def _opened(file: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for again in (False, True):
        for name, value in query.items():
            app.query_params[name] = value
        if again:
            app.switch_page(file)
        app.run()
    return app


def test_the_page_makes_the_workbook_over_the_breaks_that_are_shown(asked):
    app = _opened("pages/voices/tables.py", study="book", view="crosstab", by="Q1", q="Q2")
    assert not app.exception
    app.button(key="handed:xlsx:make").click().run()
    assert not app.error
    made_of, data = app.session_state["handed:xlsx:made"]
    assert made_of[-1]["breaks"] == ("Q1",)
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames[1] == "Q1 您的性别"
    assert "下载交叉表册" in [button.proto.label for button in app.get("link_button")]


def test_the_page_of_the_report_offers_the_workbook_and_the_file_for_spss(asked):
    app = _opened("pages/actions/report.py", study="book")
    app.button(key="handed:sav:make").click().run()
    assert not app.error
    assert app.session_state["handed:sav:made"][1] == pipeline.build_sav(asked)
    app.button(key="handed:xlsx:make").click().run()
    labels = [button.proto.label for button in app.get("link_button")]
    assert {"下载交叉表册", "下载答卷"} <= set(labels)


def test_libreoffice_calc_reads_the_same_cells(data, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    plain = openpyxl.Workbook()
    plain.save(tmp_path / "plain.xlsx")
    (tmp_path / "book.xlsx").write_bytes(data)
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,4", "--outdir", str(tmp_path), str(tmp_path / "plain.xlsx"), str(tmp_path / "book.xlsx")]  # fmt: skip
    subprocess.run(command, check=False, capture_output=True, timeout=120)
    if not list(tmp_path.glob("plain*.csv")):
        pytest.skip("LibreOffice is installed without Calc")
    (sheet,) = tmp_path.glob("book*.csv")
    assert "50.0%" in sheet.read_text("utf-8")
