"""What leaves by a page or a report: its right, its line in the log, and no figure of a handful of people."""

from __future__ import annotations

import ast
import io
import tomllib
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from insight import access, pipeline
from insight import study as store
from insight.errors import NotAllowed
from insight.pipeline import jobs
from insight.study import Terms
from pages.ui import once, taking

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
N = 120


@pytest.fixture(scope="module")
def asked(own_folders: Path):
    """Answers of 120 people: three of them would not tell their sex, seven are over sixty."""
    lines = "".join(
        f"{n},{'不愿透露' if n < 3 else '男' if n % 2 else '女'},{'60 岁以上' if n < 7 else '中年' if n % 3 else '青年'},{1 + n % 5}\n"
        for n in range(N)
    )  # fmt: skip
    study = pipeline.new(own_folders / "studies" / "sharing")
    pipeline.add(study, f"序号,1、您的性别,2、您的年龄,3、总体满意度（1-5分）\n{lines}".encode(), "答卷.csv")  # fmt: skip
    return study


def _sheet(book: bytes, *words: str) -> list[tuple[object, ...]]:
    """The rows of the first sheet whose rows hold all the words."""
    for page in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
        rows = list(page.iter_rows(values_only=True))
        if all(any(word in row for row in rows) for word in words):
            return rows
    raise AssertionError(words)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_page_hands_over_a_file_past_the_desk(path):
    names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}  # fmt: skip
    assert "download_button" not in names
    assert "DESK" not in names or path.name == "taking.py"


def test_the_export_that_streamlit_builds_into_tables_is_off():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    flat = {name: value for section in config.values() if isinstance(section, dict) for name, value in section.items()}  # fmt: skip
    assert flat["disableDataExport"] is True


def test_the_study_keeps_three_people_whom_the_report_does_not_show(asked):
    whole = {row[0]: row[1] for row in pipeline.run(asked, "topline").tables["Q1"].select("option", "n").rows()}  # fmt: skip
    assert whole["不愿透露"] == 3
    made = pipeline.build_report(asked, "xlsx", only=["topline"])
    shown = {row[0]: row[1] for row in _sheet(made, "不愿透露", "男")}
    assert shown["不愿透露"] is None
    assert [shown["男"], shown["女"]].count(None) == 1


def test_the_book_of_tables_hides_the_small_column_and_a_second_one(asked):
    rows = _sheet(pipeline.build_tables(asked, breaks=["Q1"], show=["n"]), "不愿透露")
    bases = next(row for row in rows if row[0] == "基数")
    heads = next(row for row in rows if "不愿透露" in row)
    told = {head: base for head, base in zip(heads, bases, strict=True) if head}
    assert told["不愿透露"] == "—"
    assert [told["男"], told["女"]].count("—") == 1
    assert told["总计"] == N


def test_seven_people_are_hidden_only_where_the_topic_is_sensitive(asked):
    def n_hidden() -> int:
        tables = pipeline.run(asked, "topline").tables
        return pipeline.outgoing_tables(asked, tables, with_people=True)["Q2"]["n"].null_count()

    assert n_hidden() == 0
    pipeline.agree(asked, Terms(None, sensitive=True))
    assert n_hidden() == 2
    book = pipeline.outgoing_book(asked, pipeline.run(asked, "topline").tables, of="topline", with_people=True)  # fmt: skip
    (_, (told,)) = openpyxl.load_workbook(io.BytesIO(book))["说明"].values
    assert "不满 10 人" in told
    pipeline.agree(asked, Terms())


def test_lists_of_people_are_left_out_for_those_who_may_only_have_aggregates(asked):
    tables = {"all": pl.DataFrame({"n": [50]}), "each": pl.DataFrame({"respondent_id": ["a"]})}
    assert set(pipeline.outgoing_tables(asked, tables, with_people=False)) == {"all"}
    assert set(pipeline.outgoing_tables(asked, tables, with_people=True)) == {"all", "each"}
    assert pipeline.right_of(tables["each"]) == "export_rows"


def _page(place: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = "sharing"
    app.run()
    app.switch_page(place)
    for name, value in {"study": "sharing", **query}.items():
        app.query_params[name] = value
    return app.run()


def _taken(app: AppTest, label: str) -> bytes:
    """What the first button of that name hands over."""
    url = next(one.proto.url for one in app.get("link_button") if one.proto.label == label)
    offer = once.DESK.take(url.split("/")[1])
    assert offer is not None
    made = offer.within.run(offer.make)
    assert isinstance(made, bytes)
    return made


def test_a_page_hands_over_its_tables_and_says_so_in_the_log(asked):
    app = _page("pages/voices/tables.py", view="crosstab", by="Q1", q="Q2")
    assert not app.exception
    n = len(store.audit(asked))
    rows = _sheet(_taken(app, "导出 xlsx"), "不愿透露")
    assert {row[2] for row in rows if "不愿透露" in row} == {None}
    (line,) = store.audit(asked)[n:]
    assert (line.act, line.what["file"]) == ("export", "sharing_crosstab.xlsx")
    assert not app.get("download_button")


def test_the_end_of_a_study_is_told_on_every_page(asked):
    pipeline.agree(asked, Terms(date.today()))
    app = _page("pages/voices/tables.py", view="crosstab")
    assert any("保存期的最后一天" in one.value for one in app.warning)
    pipeline.agree(asked, Terms())
    app = _page("pages/admin/keeping.py", view="terms")
    assert not app.exception
    app.checkbox(key="agreed:sensitive").check()
    next(one for one in app.button if one.label == "记录约定").click()
    app.run()
    assert pipeline.terms(asked).sensitive
    pipeline.agree(asked, Terms())


def test_a_file_is_refused_to_whoever_lost_the_right(asked):
    made = []
    with access.acting(access.Actor("李", "viewer")), pytest.raises(NotAllowed):
        taking.handed(lambda: made.append(1) or b"", "名单.csv", study=asked, right="export_rows")
    assert made == []


def test_a_file_that_is_made_on_a_page_stands_in_the_log_once_and_when_it_is_taken(asked):
    n = len(store.audit(asked))
    made = {
        "报告.html": jobs.report(asked, "html").result(),
        "交叉表册.xlsx": jobs.tables(asked, {"breaks": ("Q1",)}).result(),
        "答卷.sav": jobs.sav(asked).result(),
    }
    assert len(store.audit(asked)) == n
    for name, data in made.items():
        taking.handed(data, name, study=asked, right="export_aggregate")
    assert [dict(one.what) for one in store.audit(asked)[n:]] == [{"file": name} for name in made]
