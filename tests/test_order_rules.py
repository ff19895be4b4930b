"""From raw rows of each platform to order lines: every step counted in rows, orders and money, by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.clean.allocation import shared
from insight.errors import BadParameter, UnknownName
from insight.schema import Decisions

DAY, NEXT = "2024-03-05 10:00:00", "2024-03-06 10:00:00"


def ruled(raw, **rules):
    """Clean with rules switched by the user."""
    proposal = replace(propose(raw), decisions=Decisions(rules=rules))
    return clean(raw, proposal, secret=SECRET)


def left(result, step):
    """Rows, orders and money after a step."""
    row = result.waterfall.row(by_predicate=pl.col("step") == step, named=True)
    return row["n_rows"], row["n_orders"], row["amount"]


def met(result, step):
    """Rows and money that a step meets."""
    row = result.waterfall.row(by_predicate=pl.col("step") == step, named=True)
    return row["n_met"], row["amount_met"]


def jd():
    """Order money 100 on two lines, 99 on two; a cancelled, an unpaid and a test order; a header; a total."""
    return raw_table({
        "订单号": ["1", "1", "2", "3", "4", "5", "5", "6", "订单号", "合计"],
        "商品ID": ["11", "12", "11", "12", "11", "11", "13", "99", "商品ID", None],
        "商品名称": ["茶", "杯", "茶", "杯", "茶", "茶", "壶", "测试商品", "商品名称", None],
        "订购数量": ["2", "1", "1", "1", "1", "1件", "1", "1", "订购数量", "9"],
        "下单时间": [*[DAY] * 8, "下单时间", None],
        "京东价": ["30", "40", "30", "40", "30", "30", "69", "1", "京东价", None],
        "订单金额": ["100", "100", "30", "40", "30", *["99.00（系统计算中，该值仅供参考）"] * 2, "1", "订单金额", "499"],
        "订单状态": ["完成", "完成", "(删除)等待出库", "等待付款", "完成", "完成", "完成", "完成", "订单状态", None],
        "下单帐号": ["a", "a", "b", "c", "d", "e", "e", "f", "下单帐号", None],
    })  # fmt: skip


def test_jd_every_step_from_the_sum_of_the_sheet_to_what_was_paid():
    result = cleaned(jd())
    assert left(result, "raw") == (10, 8, 998.0)  # 100+100+30+40+30+99+99+1+499
    assert left(result, "header") == (9, 7, 998.0)
    assert left(result, "total") == (8, 6, 499.0)
    assert met(result, "order_money") == (4, 199.0)  # 100 and 99 stood there twice
    assert left(result, "order_money") == (8, 6, 300.0)
    assert left(result, "test") == (7, 5, 299.0)
    assert left(result, "cancelled") == (6, 4, 269.0)
    assert left(result, "unpaid") == (5, 3, 229.0)
    assert left(result, "net") == (5, 3, 229.0)
    assert result.frame["amount"].to_list() == [60.0, 40.0, 30.0, 30.0, 69.0]
    assert result.frame["order_paid"].to_list() == [100.0, 100.0, 30.0, 99.0, 99.0]
    assert result.frame["sku"].to_list() == ["11", "12", "11", "11", "13"]


def test_the_last_step_is_what_the_table_holds():
    result = cleaned(jd())
    last = result.waterfall.row(-1, named=True)
    assert last["n_rows"] == result.frame.height
    assert last["n_orders"] == result.frame["order_id"].n_unique()
    assert last["amount"] == pytest.approx(result.frame["amount"].sum())


def test_a_rule_that_is_switched_off_keeps_its_rows_and_still_counts_them():
    result = ruled(jd(), cancelled=False, test=False)
    assert left(result, "cancelled") == (8, 6, 300.0)
    assert met(result, "cancelled") == (1, 30.0)
    assert result.frame["order_id"].to_list() == ["1", "1", "2", "4", "5", "5", "6"]
    assert (4, "订单已取消或关闭", "保留") in reasons(result)


def test_without_sharing_the_money_of_an_order_counts_on_every_line():
    assert left(ruled(jd(), order_money=False), "net") == (5, 3, 428.0)


def test_no_rule_is_switched_that_is_not_there_or_cannot_be_done_without():
    with pytest.raises(UnknownName, match="没有叫“nonsense”的清洗规则"):
        ruled(jd(), nonsense=False)
    with pytest.raises(BadParameter, match="不能关闭"):
        ruled(jd(), no_time=False)


def test_shopify_money_on_the_first_line_of_an_order_is_shared_and_refunds_are_taken_off():
    raw = raw_table({
        "Name": ["#1001", "#1001", "#1002", "#1003"], "Email": ["a@x.cn", None, "b@x.cn", "c@x.cn"],
        "Financial Status": ["paid", None, "partially_refunded", "refunded"], "Fulfillment Status": ["fulfilled", None, None, None],
        "Paid at": [f"{NEXT} +0800", None, f"{NEXT} +0800", f"{NEXT} +0800"], "Created at": [f"{DAY} +0800"] * 4,
        "Total": ["90.00", None, "60.00", "40.00"], "Refunded Amount": ["0.00", None, "15.00", "40.00"], "Discount Amount": ["10.00", None, "0.00", "0.00"],
        "Lineitem quantity": ["1", "2", "1", "1"], "Lineitem name": ["茶", "杯", "茶", "杯"], "Lineitem price": ["50.00", "25.00", "60.00", "40.00"],
        "Lineitem sku": ["T", "C", "T", "C"], "Cancelled at": [None, None, None, None],
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame["amount"].to_list() == [45.0, 45.0, 45.0, 0.0]
    assert result.frame["discount"].to_list() == [5.0, 5.0, 0.0, 0.0]
    assert left(result, "raw") == (4, 3, 190.0)
    assert left(result, "order_money") == (4, 3, 190.0)
    assert met(result, "net") == (2, 55.0)
    assert left(result, "net") == (4, 3, 135.0)
    paid, placed = 1_709_719_200, 1_709_632_800  # the clock on the wall, whatever the offset
    assert result.frame["ordered_at"].to_list() == [paid] * 4
    assert result.frame["created_at"].to_list() == [placed] * 4
    assert (None, "下单时间取“Paid at”，为空时取“Created at”", "保留") in reasons(result)
    assert any("时区" in reason for _, reason, _ in reasons(result))


def test_a_shopify_order_with_a_time_of_cancelling_is_cancelled_on_all_its_lines():
    raw = raw_table({
        "Name": ["#1", "#1", "#2"], "Email": ["a@x.cn", None, "b@x.cn"], "Financial Status": ["paid", None, "paid"], "Created at": [DAY] * 3,
        "Total": ["9", None, "5"], "Lineitem quantity": ["1", "1", "1"], "Lineitem name": ["茶", "杯", "茶"], "Lineitem price": ["5", "4", "5"],
        "Cancelled at": [NEXT, None, None], "Fulfillment Status": [None] * 3,
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame["order_id"].to_list() == ["#2"]
    assert met(result, "cancelled") == (2, 9.0)


def youzan(**more):
    return raw_table({
        "订单号": ["E1", "E2", "E3"], "归属店铺": ["店"] * 3, "推广方式": ["-"] * 3, "订单状态": ["交易完成", "交易完成", "交易关闭"],
        "订单创建时间": [DAY] * 3, "买家付款时间": [NEXT, NEXT, None], "订单实付金额": ["100.00", "20.00", "5.00"], "商品种类数": ["3", "1", "1"],
        "全部商品名称": ["明前茶(1件);茶杯(红)(1件);茶壶(1件)", "明前茶(2件)", "茶杯(1件)"], "买家手机号": ["13800000001", "13900000002", "13700000003"],
        "收货人手机号/提货人手机号": ["13911111111", "13922222222", "13933333333"],
    } | more)  # fmt: skip


def test_youzan_items_of_one_cell_share_the_money_of_the_order_to_the_cent():
    result = cleaned(youzan())
    assert result.frame.select("order_id", "product", "quantity", "amount").rows() == [
        ("E1", "明前茶", 1.0, 33.34), ("E1", "茶杯(红)", 1.0, 33.33), ("E1", "茶壶", 1.0, 33.33), ("E2", "明前茶", 2.0, 20.0),
    ]  # fmt: skip
    assert left(result, "items") == (5, 3, 125.0)
    assert left(result, "net") == (4, 2, 120.0)
    assert result.frame["created_at"].to_list() == [1_709_632_800] * 4


def test_the_buyers_phone_is_the_key_not_that_of_whoever_gets_the_gift():
    proposal = propose(youzan())
    assert proposal.roles["买家手机号"] == "phone"
    assert proposal.roles["收货人手机号/提货人手机号"] == ""


def test_a_name_with_pieces_in_the_middle_is_one_item():
    result = cleaned(youzan(全部商品名称=["毛巾(2件)装(1件)", "茶(1件)；杯(3件)", "壶(1件)"]))
    assert result.frame.select("product", "quantity", "amount").rows() == [
        ("毛巾(2件)装", 1.0, 100.0), ("茶", 1.0, 5.0), ("杯", 3.0, 15.0),
    ]  # fmt: skip


def taobao():
    return raw_table({
        "订单编号": ['="2783012345678901231"', '="2783012345678901232"', '="2783012345678901233"', '="2783012345678901234"'],
        "买家会员名": ["甲", "乙", "丙", "丁"], "买家应付货款": ["50", "60", "70", "0"], "总金额": ["50", "60", "70", "0"],
        "买家实际支付金额": ["50.00元", "0", "70", "0"], "订单状态": ["交易成功", "等待买家付款", "交易关闭", "交易成功"],
        "订单创建时间": [DAY] * 4, "订单付款时间": [NEXT, None, NEXT, NEXT], "宝贝标题": ["茶，杯", "茶", "壶", "赠品"], "宝贝总数量": ["2", "1", "1", "1"],
        "退款金额": ["无退款申请", "无退款申请", "70.00", "无退款申请"], "联系手机": ["'13800000001"] * 4,
    })  # fmt: skip


def test_taobao_one_row_is_one_order_and_gifts_stay_unless_they_are_switched_off():
    result = cleaned(taobao())
    assert result.frame["order_id"].to_list() == ["2783012345678901231", "2783012345678901234"]
    assert left(result, "raw") == (4, 4, 120.0)
    assert left(result, "cancelled") == (3, 3, 50.0)
    assert left(result, "net") == (2, 2, 50.0)
    assert met(result, "zero") == (1, 0.0)
    assert any("已还原" in reason for _, reason, _ in reasons(result))
    assert ruled(taobao(), zero=True).frame["order_id"].to_list() == ["2783012345678901231"]


def test_douyin_sub_orders_have_their_own_money_and_after_sales_tell_of_refunds():
    raw = raw_table({
        "主订单编号": ["61\t", "61\t", "62\t"], "子订单编号": ["611\t", "612\t", "621\t"], "选购商品": ["茶", "杯", "壶"], "商品数量": ["1", "1", "1"],
        "订单应付金额": ["30", "30", "50"], "订单提交时间": [DAY] * 3, "支付完成时间": [DAY] * 3, "订单状态": ["已完成"] * 3,
        "售后状态": ["-", "退款成功", "-"], "达人昵称": ["x"] * 3,
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame.select("order_id", "line_id", "amount").rows() == [("61", "611", 30.0), ("62", "621", 50.0)]  # fmt: skip
    assert met(result, "refunded") == (1, 30.0)


def test_pinduoduo_counts_what_the_user_paid():
    raw = raw_table({
        "商品": ["茶", "杯", "壶"], "订单号": ["240305-1", "240305-2", "240305-3"], "订单状态": ["已收货", "已取消，退款成功", "已发货，待签收"],
        "商品总价(元)": ["30", "20", "50"], "店铺优惠折扣(元)": ["5", "0", "0"], "平台优惠折扣(元)": ["0", "0", "8"],
        "用户实付金额(元)": ["25", "20", "42"], "商家实收金额(元)": ["25", "20", "50"], "商品数量(件)": ["1", "1", "2"], "订单成交时间": [DAY] * 3,
    })  # fmt: skip
    assert left(cleaned(raw), "net") == (2, 2, 67.0)


def returns():
    return raw_table({
        "订单号": ["A1", "A1", "A2", "A3"], "会员号": ["u"] * 4, "下单时间": [DAY] * 4,
        "金额": ["100", "-100", "0", "50"], "数量": ["1", "-1", "0", "1"], "退款金额": ["0", "0", "0", "20"],
    })  # fmt: skip


def test_net_takes_refunds_off_and_keeps_returns_and_zeros():
    result = cleaned(returns())
    assert result.frame["amount"].to_list() == [100.0, -100.0, 0.0, 30.0]
    assert met(result, "net") == (2, 20.0)


def test_gross_neither_takes_refunds_off_nor_counts_returns():
    result = ruled(returns(), net=False)
    assert result.frame["amount"].to_list() == [100.0, 0.0, 50.0]
    assert "refund" not in result.frame.columns
    assert (3, "退货行，按毛额统计时不计入", "未导入") in reasons(result)
    assert left(result, "net") == (3, 3, 150.0)


def lines(orders, goods, **more):
    """Lines of one piece at 5 yuan each."""
    n = len(orders)
    return raw_table({"订单号": orders, "商品名称": goods, "数量": ["1"] * n, "下单时间": [DAY] * n, "金额": ["5"] * n} | more)  # fmt: skip


TWICE = "与前面某一行完全相同，是同一行导出了两次，只计一次"


def test_where_one_row_is_one_order_a_repeated_row_counts_once_with_its_money_and_its_pieces():
    raw = lines(["1", "2", "2", "3"], ["茶", "杯", "杯", "茶"])
    result = cleaned(raw)
    assert (met(result, "duplicate"), left(result, "duplicate")) == ((1, 5.0), (3, 3, 15.0))
    assert result.frame["quantity"].to_list() == [1.0, 1.0, 1.0]
    assert (4, TWICE, "未导入") in reasons(result)
    kept = ruled(raw, duplicate=False)
    assert left(kept, "net")[0] == 4
    assert (None, "有 1 行与前面的行内容完全相同，已全部保留，请确认不是重复导出", "保留") in reasons(kept)  # fmt: skip


def test_money_of_the_order_on_a_repeated_row_is_not_shared_with_itself():
    columns = {"订单号": ["1", "2", "2"], "商品名称": ["茶", "杯", "杯"], "数量": ["1", "2", "2"]}
    result = cleaned(raw_table(columns | {"下单时间": [DAY] * 3, "订单金额": ["5", "8", "8"]}))
    assert result.frame.select("quantity", "amount").rows() == [(1.0, 5.0), (2.0, 8.0)]


def test_where_rows_are_goods_two_equal_ones_of_one_order_are_two_pieces():
    result = cleaned(lines(["1", "1", "2", "2", "3"], ["茶", "杯", "杯", "杯", "茶"]))
    assert left(result, "net") == (5, 3, 25.0)
    step = result.waterfall.row(by_predicate=pl.col("step") == "duplicate", named=True)
    assert (step["applies"], step["n_met"]) == (False, 1)
    asked = ruled(lines(["1", "1", "2", "2"], ["茶", "杯", "杯", "杯"]), duplicate=True)
    assert left(asked, "duplicate") == (3, 2, 15.0)
    assert (5, "与前面某一行完全相同", "未导入") in reasons(asked)


def test_goods_with_a_number_of_their_own_are_never_two_pieces():
    raw = lines(["1", "1", "2", "2"], ["茶", "杯", "杯", "杯"], 子订单编号=["11", "12", "21", "21"])
    result = cleaned(raw)
    assert left(result, "duplicate") == (3, 2, 15.0)
    assert (5, TWICE, "未导入") in reasons(result)
    apart = lines(
        ["1", "1", "2", "2"], ["茶", "杯", "杯", "杯"], 子订单编号=["11", "12", "21", "22"]
    )
    assert left(cleaned(apart), "net") == (4, 2, 20.0)


def test_a_platform_that_writes_lines_of_goods_is_believed_and_rows_without_an_order_are_kept():
    head = {"订单号": ["1", "2", "2"], "商品ID": ["11", "12", "12"], "商品名称": ["茶", "杯", "杯"], "订购数量": ["1", "1", "1"]}  # fmt: skip
    tail = {"下单时间": [DAY] * 3, "京东价": ["30", "40", "40"], "订单金额": ["30", "80", "80"], "订单状态": ["完成"] * 3, "下单帐号": ["a", "b", "b"]}  # fmt: skip
    assert left(cleaned(raw_table(head | tail)), "net") == (3, 2, 110.0)
    nameless = raw_table({"会员号": ["a", "a"], "下单时间": [DAY] * 2, "金额": ["5", "5"]})
    assert left(cleaned(nameless), "net")[0] == 2


def test_an_order_that_was_given_back_in_full_says_so():
    raw = lines(["1", "2", "3"], ["茶", "杯", "壶"], 退款金额=["0", "5", "0"], 金额=["5", "5", "0"])
    result = cleaned(raw)
    assert (3, "扣除退款后为 0", "保留") in reasons(result)
    assert (4, "金额为 0", "保留") in reasons(result)


def test_extra_postage_is_counted_and_dropped_on_demand():
    raw = raw_table({
        "订单号": ["1", "2", "3"], "下单时间": [DAY] * 3, "实付金额": ["5", "1", "8"], "商品名称": ["茶", "补差价专用链接", "血糖测试仪"],
    })  # fmt: skip
    result = cleaned(raw)
    assert (met(result, "surcharge"), met(result, "test")) == ((1, 1.0), (0, 0.0))
    assert left(ruled(raw, surcharge=True), "net") == (2, 2, 13.0)


def test_without_a_status_an_empty_time_of_payment_means_unpaid():
    raw = raw_table({
        "订单编号": ["1", "2", "3"], "总金额": ["50", "60", "70"], "订单创建时间": [DAY] * 3, "订单付款时间": [NEXT, None, NEXT],
    })  # fmt: skip
    result = cleaned(raw)
    assert met(result, "unpaid") == (1, 60.0)
    assert left(result, "net") == (2, 2, 120.0)


def test_a_lost_order_number_is_listed_and_ties_nothing():
    raw = raw_table({"订单号": ["2.78E+17", "2.78E+17"], "下单时间": [DAY] * 2, "金额": ["5", "6"]})
    result = cleaned(raw)
    assert result.frame["order_id"].n_unique() == 2
    lost = result.issues.filter(column="订单号")
    assert lost.select("line", "value", "action").rows() == [(2, "2.78E+17", "已置空"), (3, "2.78E+17", "已置空")]  # fmt: skip
    assert lost["reason"].str.contains("不可恢复").all()


def test_impossible_days_are_left_out_with_the_reason():
    raw = raw_table({
        "订单号": ["1", "2", "3"], "下单时间": ["2024年2月30日", "二〇二四年三月五日", "1709632800"], "金额": ["5", "6", "7"],
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame["order_id"].to_list() == ["2", "3"]
    assert (2, "日历上没有这一天", "未导入") in reasons(result)


def order_of(paid, *, weights, **more):
    n = len(weights)
    columns = {"g": [1] * n, "paid": [paid] * n, "quantity": [1.0] * n, "unit_price": weights}
    return pl.DataFrame(columns | more)


@pytest.mark.parametrize(
    ("paid", "weights", "parts"),
    [
        (100.0, [1.0, 1.0, 1.0], [33.34, 33.33, 33.33]),
        (0.05, [1.0, 1.0, 2.0], [0.01, 0.01, 0.03]),  # 1.25, 1.25, 2.5 cents: the half is the largest remainder
        (10.0, [3.0, 3.0, 4.0], [3.0, 3.0, 4.0]),
        (-7.0, [1.0, 2.0, 0.0], [-2.33, -4.67, 0.0]),
        (9.99, [None, 1.0], [5.0, 4.99]),  # a price is missing: evenly
    ],
)  # fmt: skip
def test_money_is_shared_by_largest_remainder_and_adds_up(paid, weights, parts):
    found = shared(order_of(paid, weights=weights), "paid", group="g")
    assert sorted(found) == sorted(parts)
    assert found.sum() == pytest.approx(paid, abs=1e-9)


def test_which_of_equal_lines_gets_the_cent_does_not_depend_on_their_order():
    lines = order_of(100.0, weights=[1.0, 1.0, 1.0], product=["丙", "甲", "乙"])
    turned = shared(lines.reverse(), "paid", group="g").reverse()
    assert shared(lines, "paid", group="g").to_list() == turned.to_list()


def test_many_orders_of_many_lines_keep_their_totals():
    n = 3_000
    lines = pl.DataFrame({"g": [i // 3 for i in range(n)]}).with_columns(
        paid=pl.col("g") * 1.07 + 0.01, quantity=pl.int_range(n) % 4 + 1.0, unit_price=pl.int_range(n) % 7 + 0.5
    )  # fmt: skip
    parts = lines.with_columns(part=shared(lines, "paid", group="g"))
    totals = parts.group_by("g").agg(pl.sum("part"), pl.first("paid"))
    assert (totals["part"] - totals["paid"].round(2)).abs().max() < 1e-9


def test_the_order_of_the_rows_changes_no_line_and_no_step():
    raw = jd()
    turned = raw_table({c: raw.frame[c].to_list()[::-1] for c in raw.frame.columns[1:]})
    first, second = cleaned(raw), cleaned(turned)
    by = ["order_id", "sku"]
    assert first.frame.sort(by).equals(second.frame.sort(by))
    assert first.waterfall.equals(second.waterfall)


def test_orders_whose_numbers_are_lost_keep_their_own_totals():
    lost = ["2.783E+18", "2783000000000000000"]
    result = cleaned(raw_table({
        "订单号": ["1", "1", *lost], "商品ID": ["11", "12", "11", "11"], "商品名称": ["茶", "杯", "茶", "茶"],
        "订购数量": ["1"] * 4, "下单时间": [DAY] * 4, "京东价": ["60", "40", "80", "90"],
        "订单金额": ["100", "100", "80", "90"], "订单状态": ["完成"] * 4, "下单帐号": ["a", "a", "b", "c"],
    }))  # fmt: skip
    assert result.frame["amount"].to_list() == [60.0, 40.0, 80.0, 90.0]
    assert result.frame["order_paid"].to_list() == [100.0, 100.0, 80.0, 90.0]


def paid_in(amounts, **columns):
    n = len(amounts)
    return raw_table({"订单号": [str(i) for i in range(n)], "下单时间": [DAY] * n, "实付金额": amounts, "商品名称": ["茶"] * n} | columns)  # fmt: skip


def test_orders_in_another_currency_are_not_added_to_the_others():
    result = cleaned(paid_in(["10", "20", "30", "40"], 币种=["CNY", "usd", "人民币", None]))
    assert result.frame["amount"].to_list() == [10.0, 30.0, 40.0]
    assert met(result, "currency") == (1, 20.0)
    assert (3, "币种是 USD，多数行是 CNY，金额不能直接相加", "未导入") in reasons(result)


def test_a_sign_beside_the_amount_tells_the_currency_too():
    result = cleaned(paid_in(["$10.00", "$20.00", "¥30.00", "5"]))
    assert result.frame["amount"].to_list() == [10.0, 20.0, 5.0]
    assert met(result, "currency") == (1, 30.0)


def test_amounts_that_were_converted_before_can_be_added_all_the_same():
    raw = paid_in(["10", "20"], 币种=["CNY", "USD"])
    assert left(cleaned(raw), "net") == (1, 1, 10.0)
    assert left(ruled(raw, currency=False), "net") == (2, 2, 30.0)


def test_money_in_a_foreign_currency_is_said_to_be_so():
    told = "金额的币种是 HKD（港元），没有换算：各页和报告里的金额都是这个币种，写作“HK$”"
    assert (None, told, "保留") in reasons(cleaned(paid_in(["1", "2"], 币种=["HKD", "港币"])))
    assert not any("没有换算" in why for _, why, _ in reasons(cleaned(paid_in(["¥1", "2"]))))


def test_one_currency_throughout_leaves_every_line():
    assert met(cleaned(paid_in(["$1", "$2", "3"])), "currency") == (0, 0.0)
    assert met(cleaned(paid_in(["1", "2"], 币种=["HKD", "港币"])), "currency") == (0, 0.0)
