"""Files that shops and survey platforms really exported, from the command line to the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import shared

from insight import pipeline
from insight.cli import main
from insight.errors import MissingColumns
from insight.pipeline import Hints


@pytest.fixture
def add(study):
    def added(relative: str, **hints):
        path = shared(f"data/{relative}")
        return pipeline.add(study, path.read_bytes(), path.name, hints=Hints(**hints))

    return added


def test_superstore_maps_itself_and_has_790_customers(study, add):
    added = add("tableau_superstore_zh/示例 - 超市.xls")
    (source,) = added.sources
    assert (source.table, added.n_rows) == ("orders", (10_000,))
    assert source.roles["客户 ID"] == "customer_id"
    assert source.roles["订单日期"] == "ordered_at"
    assert set(added.passed_over) == {"退货", "销售人员"}
    result = pipeline.run(study, "rfm")
    assert result.tables["customers"].height == 790
    assert result.tables["customers"].columns[:8] == [
        "customer_id", "days_since_last", "n_orders", "spend", "r", "f", "m", "segment",
    ]  # fmt: skip
    assert result.tables["segments"].columns[:5] == [
        "segment", "n_customers", "share_of_customers", "spend", "share_of_spend",
    ]  # fmt: skip


def _topline(study) -> dict[str, dict[str, int]]:
    tables = pipeline.run(study, "topline").tables
    return {
        name: dict(t.select("option", "n").rows())
        for name, t in tables.items()
        if "option" in t.columns
    }


TEXT, CODE = (f"reportgen_wjx/问卷星数据_800_800_{style}.xls" for style in (0, 2))


def test_both_styles_of_a_wjx_export_give_the_same_multi_selects(tmp_path):
    found = []
    for i, style in enumerate((TEXT, CODE)):
        study = pipeline.new(tmp_path / str(i))
        path = shared(f"data/{style}")
        pipeline.add(study, path.read_bytes(), path.name)
        found.append(_topline(study))
    by_text, by_code = found
    assert by_text["Q6"]["美食"] == by_code["Q6"]["美食"] == 492
    assert by_text["Q6"]["运动"] == by_code["Q6"]["运动"] == 479
    for question in ("Q6", "Q8"):
        shown = {k: n for k, n in by_code[question].items() if n}
        assert shown == {k: n for k, n in by_text[question].items() if n}
    assert sorted(by_text["Q3"].values()) == sorted(by_code["Q3"].values())


def test_both_styles_together_are_one_questionnaire_with_labels_and_codes(study, add):
    add(TEXT)
    text_only = _topline(study)
    add(CODE)
    assert pipeline.status(study).tables["responses"] == 800
    both = _topline(study)
    assert {k: {o: n for o, n in t.items() if n} for k, t in both.items()} == {
        k: {o: n for o, n in t.items() if n} for k, t in text_only.items()
    }
    question = pipeline.load(study).questionnaire.find("Q3")
    assert {o.label: o.code for o in question.options} == {"男": "1", "女": "2"}


def test_612_of_1000_customers_answered(study, add):
    add("crm_satisfaction_sim/chapter4_data.csv", table="customers")
    add("crm_satisfaction_sim/chapter4_data.csv", table="responses")
    status = pipeline.status(study)
    assert status.tables == {"customers": 1_000, "responses": 612}
    coverage = pipeline.run(study, "match").tables["coverage"].row(0, named=True)
    assert (coverage["n_matched"], coverage["n_only_in_base"]) == (612, 388)


def test_orders_without_customers_refuse_rfm_politely_and_answer_the_rest(study, add):
    add("tmall_orders/tmall_order_report.csv")
    with pytest.raises(MissingColumns, match="客户编号"):
        pipeline.run(study, "rfm")
    overview = pipeline.run(study, "trend").tables["overview"].row(0, named=True)
    raw = pl.read_csv(shared("data/tmall_orders/tmall_order_report.csv"))
    # in this report the paid amount of a refunded order is already what is left after the refund
    assert overview["amount"] == pytest.approx(raw["买家实际支付金额"].sum(), abs=0.01)
    assert any("不再重复扣减" in row["reason"] for row in pipeline.status(study).issues)


def test_a_gbk_survey_is_read_and_its_top_words_are_words(study, add):
    added = add("colleges_wjx_survey/results_desensitized_2022-03-26.csv")
    assert added.n_rows[0] > 3_900
    questions = pipeline.choices(study)["text_questions"]
    assert len(questions) > 15
    changes = {
        "question": "Q9",
        "n_topics": 6,
    }
    topics = pipeline.run(study, "topics", changes=changes).tables["topics"]
    words = [w for row in topics["top_words"].drop_nulls() for w in row.split("、") if w]
    assert len(words) >= 40
    assert not [w for w in words if w.isdigit() or len(w) > 6]


@pytest.mark.parametrize("name", ["meeting_102.docx", "meeting_102.txt"])
def test_a_meeting_becomes_turns_with_speakers(study, add, name):
    add(f"vcsum/transcripts_dev/{name}")
    texts = pipeline.load(study).texts
    gold = json.loads(shared("data/vcsum/transcripts_dev/gold_segments.json").read_text("utf-8"))
    meeting = next(m for m in gold if m["meeting"] == "102")
    assert texts["speaker"].drop_nulls().n_unique() == meeting["speakers"]
    assert texts.height == meeting["turns"]


def test_online_retail_has_4338_customers_and_lists_what_it_set_aside(study, add):
    added = add("online_retail/online_retail.parquet")
    assert sum(added.n_rows) <= 541_909
    counted = {row["reason"]: row["n"] for row in pipeline.status(study).issues}
    assert counted["没有客户标识，不计入客户分析"] == 135_080
    assert sum(n for reason, n in counted.items() if "退货" in reason or "取消" in reason) >= 9_288
    assert pipeline.run(study, "rfm").tables["customers"].height == 4_338


def test_a_review_file_is_texts_and_keeps_its_ids(tmp_path, study, add):
    shared("data/waimai_10k/waimai_10k.csv")
    rows = pl.read_csv(shared("data/waimai_10k/waimai_10k.csv")).head(400)
    table = rows.select(
        pl.int_range(1, 401).cast(pl.String).str.zfill(6).alias("评论编号"),
        pl.col("review").alias("评论内容"),
    )
    file = tmp_path / "评论.csv"
    table.write_csv(file)
    assert main(["add", str(study.path), str(file)]) == 0
    assert main(["run", str(study.path), "topics", "--out", str(tmp_path / "out")]) == 0
    texts = pl.read_csv(tmp_path / "out" / "topics" / "texts.csv", infer_schema=False)
    topics = pl.read_csv(tmp_path / "out" / "topics" / "topics.csv", infer_schema=False)
    assert texts.columns[:3] == ["text_id", "topic", "weight"]
    assert topics.columns[:4] == ["topic", "label", "n_texts", "top_words"]
    assert set(texts["text_id"]) == set(table["评论编号"])
    assert Path(tmp_path / "out" / "topics" / "findings.json").is_file()
