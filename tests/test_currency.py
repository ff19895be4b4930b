"""The money of a study is written in its own currency wherever it is written, and never in two."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insight import cli, exports, pipeline
from insight.analyses import catalogue, room_of
from insight.analysis import Result
from insight.charts.axes import broken, number_axis
from insight.currency import CURRENCIES, YUAN, paid_in, used, with_unit
from insight.errors import BadParameter, TwoCurrencies
from insight.units import in_words, label_of, title_of, unit_of
from insight.wording import money

ROOT = Path(__file__).parents[1]
DOLLAR = CURRENCIES["USD"]
ROOMS = {"segments", "behaviour", "lifecycle", "strategy"}
HEAD = "订单号,会员号,下单时间,商品,品类,渠道,省份,数量,标价,实付金额,优惠金额,退款金额"
CHINESE = re.compile(r"¥|(?<=[\d（])\s?元|每单 元|美元元")


def line(i: int, *, more: str = "") -> str:
    who, price = i * 7 % 90, 20 + 15 * (i * 13 % 29)
    day = f"2024-{1 + i % 12:02d}-{1 + i * 5 % 28:02d} {8 + i % 12:02d}:00:00"
    paid, back = price - 5 * (i % 3), price if i % 17 == 0 else 0
    return f"D{i},M{who:03d},{day},P{i % 9},{'茶咖礼'[i % 3]},{'店网'[i % 2]},{['广东', '浙江', '北京'][who % 3]},1,{price},{paid},{5 * (i % 3)},{back}{more}"


def csv(*, head: str = HEAD, more: str = "", first: int = 0, n: int = 700) -> bytes:
    return "\n".join([head, *(line(i, more=more) for i in range(first, first + n))]).encode()


@pytest.fixture(scope="module")
def abroad(own_folders):
    """A study whose order file says USD in a column."""
    study = pipeline.new(own_folders / "studies" / "abroad")
    pipeline.add(study, csv(head=f"{HEAD},Currency", more=",USD"), "orders.csv")
    return study


@pytest.fixture(scope="module")
def answered(abroad) -> dict[str, Result]:
    keys = [key for key in catalogue() if room_of(key) in ROOMS]
    return {one.analysis.key: one.result for one in pipeline.run_all(abroad, keys) if one.result}


def test_the_currency_of_the_file_is_that_of_the_study(abroad):
    assert pipeline.currency(abroad) == DOLLAR
    assert used() is YUAN


def test_no_result_of_a_study_in_dollars_speaks_of_yuan(answered):
    assert len(answered) > 25
    told: list[str] = []
    for result in answered.values():
        told += [*(f.text for f in result.findings), *result.notes]
        told += [json.dumps(chart.to_dict(validate=False), ensure_ascii=False) for chart in result.charts.values()]  # fmt: skip
        told += [table.write_json() for table in result.tables.values()]
    assert [text[:300] for text in told if CHINESE.search(text) or '"元"' in text] == []
    assert sum("$" in text for text in told) > 30


def test_a_finding_names_the_dollars_that_stand_in_its_evidence(answered):
    result = answered["high_ticket"]
    spend = result.tables["summary"]["threshold_amount"][0] if "summary" in result.tables else None
    text = " ".join(f.text for f in result.findings)
    assert re.search(r"\$[\d,]+", text)
    assert spend is None or f"${round(spend):,}" in text


@pytest.mark.parametrize("form", ["docx", "html", "xlsx", "pptx"])
def test_the_report_of_a_study_in_dollars_speaks_of_dollars_only(abroad, form):
    made = pipeline.build_report(abroad, form, only=("rfm", "high_ticket", "trend", "aov"))
    text = made.decode() if form == "html" else _text_of(made)
    assert "$" in text
    assert [text[m.start() - 60 : m.end() + 60] for m in CHINESE.finditer(text)] == []


def _text_of(packed: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(packed)) as parts:
        xml = [parts.read(n).decode() for n in parts.namelist() if n.endswith(".xml") and "styles" not in n]  # fmt: skip
    return re.sub(r"<[^>]+>", "", "".join(xml))


def test_a_workbook_of_a_result_has_its_currency_in_the_headings(answered):
    with paid_in(DOLLAR):
        book = exports.xlsx({"客户": answered["rfm"].tables["segments"]})
    assert "（美元）" in _text_of(book)
    assert "（元）" not in _text_of(book)


def test_the_same_study_in_yuan_reads_as_before(abroad, tmp_path):
    study = pipeline.new(tmp_path / "s")
    pipeline.add(study, csv(), "orders.csv")
    assert pipeline.currency(study) is YUAN
    here, there = (pipeline.run(one, "high_ticket") for one in (study, abroad))
    assert [f.text.replace("¥", "$") for f in here.findings] == [f.text for f in there.findings]
    assert any("¥" in f.text for f in here.findings)


@pytest.mark.parametrize(
    ("head", "code"),
    [("实付金额（美元）", "USD"), ("Total (EUR)", "EUR"), ("实付金额_HKD", "HKD"), ("实付金额(元)", "CNY"), ("实付金额", ""), ("Total (net)", "")],
)  # fmt: skip
def test_the_heading_of_the_amounts_may_tell_the_currency(study, head, code):
    data = f"订单号,会员号,下单时间,{head}\nD1,M1,2024-01-02 10:00:00,20\nD2,M2,2024-01-03 10:00:00,30\n"
    pipeline.add(study, data.encode(), "o.csv", hints=pipeline.Hints(roles={head: "amount"}))
    assert pipeline.load(study).orders is not None
    assert [s["rows"] for s in pipeline.status(study).sources] == [2]
    assert pipeline.currency(study).code == (code or "CNY")


def test_files_in_two_currencies_are_not_added_up_until_the_user_says_they_are_in_one(study):
    pipeline.add(study, csv(head=f"{HEAD},币种", more=",USD", n=200), "a.csv")
    pipeline.add(study, csv(head=f"{HEAD},币种", more=",CNY", first=200, n=200), "b.csv")
    with pytest.raises(
        TwoCurrencies, match=r"币种不同，金额不能直接相加：“a\.csv”是 USD、“b\.csv”是 CNY"
    ):
        pipeline.run(study, "rfm")
    pipeline.set_currency(study, "cny")
    assert pipeline.run(study, "rfm").findings
    assert pipeline.currency(study) is YUAN


def test_the_user_can_say_the_currency_and_take_it_back(study, capsys):
    pipeline.add(study, csv(n=60), "a.csv")
    assert cli.main(["currency", str(study.path), "eur"]) == 0
    assert cli.main(["currency", str(study.path)]) == 0
    assert capsys.readouterr().out.count("金额的币种：欧元 €（EUR，由用户指定；没有换算）") == 2
    assert cli.main(["clean", str(study.path)]) == 0
    assert "€" in (out := capsys.readouterr().out)
    assert "¥" not in out
    assert cli.main(["currency", str(study.path), "--clear"]) == 0
    assert "元 ¥（CNY，以订单文件为准；没有换算）" in capsys.readouterr().out
    assert used() is YUAN


def test_what_is_no_code_of_a_currency_is_refused(study):
    with pytest.raises(BadParameter, match="“美刀”不是币种代码，应为三个字母"):
        pipeline.set_currency(study, "美刀")


def test_a_page_shows_the_money_of_a_study_in_its_currency(abroad):
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    page.query_params["study"] = "abroad"
    page.switch_page("pages/data/cleaning.py").run()
    assert not page.exception
    assert next(s for s in page.selectbox if s.label == "金额的币种").value == ""
    shown = " ".join(m.value for m in page.markdown)
    assert "¥" not in shown


def test_amounts_labels_and_axes_follow_the_currency():
    with paid_in(DOLLAR):
        assert (money(1234), money(-250_000_000), money(9.9)) == ("$1,234", "-$2.5 亿", "$9.90")
        assert (label_of("spend"), title_of("spend")) == ("消费金额（美元）", "消费金额")
        assert (
            in_words(1234.0, column="value", beside={"unit": "美元", "value": 1234.0}) == "$1,234"
        )
        assert unit_of("value", beside={"unit": "美元"}) == "money"
        assert "'$' + format" in number_axis("spend").labelExpr
        assert with_unit("获客成本（元/人）") == "获客成本（美元/人）"
    with paid_in(CURRENCIES["HKD"]):
        assert money(88) == "HK$88"
    assert money(1234) == "¥1,234"
    assert label_of("spend") == "消费金额（元）"


def test_a_sign_stays_with_its_number_where_a_heading_is_broken():
    assert any("HK$1,200" in line for line in broken("客单价 HK$1,200 以上", room=8))


def test_a_currency_is_left_even_where_something_fails():
    with pytest.raises(ZeroDivisionError), paid_in(DOLLAR):
        raise ZeroDivisionError
    assert used() is YUAN
