"""Every numeral of the report leads somewhere: to a cell that can be worked out again, or to what else it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import docx as python_docx
import pytest
import report_sample as sample

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadTemplate, FileInUse, UnknownName
from insight.pipeline.delivering import write_together
from insight.report import compose, composed, records
from insight.report.blocks import Paragraph
from insight.report.stated import NUMERAL, all_stated
from insight.units import in_words

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BODY = {"Body Text", "List Bullet", "章节问题"}
FORMS = "docx,pptx,xlsx,html,pdf"


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """A study of orders and answers, its report of three analyses, and the folder it was written to."""
    home = tmp_path_factory.mktemp("handed")
    orders = "".join(
        f"D{i}-{j},M{i:03d},2025-{1 + (i * 7 + j) % 12:02d}-{1 + i % 28:02d} 10:00:00,{50 + i * 10}\n"
        for i in range(60)
        for j in range(1 + i % 5)
    )
    answers = "".join(f"{i + 1},{40 + i},M{i:03d},{'男女'[i % 2]},{1 + i % 5}\n" for i in range(60))
    study = pipeline.new(home / "s")
    pipeline.add(study, f"订单编号,会员号,下单时间,实付金额\n{orders}".encode(), "订单.csv")
    pipeline.add(study, f"序号,所用时间,会员号,1、您的性别？,2、总体满意度（1-5分）\n{answers}".encode(), "答卷.csv", hints=pipeline.Hints(table="responses"))  # fmt: skip
    for key in ("rfm", "topline", "trend"):
        pipeline.pick(study, key)
    pipeline.write_reports(study, FORMS.split(","), folder=home / "out")
    return study, home / "out"


@pytest.fixture(scope="module")
def trace(handed):
    return json.loads((handed[1] / "trace.json").read_text("utf-8"))


def _led(document):
    """Each piece of the running text before the appendices, with the bookmark it leads to."""
    for paragraph in document.element.body.iter(f"{W}p"):
        style = python_docx.text.paragraph.Paragraph(paragraph, document).style.name
        text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
        if style == "Heading 1" and text == "附录":
            return
        if style in BODY:
            for run in paragraph.iter(f"{W}r"):
                words = "".join(t.text or "" for t in run.iter(f"{W}t"))
                held = run.getparent()
                link = held if held.tag == f"{W}hyperlink" else None
                yield words, link is not None and link.get(f"{W}anchor"), link is not None and link.get(f"{W}tooltip")  # fmt: skip


def test_every_numeral_of_the_running_text_of_the_word_file_has_an_id_in_the_trace(handed, trace):
    document = python_docx.Document(handed[1] / "report.docx")
    pieces = [piece for piece in _led(document) if re.search(r"\d", piece[0])]
    assert len(pieces) > 60
    for words, anchor, tip in pieces:
        assert anchor, words
        assert tip.split("：")[0] in trace, (words, tip)


def test_every_number_of_the_trace_is_worked_out_again_from_the_results(handed, trace):
    study, _ = handed
    results = {}
    n = 0
    for key, one in trace.items():
        if one["kind"] != "结果":
            continue
        name = (one["analysis"], json.dumps(one["params"], sort_keys=True))
        if name not in results:
            results[name] = pipeline.run(study, one["analysis"], changes=one["params"])
        table = results[name].tables[one["table"]]
        value = table[one["column"]][one["row"]]
        assert value == one["value"] or str(value) == one["value"], key
        written = in_words(value, column=one["column"], beside=table.row(one["row"], named=True))
        size = re.sub(r"\D", "", written)
        assert re.sub(r"\D", "", one["text"])[:2] == size[:2] or one["text"] in written, key
        n += 1
    assert n > 30


def test_what_is_no_result_is_a_base_a_wording_or_a_level_of_a_sentence_that_is_there(handed, trace):  # fmt: skip
    study, _ = handed
    others = {key: one for key, one in trace.items() if one["kind"] not in ("结果", "固定文字")}
    assert {one["kind"] for one in others.values()} <= {"原文", "基数", "口径"}
    for one in others.values():
        found = pipeline.run(study, one["analysis"], changes=one["params"]).findings[one["row"]]
        assert found.text == one["sentence"]
        assert one["text"] in one["sentence"] or one["kind"] == "基数"
        if one["kind"] == "基数":
            assert one["value"] == found.base


def test_the_chain_ends_at_the_files_with_their_whole_hash(handed, trace):
    files = {s.name: s.file for s in store.head(handed[0]).recipe.sources}
    spend = next(one for one in trace.values() if one["analysis"] == "rfm" and one["column"] == "spend")  # fmt: skip
    assert spend["files"] == [{"name": "订单.csv", "table": "orders", "sha256": files["订单.csv"]}]
    assert len(files["订单.csv"]) == 64
    assert any(step.startswith("读取“订单.csv”") and "180 行" in step for step in spend["steps"])
    assert spend["steps"][-1] == "分析“RFM 客户分层”：默认设定"
    assert "window_days" in spend["params"]
    answer = next(one for one in trace.values() if one["analysis"] == "topline" and one["kind"] == "结果")  # fmt: skip
    assert [file["name"] for file in answer["files"]] == ["答卷.csv"]


def test_the_command_line_prints_the_chain_of_a_number(handed, trace, capsys):
    path = str(handed[0].path)
    key = next(k for k, one in trace.items() if one["analysis"] == "rfm" and one["column"] == "spend")  # fmt: skip
    one = trace[key]
    assert main(["trace", path, key.removeprefix("T")]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{key} = {one['text']}（结果；值 {one['value']}）")
    assert f"单元格：rfm/segments，第 {one['row'] + 1} 行，列 spend（消费金额）" in said
    assert one["files"][0]["sha256"] in said
    assert main(["trace", path, key, "--file", str(handed[1] / "trace.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": key, **one}
    assert main(["trace", path, "T99.9-Z9"]) == 1
    assert "T99.9-Z9" in capsys.readouterr().err


def test_a_file_that_is_no_trace_is_one_sentence(handed, tmp_path, capsys):
    (tmp_path / "a.json").write_text("[1]", "utf-8")
    assert main(["trace", str(handed[0].path), "T1", "--file", str(tmp_path / "a.json")]) == 1
    assert "不是 trace.json" in capsys.readouterr().err


def test_a_number_that_is_not_there_is_named():
    with pytest.raises(UnknownName, match="T9"):
        pipeline.traced({"T3.1-B2": {}}, "T9")


def test_numerals_of_quoted_wording_of_bases_and_of_levels_are_told_apart():
    found = all_stated(compose(sample.facts(), sample.chapters()))
    told = {(one.kind, one.text) for one in found.values() if one.analysis}
    assert told == {("基数", "12")}
    assert found["S4.1-2.1"].sentence.startswith("一般挽留客户里 8.8%")
    assert {one.kind for one in found.values() if not one.analysis} == {"固定文字"}


def test_no_numeral_of_the_running_text_is_left_without_a_target():
    for block in composed(sample.facts(), sample.chapters()).body:
        if isinstance(block, Paragraph) and block.role != "note":
            assert not [r.text for r in block.runs if NUMERAL.search(r.text) and not r.target]


def test_the_trace_holds_nothing_but_what_json_can(trace):
    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    found = records(composed(sample.facts(), sample.chapters()))
    assert found["T3.1-D2"]["value"] == 1_234_567.0
    assert found["T3.1-D2"]["text"] == "¥123.5 万"


def test_the_page_says_on_hover_what_a_number_without_a_cell_is(handed):
    page = (handed[1] / "report.html").read_text("utf-8")
    assert re.search(r'<a class="plain" href="#W" title="W\d+：固定文字 30">30</a>', page)


def test_all_files_of_a_report_are_written_or_none(handed, tmp_path):
    study, _ = handed
    with pytest.raises(BadTemplate):
        pipeline.write_reports(study, ["docx", "pptx"], folder=tmp_path, template=b"no pptx")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_of_one_file_leaves_all_former_files_as_they_were(tmp_path):
    (tmp_path / "a").write_text("old")
    (tmp_path / "b" / "full").mkdir(parents=True)
    before = Path.replace

    def stuck(self, target):
        if Path(target).name == "b" and self.suffix != ".former":
            raise PermissionError("in use")
        return before(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", stuck)
        with pytest.raises(FileInUse, match="b"):
            write_together(tmp_path, {"a": b"new", "b": b"new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]
    assert [p.name for p in write_together(tmp_path, {"a": b"new"})] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_report_is_handed_over_in_every_form(handed):
    assert sorted(p.name for p in handed[1].iterdir()) == [
        "report.docx", "report.html", "report.pdf", "report.pptx", "report.xlsx", "trace.json",
    ]  # fmt: skip


def test_the_method_appendix_lists_the_steps_from_the_files_on(handed):
    page = (handed[1] / "report.html").read_text("utf-8")
    said = re.sub("<[^>]+>", "", page[page.index("从原文件到结果的步骤") :])
    assert "读取“订单.csv”为订单：180 行；列 " in said
    assert "读取“答卷.csv”为" in said
    assert "匹配：相同的标识、打码手机号（有佐证）" in said
