"""Files in traditional characters are understood like those in simplified ones, and shown as they were written."""

from __future__ import annotations

import pytest
from clean_tables import SECRET, raw_table

from insight import pipeline
from insight.clean import clean, propose
from insight.clean.headers import fold
from insight.pipeline.summary import summary
from insight.readers import read
from insight.schema import Missing, QuestionKind
from insight.simplified import simplified, traditional

K = QuestionKind
ORDERS = "訂單編號,會員編號,手機號碼,下單時間,實付金額,商品名稱,數量,縣市\n" + "".join(
    f"A{i:03},M{i % 3},138000000{i % 3:02},2024-03-0{i % 9 + 1} 10:00:00,{100 + i},茶葉禮盒,{i % 3 + 1},臺北市\n"
    for i in range(12)
)
SURVEY = "序號,提交答卷時間,所用時間,來源,會員編號,1、您的性別,2、您對服務的滿意程度,3、購買的管道(可多選),4、是否有孩子\n" + "".join(
    f"{i + 1},2024/3/{i + 1} 10:00:00,{60 + i}秒,微信,M{i % 3},{'男女'[i % 2]},{('非常滿意', '滿意', '一般', '不滿意')[i % 4]},"
    f"{('門市、網路', '門市', '網路、電視')[i % 3]},{('有', '無', '(跳過)')[i % 3]}\n"
    for i in range(12)
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-8-sig", "utf-16"])
def test_headers_of_orders_match_their_roles_in_any_encoding(encoding):
    (raw,) = read(ORDERS.encode(encoding), "訂單.csv")
    proposal = propose(raw)
    assert proposal.table == "orders"
    assert dict(proposal.roles) == {
        "訂單編號": "order_id", "會員編號": "customer_id", "手機號碼": "phone", "下單時間": "ordered_at", "實付金額": "amount",
        "商品名稱": "product", "數量": "quantity", "縣市": "region",
    }  # fmt: skip
    frame = clean(raw, proposal, secret=SECRET).frame
    assert frame["amount"].sum() == sum(range(100, 112))
    assert frame["product"].unique().to_list() == ["茶葉禮盒"]
    assert frame["region"].unique().to_list() == ["臺北市"]


def test_a_questionnaire_in_big5_is_that_of_its_platform_with_its_own_words():
    (raw,) = read(SURVEY.encode("big5"), "問卷.csv")
    proposal = propose(raw)
    assert proposal.preset == "wjx_text"
    assert list(proposal.roles.values())[:5] == ["respondent_id", "submitted_at", "duration_s", "source", "customer_id"]  # fmt: skip
    result = clean(raw, proposal, secret=SECRET)
    found = {q.id: (q.kind, [o.label for o in q.options]) for q in result.questionnaire.questions}
    assert found["Q2"] == (K.SINGLE, ["不滿意", "一般", "滿意", "非常滿意"])  # in order
    assert found["Q3"][0] is K.MULTI
    assert found["Q4"] == (K.SINGLE, ["有", "無"])
    assert result.frame["Q4?"].to_list()[2] == Missing.NOT_ASKED.value


def test_both_come_into_a_study_and_meet(study):
    pipeline.add(study, ORDERS.encode("big5"), "訂單.csv")
    pipeline.add(study, SURVEY.encode("big5"), "問卷.csv")
    known = summary(study)["match"]
    assert (known["matched"], known["only_orders"], known["only_responses"]) == (12, 0, 0)  # fmt: skip


def test_personal_data_and_totals_are_seen_in_traditional_characters():
    raw = raw_table(
        {
            "訂單編號": ["1", "2", "總計"], "下單時間": ["2024-03-01", "2024-03-02", None], "實付金額": ["10", "20", "30"],
            "收件人電話備註地址": ["甲", "乙", None], "聯繫人": ["陳大文", "李小明", None],
        }
    )  # fmt: skip
    proposal = propose(raw)
    assert proposal.roles["聯繫人"] == ""
    assert clean(raw, proposal, secret=SECRET).frame["amount"].sum() == 30


def test_characters_fold_for_comparison_only():
    assert fold("訂單編號（必填）") == fold("订单编号")
    assert simplified("Order ID") == traditional("Order ID") == "Order ID"
    assert traditional("(跳过)") == "(跳過)"
