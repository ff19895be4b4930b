"""Order exports become order lines: what counts as paid, by whom, and what was left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.errors import NoUsableColumn, UnclearDates
from insight.privacy import token
from insight.schema import Decisions

DAY = "2024-03-05 10:00:00"
SECONDS = int(datetime(2024, 3, 5, 10, tzinfo=UTC).timestamp())


def shop(**columns):
    """Three orders of three customers on one morning, with more or other columns."""
    usual = {
        "订单号": ["A1", "A2", "A3"],
        "会员号": ["u1", "u2", "u3"],
        "下单时间": [DAY, DAY, DAY],
        "实付金额": ["10.00", "20.00", "30.00"],
    }
    return raw_table(usual | columns)


def amounts(result):
    return result.frame["amount"].to_list()


def test_a_line_has_hashed_customer_order_time_and_net_amount():
    frame = cleaned(shop()).frame
    assert frame.columns == ["key_customer_id", "order_id", "ordered_at", "amount"]
    assert frame.row(0) == (token("customer_id", "u1", secret=SECRET), "A1", SECONDS, 10.0)
    assert frame.schema["ordered_at"] == pl.Int64


def test_no_identity_survives_in_the_clear():
    raw = shop(手机号=["13800000001", "13900000002", "13700000003"], 收货人姓名=["张三", "李四", "王五"])  # fmt: skip
    result = cleaned(raw)
    everything = str(result.frame.to_dicts()) + str(result.issues.to_dicts())
    assert not any(secret in everything for secret in ("13800000001", "u1", "张三"))


def test_refunds_are_taken_off_and_words_for_none_mean_nothing():
    result = cleaned(shop(退款金额=["无退款申请", "5.00", "30元"]))
    assert amounts(result) == [10.0, 15.0, 0.0]
    assert result.frame["refund"].to_list() == [0.0, 5.0, 30.0]
    assert reasons(result) == [(4, "扣除退款后为 0", "保留")]


def test_payments_that_are_net_of_refunds_are_not_reduced_again():
    raw = shop(实付金额=["0", "148.90", "30.00"], 退款金额=["64.80", "178.80", "0"])
    result = cleaned(raw)
    assert amounts(result) == [0.0, 148.9, 30.0]
    assert "已经扣除退款" in result.issues["reason"][0]


def test_a_separate_refund_line_of_the_same_order_counts_negative():
    raw = shop(订单号=["A1", "A1", "A3"], 实付金额=["10", "0", "30"], 退款金额=["0", "4", "0"])
    assert amounts(cleaned(raw)) == [10.0, -4.0, 30.0]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("交易关闭", "订单已取消或关闭"), ("交易關閉", "订单已取消或关闭"), ("已取消，退款成功", "订单已取消或关闭"), ("canceled", "订单已取消或关闭"),
        ("unavailable", "订单已取消或关闭"), ("等待买家付款", "订单未付款"), ("待付款", "订单未付款"), ("退款成功", "订单已退款"),
    ],
)  # fmt: skip
def test_what_was_never_paid_or_was_undone_is_left_out_with_the_reason(status, reason):
    result = cleaned(shop(订单状态=["交易成功", status, "买家已付款，等待卖家发货"]))
    assert result.frame["order_id"].to_list() == ["A1", "A3"]
    assert reasons(result) == [(3, reason, "未导入")]
    assert result.issues["value"].to_list() == [status]


def test_a_partly_cancelled_order_stays():
    assert cleaned(shop(订单状态=["部分取消", "交易成功", "交易成功"])).frame.height == 3


def test_lines_without_time_or_amount_are_left_out_and_quoted():
    result = cleaned(shop(下单时间=[DAY, "昨天", DAY], 实付金额=["10", "20", "十元13800000001"]))
    assert result.frame.height == 1
    assert result.issues.select("line", "column", "value", "action").rows() == [
        (3, "下单时间", "昨天", "未导入"),
        (4, "实付金额", "十元138****0001", "未导入"),
    ]


def test_returns_count_negative_and_are_listed():
    raw = raw_table({
        "InvoiceNo": ["536365", "C536379", "536370"], "Quantity": ["6", "-1", "2"], "UnitPrice": ["2.55", "27.50", "0"],
        "InvoiceDate": [DAY] * 3, "CustomerID": ["17850", "14527.0", "17850"],
    })  # fmt: skip
    result = cleaned(raw)
    assert amounts(result) == pytest.approx([15.3, -27.5, 0.0])
    assert reasons(result) == [(3, "退货/取消，按负金额计入", "保留"), (4, "金额为 0", "保留")]


def test_a_negative_quantity_turns_a_positive_amount_around():
    assert amounts(cleaned(shop(数量=["1", "-1", "2"]))) == [10.0, -20.0, 30.0]


def test_lines_without_a_customer_stay_with_a_reason():
    result = cleaned(shop(会员号=["u1", None, "匿名"]))
    assert result.frame["key_customer_id"].is_null().to_list() == [False, True, True]
    assert reasons(result) == [
        (3, "没有客户标识，不计入客户分析", "保留"),
        (4, "没有客户标识，不计入客户分析", "保留"),
    ]


def test_without_any_customer_column_one_note_says_so():
    raw = raw_table({"订单号": ["1", "2"], "下单时间": [DAY, DAY], "金额": ["1", "2"]})
    assert reasons(cleaned(raw)) == [(None, "没有可用的客户标识，这些订单不计入客户分析", "保留")]


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("1.38E+10", "科学计数法"),
        ("1******6198", "已打码"),
        ("17531103964_6603", "隐私号"),
        ("'17531103964_6603", "隐私号"),
        ("12345678901", "不是有效的手机号"),
    ],
)
def test_a_phone_that_cannot_serve_as_a_key_says_why(phone, reason):
    raw = shop(手机号=["13800000001", "13900000002", phone])
    result = cleaned(raw)
    assert result.frame["key_phone"].is_null().to_list() == [False, False, True]
    (found,) = result.issues.filter(column="手机号").to_dicts()
    assert found["line"] == 4
    assert found["value"] == ("1.38E+10" if phone == "1.38E+10" else f"{phone[:3]}***{phone[-2:]}")
    assert reason in found["reason"]
    assert found["action"] == "已置空"


def test_a_whole_phone_number_in_spreadsheet_form_is_the_same_key():
    raw = shop(手机号=["13812345678", "1.3812345678E+10", "+86 138-1234-5678"])
    assert cleaned(raw).frame["key_phone"].n_unique() == 1


def test_repeated_headers_and_totals_are_no_orders():
    names = ["订单号", "会员号", "下单时间", "实付金额"]
    rows = [["A1", "u1", DAY, "10"], names, ["A2", "u2", DAY, "20"], ["合计", None, None, "30"]]
    raw = raw_table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    result = cleaned(raw)
    assert amounts(result) == [10.0, 20.0]
    assert reasons(result) == [(3, "重复的表头行", "未导入"), (5, "合计行，不是记录", "未导入")]


def test_a_row_that_is_a_whole_order_counts_once_however_often_it_was_exported():
    raw = shop(订单号=["A1", "A1", "A1"], 会员号=["u1"] * 3, 实付金额=["10", "10", "10"])
    result = cleaned(raw)
    assert amounts(result) == [10.0]
    twice = "与前面某一行完全相同，是同一行导出了两次，只计一次"
    assert reasons(result) == [(3, twice, "未导入"), (4, twice, "未导入")]


def test_without_an_order_number_customer_and_time_make_one():
    raw = raw_table({
        "会员号": ["u1", "u1", "u2", None, None], "下单时间": [DAY, DAY, DAY, DAY, DAY], "金额": ["1", "2", "3", "4", "5"],
    })  # fmt: skip
    ids = cleaned(raw).frame["order_id"].to_list()
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
    assert None not in ids


def test_an_order_number_that_lost_its_digits_does_not_tie_orders_together():
    raw = shop(订单号=["2.78E+17", "2.78E+17", '="2783012345678901"'])
    ids = cleaned(raw).frame["order_id"].to_list()
    assert ids[2] == "2783012345678901"
    assert len(set(ids)) == 3


def test_required_money_can_be_quantity_times_price_and_is_missed_otherwise():
    raw = raw_table({"订单号": ["1", "2"], "下单时间": [DAY, DAY], "数量": ["2", "3"]})
    with pytest.raises(NoUsableColumn, match="作为订单缺少必需的列：实付金额"):
        clean(raw, propose(raw, table="orders"), secret=SECRET)
    raw = raw_table({"订单号": ["1", "2"], "下单时间": [DAY, DAY], "数量": ["2", "3"], "单价": ["¥1.5", "2"]})  # fmt: skip
    assert amounts(cleaned(raw)) == [3.0, 6.0]


def test_the_money_of_an_order_repeated_on_its_lines_counts_once():
    raw = raw_table({
        "订单号": ["1", "1", "2"], "下单帐号": ["a", "a", "b"], "商品名称": ["茶", "杯", "茶"], "订购数量": ["2", "1", "1"],
        "下单时间": [DAY] * 3, "京东价": ["30", "60", "30"], "订单金额": ["100", "100", "30"],
    })  # fmt: skip
    result = cleaned(raw)
    assert amounts(result) == [50.0, 50.0, 30.0]
    assert (None, "金额是整单金额，已按各行的数量和单价分摊，避免重复累计", "已更正") in reasons(
        result
    )


def test_money_and_status_on_the_first_line_of_an_order_hold_for_all_its_lines():
    raw = raw_table({
        "Name": ["#1", "#1", "#2", "#2"], "Email": ["a@x.cn", None, "b@x.cn", None], "Financial Status": ["paid", None, "voided", None],
        "Total": ["90", None, "10", None], "Created at": ["2024-03-05 10:00:00 +0800"] * 4, "Lineitem quantity": ["1", "2", "1", "1"],
        "Lineitem name": ["茶", "杯", "茶", "杯"], "Lineitem price": ["50", "25", "5", "5"], "Fulfillment Status": [None] * 4,
    })  # fmt: skip
    result = cleaned(raw)
    assert amounts(result) == [45.0, 45.0]
    assert result.frame["key_email"].n_unique() == 1
    assert result.frame["ordered_at"].to_list() == [SECONDS, SECONDS]
    assert result.issues.filter(action="未导入")["line"].to_list() == [4, 5]


def test_line_amounts_of_one_order_are_left_alone():
    raw = shop(订单号=["A1", "A1", "A2"], 实付金额=["10", "10", "30"], 数量=["1", "1", "1"])
    assert amounts(cleaned(raw)) == [10.0, 10.0, 30.0]


def test_items_listed_in_one_cell_become_lines_that_share_the_money():
    raw = raw_table({
        "订单号": ["1", "2"], "买家手机号": ["13800000001", "13900000002"], "买家付款时间": [DAY, DAY], "订单实付金额": ["90", "20"],
        "全部商品名称": ["茶叶(2件);茶杯(1件)", "茶叶(1件)"],
    })  # fmt: skip
    frame = cleaned(raw).frame
    assert frame.select("product", "order_id").rows() == [("茶叶", "1"), ("茶杯", "1"), ("茶叶", "2")]  # fmt: skip
    assert frame["amount"].sum() == pytest.approx(110)
    assert frame.group_by("order_id").agg(pl.sum("amount")).sort("order_id")["amount"].to_list() == [90.0, 20.0]  # fmt: skip


def test_of_an_address_only_the_province_is_kept():
    raw = shop(
        收货地址=["张三，86-13800000001，浙江省 杭州市 西湖区 某路 1 号", "上海", "内蒙古自治区"]
    )
    assert cleaned(raw).frame["region"].to_list() == ["浙江", "上海", "内蒙古自治区"]


def test_other_columns_come_along_only_as_attributes():
    raw = shop(备注=["电话13800000001", None, "无"])
    assert "备注" not in cleaned(raw).frame.columns
    assert cleaned(raw, 备注="attribute").frame["备注"].to_list() == ["电话138****0001", None, "无"]


def test_dates_that_could_be_two_days_are_not_guessed_but_asked_for():
    unclear = shop(下单时间=["03/04/2024", "04/03/2024", "05/06/2024"])
    with pytest.raises(UnclearDates, match="分不清月和日（如 03/04/2024）") as caught:
        cleaned(unclear)
    assert "--day-first" in caught.value.told_there
    assert "--" not in str(caught.value)
    some = shop(下单时间=["03/04/2024", "2024-03-05", "05/05/2024"])
    result = cleaned(some)
    assert result.frame["order_id"].to_list() == ["A2", "A3"]
    (lost,) = result.issues.filter(action="未导入").to_dicts()
    assert (lost["line"], lost["value"]) == (2, "03/04/2024")
    assert lost["reason"].startswith("日期分不清月和日")


@pytest.mark.parametrize(("day_first", "day"), [(True, (4, 3)), (False, (3, 4))])
def test_the_user_decides_whether_day_or_month_comes_first(day_first, day):
    raw = shop(下单时间=["03/04/2024", "13/05/2024", "05/16/2024"])
    proposal = replace(propose(raw), decisions=Decisions(day_first=day_first))
    result = clean(raw, proposal, secret=SECRET)
    first = pl.from_epoch(result.frame["ordered_at"])[0]
    assert (first.month, first.day) == day
    assert result.frame.height == 3
    assert any("由用户指定" in reason for _, reason, _ in reasons(result))


def test_the_order_of_the_rows_changes_nothing():
    raw = shop(退款金额=["0", "5", "0"], 会员号=["u1", "u1", None])
    turned = raw_table({c: raw.frame[c].to_list()[::-1] for c in raw.frame.columns[1:]})
    first, second = cleaned(raw).frame, cleaned(turned).frame
    assert first.sort("order_id").equals(second.sort("order_id"))


def test_an_empty_table_gives_an_empty_table():
    raw = shop()
    proposal = propose(raw)
    empty = raw_table({c: [] for c in raw.frame.columns[1:]})
    result = clean(empty, proposal, secret=SECRET)
    assert result.frame.is_empty()
    assert result.frame.schema["amount"] == pl.Float64
