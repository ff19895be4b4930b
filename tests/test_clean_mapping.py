"""Which table a file is taken for, and which role each of its columns gets."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from clean_tables import SECRET, cleaned, raw_table
from conftest import shared

from insight.clean import clean, known_roles, propose, with_roles
from insight.errors import BadMapping, NoUsableColumn, UnknownName

PHONES = ["13800000001", "13900000002", "13700000003"]
DAYS = ["2024-03-05 10:00:00", "2024-03-06 11:00:00", "2024-03-07 12:00:00"]
MONEY = ["12.00", "30.50", "8.00"]
TYPICAL = {
    "PHONE": PHONES,
    "DAY": DAYS,
    "MONEY": MONEY,
    "COUNT": ["1", "2", "1"],
    "WORD": ["甲", "乙", "丙"],
    "ID": ["A001", "A002", "A003"],
}


def platform_file(headers, kinds):
    """A file with the real headers of a platform; columns without a kind are empty."""
    nothing = [None, None, None]
    return raw_table({h.strip(): TYPICAL.get(kinds.get(h.strip(), ""), nothing) for h in headers})


@pytest.mark.parametrize(
    ("platform", "kinds", "roles"),
    [
        (
            "淘宝天猫_ExportOrderList_41",
            {"订单编号": "ID", "买家会员名": "WORD", "总金额": "MONEY", "买家实际支付金额": "MONEY", "买家应付货款": "MONEY",
             "订单状态": "WORD", "联系手机": "PHONE", "订单创建时间": "DAY", "订单付款时间": "DAY", "宝贝标题": "WORD", "宝贝总数量": "COUNT"},
            {"订单编号": "order_id", "买家会员名": "customer_id", "买家实际支付金额": "amount", "总金额": "", "联系手机": "phone",
             "订单创建时间": "ordered_at", "订单付款时间": "paid_at", "宝贝标题": "product", "宝贝总数量": "quantity", "订单状态": "status"},
        ),
        (
            "京东POP_80",
            {"订单号": "ID", "商品名称": "WORD", "订购数量": "COUNT", "下单时间": "DAY", "京东价": "MONEY", "订单金额": "MONEY",
             "下单帐号": "WORD", "客户姓名": "WORD", "联系电话": "PHONE", "订单状态": "WORD", "付款确认时间": "DAY"},
            {"订单号": "order_id", "商品名称": "product", "订购数量": "quantity", "下单时间": "ordered_at", "京东价": "unit_price",
             "订单金额": "amount", "下单帐号": "customer_id", "客户姓名": "", "联系电话": "phone", "付款确认时间": "paid_at"},
        ),
        (
            "有赞_59",
            {"订单号": "ID", "归属店铺": "WORD", "推广方式": "WORD", "订单创建时间": "DAY", "买家付款时间": "DAY", "订单实付金额": "MONEY",
             "全部商品名称": "WORD", "收货人手机号/提货人手机号": "PHONE", "买家手机号": "PHONE", "收货人省份": "WORD", "订单已退款金额": "MONEY"},
            {"订单号": "order_id", "订单创建时间": "ordered_at", "订单实付金额": "amount", "买家手机号": "phone",
             "收货人手机号/提货人手机号": "", "收货人省份": "region", "订单已退款金额": "refund", "全部商品名称": "product"},
        ),
    ],
    ids=["taobao", "jd", "youzan"],
)  # fmt: skip
def test_a_shop_export_is_mapped_by_its_real_headers(platform, kinds, roles):
    headers = json.loads(shared("spec/export_headers.json").read_text("utf-8"))[platform]
    proposal = propose(platform_file(headers, kinds))
    assert proposal.table == "orders"
    assert {h: proposal.roles[h] for h in roles} == roles
    assert platform[:2] in proposal.recognised


def test_every_column_gets_a_role_and_a_chinese_reason():
    proposal = propose(
        raw_table(
            {"订单号": ["1", "2", "3"], "下单时间": DAYS, "金额": MONEY, "备注": ["a", None, "b"]}
        )
    )
    assert set(proposal.roles) == set(proposal.evidence) == {"订单号", "下单时间", "金额", "备注"}
    assert proposal.evidence["下单时间"] == "表头“下单时间”，内容是日期时间"
    assert proposal.evidence["备注"] == "没有用到"


@pytest.mark.parametrize("header", ["客户 ID", "客户ID", "客户＿ＩＤ", "客户 id（唯一）"])
def test_headers_are_compared_without_spaces_case_width_and_remarks(header):
    proposal = propose(
        raw_table({header: ["张-1", "李-2", "王-3"], "订单日期": DAYS, "销售额": MONEY})
    )
    assert proposal.roles[header] == "customer_id"


def test_the_last_level_of_a_merged_header_counts():
    proposal = propose(
        raw_table({"基本信息_手机号": PHONES, "购买_购买日期": DAYS, "购买_金额": MONEY})
    )
    assert proposal.roles == {
        "基本信息_手机号": "phone", "购买_购买日期": "ordered_at", "购买_金额": "amount",
    }  # fmt: skip


def test_the_values_must_confirm_what_the_header_promises():
    raw = raw_table({
        "cust_id": ["1", "2", "3"], "email": ["yes", "no", "yes"], "手机号": ["华为", "小米", "苹果"], "age": ["31", "44", "27"],
    })  # fmt: skip
    proposal = propose(raw)
    assert proposal.table == "customers"
    assert proposal.roles == {
        "cust_id": "customer_id", "email": "attribute", "手机号": "attribute", "age": "age",
    }  # fmt: skip
    assert "内容不像" in proposal.evidence["email"]


@pytest.mark.parametrize(("names", "role"), [(["#1001", "#1002", "#1003"], "order_id"), (["张三", "李四", "王五"], "")])  # fmt: skip
def test_name_is_an_order_number_only_where_it_looks_like_one(names, role):
    assert propose(raw_table({"Name": names, "Created at": DAYS, "Total": MONEY})).roles["Name"] == role  # fmt: skip


def test_a_mostly_empty_column_gives_way_to_a_full_one():
    raw = raw_table({"订单日期": [None, None, DAYS[0]], "付款时间": DAYS, "金额": MONEY})
    assert propose(raw).roles == {"订单日期": "", "付款时间": "ordered_at", "金额": "amount"}


def test_personal_columns_of_customers_are_left_out():
    raw = raw_table({
        "会员号": ["1", "2", "3"], "姓名": ["张三", "李四", "王五"], "收货地址": ["某路1号", "某路2号", "某路3号"],
        "备用": PHONES, "城市": ["北京", "上海", "北京"],
    })  # fmt: skip
    roles = propose(raw).roles
    assert {c for c, role in roles.items() if role == ""} == {"姓名", "收货地址", "备用"}


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        ({"评论编号": ["1", "2", "3"], "评论内容": ["很好吃的", "太慢了吧", "还可以吧"], "日期": DAYS}, "texts"),
        ({"反馈": ["物流太慢", "包装破了", "客服很好"]}, "texts"),
        ({"InvoiceNo": ["1", "2", "3"], "Quantity": ["1", "2", "3"], "InvoiceDate": DAYS, "UnitPrice": MONEY}, "orders"),
        ({"会员号": ["a", "b", "c"], "性别": ["男", "女", "女"]}, "customers"),
        ({"6、兴趣爱好": ["运动", "美食", "运动"], "7、年龄": ["18", "20", "18"], "8、性别": ["男", "女", "男"]}, "responses"),
        ({"Q1": ["1", "2", "1"], "Q2": ["2", "2", "1"], "Q3": ["3", "2", "1"]}, "responses"),
        ({"序号": ["1", "2", "3"], "提交答卷时间": DAYS, "所用时间": ["64秒", "1分4秒", "9秒"], "来源": ["微信"] * 3}, "responses"),
    ],
)  # fmt: skip
def test_headers_and_values_say_which_table_it_is(columns, table):
    assert propose(raw_table(columns)).table == table


def test_a_file_that_fits_nothing_is_refused_with_what_it_would_take():
    with pytest.raises(NoUsableColumn, match="下单时间和实付金额"):
        propose(raw_table({"a": ["x1", "y2", "z3"], "b": ["1.5", "2.5", "3.5"]}))


def test_the_table_can_be_chosen_even_where_nothing_fits():
    raw = raw_table({"a": ["x", "y", "z"]})
    proposal = propose(raw, table="orders")
    assert proposal.roles == {"a": ""}
    with pytest.raises(NoUsableColumn, match="下单时间、实付金额"):
        clean(raw, proposal, secret=SECRET)


def test_an_unknown_table_is_named_in_the_message():
    with pytest.raises(UnknownName, match="没有叫“sales”的数据表"):
        propose(raw_table({"a": ["1"]}), table="sales")


def test_a_correction_moves_the_role_and_accepts_its_chinese_label():
    raw = raw_table({"金额": MONEY, "应收": ["1", "2", "3"], "时间": DAYS})
    proposal = with_roles(propose(raw), {"应收": "实付金额"})
    assert (proposal.roles["应收"], proposal.roles["金额"]) == ("amount", "")
    assert proposal.evidence["应收"] == "由用户指定"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"不存在": "amount"}, "表里没有这一列"),
        ({"金额": "gender"}, "“订单”没有这个角色"),
        ({"金额": "question"}, "“订单”没有这个角色"),
        ({"金额": "amount", "时间": "amount"}, "一个角色只能给一列"),
    ],
)
def test_a_wrong_correction_says_why(changes, message):
    proposal = propose(raw_table({"金额": MONEY, "时间": DAYS}))
    with pytest.raises(BadMapping, match=message):
        with_roles(proposal, changes)


def test_questions_exist_in_questionnaires_only():
    assert "question" in known_roles("responses")
    assert not any("question" in known_roles(t) for t in ("orders", "customers"))


def test_a_mapping_for_a_column_the_new_file_lacks_is_refused():
    proposal = propose(raw_table({"金额": MONEY, "时间": DAYS}))
    with pytest.raises(BadMapping, match="表里没有这一列"):
        clean(raw_table({"金额": MONEY}), proposal, secret=SECRET)


def test_survey_columns_without_numbers_are_told_from_attributes_by_their_wording():
    raw = raw_table({
        "cust_id": ["1", "2", "3"], "age": ["30", "40", "50"], "store_spend": ["3.5", "0", "8.1"],
        "sat_service": ["1", None, "3"], "sat_selection": ["2", None, "5"],
    })  # fmt: skip
    proposal = propose(raw, table="responses")
    assert proposal.columns_of("question") == ("sat_service", "sat_selection")
    assert proposal.columns_of("attribute") == ("age", "store_spend")
    assert cleaned(raw, table="responses", age="question").questionnaire.find("Q1").wording == "age"


def test_an_asked_phone_number_is_an_identity_and_an_asked_name_stays_out():
    raw = raw_table({
        "序号": ["1", "2", "3"], "1、您的手机号": PHONES, "2、您的姓名": ["张三", "李四", "王五"], "3、您常用的银行": ["工行", "建行", "工行"],
    })  # fmt: skip
    assert propose(raw).roles == {
        "序号": "respondent_id", "1、您的手机号": "phone", "2、您的姓名": "", "3、您常用的银行": "question",
    }  # fmt: skip


def test_questions_may_speak_of_banks_and_customers_may_have_a_status():
    survey = raw_table(
        {"您常用的银行是？": ["工行", "建行", "工行"], "IP": ["1.1.1.1", "1.1.1.2", "1.1.1.3"]}
    )
    assert propose(survey, table="responses").roles == {"您常用的银行是？": "question", "IP": "ip"}
    people = raw_table({"会员号": ["1", "2", "3"], "status": ["active", "gone", "active"]})
    assert propose(people).roles["status"] == "attribute"


def test_roles_that_come_back_from_a_recipe_in_another_order_mean_the_same():
    raw = raw_table({"甲": list("abab"), "乙": list("xyxx"), "丙": list("1231")})
    proposal = with_roles(
        propose(raw, table="responses"), dict.fromkeys(("甲", "乙", "丙"), "question")
    )
    turned = replace(proposal, roles=dict(reversed(proposal.roles.items())))
    first, second = (clean(raw, p, secret=SECRET) for p in (proposal, turned))
    assert first.questionnaire == second.questionnaire


@pytest.mark.parametrize("text", [["1", "2"], ["19970101", "3.5"]])
def test_a_transcript_of_numbers_is_no_text(text):
    nothing: list[str | None] = [None, None]
    turns = {"speaker": nothing, "role": nothing, "said_at": nothing, "text": ["你好呀", "你好"]}
    assert propose(raw_table(turns, kind="transcript")).table == "texts"
    with pytest.raises(NoUsableColumn):
        propose(raw_table(turns | {"text": text}, kind="transcript"))


def order_lines(n, **columns):
    usual = {
        "会员号": [f"A{i}" for i in range(n)],
        "订单号": [f"N{i}" for i in range(n)],
        "下单时间": ["2024-03-05 10:00:00"] * n,
        "实付金额": ["12.5"] * n,
    }
    return raw_table(usual | columns)


@pytest.mark.parametrize(
    ("column", "values", "role"),
    [
        ("会员号", ["A0", "A1"] * 10, "customer_id"),
        ("会员号", ["A0"] * 11, "customer_id"),
        ("customer_id", ["7"] * 11, "customer_id"),
        ("客户编号", ["C1", "C2"] * 6, "customer_id"),
        ("订单号", ["N1"] * 20, "order_id"),
        ("昵称", ["小王"] * 12, "nickname"),
    ],
)
def test_an_exact_name_of_an_id_needs_no_variety(column, values, role):
    raw = order_lines(len(values), **{column: values})
    assert propose(raw).roles[column] == role
    tokens = {"order_id": "order_id"}.get(role, f"key_{role}")
    assert cleaned(raw).frame[tokens].n_unique() == len(set(values))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("会员编号", ["是", "否"] * 6),
        ("invoice", ["Yes", "No"] * 6),
        ("手机", ["有", "无"] * 6),
        ("email", ["yes", "no"] * 6),
        ("customer", ["new", "old"] * 6),
    ],
)
def test_answers_of_yes_and_no_are_never_ids(column, values):
    n = len(values)
    raw = raw_table({column: values, "下单时间": DAYS[:1] * n, "实付金额": MONEY[:1] * n})
    assert propose(raw).roles[column] == ""


@pytest.mark.parametrize("rows", [3, 12])
def test_orders_whose_times_and_amounts_cannot_be_read_are_refused_as_orders(rows):
    raw = order_lines(rows, 下单时间=["不详"] * rows, 实付金额=["abc"] * rows)
    proposal = propose(raw)
    assert proposal.table == "orders"
    with pytest.raises(NoUsableColumn, match="下单时间"):
        clean(raw, proposal, secret=SECRET)
