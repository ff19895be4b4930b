"""Personal data in free text leave through no exit: every file that the tool gives away is opened and searched."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import polars as pl
import pypdf
import pytest
from conftest import shared

from insight import pipeline
from insight.cli import main
from insight.study import Study

SECRETS = {
    "phone": "13912340077", "phone_in_parts": "139-1234-0088", "id_card": "11010519491231002X", "card": "6222020000000000000",
    "mail": "wang.fang@mail.cn", "plate": "京A12345", "landline": "010-66668888", "address": "建国路88号",
}  # fmt: skip
SAID = (
    "物流太慢了，请打我电话 13912340077 说明一下", "包装破了，微信同号 139-1234-0088，等你们回复", "退款一直没到，身份证 11010519491231002X 都给了",
    "退款请退到 6222020000000000000，物流也慢", "客服不回邮件，我的邮箱 wang.fang@mail.cn", "送货的车京A12345把门口堵了，物流要管管",
    "座机 010-66668888 没人接，客服太慢", "送到北京市朝阳区建国路88号，包装很好", "物流很快，包装很好", "味道不错，价格有点贵", "客服很好，物流快",
)  # fmt: skip
KEYS = ("kwic", "similar", "coding", "duplicates", "need_statements")  # fmt: skip


@pytest.fixture(scope="module")
def told(own_folders: Path) -> Study:
    """Orders, answers and reviews of 44 customers, whose words are full of personal data."""
    study = pipeline.new(own_folders / "studies" / "exits")
    orders = "会员号,订单号,下单时间,实付金额,手机号\n" + "".join(
        f"M{n % 44},O{n},2025-{1 + n % 12:02}-{1 + n % 28:02},{20 + n % 90},1371234{n % 44:04}\n" for n in range(176)
    )  # fmt: skip
    reviews = "评论编号,会员号,评论时间,评论内容,评分\n" + "".join(
        f"R{n},M{n % 44},2025-06-{1 + n % 28:02},{SAID[n % len(SAID)]}（第 {n} 次）,{1 + n % 5}\n" for n in range(88)
    )  # fmt: skip
    answers = "序号,会员号,1、您的性别,2、您还有什么建议？\n" + "".join(
        f"{n},M{n},{'男' if n % 2 else '女'},{SAID[n % len(SAID)]}\n" for n in range(44)
    )  # fmt: skip
    for name, text in (("订单.csv", orders), ("评论.csv", reviews), ("答卷.csv", answers)):
        pipeline.add(study, text.encode(), name)
    return study


def _parts(data: bytes, name: str) -> Iterator[str]:
    """Every text of a file, those inside an archive too."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _parts(archive.read(member), member)
    elif data[:5] == b"%PDF-":
        yield "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    else:
        yield unescape(data.decode("utf-8", errors="ignore"))


def _leaks(data: bytes, name: str) -> set[str]:
    text = "\n".join(_parts(data, name))
    plain = text.replace("\n", "").replace(" ", "")
    return {kind for kind, secret in SECRETS.items() if secret in text or secret in plain}


def test_the_search_itself_finds_what_is_there():
    book = pipeline.xlsx({"x": pl.DataFrame({"quote": [SAID[0]]})})
    assert _leaks(book, "x.xlsx") == {"phone"}
    assert _leaks("写给 wang.fang@mail.cn".encode(), "x.html") == {"mail"}


REPORTS = ("docx", "pptx", "xlsx", "html", "pdf")


def test_no_form_of_the_report_and_not_its_trace_tells_who_said_it(told):
    made = pipeline.build_reports(told, REPORTS, only=["kwic", "coding", "need_statements"])  # fmt: skip
    assert {name: _leaks(data, name) for name, data in made.items()} == {name: set() for name in made}  # fmt: skip
    assert "物流" in "".join(_parts(made["report.docx"], "report.docx"))


EXITS: dict[str, Callable[[Study], bytes]] = {
    "交叉表册": lambda study: pipeline.build_tables(study, breaks=["Q1"]),
    "答卷（sav）": pipeline.build_sav,
    "编码后的文本": lambda study: pipeline.csv(pipeline.codes_table(study)),
    "清洗问题": lambda study: pipeline.csv(pipeline.issues(study)),
    "词库": lambda study: pipeline.lexicon_text(study).encode(),
}


@pytest.mark.parametrize("name", EXITS)
def test_a_file_that_a_page_hands_over_tells_nobody(told, name):
    assert _leaks(EXITS[name](told), name) == set()


@pytest.mark.parametrize("key", KEYS)
def test_no_table_sentence_or_chart_of_the_texts_tells_who_it_was(told, key):
    result = pipeline.run(told, key)
    book = pipeline.xlsx(pipeline.outgoing_tables(told, result.tables, with_people=True))
    charts = json.dumps([chart.to_dict() for chart in result.charts.values()], ensure_ascii=False, default=str)  # fmt: skip
    said = "\n".join((*(f.text for f in result.findings), *result.notes, charts))
    assert _leaks(book, key) | _leaks(said.encode(), key) == set()


def test_the_people_behind_a_word_are_quoted_masked(told, tmp_path):
    table = pipeline.run(told, "rfm").tables["segments"].sort("n_customers")
    row = f"segment={table['segment'][-1]}"
    out = tmp_path / "people.xlsx"
    assert main(["people", str(told.path), "rfm", row, "--out", str(out)]) == 0
    assert _leaks(out.read_bytes(), out.name) == set()
    assert "139****0077" in "".join(_parts(out.read_bytes(), out.name))


def test_the_files_of_run_and_the_log_tell_nobody(told, tmp_path):
    assert main(["run", str(told.path), "kwic", "similar", "--out", str(tmp_path)]) == 0
    written = [path for path in tmp_path.rglob("*") if path.suffix in {".csv", ".json", ".svg"}]
    assert len(written) >= 4
    assert {path.name for path in written if _leaks(path.read_bytes(), path.name)} == set()
    assert _leaks(str(pipeline.audit(told).rows()).encode(), "log") == set()


def test_the_dense_text_of_the_hostile_files_is_masked_in_every_form(study):
    text = shared("hostile/txt/pii_dense.txt").read_text("utf-8").strip()
    rows = "".join(f"{n},{text} 物流慢\n" for n in range(30))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), "评论.csv")
    made = pipeline.build_reports(study, ["html"], only=["kwic"])
    told = "".join(part for name, data in made.items() for part in _parts(data, name))
    for secret in (
        "13812345678",
        "11010119900307451X",
        "6222021234567890123",
        "a@b.cn",
        "建国路88号",
    ):
        assert secret not in told
