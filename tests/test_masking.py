"""Personal data in free text are found by shape and check digits, hidden and counted; other numbers stay."""

from __future__ import annotations

import polars as pl
import pytest

from insight import pipeline
from insight.masking import counted, in_words, is_card_number, is_id_card, mask, masked


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("打 13812345678 给我", "phone", "打 138****5678 给我"),
        ("+86 138-1234-5678", "phone", "138****5678"),
        ("证 11010519491231002X", "id_card", "证 110***********002X"),
        ("卡 4111111111111111", "bank_card", "卡 4111***1111"),
        ("卡号 6222 0212 3456 7890 128", "bank_card", "卡号 6222***0128"),
        ("写信 a.b@c.cn", "email", "写信 ***@***"),
        ("店里电话 010-62345678", "landline", "店里电话 010-****5678"),
        ("车京A12345", "plate", "车京A*****"),
        ("住浙江省杭州市西湖区文三路138号2栋301室，快递慢", "address", "住浙江省杭州市***，快递慢"),
        ("地址 北京市朝阳区建国路88号", "address", "地址 北京市***"),
        ("寄到幸福小区3号楼2单元501", "address", "***"),
        ("电话１３８１２３４５６７８", "phone", "电话138****5678"),
        ("０１０－６２３４５６７８", "landline", "010-****5678"),
        ("写信 a.b＠c.cn", "email", "写信 ***@***"),
        ("008613812345679", "phone", "138****5679"),
        ("证 110105 19491231 002X", "id_card", "证 110***********002X"),
    ],
)
def test_personal_data_are_hidden_and_counted(text, kind, shown):
    assert masked(text) == (shown, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        "单号 20240305123456 到了", "订单 412345678901234567", "证 110105194912310021", "卡 4111111111111112",
        "买了 3 号色口红", "我们小区 3 号楼的电梯坏了", "地铁 5 号线", "第1路公交 3 号", "人民路店 2 号柜台服务差", "100 分，2024-03-05 买的",
    ],
)  # fmt: skip
def test_other_numbers_stay_as_they_are(text):
    assert masked(text) == (text, {})


def test_check_digits_follow_their_standards():
    assert is_id_card("11010519491231002X")  # the example of GB 11643-1999
    assert not is_id_card("110105194912310021")
    assert is_card_number("4111111111111111")  # the usual test number of ISO/IEC 7812
    assert is_card_number("79927398713")  # Luhn's example
    assert not is_card_number("79927398710")


def test_kinds_are_counted_over_all_texts():
    texts = pl.Series(["13812345678 或 13912345678", None, "a@b.cn", "没有"])
    assert counted(texts) == {"phone": 2, "email": 1}
    assert in_words(counted(texts)) == "手机号 2 处、邮箱 1 处"
    assert mask("没有") == "没有"


def test_an_import_says_what_personal_data_it_hid(study):
    answers = "序号,1、您满意吗,2、有什么建议\n1,满意,打我电话13812345678\n2,不满意,发到 a@b.cn\n3,满意,挺好\n"
    reviews = "评论编号,评论内容\nr1,住北京市朝阳区建国路88号，送得慢\nr2,好\n"
    pipeline.add(study, answers.encode(), "答卷.csv")
    pipeline.add(study, reviews.encode(), "评论.csv")
    reasons = pipeline.issues(study).filter(action="已更正")["reason"].to_list()
    assert "文字中有个人信息，已遮盖：手机号 1 处、邮箱 1 处" in reasons
    assert "文字中有个人信息，已遮盖：详细地址 1 处" in reasons
    texts = " ".join(pipeline.load(study).texts["text"])
    assert "138****5678" in texts
    assert "建国路" not in texts
