"""Real exports come out with the numbers that are known of them."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET, reasons
from conftest import shared

from insight.clean import Cleaned, clean, merge_twins, propose
from insight.readers import read
from insight.schema import QuestionKind


def taken(relative: str, *, table: str | None = None) -> Cleaned:
    """Read, propose and clean the first table of a shared file."""
    path = shared(relative)
    raw = read(path.read_bytes(), path.name)[0]
    return clean(raw, propose(raw, table=table), secret=SECRET)


def count(result: Cleaned, reason: str) -> int:
    return result.issues.filter(reason=reason).height


@pytest.fixture(scope="module")
def twins():
    return tuple(taken(f"data/reportgen_wjx/问卷星数据_800_800_{style}.xls") for style in (0, 2))


def topline(result: Cleaned, question_id: str) -> dict[str, tuple[int, int]]:
    """Option -> how many ticked it, of how many."""
    question = result.questionnaire.find(question_id)
    columns = {o.label: result.frame[o.column] for o in question.options}
    return {label: (ticks.sum(), ticks.count()) for label, ticks in columns.items()}


def test_both_styles_of_one_survey_give_the_same_topline(twins):
    text, code = twins
    for question_id in ("Q6", "Q8"):
        assert topline(text, question_id) == topline(code, question_id)
    assert topline(text, "Q6")["美食"] == (492, 800)
    assert topline(text, "Q6")["运动"] == (479, 800)
    assert topline(text, "Q8")["ACG文化(动漫、游戏等)"] == (131, 800)


def test_both_styles_of_one_survey_become_one_table(twins):
    merged = merge_twins(*twins)
    assert merged is not None
    assert merge_twins(*twins[::-1]) is None
    options = {q.id: [(o.label, o.code) for o in q.options] for q in merged.questionnaire.questions}
    assert options["Q3"] == [("男", "1"), ("女", "2")]
    assert options["Q4"][0] == ("16~19岁", "2")
    assert options["Q6"][3] == ("美食", "4")
    assert merged.frame["Q1"].value_counts().sort("Q1").rows() == [
        ("1部", 521), ("2部", 261), ("3部", 12), ("4部及以上", 6),
    ]  # fmt: skip


def test_online_retail_keeps_all_541_909_lines_and_its_known_revenue():
    result = taken("data/online_retail/online_retail.parquet")
    assert result.frame.height == 541_909
    assert result.frame["amount"].sum() == pytest.approx(9_747_747.934)
    assert result.frame["key_customer_id"].drop_nulls().n_unique() == 4_372
    assert count(result, "没有客户标识，不计入客户分析") == 135_080
    assert count(result, "金额为 0") == 2_515
    assert any("5,268 行" in reason for _, reason, _ in reasons(result))


def test_the_superstore_is_mapped_by_its_chinese_headers():
    path = shared("data/tableau_superstore_zh/示例 - 超市.xls")
    raw = read(path.read_bytes(), path.name, sheet="订单")[0]
    proposal = propose(raw)
    assert {r: proposal.column_of(r) for r in ("customer_id", "ordered_at", "product", "category", "region", "amount", "profit")} == {
        "customer_id": "客户 ID", "ordered_at": "订单日期", "product": "产品名称", "category": "类别",
        "region": "省/自治区", "amount": "销售额", "profit": "利润",
    }  # fmt: skip
    result = clean(raw, proposal, secret=SECRET)
    assert result.frame.height == 10_000
    assert result.frame["amount"].sum() == pytest.approx(16_117_548.237)


def test_tmall_payments_are_net_of_refunds_already_and_nobody_is_named():
    result = taken("data/tmall_orders/tmall_order_report.csv")
    assert result.frame.height == 28_010 - 3_923  # without a time of payment and without money
    assert count(result, "订单未付款") == 3_923
    assert result.frame["amount"].sum() == pytest.approx(1_902_487.15)
    assert result.frame["amount"].min() == 0
    assert count(result, "扣除退款后为 0") == 9_055 - 3_923
    assert count(result, "没有可用的客户标识，这些订单不计入客户分析") == 1
    assert result.frame["region"].n_unique() == 31


def test_of_1000_customers_612_answered_the_satisfaction_survey():
    result = taken("data/crm_satisfaction_sim/chapter4_data.csv", table="responses")
    assert result.frame.height == 612
    assert count(result, "没有回答任何问题") == 388
    assert [(q.id, q.wording, q.kind) for q in result.questionnaire.questions] == [
        ("Q1", "sat_service", QuestionKind.SCALE),
        ("Q2", "sat_selection", QuestionKind.SCALE),
    ]
    assert result.frame["key_customer_id"].n_unique() == 612
    assert "age" in result.frame.columns


def test_the_same_file_is_a_customer_list_where_nobody_says_otherwise():
    result = taken("data/crm_satisfaction_sim/chapter4_data.csv")
    assert result.questionnaire is None
    assert set(result.frame["email"]) == {"yes", "no"}


def test_a_gbk_survey_of_open_questions_is_read_whole():
    result = taken("data/colleges_wjx_survey/results_desensitized_2022-03-26.csv")
    assert result.frame.height == 4_018
    opened = {q.id for q in result.questionnaire.of_kind(QuestionKind.OPEN)}
    assert {f"Q{n}" for n in range(5, 31)} <= opened
    assert count(result, "整列为空，已忽略") == 9


def test_quantipy_sets_are_multiple_choices():
    result = taken("data/quantipy_example_a/Example Data (A).csv")
    assert result.frame.height == 8_255
    assert topline(result, "Q2")["1"][1] == result.frame["Q2[1]"].count()
    assert result.questionnaire.find("Q5").kind is QuestionKind.MATRIX


def test_jd_users_are_customers_from_gb18030():
    result = taken("data/jdata_sample/JData_User.csv")
    assert result.frame.columns == ["key_customer_id", "gender", "joined_at", "age", "user_lv_cd"]
    assert "26-35岁" in result.frame["age"].unique().to_list()


def test_reviews_have_unique_ids_and_stay_whole():
    result = taken("data/waimai_10k/waimai_10k.csv")
    assert result.frame.height == 11_987
    assert result.frame["text_id"].n_unique() == 11_987
    reviews = taken("data/olist_sample_A/olist_order_reviews_dataset.csv")
    assert reviews.frame["rating"].is_between(1, 5).all()
    assert reviews.frame.height + count(reviews, "内容为空") == 2_993


def test_a_round_table_becomes_turns_of_its_speakers():
    result = taken("data/vcsum/transcripts_dev/meeting_102.txt")
    assert result.frame["document"].unique().to_list() == ["meeting_102"]
    assert result.frame["speaker"].null_count() == 0
    assert set(result.frame["role"]) <= {"participant", "interviewer"}


def test_the_same_customer_has_the_same_key_in_two_files():
    orders = taken("data/rfm_r_package/rfm_data_orders.csv")
    assert orders.frame.height == 4_906
    assert orders.frame.select(pl.col("key_customer_id").n_unique()).item() == 995
