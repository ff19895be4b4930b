"""SPSS files out: what is written is read back by other programs and by this one as the same questionnaire."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import polars_readstat
import pyreadstat
import pytest
from conftest import shared
from hypothesis import given
from hypothesis import strategies as st

from insight import pipeline
from insight.cli import main
from insight.readers import read
from insight.schema import Questionnaire
from insight.spss import Several, Variable, variables_of, written
from insight.spss.naming import names_of
from insight.spss.records import records
from insight.spss.variables import with_missing
from insight.study import Study

HEAD = "序号,手机号,1、您的性别,2、常喝什么？,3、总体满意度（1-5分）,4、您有多大可能推荐我们（0-10分）？,5、以下各方面满意吗？—客服,5、以下各方面满意吗？—包装,6、还有什么建议？,7、每月花多少钱\n"
N = 60


def _answers() -> str:
    lines = []
    for at in range(N):
        ticks = "茶┋咖啡" if at % 3 else ("咖啡", "都不喝")[at % 2]
        if at % 7 == 0:
            ticks = "(跳过)"
        said = (
            f"希望便宜点，电话138{at:08}联系"
            if at % 10 == 0
            else "口味很好" + "，包装也好看" * (at % 4)
        )
        spend = "" if at % 9 == 0 else str(20 + at * 3.5)
        lines.append(",".join([str(at + 1), f"138{at:08}", "男" if at % 2 else "女", ticks, str(1 + at % 5), str(at % 11), ("很满意", "一般", "不满意")[at % 3], ("很满意", "一般", "不满意")[at // 2 % 3], said, spend]))  # fmt: skip
    return HEAD + "\n".join(lines) + "\n"


ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(
    f"E{at},138{at % 50:08},2025-{1 + at % 12:02d}-{1 + at % 28:02d},{20 + 30 * (at % 9)}\n" for at in range(200)
)  # fmt: skip


@pytest.fixture(scope="module")
def asked(own_folders: Path) -> Study:
    study = pipeline.new(own_folders / "studies" / "sav")
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, _answers().encode(), "答卷.csv")
    return study


@pytest.fixture(scope="module")
def data(asked: Study) -> bytes:
    return pipeline.build_sav(asked)


def opened(data: bytes) -> tuple[pl.DataFrame, Any]:
    frame, meta = pyreadstat.read_sav(io.BytesIO(data), user_missing=True, output_format="polars")
    return frame, meta


def test_codes_carry_their_labels_and_measures(asked, data):
    frame, meta = opened(data)
    assert meta.column_names_to_labels["Q1"] == "您的性别"
    labels = meta.variable_value_labels["Q1"]
    assert sorted(labels.values()) == ["女", "男"]
    told = [labels[code] for code in frame["Q1"]]
    assert told == pipeline.load(asked).responses.sort("respondent_id")["Q1"].to_list()
    measures = {name: meta.variable_measure[name] for name in ("Q1", "Q3", "Q7")}
    assert measures == {"Q1": "nominal", "Q3": "ordinal", "Q7": "scale"}


def test_several_answers_are_a_set_that_counts_ones(data):
    frame, meta = opened(data)
    (only,) = meta.mr_sets.values()
    assert only["variable_list"] == ["Q2_1", "Q2_2", "Q2_3"]
    assert (only["is_dichotomy"], only["counted_value"], only["label"]) == (True, 1, "常喝什么？")
    labels = [meta.column_names_to_labels[v] for v in only["variable_list"]]
    assert sorted(labels) == ["咖啡", "茶", "都不喝"]
    tea = only["variable_list"][labels.index("茶")]
    asked_of = [at for at in range(N) if at % 7]
    assert (frame[tea] == 1).sum() == sum(at % 3 > 0 for at in asked_of)


def test_why_there_is_no_answer_is_a_code_that_counts_as_missing(data):
    frame, meta = opened(data)
    assert meta.variable_value_labels["Q2_1"][-97] == "未被问到"
    assert {gap["lo"] for gap in meta.missing_ranges["Q2_1"]} == {-97}
    assert (frame["Q2_1"] == -97).sum() == sum(at % 7 == 0 for at in range(N))


def test_another_library_reads_the_same_numbers(data):
    frame, _ = opened(data)
    other = polars_readstat.scan_readstat("x.sav", data=data).collect()
    names = [f"Q{at}" for at in (1, 3, 4, 7)]
    assert other.select(pl.col(names).cast(pl.Float64)).equals(frame.select(names))


def test_purchases_of_matched_respondents_stand_beside_their_answers(asked, data):
    frame, meta = opened(data)
    dataset = pipeline.load(asked)
    by_customer = {}
    for at in range(200):
        by_customer.setdefault(at % 50, []).append(20 + 30 * (at % 9))
    told = frame.filter(pl.col("BUY_spend").is_not_null())
    assert told.height == 50
    assert sorted(told["BUY_spend"]) == sorted(map(float, map(sum, by_customer.values())))
    assert meta.column_names_to_labels["SEG_rfm"].startswith("RFM")
    known = frame["SEG_rfm"].drop_nulls()
    assert len(known) == 50
    assert set(known) <= set(meta.variable_value_labels["SEG_rfm"])
    assert "高客单" in "".join(meta.variable_value_labels["SEG_high_ticket"].values())
    assert dataset.responses is not None


def test_nobody_can_be_named_from_the_file(asked, data):
    frame, meta = opened(data)
    ids = pipeline.load(asked).responses
    whole = data.decode("utf-8", "ignore")
    assert "13800000" not in whole
    assert "138****" in "".join(meta.variable_value_labels["Q6"].values())
    assert not any(key in whole for key in ids["customer_id"].drop_nulls())
    assert frame["CASE"].to_list() == list(range(1, N + 1))


def test_our_own_reader_finds_the_same_questionnaire(asked, data, study):
    pipeline.add(study, data, "回来.sav")
    before, after = pipeline.load(asked), pipeline.load(study)
    kept = {q.id: q for q in after.questionnaire.questions}
    for question in before.questionnaire.questions:
        again = kept[question.id]
        assert (again.kind, again.wording) == (question.kind, question.wording)
        assert [o.label for o in again.options] == [o.label for o in question.options]
        assert again.rows == question.rows
        was = before.responses.sort("respondent_id").select(question.columns)
        now = after.responses.select(again.columns)
        if question.id != "Q6":  # masked on the way out
            assert now.rows() == was.rows(), question.id
        marks = [m for m in question.marks if m in before.responses.columns]
        assert [m for m in again.marks if m in after.responses.columns] == marks


def test_a_real_file_of_spss_goes_out_and_comes_back_the_same(tmp_path):
    raw = shared("data/displayr_sav/Cola.sav").read_bytes()
    first = pipeline.new(tmp_path / "a")
    pipeline.add(first, raw, "Cola.sav")
    second = pipeline.new(tmp_path / "b")
    pipeline.add(second, pipeline.build_sav(first, purchases=False), "again.sav")
    one, two = (pipeline.load(s) for s in (first, second))
    again = {q.id: q for q in two.questionnaire.questions}
    closed = pipeline.choices(first)["closed_questions"]
    assert len(closed) > 20
    ordered = one.responses.sort("respondent_id")
    for key in closed:
        question = one.questionnaire.find(key)
        assert again[key].kind is question.kind, key
        assert two.responses.select(again[key].columns).rows() == ordered.select(question.columns).rows(), key  # fmt: skip


def test_the_same_revision_gives_the_same_bytes(asked, data):
    assert pipeline.build_sav(asked) == data


def _small(**more: Any) -> bytes:
    values = pl.Series([1.0, 0.0, None])
    variables = [
        Variable("文本", "一段很长的话", pl.Series(["字" * 200, "", None]), "nominal"), Variable("Q2_1", "茶", values, "nominal"),
        Variable("Q2_2", "咖啡", values, "nominal"), Variable("weight", "权重", pl.Series([0.5, 1.5, 1.0]), "scale"),
    ]  # fmt: skip
    sets = [Several("Q2", "喝什么", ("Q2_1", "Q2_2"))]
    return written(variables, sets, title="研究", made_at=datetime(2026, 3, 5, 8, 9, 10), **more)


def test_the_weight_is_the_one_of_the_header_behind_the_parts_of_a_long_text():
    data = _small(weight="weight")
    (index,) = struct.unpack_from("<i", data, 76)
    variables = [r for r in records(data) if r.kind == 2]
    name = data[variables[index - 1].begin + 24 :][:8].rstrip()
    assert name.lower() == b"weight"
    assert index > 4
    assert struct.unpack_from("<i", _small(), 76) == (0,)


def test_sets_stand_where_spss_writes_them_and_the_records_fill_the_dictionary():
    found = list(records(_small()))
    kinds = [(r.kind, r.subtype) for r in found if r.kind == 7]
    assert kinds[:3] == [(7, 3), (7, 4), (7, 7)]
    assert all(a.end == b.begin for a, b in pairwise(found))


def test_the_date_of_the_file_is_that_of_the_revision():
    _, meta = opened(_small())
    assert meta.creation_time == datetime(2026, 3, 5, 8, 9, 10)


def test_every_record_of_files_of_spss_is_understood():
    for name in ("Cola", "Colas", "Phone", "fast_food", "Burger_Brand_Tracking_Dec_2017"):
        data = shared(f"data/displayr_sav/{name}.sav").read_bytes()
        found = list(records(data))
        assert all(a.end == b.begin for a, b in pairwise(found))
        assert (found[-1].kind, found[-1].end < len(data)) == (999, True)


@given(st.lists(st.text(max_size=80), max_size=12))
def test_names_are_legal_and_differ_whatever_the_case(texts):
    names = names_of(texts)
    assert len({n.casefold() for n in names}) == len(texts)
    for name in names:
        assert 0 < len(name.encode()) <= 64
        assert name[0].isalpha() or name[0] == "@"
        assert not name.endswith(".")


def test_missing_codes_keep_clear_of_answers_that_look_like_them():
    numbers, why = (
        pl.Series([-97.0, None, 3.0]),
        pl.Series([None, "refused", None], dtype=pl.String),
    )
    values, labels = with_missing(numbers, why)
    assert values.to_list() == [-97.0, -998.0, 3.0]
    assert labels == {-998.0: "拒答"}


def test_a_study_without_answers_says_so(study, capsys, tmp_path):
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    assert main(["export", str(study.path), "--sav", str(tmp_path / "x.sav")]) == 1
    assert "问卷" in capsys.readouterr().err
    assert variables_of(pl.DataFrame(), Questionnaire()) == ([], [])


def test_the_command_writes_a_file_that_opens(asked, data, tmp_path, capsys):
    path = tmp_path / "出" / "答卷.sav"
    assert main(["export", str(asked.path), "--sav", str(path)]) == 0
    assert path.read_bytes() == data
    assert str(path) in capsys.readouterr().out
    assert main(["export", str(asked.path), "--sav", str(path), "--answers-only"]) == 0
    (raw,) = read(path.read_bytes(), "x.sav")
    assert not any(column.startswith(("SEG_", "BUY_")) for column in raw.frame.columns)
